//! Between positions in the picture that reaches a filter and points of the screen, at any size and place of the picture.

use egui::{Pos2, Rect, Vec2, pos2, vec2};

use crate::filter::figure::Spot;
use crate::picture::Area;

/// Where a picture lies on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mapping {
    /// In points.
    pub shown: Rect,
    /// Columns and rows of the picture.
    pub size: Vec2,
}

impl Mapping {
    /// Points per pixel.
    pub fn scale(&self) -> Vec2 {
        self.shown.size() / self.size
    }

    pub fn to_screen(self, at: Spot) -> Pos2 {
        // Large pictures that are shown large need more digits than a point has.
        let along = |start: f32, length: f32, at: f64, of: f32| {
            (f64::from(start) + f64::from(length) * at / f64::from(of)) as f32
        };
        let Self { shown, size } = self;
        pos2(along(shown.left(), shown.width(), at.x, size.x), along(shown.top(), shown.height(), at.y, size.y))
    }

    pub fn to_picture(self, at: Pos2) -> Spot {
        let along = |at: f32, start: f32, length: f32, of: f32| {
            (f64::from(at) - f64::from(start)) / f64::from(length) * f64::from(of)
        };
        let Self { shown, size } = self;
        Spot {
            x: along(at.x, shown.left(), shown.width(), size.x),
            y: along(at.y, shown.top(), shown.height(), size.y),
        }
    }

    pub fn rect(self, area: &Area) -> Rect {
        let corner = |x, y| self.to_screen(Spot { x, y });
        Rect::from_min_max(corner(area.left, area.top), corner(area.right(), area.bottom()))
    }

    /// A direction and distance in pixels, in points.
    pub fn length(self, x: f64, y: f64) -> Vec2 {
        vec2(x as f32, y as f32) * self.scale()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_come_back_at_any_size_and_place() {
        let size = vec2(6000.0, 4000.0);
        for (left, top, scale) in
            [(10.0, 20.0, 0.1), (-20_000.0, -9000.0, 8.0), (0.25, 0.75, 0.5), (-3000.0, 12.0, 1.0)]
        {
            let mapping = Mapping { shown: Rect::from_min_size(pos2(left, top), size * scale), size };
            assert_eq!(mapping.to_screen(Spot { x: 0.0, y: 0.0 }), pos2(left, top));
            for (x, y) in [(0.0, 0.0), (6000.0, 4000.0), (2999.5, 17.0), (-40.0, 4100.0)] {
                let back = mapping.to_picture(mapping.to_screen(Spot { x, y }));
                assert!((back.x - x).hypot(back.y - y) < 0.05 / f64::from(scale).min(1.0), "{back:?} is not {x}, {y}");
            }
            let area = Area { left: 600.0, top: 400.0, width: 1000.0, height: 500.0 };
            assert_eq!(mapping.rect(&area).min, mapping.to_screen(Spot { x: 600.0, y: 400.0 }));
            assert!((mapping.rect(&area).size() - mapping.length(1000.0, 500.0)).length() < 0.01);
        }
    }
}
