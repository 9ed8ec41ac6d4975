//! Hashes of sources and results, by which a journal knows them again.
//!
//! A source is hashed by XXH3 (128 bits), which costs a fraction of reading it: it tells a file from what it was before. A
//! result, from which others may conclude what a batch did, is hashed by BLAKE3.

use super::Job;
use super::Stage;
use super::cause::StageError;
use super::stage::{self, Developed, Loaded};
use lightloom_filter::Work;
use lightloom_recipe::Recipe;

/// As [`stage::develop`]; with `hashed`, source and results get their hashes.
pub(super) fn develop(
    job: &Job,
    loaded: Loaded,
    recipe: &Recipe,
    hashed: bool,
    work: &mut Work<'_>,
    entered: &mut dyn FnMut(Stage),
) -> Result<Developed, StageError> {
    if !hashed {
        return stage::develop(job, loaded, recipe, work, entered);
    }
    let source_hash = format!("xxh3:{:032x}", twox_hash::XxHash3_128::oneshot(&loaded.bytes));
    let mut developed = stage::develop(job, loaded, recipe, work, entered)?;
    developed.source_hash = Some(source_hash);
    for file in &mut developed.files {
        file.hash = Some(format!("blake3:{}", blake3::hash(&file.bytes).to_hex()));
    }
    Ok(developed)
}
