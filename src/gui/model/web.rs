//! What the dialog for pictures of the web shows: what was typed, and what was found there.

use crate::batch::Source;
use crate::gui::model::pictures::Facts;

/// What is known of the pictures at some addresses.
#[derive(Debug, Default)]
pub struct WebPictures {
    /// What was typed or pasted.
    pub text: String,
    /// Whether pages may lead to private networks.
    pub allows_private: bool,
    /// Whether the addresses are being looked at.
    pub looking: bool,
    /// The title of the page, if one was found.
    pub title: String,
    /// The pictures, in the order in which they were found.
    pub found: Vec<FoundPicture>,
    /// What could not be looked at, and why.
    pub problems: Vec<String>,
}

/// A picture of the web that may be added.
#[derive(Debug)]
pub struct FoundPicture {
    /// Tells it from the others that were found, whatever comes and goes before it.
    pub id: u64,
    pub source: Source,
    /// How its page refers to it; empty if it was named itself.
    pub kind: &'static str,
    /// The text that its page gives in its place.
    pub text: String,
    pub chosen: bool,
    /// What is known of it once it has been fetched.
    pub fetched: Option<Facts>,
    /// Why it cannot be fetched.
    pub fault: Option<String>,
}

impl WebPictures {
    /// Forgets what was found.
    pub fn forget(&mut self) {
        *self = Self { text: std::mem::take(&mut self.text), allows_private: self.allows_private, ..Self::default() };
    }

    /// How many pictures are chosen.
    pub fn chosen(&self) -> usize {
        self.found.iter().filter(|picture| picture.chosen).count()
    }
}

/// What can be done in the dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum WebAction {
    Open,
    Edit(String),
    AllowPrivate(bool),
    /// Looks at the addresses.
    Look,
    /// Chooses the picture at this place, or not.
    Choose(usize, bool),
    ChooseAll(bool),
    /// Adds the chosen pictures to the list.
    Add,
}
