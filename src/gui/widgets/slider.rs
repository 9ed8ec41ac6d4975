//! A slim slider: its fill begins at zero where the range has both signs, and a double-click restores the default.

use egui::accesskit::{Action, ActionData};
use egui::{CornerRadius, EventFilter, Key, Rangef, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::gui::theme::{self, Palette};

const HANDLE: f32 = 6.0;
const RAIL: f32 = 4.0;

/// The values of a slider.
#[derive(Debug, Clone, Copy)]
pub struct Track {
    pub min: f64,
    pub max: f64,
    pub default: f64,
    /// Distance between neighbouring values.
    pub step: f64,
    pub decimals: usize,
    /// Whether it moves by ratios rather than differences.
    pub logarithmic: bool,
}

impl Track {
    /// A scale on which the slider is linear. The logarithm of 1 more than the number of steps has a value at zero and on
    /// both sides of it.
    fn scale(self, value: f64) -> f64 {
        if self.logarithmic { (value.abs() / self.step).ln_1p().copysign(value) } else { value }
    }

    /// Where a value lies: 0 at the smallest, 1 at the largest.
    fn share(self, value: f64) -> f64 {
        let (low, high) = (self.scale(self.min), self.scale(self.max));
        ((self.scale(value) - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// The value at a place between 0 and 1, at the nearest step.
    fn value(self, share: f64) -> f64 {
        let (low, high) = (self.scale(self.min), self.scale(self.max));
        let scaled = low + share.clamp(0.0, 1.0) * (high - low);
        let value = if self.logarithmic { (scaled.abs().exp_m1() * self.step).copysign(scaled) } else { scaled };
        self.at_step(value)
    }

    fn at_step(self, value: f64) -> f64 {
        let at_step = (value / self.step).round() * self.step;
        // Without the error of the multiplication, so that 0.3 is written as 0.3.
        let unit = 10_f64.powi(self.decimals as i32);
        ((at_step * unit).round() / unit).clamp(self.min, self.max)
    }

    /// Where the fill begins.
    fn origin(self) -> f64 {
        if self.min < 0.0 && self.max > 0.0 { self.share(0.0) } else { 0.0 }
    }
}

/// Draws a slider as wide as there is room; returns its response, and the value that it was moved to. A value out of its
/// range is shown at its end and stays as it is.
pub fn slider(ui: &mut Ui, track: Track, value: f64, name: &str) -> (Response, Option<f64>) {
    let size = vec2(ui.available_width(), theme::CONTROL);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let rail = Rangef::new(rect.left() + HANDLE, rect.right() - HANDLE);
    let mut moved = None;
    if let Some(at) = response.interact_pointer_pos().filter(|_| response.dragged() || response.clicked()) {
        moved = Some(track.value(f64::from((at.x - rail.min) / rail.span())));
    }
    if response.double_clicked() {
        moved = Some(track.default);
    }
    if let Some(steps) = steps_by_keys(ui, &response) {
        moved = Some(track.at_step(value + steps * track.step));
    }
    if let Some(set) = set_by_assistive_technology(ui, &response) {
        moved = Some(track.at_step(set));
    }
    let shown = moved.unwrap_or(value);
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), shown, name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(track.min);
        node.set_max_numeric_value(track.max);
        node.set_numeric_value_step(track.step);
        for action in [Action::SetValue, Action::Increment, Action::Decrement] {
            node.add_action(action);
        }
    });
    paint(ui, rect, rail, track, shown, &response);
    (response, moved.filter(|moved| *moved != value))
}

/// By how many steps the arrow keys move it while it has the focus.
fn steps_by_keys(ui: &Ui, response: &Response) -> Option<f64> {
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let presses = ui.input(|input| {
        let asked = |action| input.num_accesskit_action_requests(response.id, action) as f64;
        let pressed = |key| input.num_presses(key) as f64;
        pressed(Key::ArrowRight) - pressed(Key::ArrowLeft) + asked(Action::Increment) - asked(Action::Decrement)
    });
    (presses != 0.0).then_some(presses)
}

fn set_by_assistive_technology(ui: &Ui, response: &Response) -> Option<f64> {
    ui.input(|input| {
        let requests = input.accesskit_action_requests(response.id, Action::SetValue);
        requests.filter_map(|r| if let Some(ActionData::NumericValue(v)) = r.data { Some(v) } else { None }).last()
    })
}

fn paint(ui: &Ui, rect: Rect, rail: Rangef, track: Track, value: f64, response: &Response) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    let middle = rect.center().y;
    let x = |share: f64| rail.min + share as f32 * rail.span();
    let part = |from: f32, to: f32| {
        Rect::from_min_max(pos2(from.min(to), middle - RAIL / 2.0), pos2(from.max(to), middle + RAIL / 2.0))
    };
    let enabled = |colour: egui::Color32| if ui.is_enabled() { colour } else { colour.gamma_multiply(0.5) };
    let round = CornerRadius::same((RAIL / 2.0) as u8);
    painter.rect_filled(part(rail.min, rail.max), round, enabled(palette.edge));
    let (origin, at) = (x(track.origin()), x(track.share(value)));
    painter.rect_filled(part(origin, at), round, enabled(palette.loom));
    if origin > rail.min {
        painter.vline(origin, middle - 5.0..=middle + 5.0, Stroke::new(1.0, enabled(palette.edge)));
    }
    let centre = pos2(at, middle);
    let is_held = response.hovered() || response.dragged();
    let radius = if is_held { HANDLE } else { HANDLE - 1.0 };
    painter.circle(centre, radius, enabled(palette.text), Stroke::new(1.5, palette.raised));
    if response.has_focus() {
        painter.circle_stroke(centre, HANDLE + 2.0, Stroke::new(theme::FOCUS_WIDTH, palette.focus));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOPS: Track = Track { min: -5.0, max: 5.0, default: 0.0, step: 0.05, decimals: 2, logarithmic: false };

    #[test]
    fn places_and_values_are_each_other_s_inverse() {
        let radius = Track { min: 0.0, max: 500.0, step: 0.1, decimals: 1, logarithmic: true, ..STOPS };
        let both = Track { min: -200.0, ..radius };
        for track in [STOPS, radius, both] {
            assert_eq!((track.value(0.0), track.value(1.0)), (track.min, track.max));
            for i in 0..=40 {
                let value = track.value(f64::from(i) / 40.0);
                assert!((track.value(track.share(value)) - value).abs() < 1e-9, "{value}");
            }
        }
        assert_eq!(STOPS.value(0.53), 0.3, "a step has no error of its multiplication");
    }

    #[test]
    fn the_fill_begins_at_zero_or_at_the_end() {
        assert_eq!(STOPS.origin(), 0.5);
        assert_eq!(Track { min: 0.0, ..STOPS }.origin(), 0.0);
        assert_eq!(Track { min: 1.0, ..STOPS }.origin(), 0.0);
        assert_eq!(STOPS.share(9.0), 1.0, "what was typed beyond the range is at its end");
    }
}
