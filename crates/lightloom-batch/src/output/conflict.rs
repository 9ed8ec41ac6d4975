//! What happens where the name of a result is taken.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What happens where a result's name is taken. Originals are kept under each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// The result gets a number.
    #[default]
    Unique,
    /// The file that stands there is kept, and the result dropped.
    Skip,
    /// The file is replaced.
    Overwrite,
    /// The file is replaced unless it has the same bytes.
    OverwriteIfChanged,
    /// The file is replaced if the result has fewer bytes.
    OnlyIfSmaller,
}

impl Conflict {
    /// Every policy, in menu order.
    pub const ALL: [Self; 5] =
        [Self::Unique, Self::Skip, Self::Overwrite, Self::OverwriteIfChanged, Self::OnlyIfSmaller];

    /// Its name on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unique => "unique",
            Self::Skip => "skip",
            Self::Overwrite => "overwrite",
            Self::OverwriteIfChanged => "changed",
            Self::OnlyIfSmaller => "smaller",
        }
    }

    /// The policy that is called so on the command line.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|conflict| conflict.id() == id)
    }

    /// Its name in menus.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unique => "Add a number",
            Self::Skip => "Skip",
            Self::Overwrite => "Overwrite",
            Self::OverwriteIfChanged => "Overwrite if changed",
            Self::OnlyIfSmaller => "Overwrite if smaller",
        }
    }

    /// Whether a file that stands there may be replaced.
    pub const fn replaces(self) -> bool {
        matches!(self, Self::Overwrite | Self::OverwriteIfChanged | Self::OnlyIfSmaller)
    }

    /// What it does, in one sentence without the final stop.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Unique => "The new file gets a number, and the existing one stays as it is",
            Self::Skip => "The existing file stays as it is, and nothing is written",
            Self::Overwrite => "The new file replaces the existing one, unless that is an original of this batch",
            Self::OverwriteIfChanged => "As Overwrite, but a file with the same content stays untouched",
            Self::OnlyIfSmaller => "As Overwrite, but of the two files the smaller one stays",
        }
    }
}

/// What became of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// It is at a path where nothing was before.
    Written(PathBuf),
    /// It has replaced what was at this path.
    Replaced(PathBuf),
    /// The file that stands there was kept, and the result dropped.
    Kept {
        /// Where.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl Published {
    /// The file that is there now.
    pub fn path(&self) -> &Path {
        match self {
            Self::Written(path) | Self::Replaced(path) | Self::Kept { path, .. } => path,
        }
    }
}
