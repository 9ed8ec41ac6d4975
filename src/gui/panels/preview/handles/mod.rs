//! Handles on the picture: what is edited there is drawn over the picture that reaches it, and set by mouse and keyboard.
//!
//! What is drawn, which handles it has and what they set is said by the filter ([`Figure`]); how it is drawn by `painter`,
//! where by `mapping`. Here is what is done with a handle, whichever filter it belongs to.

mod mapping;
mod painter;

use egui::{CursorIcon, EventFilter, Key, Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use crate::filter::Params;
use crate::filter::figure::{Drag, Figure, Frame, Grip, Handle};
use crate::gui::model::action::Action;
use crate::gui::model::placeable::Placeable;
use crate::gui::model::state::State;
use crate::gui::model::view_memory::{HeldHandle, PreviewMemory};
use crate::gui::panels::preview::canvas::Canvas;
use crate::gui::panels::preview::handles::mapping::Mapping;
use crate::gui::panels::preview::handles::painter::Marks;
use crate::gui::panels::preview::panes::Placement;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::preview::request::Side;

/// Side of the square in which a handle can be grasped, in points.
const REACH: f32 = 24.0;
/// How many pixels a handle moves by an arrow key with Shift.
const FAR: f64 = 10.0;

/// What is edited, and where it is drawn.
struct Editing {
    target: Placeable,
    params: Params,
    figure: Figure,
    frame: Frame,
    mapping: Mapping,
    /// The part of the screen that it may be drawn on.
    clip: Rect,
}

impl Editing {
    /// `None` while nothing is edited, and until the preview shows the picture that reaches it.
    fn new(canvas: &Canvas, state: &State, images: &PreviewImages) -> Option<Self> {
        let target = state.edited_on_picture()?;
        let layer = images.after.as_ref()?;
        let edited = layer.edited.filter(|edited| edited.target == target)?;
        let (first, last) = (canvas.panes.first()?, canvas.panes.last()?);
        if last.side != Side::After {
            return None;
        }
        // Both sides of a split show the same positions.
        let clip = if first.area == last.area { canvas.rect } else { last.clip };
        let shown = Placement::new(&canvas.layout, images, last.area).after?;
        let params = state.params_on_picture(target)?;
        let frame = Frame { width: layer.size.x.into(), height: layer.size.y.into(), content: edited.content };
        let figure = params.figure(&frame)?;
        let mapping = Mapping { shown, size: layer.size };
        Some(Self { target, params, figure, frame, mapping, clip })
    }

    /// Where a handle can be grasped.
    fn reach(&self, handle: &Handle) -> Rect {
        let at = self.mapping.to_screen(handle.at);
        let whole_side = |size: Vec2| Rect::from_center_size(at, size.max(Vec2::splat(REACH)));
        let reach = match (handle.grip, self.figure) {
            (Grip::Inside(area), _) => self.mapping.rect(&area),
            (Grip::Line, _) => self.mapping.shown,
            (Grip::Vertical, Figure::Part(part)) => {
                whole_side(vec2(self.mapping.length(part.area.width, 0.0).x - 2.0 * REACH, 0.0))
            }
            (Grip::Horizontal, Figure::Part(part)) => {
                whole_side(vec2(0.0, self.mapping.length(0.0, part.area.height).y - 2.0 * REACH))
            }
            _ => whole_side(Vec2::ZERO),
        };
        reach.intersect(self.clip)
    }

    /// The handle at a point of the screen.
    fn handle_at(&self, at: Pos2) -> Option<usize> {
        self.figure.handles(&self.frame).iter().rposition(|handle| self.reach(handle).contains(at))
    }

    /// What is to be set by what is done with a handle, if something is.
    fn edit(&self, index: usize, response: &Response, ui: &Ui, memory: &mut PreviewMemory) -> Option<Settings> {
        if response.drag_started()
            && let Some(from) = ui.input(|i| i.pointer.press_origin())
        {
            // Who is quick is over another one by the time of the next frame.
            let handle = self.handle_at(from).unwrap_or(index);
            let from = self.mapping.to_picture(from);
            let (params, figure) = (self.params.clone(), self.figure);
            memory.held = Some(HeldHandle { handle, dragged_by: index, params, figure, from });
        }
        let held = memory.held.as_ref().filter(|held| held.dragged_by == index);
        if let (true, Some(held), Some(to)) = (response.dragged(), held, response.interact_pointer_pos()) {
            let drag = Drag { from: held.from, to: self.mapping.to_picture(to) };
            let figure = held.figure.dragged(held.handle, drag, &self.frame);
            return Some(held.params.settings_of(&figure, &self.frame));
        }
        let (right, down) = steps_by_keys(ui, response)?;
        let figure = self.figure.stepped(index, right, down, &self.frame);
        Some(self.params.settings_of(&figure, &self.frame))
    }
}

/// Values of parameters, by their places.
type Settings = Vec<(usize, crate::filter::Value)>;

/// Draws the handles of what is edited, and does what is done with them.
pub fn show(
    ui: &mut Ui,
    canvas: &Canvas,
    state: &State,
    memory: &mut PreviewMemory,
    images: &PreviewImages,
    press: u64,
    out: &mut Vec<Action>,
) {
    (memory.handle_has_focus, memory.handle_has_pointer) = (false, false);
    let Some(editing) = Editing::new(canvas, state, images) else {
        memory.held = None;
        return;
    };
    let title = editing.params.spec().title;
    let mut marks = Marks::default();
    for (index, handle) in editing.figure.handles(&editing.frame).iter().enumerate() {
        let reach = editing.reach(handle);
        if !reach.is_positive() {
            continue;
        }
        let id = ui.scope_id().with(("handle", editing.target, index));
        let response = ui.interact(reach, id, Sense::drag()).on_hover_and_drag_cursor(cursor(handle.grip));
        let name = format!("{title}: {}", handle.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, &name));
        let help = "Drag it, or move it with the arrow keys, with Shift ten times as far.";
        ui.ctx().accesskit_node_builder(id, |node| node.set_description(help));
        memory.handle_has_focus |= response.has_focus();
        memory.handle_has_pointer |= response.hovered();
        if let Some(settings) = editing.edit(index, &response, ui, memory) {
            out.extend(state.place_on_picture(editing.target, settings, index, press));
        }
        if response.drag_stopped() {
            memory.held = None;
        }
        let held = memory.held.as_ref().filter(|held| held.dragged_by == index);
        marks.note(held.map_or(index, |held| held.handle), &response);
    }
    let line = memory.held.as_ref().filter(|held| held.handle == 0).and_then(|held| {
        let to = ui.input(|i| i.pointer.interact_pos())?;
        Some([editing.mapping.to_screen(held.from), to])
    });
    painter::paint(ui, &editing.figure, &editing.frame, editing.mapping, editing.clip, &marks, line);
}

/// By how many pixels the arrow keys move a handle to the right and down while it has the focus.
fn steps_by_keys(ui: &Ui, response: &Response) -> Option<(f64, f64)> {
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let (right, down) = ui.input(|input| {
        let pressed = |key| input.num_presses(key) as f64;
        let far = if input.modifiers.shift { FAR } else { 1.0 };
        let right = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        (far * right, far * (pressed(Key::ArrowDown) - pressed(Key::ArrowUp)))
    });
    ((right, down) != (0.0, 0.0)).then_some((right, down))
}

const fn cursor(grip: Grip) -> CursorIcon {
    match grip {
        Grip::Corner { right: true, bottom: true } | Grip::Corner { right: false, bottom: false } => {
            CursorIcon::ResizeNwSe
        }
        Grip::Corner { .. } => CursorIcon::ResizeNeSw,
        Grip::Horizontal => CursorIcon::ResizeHorizontal,
        Grip::Vertical => CursorIcon::ResizeVertical,
        Grip::Point | Grip::Knob => CursorIcon::Grab,
        Grip::Inside(_) => CursorIcon::Move,
        Grip::Line => CursorIcon::Crosshair,
    }
}
