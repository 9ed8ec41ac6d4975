//! Which pictures of a file with several are used: of animations, and of files of several pages.

/// Which pictures of such a file are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrameChoice {
    /// The first; how many are left out is noted.
    #[default]
    First,
    /// Each becomes a file, numbered from 1.
    All,
    /// An animation stays one where the format of the result holds animations; else as [`Self::First`].
    Keep,
}

impl FrameChoice {
    /// Every choice, the usual one first.
    pub const ALL: [Self; 3] = [Self::First, Self::All, Self::Keep];

    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::All => "all",
            Self::Keep => "keep",
        }
    }

    /// Name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::First => "Only the first",
            Self::All => "All, as numbered files",
            Self::Keep => "Keep animations",
        }
    }

    /// The choice with this id.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.id() == id)
    }

    /// All ids, for messages.
    pub fn known() -> String {
        Self::ALL.map(Self::id).join(", ")
    }
}
