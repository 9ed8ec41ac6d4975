//! Sepia: the brown of old prints.
//!
//! Algorithm: the sepia matrix of W3C Filter Effects (`sepia()`, which is widely used elsewhere as well), mixed with
//! the picture by strength.
//! Range: floats keep values above white, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures become colour pictures.

use crate::kernel::colour::{Recolour, mix};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct Sepia {
        strength: f32 = number("Strength", "0 changes nothing and 100 is full sepia", "%", (0.0, 100.0), 100.0),
    }
}

impl Filter for Sepia {
    const TITLE: &'static str = "Sepia";
    const HELP: &'static str = "Gives the brown of old prints";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let strength = self.strength / 100.0;
        if strength == 0.0 {
            return Ok(Operation::Identity);
        }
        let unity = |i: usize, j: usize| f32::from(u8::from(i == j));
        let matrix = [0, 1, 2].map(|i| [0, 1, 2].map(|j| mix(unity(i, j), MATRIX[i][j], strength)));
        Ok(Operation::point(Recolour(move |[r, g, b]: [f32; 3]| {
            matrix.map(|[red, green, blue]| red * r + green * g + blue * b)
        })))
    }
}

const MATRIX: [[f32; 3]; 3] = [[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]];

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
