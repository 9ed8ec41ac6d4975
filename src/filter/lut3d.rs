//! 3D LUT: the look of a colour look-up table.
//!
//! Algorithm: each colour is looked up in the table of a `.cube` file (a cube, a curve a channel, or both) or of a
//! HaldCLUT picture; between the points of a cube the interpolation is tetrahedral (see `lut`).
//! Range: inputs outside the table's domain count as the nearest inside; results are what the table says. Alpha:
//! untouched. Depth: kept, computed in f32. Edges: none, each pixel for itself. Grey pictures get colour channels.

use std::sync::Arc;

use super::asset::{Asset, FileKind};
use super::colour::mix;
use super::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Point, Strip};
use crate::picture::Layout;

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "lut3d",
    title: "3D LUT",
    group: Group::Colour,
    help: "Gives every colour what a look-up table has for it",
    version: 1,
    params: &[
        ParamSpec {
            key: "file",
            label: "Table",
            help: "A .cube file or a HaldCLUT picture",
            unit: "",
            kind: ParamKind::File { holds: FileKind::Lut },
        },
        ParamSpec {
            key: "strength",
            label: "Strength",
            help: "How far colours go towards those of the table",
            unit: "%",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 100.0, step: 1.0, logarithmic: false },
        },
    ],
    conditions: &[],
    example: Example::of(&[("file", "sample")]),
    compile,
};

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    let strength = params.number("strength") / 100.0;
    let Some(asset) = params.file("file")?.filter(|_| strength > 0.0) else { return Ok(Operation::Identity) };
    if !matches!(*asset, Asset::Lut(_)) {
        return Err(FilterError::Unfit { filter: SPEC.id, reason: "the file holds no look-up table".to_owned() });
    }
    Ok(Operation::point(Look { asset, strength }))
}

struct Look {
    /// A table.
    asset: Arc<Asset>,
    strength: f32,
}

impl Point for Look {
    fn layout(&self, source: Layout) -> Layout {
        source.coloured()
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        strip.spread();
        let (Asset::Lut(lut), Some(planes)) = (&*self.asset, strip.rgb()) else { return };
        if self.strength >= 1.0 {
            return lut.replace(planes);
        }
        let mut looked = planes.each_ref().map(|plane| plane.to_vec());
        lut.replace(looked.each_mut().map(Vec::as_mut_slice));
        for (plane, looked) in planes.into_iter().zip(looked) {
            plane.iter_mut().zip(looked).for_each(|(v, looked)| *v = mix(*v, looked, self.strength));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, float, floats, rgb8, run_params};
    use super::super::{FileValue, Lut, Value};
    use super::*;

    fn with(text: &str, strength: f64) -> Params {
        let mut file = FileValue::new("look.cube");
        file.set_loaded(Lut::from_cube(text).map(|lut| Arc::new(Asset::Lut(lut))));
        let mut params = Params::defaults(&SPEC);
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
    fn a_file_that_is_missing_or_broken_is_named() {
        let frame = Frame { shape: rgb8(&[[0; 3]]).shape(), scale: 1.0 };
        let Err(error) = with("LUT_3D_SIZE 0", 100.0).compile(&frame) else { panic!("accepted") };
        let text = error.to_string();
        assert!(text.contains("lut3d") && text.contains("look.cube") && text.contains("line 1"), "{text}");
        let mut params = Params::defaults(&SPEC);
        assert!(matches!(params.compile(&frame), Ok(Operation::Identity)));
        params.set_text("file", "missing.cube").unwrap();
        let Err(error) = params.compile(&frame) else { panic!("accepted") };
        assert!(error.to_string().contains("has not been loaded"));
    }
}
