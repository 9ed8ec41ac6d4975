//! What the window asks the thread of the preview for, and what it gets.

use egui::ColorImage;

use crate::batch::Source;
use crate::codec::Limits;
use crate::filter::figure::Content;
use crate::gui::model::placeable::Placeable;
use crate::picture::description::{Entry, Fate};
use crate::picture::{Geometry, Histogram};
use crate::recipe::{Recipe, Step};

/// What is to be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Id of the picture.
    pub id: u64,
    pub source: Source,
    pub limits: Limits,
    /// Its number in the batch, counted from 1.
    pub number: usize,
    /// The recipe, with the overrides of this picture.
    pub recipe: Recipe,
    /// Which output is shown, counted from 0.
    pub output: usize,
    /// Whether the result is wanted as its file will hold it: encoded and decoded again.
    pub encoded: bool,
    /// How many pixels of the screen its longer side takes: as many as the quick look is to have.
    pub side: u32,
    /// Whether the result is wanted pixel for pixel, not only as an overview.
    pub detail: bool,
    /// Whether it is wanted what the file says beside its pixels.
    pub metadata: bool,
    /// How the original is wanted.
    pub before: BeforeWanted,
    /// What is edited on the picture, if the recipe ends there.
    pub edited: Option<EditedRequest>,
}

/// Something that is edited on the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct EditedRequest {
    pub target: Placeable,
    /// The filter, where it puts something on the picture.
    pub step: Option<Step>,
}

/// What is edited on a picture that shows what reaches it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edited {
    pub target: Placeable,
    /// What it puts on the picture.
    pub content: Option<Content>,
}

/// How the original is wanted, beside what is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BeforeWanted {
    No,
    /// As a quick look.
    Quick,
    /// As an overview of all its pixels.
    Overview,
    /// Pixel for pixel.
    Detail,
}

/// Which of the two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The original.
    Before,
    /// The result.
    After,
}

/// A picture for the screen.
pub struct RenderedView {
    /// Size of the whole in pixels, even where [`Self::overview`] is smaller or a quick look.
    pub size: [u32; 2],
    /// Where the pixels of the upright original went.
    pub geometry: Geometry,
    /// Size of the file's picture.
    pub source: [u32; 2],
    /// The whole, at most [`OVERVIEW`](super::view::OVERVIEW) pixels wide and high.
    pub overview: ColorImage,
    /// Of the overview, in the colours of the screen.
    pub histogram: Box<Histogram>,
    /// The whole at full size, in tiles; empty unless requested.
    pub tiles: Vec<RenderedTile>,
    /// Whether it is what the export would write.
    pub exact: bool,
    /// What the user should know about it.
    pub notes: Vec<String>,
    /// BLAKE3 hash of the pixels of an exact result.
    pub hash: Option<String>,
    /// What the file says beside its pixels, if that was requested.
    pub metadata: Vec<Described>,
    /// How large its file will be, where it was encoded and decoded again.
    pub encoded: Option<Encoded>,
    /// What is edited on it, if this is the picture that reaches it.
    pub edited: Option<Edited>,
}

/// Something that metadata say.
pub struct Described {
    pub entry: Entry,
    /// What becomes of it in the result; `None` where that cannot be encoded.
    pub fate: Option<Fate>,
}

/// A part of a picture at full size.
pub struct RenderedTile {
    /// Its left and top edge, in pixels.
    pub origin: [usize; 2],
    pub image: ColorImage,
}

/// A result as its file will hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// Size of the file.
    pub bytes: u64,
    /// Size of the source's file.
    pub source_bytes: u64,
    pub format: &'static str,
}

/// A message of the thread.
pub enum PreviewEvent {
    /// A picture is ready.
    Ready { generation: u64, id: u64, side: Side, view: Box<RenderedView> },
    /// There will be no picture. `may_pass` says that it is the file that cannot be read, which may be there again later.
    Failed { generation: u64, reason: String, may_pass: bool },
}
