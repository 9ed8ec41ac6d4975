//! A panel as data: where it lies, how large it is, when it is shown, and what it draws.

use egui::containers::panel::PanelState;
use egui::{CentralPanel, Frame, Margin, Ui};

use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::model::view_memory::ViewMemory;
use crate::gui::tasks::filter_samples::FilterSamples;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::thumbnails::Thumbnails;
use crate::gui::theme::Palette;

/// What a view reads, and where it leaves what the user wants.
pub struct View<'a> {
    pub state: &'a State,
    pub memory: &'a mut ViewMemory,
    pub thumbnails: &'a mut Thumbnails,
    /// Those of the pictures of the web that may be added.
    pub web_thumbnails: Option<&'a mut Thumbnails>,
    pub preview: &'a mut PreviewImages,
    pub filter_samples: &'a mut FilterSamples,
    pub out: &'a mut Vec<Action>,
}

/// Where a panel lies. Each takes its side of what the panels before it have left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
    /// All that is left.
    Centre,
}

/// Width of a panel at the left or right, height of one at the top or bottom.
#[derive(Debug, Clone, Copy)]
enum Size {
    /// As much as its content needs.
    Content,
    Exact(f32),
    /// What the state asks for.
    Of(fn(&State) -> f32),
    /// As the user drags it.
    Resizable(fn(Room) -> ResizableSize),
}

/// The space that a panel can be sized from, along its size.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// What the panels before it have left.
    pub available: f32,
    /// The whole window.
    pub window: f32,
}

/// The size of a panel that the user can resize.
#[derive(Debug, Clone, Copy)]
pub struct ResizableSize {
    pub default: f32,
    pub min: f32,
    pub max: f32,
}

/// A panel of the window.
pub struct Panel {
    /// By which egui remembers its size.
    id: &'static str,
    side: Side,
    size: Size,
    margin: Margin,
    separator: bool,
    shown_if: fn(&State) -> bool,
    draw: fn(&mut Ui, &mut View<'_>),
}

impl Panel {
    pub const fn top(id: &'static str, draw: fn(&mut Ui, &mut View<'_>)) -> Self {
        Self::new(id, Side::Top, draw)
    }

    pub const fn bottom(id: &'static str, draw: fn(&mut Ui, &mut View<'_>)) -> Self {
        Self::new(id, Side::Bottom, draw)
    }

    pub const fn left(id: &'static str, draw: fn(&mut Ui, &mut View<'_>)) -> Self {
        Self::new(id, Side::Left, draw)
    }

    pub const fn right(id: &'static str, draw: fn(&mut Ui, &mut View<'_>)) -> Self {
        Self::new(id, Side::Right, draw)
    }

    /// A panel that fills what the others leave.
    pub const fn central(id: &'static str, draw: fn(&mut Ui, &mut View<'_>)) -> Self {
        Self::new(id, Side::Centre, draw)
    }

    const fn new(id: &'static str, side: Side, draw: fn(&mut Ui, &mut View<'_>)) -> Self {
        let margin = Margin::symmetric(12, 12);
        Self { id, side, size: Size::Content, margin, separator: true, shown_if: |_| true, draw }
    }

    pub const fn margin(mut self, margin: Margin) -> Self {
        self.margin = margin;
        self
    }

    pub const fn exact_size(mut self, size: f32) -> Self {
        self.size = Size::Exact(size);
        self
    }

    /// Gives it the size that `size` makes of the state.
    pub const fn sized_by(mut self, size: fn(&State) -> f32) -> Self {
        self.size = Size::Of(size);
        self
    }

    /// Lets the user resize it, within what `size` makes of the space; a double-click on its edge restores the default.
    pub const fn resizable(mut self, size: fn(Room) -> ResizableSize) -> Self {
        self.size = Size::Resizable(size);
        self
    }

    pub const fn without_separator(mut self) -> Self {
        self.separator = false;
        self
    }

    pub const fn shown_if(mut self, condition: fn(&State) -> bool) -> Self {
        self.shown_if = condition;
        self
    }

    /// Draws it, if it is to be shown.
    pub fn show(&self, ui: &mut Ui, view: &mut View<'_>) {
        if !(self.shown_if)(view.state) {
            return;
        }
        let palette = Palette::of(ui);
        let panel = match self.side {
            Side::Top => egui::Panel::top(self.id),
            Side::Bottom => egui::Panel::bottom(self.id),
            Side::Left => egui::Panel::left(self.id),
            Side::Right => egui::Panel::right(self.id),
            Side::Centre => {
                let frame = Frame::new().fill(palette.window).inner_margin(self.margin);
                CentralPanel::default().frame(frame).show(ui, |ui| (self.draw)(ui, view));
                return;
            }
        };
        let frame = Frame::new().fill(palette.panel).inner_margin(self.margin);
        let panel = panel.frame(frame).show_separator_line(self.separator).resizable(false);
        let panel = match self.size {
            Size::Content => panel,
            Size::Exact(size) => panel.exact_size(size),
            Size::Of(size) => panel.exact_size(size(view.state)),
            Size::Resizable(size) => return self.show_resizable(ui, panel, size, view),
        };
        panel.show(ui, |ui| (self.draw)(ui, view));
    }

    /// Draws it in the size that it was dragged to, as far as there is room. That size is remembered apart from the one
    /// that is drawn, so that it comes back after the window was small.
    fn show_resizable(&self, ui: &mut Ui, panel: egui::Panel, size: fn(Room) -> ResizableSize, view: &mut View<'_>) {
        let is_horizontal = matches!(self.side, Side::Top | Side::Bottom);
        let axis = usize::from(is_horizontal);
        let room = Room { available: ui.available_size()[axis], window: ui.ctx().content_rect().size()[axis] };
        let ResizableSize { default, min, max } = size(room);
        let max = max.max(min);
        let wanted = view.memory.panel_sizes.get(self.id).copied().unwrap_or(default).clamp(min, max);
        let id = ui.scope_id().with(self.id);
        ui.data_mut(|data| data.remove::<PanelState>(id));
        let panel = panel.resizable(true).default_size(wanted).size_range(min..=max);
        let shown = panel.show(ui, |ui| (self.draw)(ui, view)).response.rect.size()[axis];
        let Some(edge) = ui.read_response(id.with("__resize")) else { return };
        if edge.double_clicked() {
            view.memory.panel_sizes.remove(self.id);
        } else if edge.dragged() || edge.drag_stopped() {
            view.memory.panel_sizes.insert(self.id.to_owned(), shown);
        }
    }
}
