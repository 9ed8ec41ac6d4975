//! What the views remember from one frame to the next. Nothing that an export depends on.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use egui::KeyboardShortcut;

use crate::filter::Params;
use crate::filter::figure::{Figure, Spot};
use crate::gui::model::common_overrides::CommonMemory;
use crate::gui::model::pictures::SelectMode;
use crate::gui::model::stack::Stack;

/// What the views remember.
#[derive(Debug, Default)]
pub struct ViewMemory {
    /// Number of presses of the pointer so far, which tells gestures apart.
    pub presses: u64,
    /// By id, the sizes that panels were dragged to, in points.
    pub panel_sizes: BTreeMap<String, f32>,
    pub picture_list: ListMemory,
    /// What the pictures have in common that an adjustment would change.
    pub common: CommonMemory,
    /// The filters whose cards are folded.
    pub folded: HashSet<CardId>,
    /// How high cards were when they were drawn last, in points.
    pub card_heights: HashMap<CardId, f32>,
    /// The filter to scroll into view, by its place in the stack.
    pub reveal_step: Option<usize>,
    pub finder: FinderMemory,
    pub shortcuts: ShortcutsMemory,
    pub preview: PreviewMemory,
    /// Whether the timeline has the keyboard focus.
    pub timeline_has_focus: bool,
    /// Where the lab's results are on the screen.
    pub lab_results: Option<egui::Rect>,
}

/// A card of a stack of filters, by its filter rather than its place, so that it is the same after a move or an undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CardId {
    pub stack: Stack,
    pub filter: &'static str,
    /// How many cards of the same filter come before it.
    pub nth: usize,
}

/// What is typed into the finder.
#[derive(Debug, Default)]
pub struct FinderMemory {
    pub query: String,
    /// The entry that Enter takes, by its place.
    pub chosen: usize,
    /// Whether it has just been opened.
    pub opened: bool,
}

/// What goes on in the list of shortcuts. Commands are named by their places among the entries of all menus.
#[derive(Debug, Default)]
pub struct ShortcutsMemory {
    pub query: String,
    pub stage: KeysStage,
}

/// How far the keys of a command have been changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeysStage {
    #[default]
    None,
    /// The next keys that are pressed will be those of this command.
    Pressing(usize),
    /// These keys cannot be used, and why.
    Refused(usize, &'static str),
    /// Another command has these keys.
    Taken { place: usize, by: usize, keys: KeyboardShortcut },
}

/// How far the list of pictures is scrolled.
#[derive(Debug, Default)]
pub struct ListMemory {
    /// Whether to scroll the current picture into view.
    pub reveal_current: bool,
    /// What keys ask for, until the list is drawn and knows where it leads.
    pub moves: Vec<Move>,
    /// What stays where it is when the order changes by itself.
    pub held_in_place: Option<HeldInPlace>,
    /// How often the order had changed by itself.
    pub rearranged: u64,
    /// What is typed into the field that finds pictures.
    pub find: String,
    /// Whether to put the cursor into the field that finds pictures.
    pub focus_find: bool,
    pub offset: f32,
    /// Height of the visible part.
    pub height: f32,
    /// The folders whose pictures are hidden below their heading.
    pub folded: HashSet<PathBuf>,
    /// The rubber band, while it is drawn.
    pub band: Option<Band>,
}

/// A way from the current picture to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// So many places further.
    By(isize),
    /// So many rows further down.
    Rows(isize),
    /// As many rows further down as are visible, so many times.
    Pages(isize),
    First,
    Last,
    /// To where it is.
    Stay,
}

/// A motion, and what it does to the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub motion: Motion,
    pub mode: SelectMode,
}

/// A picture whose place on the screen is kept.
#[derive(Debug, Clone, Copy)]
pub struct HeldInPlace {
    /// Its place among the pictures.
    pub index: usize,
    /// From the top of the visible part of the list, in points.
    pub top: f32,
}

/// A rubber band over the list.
#[derive(Debug)]
pub struct Band {
    /// Where it begins, from the top left of the whole list.
    pub from: egui::Pos2,
    /// What was selected before and stays so, by place among the pictures.
    pub before: Vec<usize>,
    pub enclosed: Vec<usize>,
}

/// Which part of the picture the preview shows.
#[derive(Debug)]
pub struct PreviewMemory {
    /// The id of the picture that the rest is about.
    pub picture: Option<u64>,
    /// The point of the picture in the middle of the canvas; 0 is left or top, 1 right or bottom.
    pub centre: [f32; 2],
    /// Where original and result meet, as a share of the canvas.
    pub split: f32,
    /// Screen pixels per pixel of the result when it just fits; 0 until it has been drawn.
    pub fit: f32,
    /// How many pixels of the screen the longer side of the result takes; of the canvas until there is a result.
    pub shown_side_px: f32,
    /// The handle on the picture that is being dragged.
    pub held: Option<HeldHandle>,
    /// Whether a handle on the picture has the keyboard focus.
    pub handle_has_focus: bool,
    /// Whether one has the pointer.
    pub handle_has_pointer: bool,
    /// Height of the list of metadata as it was drawn last, in points.
    pub metadata_height: f32,
}

/// A handle that is being dragged, and what was there when that began: what is set depends on where the pointer is, not on
/// how it came there.
#[derive(Debug)]
pub struct HeldHandle {
    /// Its place among the handles.
    pub handle: usize,
    /// The one that has the pointer, which may be another one.
    pub dragged_by: usize,
    pub params: Params,
    pub figure: Figure,
    pub from: Spot,
}

impl PreviewMemory {
    /// Begins anew with another picture.
    pub fn show(&mut self, picture: Option<u64>) {
        if self.picture != picture {
            *self = Self { picture, shown_side_px: self.shown_side_px, ..Self::default() };
        }
    }
}

impl Default for PreviewMemory {
    fn default() -> Self {
        Self {
            picture: None,
            centre: [0.5; 2],
            split: 0.5,
            fit: 0.0,
            shown_side_px: 0.0,
            held: None,
            handle_has_focus: false,
            handle_has_pointer: false,
            metadata_height: 0.0,
        }
    }
}
