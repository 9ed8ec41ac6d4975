//! Small drawn things that egui does not bring: icons, the primary button, a segmented choice, dots and badges.

use egui::{
    Align2, Atom, Button, Color32, CornerRadius, FontId, Painter, Pos2, Rect, Response, Role, Sense, Shape, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::theme::{self, Palette};

/// A drawn sign; the bundled fonts have none that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Nothing, in the place of a sign.
    None,
    /// A filled circle.
    Dot,
    /// A triangle to the right.
    Start,
    /// Two bars.
    Pause,
    /// A square.
    Stop,
    /// A folder.
    Folder,
    /// A sheet of paper.
    File,
    /// A plus.
    Add,
    /// A minus.
    Less,
    /// Arrows to both sides between two bars.
    Fit,
    /// An arrow out of a tray.
    Export,
    /// An arrow into a box.
    Into,
    /// A cross.
    Close,
    /// A chevron up.
    Up,
    /// A chevron down.
    Down,
    /// Six dots to drag by.
    Grip,
    /// Four squares.
    Sheet,
    /// Three lines.
    List,
    /// A picture with a sun and a hill.
    Picture,
}

/// Draws `icon` into the square `rect`.
pub fn paint_icon(painter: &Painter, icon: Icon, rect: Rect, colour: Color32) {
    let at = |x: f32, y: f32| -> Pos2 { rect.left_top() + vec2(x, y) * rect.size() };
    let part = |x0: f32, y0: f32, x1: f32, y1: f32| Rect::from_min_max(at(x0, y0), at(x1, y1));
    let stroke = Stroke::new((rect.width() / 14.0).max(1.25), colour);
    let line = |points: &[(f32, f32)]| {
        painter.add(Shape::line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
    };
    match icon {
        Icon::None => {}
        Icon::Dot => {
            painter.circle_filled(rect.center(), rect.width() / 2.0, colour);
        }
        Icon::Start => {
            let points = vec![at(0.22, 0.1), at(0.9, 0.5), at(0.22, 0.9)];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
        Icon::Pause => {
            painter.rect_filled(part(0.18, 0.12, 0.4, 0.88), 1.0, colour);
            painter.rect_filled(part(0.6, 0.12, 0.82, 0.88), 1.0, colour);
        }
        Icon::Stop => {
            painter.rect_filled(part(0.16, 0.16, 0.84, 0.84), 2.0, colour);
        }
        Icon::Folder => {
            line(&[(0.06, 0.84), (0.06, 0.2), (0.4, 0.2), (0.5, 0.34), (0.94, 0.34), (0.94, 0.84), (0.06, 0.84)]);
        }
        Icon::File => {
            line(&[(0.2, 0.06), (0.6, 0.06), (0.82, 0.28), (0.82, 0.94), (0.2, 0.94), (0.2, 0.06)]);
            line(&[(0.6, 0.06), (0.6, 0.28), (0.82, 0.28)]);
        }
        Icon::Add => {
            line(&[(0.5, 0.1), (0.5, 0.9)]);
            line(&[(0.1, 0.5), (0.9, 0.5)]);
        }
        Icon::Less => line(&[(0.1, 0.5), (0.9, 0.5)]),
        Icon::Fit => {
            line(&[(0.04, 0.1), (0.04, 0.9)]);
            line(&[(0.96, 0.1), (0.96, 0.9)]);
            line(&[(0.18, 0.5), (0.82, 0.5)]);
            line(&[(0.34, 0.32), (0.17, 0.5), (0.34, 0.68)]);
            line(&[(0.66, 0.32), (0.83, 0.5), (0.66, 0.68)]);
        }
        Icon::Export => {
            line(&[(0.5, 0.66), (0.5, 0.06)]);
            line(&[(0.26, 0.3), (0.5, 0.06), (0.74, 0.3)]);
            line(&[(0.08, 0.56), (0.08, 0.92), (0.92, 0.92), (0.92, 0.56)]);
        }
        Icon::Into => {
            line(&[(0.04, 0.5), (0.64, 0.5)]);
            line(&[(0.42, 0.28), (0.64, 0.5), (0.42, 0.72)]);
            line(&[(0.5, 0.08), (0.94, 0.08), (0.94, 0.92), (0.5, 0.92)]);
        }
        Icon::Close => {
            line(&[(0.2, 0.2), (0.8, 0.8)]);
            line(&[(0.8, 0.2), (0.2, 0.8)]);
        }
        Icon::Up => line(&[(0.15, 0.65), (0.5, 0.32), (0.85, 0.65)]),
        Icon::Down => line(&[(0.15, 0.35), (0.5, 0.68), (0.85, 0.35)]),
        Icon::Grip => {
            for x in [0.32, 0.68] {
                for y in [0.18, 0.5, 0.82] {
                    painter.circle_filled(at(x, y), rect.width() / 12.0, colour);
                }
            }
        }
        Icon::Sheet => {
            for (x, y) in [(0.08, 0.08), (0.56, 0.08), (0.08, 0.56), (0.56, 0.56)] {
                painter.rect_stroke(part(x, y, x + 0.36, y + 0.36), 1.0, stroke, StrokeKind::Inside);
            }
        }
        Icon::List => {
            for y in [0.2, 0.5, 0.8] {
                line(&[(0.08, y), (0.92, y)]);
            }
        }
        Icon::Picture => {
            painter.rect_stroke(part(0.04, 0.12, 0.96, 0.88), 3.0, stroke, StrokeKind::Inside);
            painter.circle_filled(at(0.3, 0.36), rect.width() / 14.0, colour);
            line(&[(0.08, 0.78), (0.38, 0.52), (0.54, 0.66), (0.72, 0.44), (0.92, 0.64)]);
        }
    }
}

/// `icon` as a part of a button, in the colour of its text.
pub fn icon_atom(icon: Icon, side: f32) -> Atom<'static> {
    Atom::paint(Vec2::splat(side), move |ui, args| {
        let rect = Rect::from_center_size(args.rect.center(), Vec2::splat(side));
        paint_icon(ui.painter(), icon, rect, args.fallback_text_color);
    })
}

/// A small button that shows only an icon; `name` is its accessible name and its tooltip.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, enabled: bool) -> Response {
    let button = Button::new(icon_atom(icon, 12.0)).frame_when_inactive(false).min_size(Vec2::splat(24.0));
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(6.0, 4.0);
        ui.spacing_mut().interact_size.y = 24.0;
        ui.add_enabled(enabled, button)
    })
    .inner
    .accessible_name(name)
    .on_hover_text(name)
    .on_disabled_hover_text(name)
}

/// A button with an icon and a word.
pub fn labelled_button(icon: Icon, text: &str) -> Button<'_> {
    Button::new((icon_atom(icon, 14.0), text)).gap(theme::GRID).min_size(vec2(0.0, 32.0))
}

/// The one button that stands out: what to do next.
pub fn primary_button(ui: &mut Ui, enabled: bool, icon: Option<Icon>, text: &str) -> Response {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
            state.weak_bg_fill = palette.light;
            state.bg_stroke = Stroke::new(1.0, palette.light);
            state.fg_stroke.color = palette.on_light;
        }
        widgets.hovered.weak_bg_fill = palette.light.lerp_to_gamma(Color32::WHITE, 0.18);
        widgets.active.weak_bg_fill = palette.light.lerp_to_gamma(Color32::BLACK, 0.12);
        ui.spacing_mut().button_padding.x = 18.0;
        let button = match icon {
            Some(icon) => Button::new((icon_atom(icon, 13.0), text)).gap(theme::GRID),
            None => Button::new(text),
        };
        ui.add_enabled(enabled, button.min_size(vec2(0.0, 32.0)))
    })
    .inner
}

/// One of a few neighbouring choices: text, tooltip, whether it is chosen, whether it can be.
pub struct Segment<'a> {
    /// What it says.
    pub text: &'a str,
    /// Its tooltip.
    pub help: &'a str,
    /// Whether it is the choice at the moment.
    pub chosen: bool,
    /// Its accessible name.
    name: &'a str,
}

impl<'a> Segment<'a> {
    /// A choice that is called what it says.
    pub const fn new(text: &'a str, help: &'a str, chosen: bool) -> Self {
        Self { text, help, chosen, name: text }
    }

    /// With another accessible name.
    pub const fn spoken(self, name: &'a str) -> Self {
        Self { name, ..self }
    }
}

/// Room on either side of a segment's text.
const SEGMENT_PADDING: f32 = 14.0;

/// Widths of segments with this room on either side of their texts.
fn segment_widths(ui: &Ui, padding: f32, segments: &[Segment<'_>]) -> Vec<f32> {
    let font = FontId::proportional(theme::BODY);
    let width = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::WHITE).size().x;
    segments.iter().map(|segment| width(segment.text) + 2.0 * padding).collect()
}

/// Width of a row of segments.
pub fn segments_width(ui: &Ui, padding: f32, segments: &[Segment<'_>]) -> f32 {
    segment_widths(ui, padding, segments).iter().sum::<f32>() + 4.0
}

/// A row of choices of which one is taken; returns the one that was clicked.
pub fn segmented(ui: &mut Ui, enabled: bool, height: f32, segments: &[Segment<'_>]) -> Option<usize> {
    segmented_with(ui, enabled, height, SEGMENT_PADDING, segments).iter().position(Response::clicked)
}

/// As [`segmented`], with this room on either side of each text; returns what happened to each.
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
    ui.painter().rect(frame, theme::ROUND, palette.sunken, Stroke::new(1.0, palette.border), StrokeKind::Inside);
    let mut responses = Vec::with_capacity(segments.len());
    let mut left = frame.left() + 2.0;
    for (index, (segment, width)) in segments.iter().zip(widths).enumerate() {
        let rect = Rect::from_min_size(pos2(left, frame.top() + 2.0), vec2(width, height - 4.0));
        left += width;
        let id = ui.scope_id().with(("segment", index, segment.text));
        let response = ui.interact(rect, id, if enabled { Sense::click() } else { Sense::hover() });
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, segment.chosen, segment.name));
        let (fill, text) = match (segment.chosen, response.hovered() && enabled) {
            (true, _) => (palette.loom, palette.on_loom),
            (false, true) => (palette.hovered, palette.text),
            (false, false) => (Color32::TRANSPARENT, palette.weak),
        };
        let fade = |colour: Color32| if enabled { colour } else { colour.gamma_multiply(0.55) };
        ui.painter().rect_filled(rect, CornerRadius::same(4), fade(fill));
        if response.has_focus() {
            ui.painter().rect_stroke(rect, CornerRadius::same(4), Stroke::new(1.5, palette.light), StrokeKind::Inside);
        }
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, segment.text, font.clone(), fade(text));
        responses.push(response.on_hover_text(segment.help));
    }
    responses
}

/// A filled circle beside text, at the height of a line.
pub fn dot(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(8.0, ui.text_style_height(&egui::TextStyle::Small)), Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.0, colour);
}

/// Text that is cut with an ellipsis where it does not fit, drawn at `at`; returns its rectangle.
pub fn elided(ui: &Ui, at: Pos2, width: f32, text: &str, font: FontId, colour: Color32) -> Rect {
    wrapped(ui, at, width, 1, text, font, colour)
}

/// Text in at most `rows` rows, cut with an ellipsis, drawn at `at`; returns its rectangle.
pub fn wrapped(ui: &Ui, at: Pos2, width: f32, rows: usize, text: &str, font: FontId, colour: Color32) -> Rect {
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, colour, width);
    job.wrap.max_rows = rows;
    job.wrap.break_anywhere = rows == 1;
    let galley = ui.painter().layout_job(job);
    let rect = Rect::from_min_size(at, galley.size());
    ui.painter().galley(at, galley, colour);
    rect
}

/// The ring around a widget that has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, radius: CornerRadius) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, Palette::of(ui).light);
        ui.painter().rect_stroke(response.rect, radius, stroke, StrokeKind::Inside);
    }
}
