//! How figures and their handles are drawn: a light line on a dark one, which stands out on any picture.

use egui::{
    Align2, Color32, CornerRadius, Painter, Pos2, Rect, Response, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2,
};

use crate::filter::figure::{Band, Ellipse, Figure, Frame, Grip, Handle, Part, Placed, Rotation, Spot};
use crate::gui::panels::preview::handles::mapping::Mapping;
use crate::gui::theme::{self, GRID, Palette};

/// Width of the light line, and of the dark one beneath it, in points.
const LINE: f32 = 1.25;
const BENEATH: f32 = 3.25;
/// The same for thirds, which are to be seen past.
const FAINT: f32 = 0.75;
/// Length of the two arms of a corner, and of a mark on a side.
const ARM: f32 = 16.0;
const THICK: f32 = 3.0;
const KNOB: f32 = 6.0;

const DARK: Color32 = Color32::from_black_alpha(150);
const SHADE: Color32 = Color32::from_black_alpha(120);

/// Which handles are to stand out.
#[derive(Default)]
pub struct Marks {
    held: Option<usize>,
    focused: Option<usize>,
}

impl Marks {
    /// What is done with a handle; what lies above others comes later.
    pub fn note(&mut self, index: usize, response: &Response) {
        if response.dragged() || (response.hovered() && self.held.is_none()) {
            self.held = Some(index);
        }
        if response.has_focus() {
            self.focused = Some(index);
        }
    }
}

/// A painter for one figure.
struct Brush<'a> {
    painter: Painter,
    mapping: Mapping,
    palette: &'a Palette,
}

/// Draws a figure with its handles, and the line that is being drawn for an angle.
pub fn paint(
    ui: &Ui,
    figure: &Figure,
    frame: &Frame,
    mapping: Mapping,
    clip: Rect,
    marks: &Marks,
    line: Option<[Pos2; 2]>,
) {
    let brush = Brush { painter: ui.painter_at(clip), mapping, palette: Palette::of(ui) };
    match figure {
        Figure::Part(part) => brush.part(part, marks.held.is_some()),
        Figure::Rotation(rotation) => brush.rotation(rotation, frame, line),
        Figure::Corners(corners) => brush.closed(&corners.corners.map(|at| mapping.to_screen(at))),
        Figure::Band(band) => brush.band(band, frame),
        Figure::Ellipse(ellipse) => brush.ellipse(ellipse, frame),
        Figure::Placed(Placed { area, .. }) => brush.closed(&corners(mapping.rect(area))),
    }
    for (index, handle) in figure.handles(frame).iter().enumerate() {
        let colour = if marks.held == Some(index) { brush.palette.light } else { Color32::WHITE };
        let is_part = matches!(figure, Figure::Part(_));
        brush.handle(handle, is_part, colour);
        if marks.focused == Some(index) {
            brush.focus(handle);
        }
    }
}

fn corners(rect: Rect) -> [Pos2; 4] {
    [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()]
}

impl Brush<'_> {
    /// A line through points.
    fn line(&self, points: &[Pos2], width: f32) {
        self.painter.add(Shape::line(points.to_vec(), Stroke::new(width + BENEATH - LINE, DARK)));
        self.painter.add(Shape::line(points.to_vec(), Stroke::new(width, Color32::WHITE)));
    }

    fn closed(&self, points: &[Pos2]) {
        for (width, colour) in [(BENEATH, DARK), (LINE, Color32::WHITE)] {
            self.painter.add(Shape::closed_line(points.to_vec(), Stroke::new(width, colour)));
        }
    }

    /// A line of dashes, light ones on a dark line.
    fn dashed(&self, points: &[Pos2]) {
        self.painter.add(Shape::line(points.to_vec(), Stroke::new(BENEATH - 1.0, DARK.gamma_multiply(0.7))));
        self.painter.extend(Shape::dashed_line(points, Stroke::new(LINE, Color32::WHITE), 6.0, 5.0));
    }

    /// Lines at a third and at two thirds of a quadrilateral, clockwise from the top left.
    fn thirds(&self, [a, b, c, d]: [Pos2; 4]) {
        for share in [1.0 / 3.0, 2.0 / 3.0] {
            for (from, to) in [(a.lerp(b, share), d.lerp(c, share)), (a.lerp(d, share), b.lerp(c, share))] {
                for (width, colour) in [(2.0, Color32::from_black_alpha(60)), (FAINT, Color32::from_white_alpha(170))] {
                    self.painter.line_segment([from, to], Stroke::new(width, colour));
                }
            }
        }
    }

    /// A text on a plate, so that it can be read on any picture.
    fn plate(&self, at: Pos2, text: &str) {
        let galley = self.painter.layout_no_wrap(text.to_owned(), theme::figures(theme::SMALL), Color32::WHITE);
        let size = galley.size() + vec2(2.0 * GRID, GRID);
        let within = self.painter.clip_rect().shrink(GRID / 2.0);
        let place = Align2::CENTER_CENTER.anchor_size(at, size);
        let place = place
            .translate((within.min - place.min).max(Vec2::ZERO))
            .translate((within.max - place.max).min(Vec2::ZERO));
        self.painter.rect_filled(place, theme::ROUND, Color32::from_black_alpha(190));
        self.painter.galley(place.min + vec2(GRID, GRID / 2.0), galley, Color32::WHITE);
    }

    fn part(&self, part: &Part, is_held: bool) {
        let (rect, all) = (self.mapping.rect(&part.area), self.mapping.shown);
        for shade in [
            all.with_max_y(rect.top()),
            all.with_min_y(rect.bottom()),
            Rect::from_min_max(pos2(all.left(), rect.top()), rect.left_bottom()),
            Rect::from_min_max(rect.right_top(), pos2(all.right(), rect.bottom())),
        ] {
            if shade.is_positive() {
                self.painter.rect_filled(shade, 0.0, SHADE);
            }
        }
        self.thirds(corners(rect));
        self.painter.rect_stroke(rect, 0.0, Stroke::new(BENEATH, DARK), StrokeKind::Middle);
        self.painter.rect_stroke(rect, 0.0, Stroke::new(LINE, Color32::WHITE), StrokeKind::Middle);
        if is_held {
            self.plate(
                pos2(rect.center().x, rect.top() + 2.5 * GRID),
                &format!("{:.0} × {:.0}", part.area.width, part.area.height),
            );
        }
    }

    fn rotation(&self, rotation: &Rotation, frame: &Frame, line: Option<[Pos2; 2]>) {
        let outline = rotation.outline.map(|at| self.mapping.to_screen(at));
        self.thirds(outline);
        self.closed(&outline);
        let axis = rotation.axis(frame).map(|at| self.mapping.to_screen(at));
        self.dashed(&axis);
        self.painter.circle(axis[0].lerp(axis[1], 0.5), 3.0, Color32::WHITE, Stroke::new(1.0, DARK));
        if let Some(ends) = line {
            self.line(&ends, 2.0);
            for end in ends {
                self.painter.circle(end, 4.0, self.palette.light, Stroke::new(1.5, DARK));
            }
        }
        // Minus zero is zero.
        let degrees = (rotation.degrees * 10.0).round() / 10.0 + 0.0;
        self.plate(axis[0].lerp(axis[1], 0.5) - vec2(0.0, 3.0 * GRID), &format!("{degrees:.1}°"));
    }

    fn band(&self, band: &Band, frame: &Frame) {
        let row = |y: f64| [0.0, frame.width].map(|x| self.mapping.to_screen(Spot { x, y }));
        for side in [-1.0, 1.0] {
            self.line(&row(band.middle + side * band.half), LINE);
            self.dashed(&row(band.middle + side * (band.half + band.feather)));
        }
    }

    fn ellipse(&self, ellipse: &Ellipse, frame: &Frame) {
        const POINTS: u32 = 120;
        let around = |distance: f64| -> Vec<Pos2> {
            let point = |i: u32| {
                let (sin, cos) = (f64::from(i) * std::f64::consts::TAU / f64::from(POINTS)).sin_cos();
                let (x, y) = (ellipse.radii.0 * distance * cos, ellipse.radii.1 * distance * sin);
                self.mapping.to_screen(Spot { x: frame.width / 2.0 + x, y: frame.height / 2.0 + y })
            };
            (0..=POINTS).map(point).collect()
        };
        self.line(&around(ellipse.size), LINE);
        for distance in ellipse.transition().into_iter().filter(|distance| *distance > 0.0) {
            self.dashed(&around(distance));
        }
    }

    /// The mark of a handle. The corners of a part have two arms along its sides.
    fn handle(&self, handle: &Handle, is_part: bool, colour: Color32) {
        let at = self.mapping.to_screen(handle.at);
        let knob = |radius: f32| {
            self.painter.circle(at, radius + 1.0, DARK, Stroke::NONE);
            self.painter.circle(at, radius, colour, Stroke::NONE);
        };
        let bar = |size: Vec2| {
            let bar = Rect::from_center_size(at, size);
            self.painter.rect_filled(bar.expand(1.0), CornerRadius::same(3), DARK);
            self.painter.rect_filled(bar, CornerRadius::same(2), colour);
        };
        match handle.grip {
            Grip::Inside(_) | Grip::Line => {}
            Grip::Corner { right, bottom } if is_part => self.arms(at, right, bottom, colour),
            Grip::Corner { .. } => bar(Vec2::splat(10.0)),
            Grip::Horizontal => bar(vec2(4.0, ARM + 4.0)),
            Grip::Vertical => bar(vec2(ARM + 4.0, 4.0)),
            Grip::Point | Grip::Knob => knob(KNOB),
        }
    }

    fn arms(&self, at: Pos2, right: bool, bottom: bool, colour: Color32) {
        let (right, down) = (if right { -1.0 } else { 1.0 }, if bottom { -1.0 } else { 1.0 });
        // Outside of the line, so that the picture within stays free.
        let corner = at - vec2(right, down) * THICK / 2.0;
        let points = vec![corner + vec2(0.0, down * ARM), corner, corner + vec2(right * ARM, 0.0)];
        self.painter.add(Shape::line(points.clone(), Stroke::new(THICK + 2.0, DARK)));
        self.painter.add(Shape::line(points, Stroke::new(THICK, colour)));
    }

    fn focus(&self, handle: &Handle) {
        let stroke = Stroke::new(theme::FOCUS_WIDTH, self.palette.light);
        let ring = match handle.grip {
            Grip::Inside(area) => self.mapping.rect(&area).shrink(4.0),
            Grip::Line => self.mapping.shown.intersect(self.painter.clip_rect()).shrink(2.0),
            _ => Rect::from_center_size(self.mapping.to_screen(handle.at), Vec2::splat(22.0)),
        };
        self.painter.rect_stroke(ring.expand(1.0), theme::ROUND, Stroke::new(1.0, DARK), StrokeKind::Outside);
        self.painter.rect_stroke(ring, theme::ROUND, stroke, StrokeKind::Middle);
    }
}
