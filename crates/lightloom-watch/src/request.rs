//! What is to be watched, and why it cannot be.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lightloom_batch::{OutputSettings, Packing, Settings};
use lightloom_journal::JournalError;
use lightloom_param::shown;
use lightloom_recipe::Recipe;
use thiserror::Error;

/// For how long a file does not change before it is whole, where nobody says otherwise.
pub const DEFAULT_SETTLE: Duration = Duration::from_secs(2);

/// What is to be watched, and what is done with it.
#[derive(Debug, Clone)]
pub struct WatchRequest {
    pub folders: Vec<PathBuf>,
    pub recipe: Recipe,
    pub output: OutputSettings,
    pub settings: Settings,
    /// Looks into files whose names are not those of pictures, and takes those that are pictures all the same.
    pub all_files: bool,
    /// For how long a file does not change before it is whole.
    pub settle: Duration,
    /// How often the folders are looked through, without having the system tell of changes; `None` for what suits them.
    pub poll: Option<Duration>,
    /// Ends once what is there is processed.
    pub once: bool,
}

/// Why folders cannot be watched.
#[derive(Debug, Error)]
pub enum WatchError {
    #[error("no folder is to be watched")]
    NoFolder,
    #[error("{} cannot be watched: {reason}", shown(path))]
    NotAFolder { path: PathBuf, reason: String },
    #[error(
        "results in {} could replace pictures of the watched folder {}; choose another folder for them, or have taken \
         names numbered or skipped",
        shown(out),
        shown(folder)
    )]
    WouldReplace { out: PathBuf, folder: PathBuf },
    #[error(
        "results of watched folders come one after the other, and {} would have to be written anew for each; name a folder \
         for them",
        shown(.0)
    )]
    Archive(PathBuf),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("no thread can be started: {0}")]
    NoThread(String),
}

impl WatchRequest {
    /// The folders without those that lie in others, as absolute paths.
    ///
    /// # Errors
    /// If one cannot be watched, or results may replace what is in it or are to go into an archive.
    pub(crate) fn checked_folders(&self) -> Result<Vec<PathBuf>, WatchError> {
        if let Some(archive) = self.output.folder.as_deref().filter(|folder| Packing::is_wanted(folder)) {
            return Err(WatchError::Archive(archive.to_path_buf()));
        }
        let mut found: Vec<(PathBuf, PathBuf)> = Vec::new();
        for folder in &self.folders {
            let unusable = |reason: String| WatchError::NotAFolder { path: folder.clone(), reason };
            let real = fs::canonicalize(folder).map_err(|e| unusable(plain(&e)))?;
            if !real.is_dir() {
                return Err(unusable("it is no folder".to_owned()));
            }
            let absolute = std::path::absolute(folder).map_err(|e| unusable(plain(&e)))?;
            found.push((real, absolute.components().collect()));
        }
        found.sort();
        found.dedup_by(|(later, _), (before, _)| later.starts_with(before));
        if let Some(out) = self.output.folder.as_deref().filter(|_| self.output.conflict.replaces()) {
            let real = real(out);
            if let Some((_, folder)) = found.iter().find(|(folder, _)| folder.starts_with(&real)) {
                return Err(WatchError::WouldReplace { out: out.to_path_buf(), folder: folder.clone() });
            }
        }
        let folders: Vec<PathBuf> = found.into_iter().map(|(_, absolute)| absolute).collect();
        if folders.is_empty() { Err(WatchError::NoFolder) } else { Ok(folders) }
    }
}

/// A path without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let there = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
    match there.and_then(|(above, real)| Some(real.join(path.strip_prefix(above).ok()?))) {
        Some(real) => real.components().collect(),
        None => path,
    }
}

/// An I/O error in the words of the system, without its number.
pub(crate) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_batch::Conflict;

    #[test]
    fn folders_are_watched_once_and_nothing_in_them_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (trip, day, out) = (dir.path().join("trip"), dir.path().join("trip/day"), dir.path().join("trip/out"));
        fs::create_dir_all(&day).unwrap();
        fs::write(dir.path().join("file"), "x").unwrap();
        let request = |folders: &[&Path], out: &Path, conflict| WatchRequest {
            folders: folders.iter().map(|folder| folder.to_path_buf()).collect(),
            recipe: Recipe::default(),
            output: OutputSettings { folder: Some(out.to_path_buf()), conflict, ..OutputSettings::default() },
            settings: Settings::default(),
            all_files: false,
            settle: DEFAULT_SETTLE,
            poll: None,
            once: false,
        };
        let folders = |request: WatchRequest| request.checked_folders();
        let all = folders(request(&[&day, &trip, &trip.join(".")], &out, Conflict::Overwrite)).unwrap();
        assert_eq!(all, std::slice::from_ref(&trip));
        for (out, conflict, is_refused) in [
            (&trip, Conflict::Overwrite, true),
            (&dir.path().to_path_buf(), Conflict::OnlyIfSmaller, true),
            (&trip, Conflict::Unique, false),
            (&trip, Conflict::Skip, false),
            (&out, Conflict::Overwrite, false),
        ] {
            let refused = matches!(folders(request(&[&trip], out, conflict)), Err(WatchError::WouldReplace { .. }));
            assert_eq!(refused, is_refused, "{} {conflict:?}", shown(out));
        }
        for wrong in [dir.path().join("file"), dir.path().join("gone")] {
            let error = folders(request(&[&wrong], &out, Conflict::Unique));
            assert!(matches!(error, Err(WatchError::NotAFolder { .. })), "{error:?}");
        }
        assert!(matches!(folders(request(&[], &out, Conflict::Unique)), Err(WatchError::NoFolder)));
        let archive = folders(request(&[&trip], &dir.path().join("out.zip"), Conflict::Unique));
        assert!(matches!(archive, Err(WatchError::Archive(_))), "{archive:?}");
    }
}
