//! Sepia: the brown of old prints.
//!
//! Algorithm: the sepia matrix of W3C Filter Effects (`sepia()`, the one that is known from elsewhere as well), mixed with
//! the picture by strength.
//! Range: floats keep what rises above white, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none,
//! each pixel for itself. Grey pictures get colour channels.

use crate::kernel::colour::{Recolour, mix};
use crate::{Example, FilterError, FilterSpec, Frame, Group, Operation, ParamSpec, Params};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "sepia",
    title: "Sepia",
    group: Group::Colour,
    help: "Gives the brown of old prints",
    version: 1,
    params: &[ParamSpec::number(
        "strength",
        "Strength",
        "0 changes nothing and 100 is full sepia",
        "%",
        (0.0, 100.0),
        100.0,
    )],
    conditions: &[],
    example: Example::of(&[]),
    compile,
};

const MATRIX: [[f32; 3]; 3] = [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]];

fn compile(params: &Params, _frame: &Frame) -> Result<Operation, FilterError> {
    let strength = params.number("strength") / 100.0;
    if strength == 0.0 {
        return Ok(Operation::Identity);
    }
    let unity = |i: usize, j: usize| f32::from(u8::from(i == j));
    let matrix = [0, 1, 2].map(|i| [0, 1, 2].map(|j| mix(unity(i, j), MATRIX[i][j], strength)));
    Ok(Operation::point(Recolour(move |[r, g, b]: [f32; 3]| {
        matrix.map(|[red, green, blue]| red * r + green * g + blue * b)
    })))
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn the_matrix_in_8_bit() {
        let result = run("sepia", &[], rgb8(&[[100, 150, 200], [255, 255, 255], [0, 0, 0]]));
        // 0.393·100 + 0.769·150 + 0.189·200 = 192.45 and so on; white clips
        assert_eq!(bytes(&result), [192, 171, 134, 255, 255, 239, 0, 0, 0]);
        assert_eq!(bytes(&run("sepia", &[], grey8(1, &[100]))), [135, 120, 94]);
    }

    #[test]
    fn half_strength_is_half_way() {
        let result = run("sepia", &[("strength", "50")], float(Layout::Rgba, &[0.4, 0.4, 0.4, 0.5]));
        for (v, e) in floats(&result).iter().zip([0.4702, 0.4406, 0.3874, 0.5]) {
            assert!((v - e).abs() < 1e-5, "{v}, not {e}");
        }
    }
}
