//! What a run may want of results beyond their making: hashes by which a journal knows them again, and the source in place
//! of a result that is not smaller.
//!
//! A source is hashed by XXH3 (128 bits), which costs a fraction of reading it: it tells a file from what it was before. A
//! result, from which others may conclude what a batch did, is hashed by BLAKE3.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cause::StageError;
use super::stage::{self, Developed, Loaded};
use super::{Conflict, Job, ResultSettings, Stage};
use lightloom_filter::Work;
use lightloom_recipe::Recipe;

/// Bytes of a source that are read at once.
const CHUNK: usize = 256 << 10;

/// Hash of the content of a source, as reports have it.
///
/// # Errors
/// If it cannot be read.
pub fn source_hash(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = twox_hash::xxhash3_128::Hasher::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(text(hasher.finish_128())),
            length => hasher.write(&chunk[..length]),
        }
    }
}

/// The hash of a source as journals write it.
fn text(hash: u128) -> String {
    format!("xxh3:{hash:032x}")
}

/// What is wanted beyond results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// Hashes of source and results.
    pub hash: bool,
    /// The source itself, where a result shows the same and is not smaller.
    pub smaller: bool,
}

impl From<ResultSettings> for Wanted {
    fn from(results: ResultSettings) -> Self {
        Self { hash: results.hash, smaller: results.conflict == Conflict::OnlyIfSmaller }
    }
}

impl Wanted {
    /// As [`stage::develop`], with what is wanted.
    pub fn develop(
        self,
        job: &Job,
        loaded: Loaded,
        recipe: &Recipe,
        work: &mut Work<'_>,
        entered: &mut dyn FnMut(Stage),
    ) -> Result<Developed, StageError> {
        let source_hash = self.hash.then(|| text(twox_hash::XxHash3_128::oneshot(&loaded.bytes)));
        let source = self.smaller.then(|| loaded.bytes.clone());
        let mut developed = stage::develop(job, loaded, recipe, work, entered)?;
        developed.source_hash = source_hash;
        if let Some(source) = source {
            developed.prefer(&source);
        }
        if self.hash {
            for file in &mut developed.files {
                file.hash = Some(format!("blake3:{}", blake3::hash(&file.bytes).to_hex()));
            }
        }
        Ok(developed)
    }
}

impl Developed {
    /// Has the source stand in for results that show the same and are not smaller.
    fn prefer(&mut self, source: &[u8]) {
        for file in self.files.iter_mut().filter(|file| file.is_same && file.bytes.len() >= source.len()) {
            let (was, is) = (file.bytes.len(), source.len());
            self.notes.push(format!("the original is kept, since it is smaller: {is} bytes, and the result {was}"));
            file.bytes = source.to_vec();
        }
    }
}
