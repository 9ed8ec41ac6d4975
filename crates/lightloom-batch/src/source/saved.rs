//! A source as it is written down, for a worker process or for a later run, which open it again.

use std::io;

use serde::{Deserialize, Serialize};

use super::{Member, SavedWeb, Source, Web};
use crate::SavedPath;

/// What opens a [`Source`] again elsewhere or later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SavedSource {
    /// A file, by its path.
    File(SavedPath),
    /// Bytes, which are not written down: they follow where the process that holds them sends the source.
    Memory {
        /// What it is called.
        name: SavedPath,
        /// How many bytes it has.
        length: u64,
    },
    /// A picture of the web, by its address.
    Web(SavedWeb),
    /// A file in an archive.
    Member {
        /// The archive.
        archive: SavedPath,
        /// The file's path in it.
        path: SavedPath,
    },
}

impl SavedSource {
    /// The source again. `content` returns as many bytes as it is asked for: those of a source that only the sender holds.
    ///
    /// # Errors
    /// If `content` has none.
    pub fn to_source(&self, content: impl FnOnce(u64) -> io::Result<Vec<u8>>) -> io::Result<Source> {
        Ok(match self {
            Self::File(path) => Source::File(path.to_path()),
            Self::Memory { name, length } => Source::memory(name.to_path(), content(*length)?),
            Self::Web(saved) => Source::Web(Web::from_saved(saved, content)?),
            Self::Member { archive, path } => Source::Member(Member::new(&archive.to_path(), &path.to_path())),
        })
    }
}
