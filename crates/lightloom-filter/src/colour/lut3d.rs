//! 3D LUT: applies a colour look-up table.
//!
//! Algorithm: each colour is looked up in the table of a `.cube` file (a cube, a curve per channel, or both) or of a
//! HaldCLUT picture; between the points of a cube, interpolation is tetrahedral (see `lut`).
//! Range: inputs outside the table's domain are clamped to it; results are those of the table. Alpha: untouched.
//! Depth: kept, computed in f32. Edges: none; each pixel depends only on itself. Grey pictures become colour
//! pictures.

use std::sync::Arc;

use multiversion::multiversion;

use crate::asset::{Asset, asset};
use crate::kernel::colour::mix;
use crate::kernel::scratch::Pool;
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{FileKind, FileValue, file, number, parameters};
use lightloom_picture::Layout;

parameters! {
    pub(crate) struct Lut3d {
        file: FileValue = file("Table", "A .cube file or a HaldCLUT picture", FileKind::Lut),
        strength: f32 = number("Strength", "How far colours go towards those of the table", "%", (0.0, 100.0), 100.0),
    }
}

impl Filter for Lut3d {
    const TITLE: &'static str = "3D LUT";
    const HELP: &'static str = "Gives every colour what a look-up table has for it";
    const EXAMPLE: Example = Example::of(&[("file", "sample")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 100.0;
        let Some(asset) = asset(&self.file)?.filter(|_| strength > 0.0) else { return Ok(Operation::Identity) };
        let Asset::Lut(lut) = &*asset else {
            return Err(Unfit("the file holds no look-up table".to_owned()));
        };
        let (curve, cube) = (lut.has_curve(), lut.has_cube());
        let step = |curve, cube| {
            let keeps_layout = context.shape.layout.colours() == 3;
            LookUp { asset: asset.clone(), curve, cube, keeps_layout, strength, memory: Pool::default() }
        };
        if curve && cube && strength >= 1.0 {
            // two steps, so that the first may be part of a table
            return Ok(Operation::Points(vec![Box::new(step(true, false)), Box::new(step(false, true))]));
        }
        Ok(Operation::point(step(curve, cube)))
    }
}

struct LookUp {
    /// The look-up table.
    asset: Arc<Asset>,
    /// Which of its parts count.
    curve: bool,
    cube: bool,
    /// Whether the picture has colours already.
    keeps_layout: bool,
    strength: f32,
    memory: Pool<[Vec<f32>; 3]>,
}

impl LookUp {
    fn replace(&self, [red, green, blue]: [&mut [f32]; 3]) {
        let Asset::Lut(lut) = &*self.asset else { return };
        if self.curve {
            lut.replace_by_curve([&mut *red, &mut *green, &mut *blue]);
        }
        if self.cube {
            lut.replace_by_cube([red, green, blue]);
        }
    }
}

impl Point for LookUp {
    fn layout(&self, source: Layout) -> Layout {
        source.coloured()
    }

    fn dependence(&self) -> Dependence {
        if self.keeps_layout && !self.cube { Dependence::Sample } else { Dependence::Pixel }
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        strip.spread();
        let Some(planes) = strip.rgb() else { return };
        if self.strength >= 1.0 {
            return self.replace(planes);
        }
        self.memory.with(|memory| {
            for (looked, plane) in memory.iter_mut().zip(&planes) {
                looked.clear();
                looked.extend_from_slice(plane);
            }
            self.replace(memory.each_mut().map(Vec::as_mut_slice));
            for (plane, looked) in planes.into_iter().zip(memory) {
                mix_planes(plane, looked, self.strength);
            }
        });
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn mix_planes(plane: &mut [f32], looked: &[f32], strength: f32) {
    plane.iter_mut().zip(looked).for_each(|(v, looked)| *v = mix(*v, *looked, strength));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, floats, rgb8, run_params};
    use crate::{FileContent, Lut, Params, Value, find};
    use lightloom_picture::Depth;

    fn with(text: &str, strength: f64) -> Params {
        let mut file = FileValue::new("look.cube");
        file.set_loaded(Lut::from_cube(text).map(|lut| Arc::new(Asset::Lut(lut)) as FileContent));
        let mut params = Params::defaults(find("lut3d").unwrap());
        params.set("file", Value::File(file)).unwrap();
        params.set("strength", Value::Number(strength)).unwrap();
        params
    }

    #[test]
    fn an_inverting_curve_at_full_and_half_strength() {
        let inverse = "LUT_1D_SIZE 2\n1 1 1\n0 0 0\n";
        let source = rgb8(&[[0, 51, 255], [255, 102, 0]]);
        assert_eq!(bytes(&run_params(&with(inverse, 100.0), source.clone())), [255, 204, 0, 0, 153, 255]);
        let half = run_params(&with(inverse, 50.0), float(Layout::GreyAlpha, &[0.2, 0.7]));
        assert_eq!(half.shape().layout, Layout::Rgba);
        for (v, e) in floats(&half).iter().zip([0.5, 0.5, 0.5, 0.7]) {
            assert!((v - e).abs() < 1e-6);
        }
    }

    #[test]
    fn a_curve_before_a_cube_counts_in_every_depth() {
        // the curve inverts; the cube, which follows, halves
        let cube: String = (0..8).map(|i| format!("{} {} {}\n", i % 2, i / 2 % 2, i / 4)).collect();
        let both = format!("LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n1 1 1\n0 0 0\n{}", cube.replace('1', "0.5"));
        let source = rgb8(&[[0, 51, 255], [255, 102, 0]]);
        for depth in Depth::ALL {
            let result = run_params(&with(&both, 100.0), source.clone().into_depth(depth)).into_depth(Depth::F32);
            for (v, e) in floats(&result).iter().zip([0.5, 0.4, 0.0, 0.0, 0.3, 0.5]) {
                assert!((v - e).abs() < 0.6 / 255.0, "{depth}: {v}, not {e}");
            }
        }
        let grey = run_params(&with(&both, 100.0), float(Layout::Grey, &[0.2]));
        assert!(floats(&grey).len() == 3 && floats(&grey).iter().all(|v| (v - 0.4).abs() < 1e-6));
    }

    #[test]
    fn a_file_that_is_missing_or_broken_is_named() {
        let frame = FilterContext { shape: rgb8(&[[0; 3]]).shape(), scale: 1.0 };
        let Err(error) = with("LUT_3D_SIZE 0", 100.0).compile(&frame) else { panic!("accepted") };
        let text = error.to_string();
        assert!(text.contains("lut3d") && text.contains("look.cube") && text.contains("line 1"), "{text}");
        let mut params = Params::defaults(find("lut3d").unwrap());
        assert!(matches!(params.compile(&frame), Ok(Operation::Identity)));
        params.set_text("file", "missing.cube").unwrap();
        let Err(error) = params.compile(&frame) else { panic!("accepted") };
        assert!(error.to_string().contains("has not been loaded"));
    }
}
