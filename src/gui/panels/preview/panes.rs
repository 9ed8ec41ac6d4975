//! Where original and result lie on the canvas.

use egui::{Pos2, Rect, Vec2, vec2};

use crate::gui::model::appearance::{PreviewMode, Zoom};
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::preview::request::Side;
use crate::gui::theme::GRID;
use crate::picture::Geometry;

/// A part of the canvas that shows one of the two pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pane {
    pub side: Side,
    /// In whose middle the picture lies.
    pub area: Rect,
    /// What of it is painted.
    pub clip: Rect,
}

/// The panes of a mode, from left to right; their areas are equally large. `split` is where original and result meet, as a
/// share of the canvas.
pub fn panes(mode: PreviewMode, canvas: Rect, split: f32) -> Vec<Pane> {
    let at = if mode == PreviewMode::SideBySide { 0.5 } else { split };
    let edge = canvas.left() + canvas.width() * at;
    let (left, right) = (canvas.with_max_x(edge), canvas.with_min_x(edge));
    let pane = |side, area, clip| Pane { side, area, clip };
    match mode {
        PreviewMode::Before => vec![pane(Side::Before, canvas, canvas)],
        PreviewMode::After => vec![pane(Side::After, canvas, canvas)],
        PreviewMode::Split => vec![pane(Side::Before, canvas, left), pane(Side::After, canvas, right)],
        PreviewMode::SideBySide => vec![pane(Side::Before, left, left), pane(Side::After, right, right)],
    }
}

/// The pane under a point of the canvas.
pub fn pane_at(panes: &[Pane], point: Pos2) -> Option<&Pane> {
    panes.iter().find(|pane| pane.clip.contains(point))
}

/// Screen pixels per pixel of the result at which it just fits into `area`, but not more than one.
pub fn fitting_scale(area: Rect, size: Vec2, pixels_per_point: f32) -> f32 {
    let room = area.shrink(GRID).size() * pixels_per_point;
    (room.x / size.x).min(room.y / size.y).clamp(0.001, 1.0)
}

/// Where the pictures lie in an area.
#[derive(Debug, Clone, Copy)]
pub struct Placement {
    pub before: Option<Rect>,
    pub after: Option<Rect>,
    /// The way from the upright original to the result, where the original is painted as a part of the result shows it.
    pub way: Option<Geometry>,
}

/// What a placement follows from.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pub zoom: Zoom,
    pub mode: PreviewMode,
    /// Points per pixel of the result.
    pub scale: f32,
    /// The point of the picture in the middle of an area; 0 is left or top, 1 right or bottom.
    pub centre: Vec2,
    pub pixels_per_point: f32,
}

impl Placement {
    pub fn new(layout: &Layout, images: &PreviewImages, area: Rect) -> Self {
        let position = |size: Vec2| {
            let extent = size * layout.scale;
            Rect::from_center_size(area.center() + (Vec2::splat(0.5) - layout.centre) * extent, extent)
        };
        let after = images.after.as_ref().map(|after| position(after.size));
        let before = images.before.as_ref().map(|before| match (&images.after, after) {
            // A result that was only resized lies exactly over its original.
            (Some(after), Some(rect)) if has_same_shape(before.size, after.size) => rect,
            _ if layout.zoom == Zoom::Fit => {
                let scale = fitting_scale(area, before.size, layout.pixels_per_point) / layout.pixels_per_point;
                Rect::from_center_size(area.center(), before.size * scale)
            }
            _ => position(before.size),
        });
        // Beside its result, the original goes the way of the result: both show the same part of the picture.
        let is_beside = matches!(layout.mode, PreviewMode::Split | PreviewMode::SideBySide);
        let way = images.after.as_ref().map(|after| after.geometry).filter(|way| is_beside && !way.is_scaling());
        Self { before, after, way }
    }

    /// The same, `factor` times as large, with `point` where it was.
    pub fn magnified(self, point: Pos2, factor: f32) -> Self {
        let magnify = |rect: Rect| {
            let moved = |corner: Pos2| point + (corner - point) * factor;
            Rect::from_min_max(moved(rect.min), moved(rect.max))
        };
        Self { before: self.before.map(magnify), after: self.after.map(magnify), way: self.way }
    }

    /// Which point of the result, and which of the original, is at a point of a pane with this side, as shares of width
    /// and height; `None` for what is outside of them or not there.
    pub fn points_at(&self, side: Side, at: Pos2) -> [Option<Vec2>; 2] {
        let share = |rect: Rect| (at - rect.min) / rect.size();
        match (side, self.way) {
            (_, Some(way)) => {
                let after = self.after.map(share);
                let source = |share: Vec2| -> Option<Vec2> {
                    let back = way.inverse()?;
                    let (width, height) = way.size();
                    let (x, y) = back.point(f64::from(share.x * width as f32), f64::from(share.y * height as f32))?;
                    let (width, height) = way.source();
                    Some(vec2((x / f64::from(width)) as f32, (y / f64::from(height)) as f32))
                };
                [after.and_then(inside), after.and_then(source).and_then(inside)]
            }
            // An original that lies elsewhere than its result says nothing about it.
            (Side::Before, None) if self.before != self.after => [None, self.before.map(share).and_then(inside)],
            (Side::After, None) if self.before != self.after => [self.after.map(share).and_then(inside), None],
            (_, None) => [self.after.map(share).and_then(inside), self.before.map(share).and_then(inside)],
        }
    }
}

fn inside(share: Vec2) -> Option<Vec2> {
    ((0.0..1.0).contains(&share.x) && (0.0..1.0).contains(&share.y)).then_some(share)
}

/// Whether two pictures have the same proportions, to within rounding.
fn has_same_shape(a: Vec2, b: Vec2) -> bool {
    (a.x * b.y / (a.y * b.x) - 1.0).abs() < 0.01
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    const CANVAS: Rect = Rect { min: pos2(10.0, 20.0), max: pos2(410.0, 220.0) };

    #[test]
    fn panes_cover_the_canvas_and_do_not_overlap() {
        for mode in PreviewMode::ALL {
            let panes = panes(mode, CANVAS, 0.3);
            assert_eq!(panes.iter().map(|pane| pane.clip.area()).sum::<f32>(), CANVAS.area(), "{mode:?}");
            assert!(panes.windows(2).all(|two| two[0].clip.right() == two[1].clip.left()));
            assert!(panes.iter().all(|pane| pane.area.size() == panes[0].area.size()));
        }
        assert_eq!(pane_at(&panes(PreviewMode::Split, CANVAS, 0.3), pos2(200.0, 50.0)).unwrap().side, Side::After);
        assert_eq!(
            pane_at(&panes(PreviewMode::SideBySide, CANVAS, 0.3), pos2(200.0, 50.0)).unwrap().side,
            Side::Before
        );
    }

    #[test]
    fn a_point_of_a_cropped_result_is_found_in_its_original() {
        let result = Rect::from_min_size(pos2(100.0, 50.0), vec2(80.0, 40.0));
        let way = Geometry::placed((400, 200), (200, 100), -100, -50);
        let placement = Placement { before: Some(CANVAS), after: Some(result), way: Some(way) };
        let [after, before] = placement.points_at(Side::Before, pos2(140.0, 70.0));
        assert_eq!((after, before), (Some(vec2(0.5, 0.5)), Some(vec2(0.5, 0.5))));
        let [after, before] = placement.points_at(Side::After, pos2(100.0, 50.0));
        assert_eq!((after, before), (Some(Vec2::ZERO), Some(vec2(0.25, 0.25))));
        assert_eq!(placement.points_at(Side::After, pos2(99.0, 50.0))[0], None);
    }

    #[test]
    fn what_is_magnified_stays_where_the_pointer_is() {
        let placement = Placement { before: None, after: Some(CANVAS), way: None };
        let point = pos2(110.0, 70.0);
        let [now, _] = placement.points_at(Side::After, point);
        let larger = placement.magnified(point, 4.0);
        assert_eq!(larger.points_at(Side::After, point)[0], now);
        assert_eq!(larger.after.unwrap().size(), 4.0 * CANVAS.size());
    }
}
