//! A segmented control: a row of choices of which one is chosen.

use egui::{
    Align2, Color32, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::gui::theme::{self, Palette};

/// One of a few adjacent choices.
pub struct Segment<'a> {
    pub text: &'a str,
    pub help: &'a str,
    pub chosen: bool,
    name: &'a str,
}

impl<'a> Segment<'a> {
    /// A choice whose accessible name is its text.
    pub const fn new(text: &'a str, help: &'a str, chosen: bool) -> Self {
        Self { text, help, chosen, name: text }
    }

    /// With another accessible name.
    pub const fn named(self, name: &'a str) -> Self {
        Self { name, ..self }
    }
}

/// Space on either side of a segment's text.
const SEGMENT_PADDING: f32 = 14.0;

/// Widths of segments with this much space on either side of their texts.
fn segment_widths(ui: &Ui, padding: f32, segments: &[Segment<'_>]) -> Vec<f32> {
    let font = FontId::proportional(theme::BODY);
    let width = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::WHITE).size().x;
    segments.iter().map(|segment| width(segment.text) + 2.0 * padding).collect()
}

/// Width of a row of segments.
pub fn segments_width(ui: &Ui, padding: f32, segments: &[Segment<'_>]) -> f32 {
    segment_widths(ui, padding, segments).iter().sum::<f32>() + 4.0
}

/// A row of choices of which one is chosen; returns the one that was clicked.
pub fn segmented(ui: &mut Ui, enabled: bool, height: f32, segments: &[Segment<'_>]) -> Option<usize> {
    segmented_with(ui, enabled, height, SEGMENT_PADDING, segments).iter().position(Response::clicked)
}

/// As [`segmented`], with this much space on either side of each text; returns the response of each.
pub fn segmented_with(
    ui: &mut Ui,
    enabled: bool,
    height: f32,
    padding: f32,
    segments: &[Segment<'_>],
) -> Vec<Response> {
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::BODY);
    let widths = segment_widths(ui, padding, segments);
    let (frame, _) = ui.allocate_exact_size(vec2(widths.iter().sum::<f32>() + 4.0, height), Sense::hover());
    ui.painter().rect(frame, theme::ROUND, palette.sunken, Stroke::new(1.0, palette.edge), StrokeKind::Inside);
    let mut responses = Vec::with_capacity(segments.len());
    let mut left = frame.left() + 2.0;
    for (index, (segment, width)) in segments.iter().zip(widths).enumerate() {
        let rect = Rect::from_min_size(pos2(left, frame.top() + 2.0), vec2(width, height - 4.0));
        left += width;
        let id = ui.scope_id().with(("segment", index, segment.text));
        let response = ui.interact(rect, id, if enabled { Sense::click() } else { Sense::hover() });
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, segment.chosen, segment.name));
        // Calm, so that the picture is not outshone: what is chosen has an outline rather than a strong fill.
        let (fill, outline, text) = match (segment.chosen, response.hovered() && enabled) {
            (true, _) => (palette.loom_soft, palette.loom, palette.text),
            (false, true) => (palette.hovered, palette.hovered, palette.text),
            (false, false) => (Color32::TRANSPARENT, Color32::TRANSPARENT, palette.weak),
        };
        let fade = |colour: Color32| if enabled { colour } else { colour.gamma_multiply(0.55) };
        let radius = CornerRadius::same(4);
        ui.painter().rect(rect, radius, fade(fill), Stroke::new(1.0, fade(outline)), StrokeKind::Inside);
        if response.has_focus() {
            let ring = Stroke::new(theme::FOCUS_WIDTH, palette.focus);
            ui.painter().rect_stroke(rect, radius, ring, StrokeKind::Outside);
        }
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, segment.text, font.clone(), fade(text));
        responses.push(response.on_hover_text(segment.help));
    }
    responses
}
