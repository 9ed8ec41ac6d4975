//! What a run wants of a picture: which of the outputs, and beyond their making hashes by which a journal knows them again,
//! and the source in place of a result that is not smaller.

use serde::{Deserialize, Serialize};

use super::cause::StageError;
use super::hashes::{result_hash_of, source_hash_of};
use super::stage::{self, Developed, Loaded, Stages};
use super::{Conflict, Job, ResultSettings, Target};
use lightloom_filter::Work;
use lightloom_recipe::Recipe;

/// What is wanted of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Wanted {
    /// Hashes of source and results.
    pub hash: bool,
    /// The source itself, where a result shows the same and is not smaller.
    pub smaller: bool,
    /// Outputs that are not made, by their places in the recipe.
    pub skipped: Vec<usize>,
}

impl Wanted {
    /// What a run wants of this picture.
    pub fn of(results: &ResultSettings, job: &Job) -> Self {
        let skips = |(output, target): (usize, &Target)| target.skip_reason().map(|_| output);
        Self {
            hash: results.hash,
            smaller: results.conflict == Conflict::OnlyIfSmaller,
            skipped: job.targets.iter().enumerate().filter_map(skips).collect(),
        }
    }

    /// As [`stage::develop`], with what is wanted.
    pub fn develop(
        &self,
        job: &Job,
        loaded: Loaded,
        recipe: &Recipe,
        work: &mut Work<'_>,
        stages: &mut dyn Stages,
    ) -> Result<Developed, StageError> {
        let source_hash = self.hash.then(|| source_hash_of(&loaded.bytes));
        let source = self.smaller.then(|| loaded.bytes.to_vec());
        let mut developed = stage::develop(job, loaded, recipe, &self.skipped, work, stages)?;
        developed.source_hash = source_hash;
        if let Some(source) = source {
            developed.prefer(&source);
        }
        if self.hash {
            for file in &mut developed.files {
                file.hash = Some(result_hash_of(&file.bytes));
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
