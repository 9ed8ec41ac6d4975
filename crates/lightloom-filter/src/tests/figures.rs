//! Figures of all filters that have a place: they say where it is, and what is dragged follows the pointer.

use crate::figure::{Content, Drag, Figure, Frame, Grip, Spot};
use crate::{FILTERS, FilterContext, Group, Operation, Params};
use lightloom_picture::{Area, Depth, Layout, Shape};

const FRAMES: [Frame; 3] = [
    Frame { width: 600.0, height: 400.0, content: Some(Content { width: 1.0, height: 0.4 }) },
    Frame { width: 3000.0, height: 4001.0, content: Some(Content { width: 1.0, height: 0.25 }) },
    Frame { width: 97.0, height: 61.0, content: Some(Content { width: 0.5, height: 1.0 }) },
];

/// Settings of every filter with a figure, in each of its modes.
fn settings() -> Vec<Params> {
    let mut all = Vec::new();
    for filter in FILTERS.iter().filter(|filter| filter.has_figure()) {
        let modes = filter.param("mode").map(|mode| mode.kind.allowed().replace("one of ", ""));
        for mode in modes.as_deref().unwrap_or("").split(", ") {
            for example in [&[][..], filter.example.values] {
                let mut params = Params::defaults(filter);
                example.iter().for_each(|(key, text)| params.set_text(key, text).unwrap());
                if !mode.is_empty() {
                    params.set_text("mode", mode).unwrap();
                }
                all.push(params);
            }
        }
    }
    all
}

fn with(params: &Params, figure: &Figure, frame: &Frame) -> Params {
    let mut changed = params.clone();
    for (index, value) in params.settings_of(figure, frame) {
        changed.set(params.spec().params[index].key, value).unwrap();
    }
    changed
}

/// How far apart two positions are.
fn apart(a: Spot, b: Spot) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[test]
fn those_with_a_place_have_a_figure_and_know_it_again() {
    let known: Vec<_> = FILTERS.iter().filter(|filter| filter.has_figure()).map(|filter| filter.id).collect();
    assert!(known.len() >= 8, "{known:?}");
    for params in settings() {
        for frame in FRAMES {
            let figure = params.figure(&frame).unwrap();
            let again = with(&params, &figure, &frame).figure(&frame).unwrap();
            for (a, b) in figure.handles(&frame).iter().zip(again.handles(&frame)) {
                assert!(apart(a.at, b.at) < 1.0, "{:?}: {} at {:?}, then at {:?}", params.spec(), a.name, a.at, b.at);
            }
        }
    }
}

#[test]
fn what_is_dragged_follows_the_pointer() {
    let mut checked = 0;
    for params in settings() {
        for frame in FRAMES {
            // Where it has room on all sides.
            let figure = match params.figure(&frame).unwrap() {
                Figure::Part(mut part) => {
                    let height =
                        part.ratio.map_or(0.5 * frame.height, |ratio| 0.5 * frame.height.min(frame.width / ratio));
                    let width = part.ratio.map_or(0.5 * frame.width, |ratio| ratio * height);
                    part.area = Area::around((0.5 * frame.width, 0.5 * frame.height), width, height);
                    Figure::Part(part)
                }
                figure => figure,
            };
            let params = with(&params, &figure, &frame);
            let figure = params.figure(&frame).unwrap();
            for (index, handle) in figure.handles(&frame).into_iter().enumerate() {
                let follows = match (figure, handle.grip) {
                    // It goes from anchor to anchor, or is no point.
                    (Figure::Placed(_), Grip::Inside(_)) | (_, Grip::Line) => continue,
                    // These follow in the direction in which they move.
                    (Figure::Placed(_) | Figure::Part(_), Grip::Corner { .. }) | (Figure::Rotation(_), _) => false,
                    _ => true,
                };
                let inwards = |at: f64, extent: f64| if at > 0.5 * extent { -0.05 * extent } else { 0.05 * extent };
                let (x, y) = (inwards(handle.at.x, frame.width), inwards(handle.at.y, frame.height));
                let (x, y) = match handle.grip {
                    Grip::Horizontal => (x, 0.0),
                    Grip::Vertical => (0.0, y),
                    _ => (x, y),
                };
                let to = Spot { x: handle.at.x + x, y: handle.at.y + y };
                let dragged = figure.dragged(index, Drag { from: handle.at, to }, &frame);
                let seen = with(&params, &dragged, &frame).figure(&frame).unwrap();
                let at = seen.handles(&frame)[index].at;
                let what = format!("{:?}: {} from {:?} to {to:?}, is at {at:?}", params.spec(), handle.name, handle.at);
                match figure {
                    Figure::Ellipse(_) => {
                        // Its line goes through the pointer; the handle stays on the way to its corner.
                        assert!(apart(at, handle.at) > 0.01 * frame.width, "{what}");
                    }
                    // A trapezium is as wide on both sides.
                    Figure::Corners(_) => assert!(apart(at, to) < 2.0 + 0.1 * apart(handle.at, to), "{what}"),
                    _ if follows => assert!(apart(at, to) < 2.0, "{what}"),
                    _ => assert!(apart(at, handle.at) > 0.0, "{what}"),
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn arrow_keys_move_every_handle() {
    for params in settings() {
        for frame in FRAMES {
            let figure = params.figure(&frame).unwrap();
            for (index, handle) in figure.handles(&frame).into_iter().enumerate() {
                let steps: &[(f64, f64)] = match (figure, handle.grip) {
                    // From one anchor to another it is further.
                    (Figure::Placed(_), Grip::Inside(_)) => continue,
                    _ => &[(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)],
                };
                let moves = steps.iter().any(|&(right, down)| {
                    let stepped = figure.stepped(index, right, down, &frame);
                    with(&params, &stepped, &frame) != params
                });
                // What fills the picture cannot be moved.
                let fills = matches!(figure, Figure::Part(part) if part.area == Area::of((frame.width as u32, frame.height as u32)));
                assert!(moves || fills, "{:?}: {} of {figure:?} in {frame:?}", params.spec(), handle.name);
            }
        }
    }
}

#[test]
fn filters_outside_of_the_geometry_leave_pixels_in_their_places() {
    let shape = Shape { width: 60, height: 40, layout: Layout::Rgb, depth: Depth::U8 };
    for filter in FILTERS.iter().filter(|filter| filter.group != Group::Geometry) {
        let mut params = Params::defaults(filter);
        filter.example.values.iter().for_each(|(key, text)| params.set_text(key, text).unwrap());
        if let Ok(Operation::Whole(whole)) = params.compile(&FilterContext { shape, scale: 1.0 }) {
            let after = whole.shape(shape);
            assert_eq!((after.width, after.height), (60, 40), "{}", filter.id);
            assert!(whole.geometry(shape).is_identity(), "{}", filter.id);
        }
    }
}
