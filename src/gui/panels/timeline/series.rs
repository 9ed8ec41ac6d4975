//! Figures over time, drawn as stepped areas below the lanes.

use egui::{Color32, Rect};

use crate::gui::panels::timeline::axis::Axis;
use crate::gui::panels::timeline::bars::Bars;
use crate::lab::Series;

/// Steps of a merged column that are looked at for its height.
const SAMPLES: usize = 32;

/// The names of the figures and what they mean, in the order of [`steps`].
pub const NAMES: [(&str, &str); 3] = [
    ("Busy cores", "lanes that decode, filter or encode"),
    ("Waiting for a core", "pictures that have been read and wait for a core"),
    ("Waiting for writing", "pictures that have been encoded and wait to be written"),
];

/// One of the figures, as steps: from when on it has which value.
pub fn steps(series: &Series, which: usize) -> &[(u64, u32)] {
    match which {
        0 => &series.busy,
        1 => &series.waiting_for_core,
        _ => &series.waiting_for_writer,
    }
}

/// The value at an instant.
pub fn level_at(steps: &[(u64, u32)], nanos: f64) -> u32 {
    let next = steps.partition_point(|(at, _)| *at as f64 <= nanos);
    next.checked_sub(1).map_or(0, |i| steps[i].1)
}

/// Draws the area below a figure, scaled so that `highest` fills the row `rect`.
pub fn draw(bars: &mut Bars, rect: Rect, steps: &[(u64, u32)], highest: u32, axis: &Axis, colour: Color32) {
    if highest == 0 {
        return;
    }
    let mut column = |left: f32, right: f32, level: f64| {
        let (left, right) = (left.max(axis.x.min), right.min(axis.x.max));
        if level > 0.0 && right > left {
            let top = rect.bottom() - rect.height() * (level / f64::from(highest)).min(1.0) as f32;
            bars.fill(Rect::from_x_y_ranges(left..=right, top..=rect.bottom()), colour);
        }
    };
    let end_of = |i: usize| steps.get(i + 1).map_or(axis.end, |(at, _)| *at as f64);
    let first = steps.partition_point(|(at, _)| (*at as f64) < axis.from).saturating_sub(1);
    let mut at = first;
    while at < steps.len() && (steps[at].0 as f64) < axis.to {
        let (left, right) = (axis.x_of(steps[at].0 as f64), axis.x_of(end_of(at)));
        if right - left >= 1.0 {
            column(left, right, f64::from(steps[at].1));
            at += 1;
            continue;
        }
        let edge = left.floor() + 1.0;
        let edge_at = axis.at(edge);
        let next = at + steps[at..].partition_point(|(begin, _)| (*begin as f64) < edge_at).max(1);
        let stride = (next - at).div_ceil(SAMPLES).max(1);
        let (mut sum, mut count) = (0.0, 0.0);
        for (_, level) in steps[at..next].iter().step_by(stride) {
            sum += f64::from(*level);
            count += 1.0;
        }
        // The last step of the column may extend beyond it.
        let beyond = axis.x_of(end_of(next - 1));
        column(left.floor(), edge, sum / f64::max(count, 1.0));
        if beyond > edge {
            column(edge, beyond, f64::from(steps[next - 1].1));
        }
        at = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_until_the_next() {
        let steps = [(10, 1), (20, 3), (30, 0)];
        assert_eq!([5.0, 10.0, 25.0, 99.0].map(|at| level_at(&steps, at)), [0, 1, 3, 0]);
    }
}
