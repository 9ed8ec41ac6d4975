//! The watched folders themselves: which are there, which are the same as before, and what the system tells of.

use std::fs;
use std::path::{Path, PathBuf};

use super::listener::Listener;
use super::mounts::untold;
use super::request::plain;
use lightloom_journal::record::FileRecord;
use lightloom_param::shown;

/// A watched folder.
#[derive(Debug)]
pub(crate) struct Root {
    pub path: PathBuf,
    state: State,
}

/// What is known of a watched folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// It cannot be looked at.
    Missing,
    There {
        identity: Option<(u64, u64)>,
        /// Whether the system tells of all changes in it.
        told: bool,
    },
}

impl Root {
    pub const fn new(path: PathBuf) -> Self {
        Self { path, state: State::New }
    }

    /// Whether it can be looked through.
    pub const fn is_there(&self) -> bool {
        matches!(self.state, State::There { .. })
    }

    /// Whether the system tells of all changes in it.
    pub const fn is_told(&self) -> bool {
        matches!(self.state, State::There { told: true, .. })
    }

    /// The system tells of changes in it no more.
    pub const fn lose_sight(&mut self) {
        if let State::There { told, .. } = &mut self.state {
            *told = false;
        }
    }

    /// Looks whether it is there, and listens to it if it is new or another one. Returns what should be known.
    pub fn check(&mut self, listener: Option<&mut Listener>) -> Option<String> {
        let before = self.state;
        let identity = match fs::metadata(&self.path) {
            Ok(meta) if meta.is_dir() => FileRecord::of(&meta).identity,
            Ok(_) => return self.miss("it is no folder any more"),
            Err(error) => return self.miss(&plain(&error)),
        };
        if matches!(before, State::There { identity: known, .. } if known == identity) {
            return None;
        }
        let refused = listener.and_then(|listener| {
            listener.ignore(&self.path);
            listener.listen(&self.path).err()
        });
        let kind = fs::canonicalize(&self.path).ok().and_then(|real| untold(&real));
        self.state = State::There { identity, told: refused.is_none() && kind.is_none() };
        let name = shown(&self.path);
        match (refused, kind) {
            (Some(reason), _) => Some(format!(
                "{name} is looked through every few seconds, since the system does not tell of changes: {reason}"
            )),
            (None, Some(kind)) => Some(format!(
                "{name} is looked through every few seconds, since the system may not be told of changes on {kind}"
            )),
            (None, None) if before == State::Missing => Some(format!("{name} is there again")),
            (None, None) => None,
        }
    }

    fn miss(&mut self, reason: &str) -> Option<String> {
        let before = std::mem::replace(&mut self.state, State::Missing);
        let name = shown(&self.path);
        (before != State::Missing).then(|| format!("{name} cannot be watched until it is back: {reason}"))
    }
}

/// The watched folder that a path lies in.
pub(crate) fn root_of<'a>(roots: &'a [Root], path: &Path) -> Option<&'a Path> {
    roots.iter().map(|root| root.path.as_path()).find(|root| path.starts_with(root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_goes_and_comes_is_noticed_once_each() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("in");
        fs::create_dir(&path).unwrap();
        let mut root = Root::new(path.clone());
        assert_eq!((root.check(None), root.is_there()), (None, true));
        assert_eq!(root.check(None), None);
        fs::rename(&path, dir.path().join("away")).unwrap();
        assert!(root.check(None).unwrap().contains("until it is back: no such file"));
        assert_eq!((root.check(None), root.is_there()), (None, false));
        fs::create_dir(&path).unwrap();
        assert!(root.check(None).unwrap().contains("there again"));
        assert!(root.is_told());
        root.lose_sight();
        assert!(root.is_there() && !root.is_told());
    }
}
