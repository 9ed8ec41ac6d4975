//! Work to be shared: what is done to pictures, and computing that takes a known time.

use std::hint::black_box;
use std::time::{Duration, Instant};

use lightloom_filter::FilterError;
use lightloom_recipe::{FormatChoice, Recipe, Step};

/// How much is computed for a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A few milliseconds.
    Light,
    /// Between the two.
    Medium,
    /// Enough to keep a core busy.
    Heavy,
}

impl Work {
    pub const ALL: [Self; 3] = [Self::Light, Self::Medium, Self::Heavy];

    /// As filters on the command line, on pictures whose sides are `scale` times the usual ones.
    fn filters(self, scale: f64) -> Vec<String> {
        let (side, then): (f64, &[&str]) = match self {
            Self::Light => (64.0, &[]),
            Self::Medium => (500.0, &["unsharp_mask"]),
            Self::Heavy => (1000.0, &["gaussian_blur:sigma=6", "unsharp_mask"]),
        };
        let side = (scale * side).ceil().max(1.0);
        let resize = format!("resize:width={side},height={side}");
        std::iter::once(resize).chain(then.iter().map(|filter| (*filter).to_owned())).collect()
    }

    pub(super) fn recipe(self, scale: f64) -> Result<Recipe, FilterError> {
        let filters = self.filters(scale).iter().map(|filter| Step::parse(filter)).collect::<Result<_, _>>()?;
        let mut recipe = Recipe { filters, ..Recipe::default() };
        recipe.export.format = FormatChoice::from_id("jpeg").unwrap_or(FormatChoice::Same);
        Ok(recipe)
    }
}

/// Arithmetic that no compiler removes and that touches no memory.
fn steps(count: u64) {
    let mut state = black_box(count);
    for _ in 0..count {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
    black_box(state);
}

/// Computing by the millisecond, as fast as one core is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spin {
    steps_per_ms: u64,
}

impl Spin {
    /// Measures this core: the fastest of five attempts, since other programs only make it slower.
    pub fn calibrated() -> Self {
        const STEPS: u64 = 200_000;
        let attempt = |_| {
            let began = Instant::now();
            steps(STEPS);
            began.elapsed()
        };
        let fastest = (0..5).map(attempt).min().unwrap_or_default().max(Duration::from_nanos(1));
        Self { steps_per_ms: (STEPS as f64 / (1e3 * fastest.as_secs_f64())) as u64 + 1 }
    }

    /// Computes for so many milliseconds of an undisturbed core.
    pub fn compute(self, ms: u64) {
        steps(ms * self.steps_per_ms);
    }
}
