//! The time axis: which part of the time is shown, where an instant lies on the screen, and round ticks.

use egui::Rangef;

use crate::gui::model::timelines::TimeView;

/// The shortest time that can be shown, in nanoseconds.
const MIN_WIDTH: f64 = 20_000.0;

/// A labelled instant.
pub struct Tick {
    /// In nanoseconds.
    pub at: f64,
    pub label: String,
}

/// The mapping from time to the screen, from left to right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// Screen coordinates.
    pub x: Rangef,
    /// Nanoseconds at the left edge.
    pub from: f64,
    /// Nanoseconds at the right edge.
    pub to: f64,
    /// Nanoseconds of the longest run.
    pub end: f64,
    /// Whether the longest run is in progress.
    pub live: bool,
}

impl Axis {
    /// The part `view` of a time of `end` nanoseconds over the screen's `x`.
    pub fn new(view: TimeView, end: u64, live: bool, x: Rangef) -> Self {
        // A little space at the right, so that the end is recognisable.
        let end = (end as f64).max(MIN_WIDTH);
        let whole = end * 1.02;
        let (from, to) = match view {
            TimeView::Fit => (0.0, whole),
            TimeView::Follow(width) if width >= whole => (0.0, whole),
            TimeView::Follow(width) => (whole - width, whole),
            TimeView::Range(from, to) => {
                let width = (to - from).clamp(MIN_WIDTH, whole);
                let from = from.clamp(0.0, whole - width);
                (from, from + width)
            }
        };
        Self { x, from, to, end, live }
    }

    /// Nanoseconds per point of the screen.
    pub fn per_point(&self) -> f64 {
        (self.to - self.from) / f64::from(self.x.span().max(1.0))
    }

    /// The screen coordinate of an instant.
    pub fn x_of(&self, nanos: f64) -> f32 {
        self.x.min + ((nanos - self.from) / self.per_point()) as f32
    }

    /// The instant at a screen coordinate.
    pub fn at(&self, x: f32) -> f64 {
        self.from + f64::from(x - self.x.min) * self.per_point()
    }

    /// The view after zooming by `factor` (above 1 is closer) around the instant at `x`, or around the middle.
    pub fn zoomed(&self, view: TimeView, factor: f64, x: Option<f32>) -> TimeView {
        let whole = self.end * 1.02;
        let width = ((self.to - self.from) / factor.max(1e-6)).max(MIN_WIDTH);
        if width >= whole {
            return TimeView::Fit;
        }
        if self.live && !matches!(view, TimeView::Range(..)) {
            return TimeView::Follow(width);
        }
        let anchor = x.map_or((self.from + self.to) / 2.0, |x| self.at(x));
        let share = (anchor - self.from) / (self.to - self.from);
        let from = (anchor - share * width).clamp(0.0, whole - width);
        TimeView::Range(from, from + width)
    }

    /// The view after moving by `points` of the screen, later in time if positive.
    pub fn panned(&self, points: f32) -> TimeView {
        let (whole, width) = (self.end * 1.02, self.to - self.from);
        if width >= whole {
            return TimeView::Fit;
        }
        let from = (self.from + f64::from(points) * self.per_point()).max(0.0);
        if from + width >= whole && self.live {
            return TimeView::Follow(width);
        }
        let from = from.min(whole - width);
        TimeView::Range(from, from + width)
    }

    /// Ticks at round times, at least `apart` points from each other.
    pub fn ticks(&self, apart: f32) -> impl Iterator<Item = Tick> + use<> {
        let step = round_up(self.per_point() * f64::from(apart));
        let first = (self.from / step).ceil().max(0.0);
        let (end, last) = (self.end, (self.to / step).floor());
        (first as u64..=last.max(first) as u64).map(move |n| {
            let at = n as f64 * step;
            Tick { at, label: label(at, step, end) }
        })
    }
}

/// The next of 1, 2, 5, 10, 20 … that is not smaller.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.max(1.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|n| *n >= value * 0.999_999).unwrap_or(power)
}

/// The label of an instant: as many digits as `step` needs, in a unit that suits times up to `end`.
fn label(at: f64, step: f64, end: f64) -> String {
    let (unit, scale) = match end {
        end if end < 2e6 => ("µs", 1e3),
        end if end < 2e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    let decimals = (-(step / scale).log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{:.decimals$} {unit}", at / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: Rangef = Rangef { min: 100.0, max: 1100.0 };
    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn positions_and_instants_are_inverse() {
        let axis = Axis::new(TimeView::Range(2e9, 3e9), 10 * SECOND, false, X);
        assert_eq!((axis.x_of(2e9), axis.x_of(3e9)), (100.0, 1100.0));
        assert!((axis.at(600.0) - 2.5e9).abs() < 1.0);
    }

    #[test]
    fn zooming_keeps_the_instant_under_the_pointer() {
        let axis = Axis::new(TimeView::Fit, 10 * SECOND, false, X);
        let before = axis.at(400.0);
        let view = axis.zoomed(TimeView::Fit, 4.0, Some(400.0));
        let after = Axis::new(view, 10 * SECOND, false, X);
        assert!((after.at(400.0) - before).abs() < 1e3);
        assert!((after.per_point() * 4.0 - axis.per_point()).abs() < 1.0);
        assert_eq!(after.zoomed(view, 0.01, None), TimeView::Fit, "no further out than all of it");
    }

    #[test]
    fn a_growing_time_is_followed_until_the_user_looks_back() {
        let axis = Axis::new(TimeView::Fit, 10 * SECOND, true, X);
        let view = axis.zoomed(TimeView::Fit, 2.0, Some(200.0));
        assert!(matches!(view, TimeView::Follow(_)));
        let later = Axis::new(view, 20 * SECOND, true, X);
        assert!(later.to > 20e9);
        assert!(matches!(later.panned(-100.0), TimeView::Range(..)));
        let back = Axis::new(later.panned(-100.0), 20 * SECOND, true, X).panned(200.0);
        assert!(matches!(back, TimeView::Follow(_)), "at the end again it is followed again");
    }

    #[test]
    fn ticks_are_round_and_apart() {
        let labels = |view, end| {
            let axis = Axis::new(view, end, false, X);
            axis.ticks(90.0).map(|tick| tick.label).collect::<Vec<_>>()
        };
        assert_eq!(labels(TimeView::Fit, 10 * SECOND)[..3], ["0 s", "1 s", "2 s"]);
        assert_eq!(labels(TimeView::Fit, SECOND / 2)[..3], ["0 ms", "50 ms", "100 ms"]);
        assert_eq!(labels(TimeView::Range(3e9, 3.01e9), 10 * SECOND)[..2], ["3.000 s", "3.001 s"]);
        assert!(labels(TimeView::Fit, 0).len() > 2);
    }
}
