//! Icons, drawn rather than taken from a font.

use egui::{Atom, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2, vec2};

/// A drawn symbol; the bundled fonts have none that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// Empty space of the size of a symbol.
    None,
    Dot,
    Start,
    Pause,
    Stop,
    Folder,
    File,
    Add,
    Minus,
    /// Arrows to both sides between two bars.
    Fit,
    Export,
    Close,
    Grip,
    Sheet,
    List,
    Picture,
    /// Lanes of a timeline.
    Lanes,
    Reset,
    More,
    /// Triangles of what is folded and unfolded.
    Folded,
    Unfolded,
    Star,
    /// Lines from long to short beside an arrow.
    Sort,
    /// A frame with handles at its corners.
    Handles,
}

/// A line through these points of the unit square.
type Outline = &'static [(f32, f32)];

/// The lines of an icon.
const fn outlines(icon: Icon) -> &'static [Outline] {
    match icon {
        Icon::Folder => {
            &[&[(0.06, 0.84), (0.06, 0.2), (0.4, 0.2), (0.5, 0.34), (0.94, 0.34), (0.94, 0.84), (0.06, 0.84)]]
        }
        Icon::File => &[
            &[(0.2, 0.06), (0.6, 0.06), (0.82, 0.28), (0.82, 0.94), (0.2, 0.94), (0.2, 0.06)],
            &[(0.6, 0.06), (0.6, 0.28), (0.82, 0.28)],
        ],
        Icon::Add => &[&[(0.5, 0.1), (0.5, 0.9)], &[(0.1, 0.5), (0.9, 0.5)]],
        Icon::Minus => &[&[(0.1, 0.5), (0.9, 0.5)]],
        Icon::Fit => &[
            &[(0.04, 0.1), (0.04, 0.9)],
            &[(0.96, 0.1), (0.96, 0.9)],
            &[(0.18, 0.5), (0.82, 0.5)],
            &[(0.34, 0.32), (0.17, 0.5), (0.34, 0.68)],
            &[(0.66, 0.32), (0.83, 0.5), (0.66, 0.68)],
        ],
        Icon::Export => &[
            &[(0.5, 0.66), (0.5, 0.06)],
            &[(0.26, 0.3), (0.5, 0.06), (0.74, 0.3)],
            &[(0.08, 0.56), (0.08, 0.92), (0.92, 0.92), (0.92, 0.56)],
        ],
        Icon::Close => &[&[(0.2, 0.2), (0.8, 0.8)], &[(0.8, 0.2), (0.2, 0.8)]],
        Icon::List => &[&[(0.08, 0.2), (0.92, 0.2)], &[(0.08, 0.5), (0.92, 0.5)], &[(0.08, 0.8), (0.92, 0.8)]],
        Icon::Lanes => &[
            &[(0.06, 0.2), (0.5, 0.2)],
            &[(0.62, 0.2), (0.8, 0.2)],
            &[(0.2, 0.5), (0.94, 0.5)],
            &[(0.06, 0.8), (0.3, 0.8)],
            &[(0.44, 0.8), (0.7, 0.8)],
        ],
        Icon::Reset => &[
            &[
                (0.22, 0.3),
                (0.36, 0.19),
                (0.5, 0.15),
                (0.68, 0.2),
                (0.82, 0.34),
                (0.87, 0.52),
                (0.82, 0.7),
                (0.68, 0.84),
                (0.5, 0.89),
                (0.32, 0.84),
                (0.18, 0.7),
            ],
            &[(0.2, 0.06), (0.21, 0.32), (0.46, 0.31)],
        ],
        Icon::Star => &[&[
            (0.5, 0.06),
            (0.62, 0.37),
            (0.95, 0.39),
            (0.69, 0.6),
            (0.78, 0.92),
            (0.5, 0.74),
            (0.22, 0.92),
            (0.31, 0.6),
            (0.05, 0.39),
            (0.38, 0.37),
            (0.5, 0.06),
        ]],
        Icon::Sort => &[
            &[(0.04, 0.2), (0.56, 0.2)],
            &[(0.04, 0.5), (0.42, 0.5)],
            &[(0.04, 0.8), (0.28, 0.8)],
            &[(0.78, 0.12), (0.78, 0.86)],
            &[(0.6, 0.66), (0.78, 0.86), (0.96, 0.66)],
        ],
        Icon::Picture => &[&[(0.08, 0.78), (0.38, 0.52), (0.54, 0.66), (0.72, 0.44), (0.92, 0.64)]],
        _ => &[],
    }
}

/// Draws `icon` into the square `rect`.
pub fn paint_icon(painter: &Painter, icon: Icon, rect: Rect, colour: Color32) {
    let at = |x: f32, y: f32| -> Pos2 { rect.left_top() + vec2(x, y) * rect.size() };
    let part = |x0: f32, y0: f32, x1: f32, y1: f32| Rect::from_min_max(at(x0, y0), at(x1, y1));
    let dot = |x: f32, y: f32, radius: f32| {
        painter.circle_filled(at(x, y), rect.width() * radius, colour);
    };
    let stroke = Stroke::new((rect.width() / 14.0).max(1.25), colour);
    match icon {
        Icon::Dot => dot(0.5, 0.5, 0.5),
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
        Icon::Grip => {
            for x in [0.32, 0.68] {
                for y in [0.18, 0.5, 0.82] {
                    dot(x, y, 1.0 / 12.0);
                }
            }
        }
        Icon::Sheet => {
            for (x, y) in [(0.08, 0.08), (0.56, 0.08), (0.08, 0.56), (0.56, 0.56)] {
                painter.rect_stroke(part(x, y, x + 0.36, y + 0.36), 1.0, stroke, StrokeKind::Inside);
            }
        }
        Icon::More => {
            for x in [0.14, 0.5, 0.86] {
                dot(x, 0.5, 0.1);
            }
        }
        Icon::Folded => {
            let points = vec![at(0.3, 0.15), at(0.8, 0.5), at(0.3, 0.85)];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
        Icon::Unfolded => {
            let points = vec![at(0.15, 0.3), at(0.85, 0.3), at(0.5, 0.8)];
            painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
        }
        Icon::Handles => {
            painter.rect_stroke(part(0.16, 0.16, 0.84, 0.84), 0.0, stroke, StrokeKind::Middle);
            for (x, y) in [(0.0, 0.0), (0.68, 0.0), (0.0, 0.68), (0.68, 0.68)] {
                painter.rect_filled(part(x, y, x + 0.32, y + 0.32), 0.0, colour);
            }
        }
        Icon::Picture => {
            painter.rect_stroke(part(0.04, 0.12, 0.96, 0.88), 3.0, stroke, StrokeKind::Inside);
            dot(0.3, 0.36, 1.0 / 14.0);
        }
        _ => {}
    }
    for outline in outlines(icon) {
        painter.add(Shape::line(outline.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
    }
}

/// `icon` as a part of a button, in the colour of its text.
pub fn icon_atom(icon: Icon, side: f32) -> Atom<'static> {
    Atom::paint(Vec2::splat(side), move |ui, args| {
        let rect = Rect::from_center_size(args.rect.center(), Vec2::splat(side));
        paint_icon(ui.painter(), icon, rect, args.fallback_text_color);
    })
}
