//! What a window begins with.

use std::path::PathBuf;

use crate::batch::{Library, Opener, WorkerProgram};
use crate::codec::SomeLimits;
use crate::journal::Store;
use crate::recipe::Recipe;

/// What a window begins with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files and folders to search for pictures.
    pub inputs: Vec<PathBuf>,
    /// Default: the recipe of the last session.
    pub recipe: Option<Recipe>,
    /// The folder for results. Default: that of the last session.
    pub output: Option<PathBuf>,
    /// Limits for this session, instead of those of the last one.
    pub limits: SomeLimits,
    /// The program that worker processes are started from.
    pub worker_program: Option<WorkerProgram>,
    /// The folder for saved results of the lab. Default: in the user's data folder.
    pub lab_folder: Option<PathBuf>,
    /// Where the user's presets are. Default: in the user's configuration and data folders.
    pub library: Option<Library>,
    /// Where the settings file is, and settings that cannot be read are kept. Default: nowhere.
    pub settings_folder: Option<PathBuf>,
    /// Where the window takes what later starts of the program hand over. Default: nowhere.
    pub socket: Option<PathBuf>,
    /// Where thumbnails are kept. Default: nowhere.
    pub thumbnail_folder: Option<PathBuf>,
    /// What opens originals and folders. Default: what the system has for that.
    pub opener: Opener,
    /// Where the journals of runs are. Default: in the user's state folder.
    pub journals: Option<Store>,
}
