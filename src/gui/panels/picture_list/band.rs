//! The rubber band: what a drag over the list encloses is selected; with Ctrl, in addition to what was.

use egui::{Pos2, Rect, Response, Stroke, StrokeKind, Ui, vec2};

use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::model::view_memory::Band;
use crate::gui::panels::picture_list::layout::{Item, ListLayout};
use crate::gui::theme::Palette;

/// How fast the list scrolls per point that the pointer is beyond its edge, in points per frame.
const SCROLL: f32 = 0.2;

/// Follows a drag over the list, whose content begins at `origin`.
pub fn follow(
    ui: &Ui,
    response: &Response,
    band: &mut Option<Band>,
    state: &State,
    list: &ListLayout,
    origin: Pos2,
    out: &mut Vec<Action>,
) {
    // A press alone is a click, and says itself what it selects.
    let decided = ui.input(|i| i.pointer.is_decidedly_dragging());
    if band.is_none() && response.dragged() && decided {
        let from = ui.input(|i| i.pointer.press_origin()).or(response.interact_pointer_pos());
        let adds = ui.input(|i| i.modifiers.command);
        let entries = state.pictures.entries().iter().enumerate();
        let before = entries.filter(|(_, entry)| adds && entry.selected).map(|(index, _)| index).collect();
        *band = from.map(|from| Band { from: (from - origin).to_pos2(), before, enclosed: Vec::new() });
    }
    let Some(of_drag) = band else { return };
    let pointer = response.interact_pointer_pos().filter(|_| response.dragged());
    let Some(pointer) = pointer else {
        *band = None;
        return;
    };
    let rect = Rect::from_two_pos(of_drag.from, (pointer - origin).to_pos2());
    let enclosed: Vec<usize> = list
        .visible(rect.y_range())
        .into_iter()
        .filter(|(_, place)| place.intersects(rect))
        .filter_map(|(item, _)| match item {
            Item::Picture(place) => state.shown().index(place),
            Item::Problem(_) | Item::Heading(_) => None,
        })
        .collect();
    if enclosed != of_drag.enclosed {
        out.push(Action::SelectThese(of_drag.before.iter().chain(&enclosed).copied().collect()));
        of_drag.enclosed = enclosed;
    }
    let palette = Palette::of(ui);
    let drawn = rect.translate(origin.to_vec2());
    ui.painter().rect(
        drawn,
        2.0,
        palette.loom.gamma_multiply(0.15),
        Stroke::new(1.0, palette.loom),
        StrokeKind::Inside,
    );
    let seen = ui.clip_rect();
    let beyond = (pointer.y - seen.bottom()).max(0.0) - (seen.top() - pointer.y).max(0.0);
    if beyond != 0.0 {
        ui.scroll_with_delta(vec2(0.0, -SCROLL * beyond));
        ui.request_repaint();
    }
}
