//! Everything that a run is.

use std::sync::Arc;

use thiserror::Error;

use crate::{Conflict, Job, Packing, Settings};
use lightloom_recipe::Recipe;

/// Everything that a run is.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The pictures.
    pub jobs: Vec<Job>,
    /// What is done to each.
    pub recipe: Recipe,
    /// What becomes of results.
    pub results: ResultSettings,
    /// How, and by whom.
    pub settings: Settings,
}

/// What becomes of the results of a run.
#[derive(Debug, Clone, Default)]
pub struct ResultSettings {
    /// What happens where a result's name is taken.
    pub conflict: Conflict,
    /// Whether a file with exactly the same bytes under a result's name counts as that result.
    pub adopt: bool,
    /// Whether reports have the hashes of sources and results.
    pub hash: bool,
    /// Whether results are made and dropped, to be compared by their hashes.
    pub discard: bool,
    /// Whether somebody may take results away as soon as they are there: one that is missing at the end is lost only if its
    /// folder is.
    pub are_taken: bool,
    /// The archive that results go into whose targets lie in a folder of its name.
    pub archive: Option<Arc<Packing>>,
}

impl From<Conflict> for ResultSettings {
    fn from(conflict: Conflict) -> Self {
        Self { conflict, ..Self::default() }
    }
}

/// Why a run could not begin; the machine is to blame.
#[derive(Debug, Error)]
#[error("the run could not start its workers: {0}; try fewer I/O threads or cores")]
pub struct StartError(pub(crate) String);
