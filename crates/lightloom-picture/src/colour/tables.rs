//! Table-based profiles, through moxcms: between their samples and XYZ, by way of an RGB space whose channels are X, Y and
//! Z with a gamma, so that the tables' interpolation works on even steps.

use std::sync::Arc;

use moxcms::{ColorProfile, Layout, TransformF32Executor, TransformOptions, Xyzd, curve_from_gamma};

use super::profile::guarded;
use super::{Intent, Profile, ProfileError};

/// The gamma of the space between: the nearest to 2.4 that a profile's 8.8 fixed point holds.
pub(super) const GAMMA: f64 = 614.0 / 256.0;

/// A transform of packed float samples in one direction.
#[derive(Clone)]
pub(super) struct Tables {
    executor: Arc<TransformF32Executor>,
    /// Samples per pixel that go in.
    pub inputs: usize,
    /// Samples per pixel that come out.
    pub outputs: usize,
}

impl std::fmt::Debug for Tables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tables({} → {})", self.inputs, self.outputs)
    }
}

/// X, Y and Z as an RGB space.
fn basis() -> ColorProfile {
    let mut basis = ColorProfile::new_srgb();
    basis.cicp = None;
    basis.red_colorant = Xyzd { x: 1.0, y: 0.0, z: 0.0 };
    basis.green_colorant = Xyzd { x: 0.0, y: 1.0, z: 0.0 };
    basis.blue_colorant = Xyzd { x: 0.0, y: 0.0, z: 1.0 };
    let curve = Some(curve_from_gamma(GAMMA as f32));
    (basis.red_trc, basis.green_trc, basis.blue_trc) = (curve.clone(), curve.clone(), curve);
    basis
}

impl Tables {
    /// From samples of this profile to the space between.
    pub fn from_device(profile: &Profile, intent: Intent) -> Result<Self, ProfileError> {
        let cmyk = profile.is_cmyk();
        let layout = if cmyk { Layout::Rgba } else { Layout::Rgb };
        let executor = guarded(|| profile.icc.create_transform_f32(layout, &basis(), Layout::Rgb, options(intent)))?;
        Ok(Self { executor, inputs: if cmyk { 4 } else { 3 }, outputs: 3 })
    }

    /// From the space between to samples of this profile.
    pub fn to_device(profile: &Profile, intent: Intent) -> Result<Self, ProfileError> {
        let cmyk = profile.is_cmyk();
        let layout = if cmyk { Layout::Rgba } else { Layout::Rgb };
        let executor = guarded(|| basis().create_transform_f32(Layout::Rgb, &profile.icc, layout, options(intent)))?;
        Ok(Self { executor, inputs: 3, outputs: if cmyk { 4 } else { 3 } })
    }

    /// Converts whole pixels; a transform that fails leaves black.
    pub fn run(&self, from: &[f32], to: &mut [f32]) {
        if self.executor.transform(from, to).is_err() {
            to.fill(0.0);
        }
    }
}

fn options(intent: Intent) -> TransformOptions {
    TransformOptions {
        rendering_intent: Profile::table_intent(intent),
        allow_use_cicp_transfer: false,
        prefer_fixed_point: false,
        ..TransformOptions::default()
    }
}
