//! Custom kernel: convolution with weights of your own.
//!
//! Algorithm: each pixel becomes the weighted sum of the square around it, divided by the divisor, plus the bias (as
//! a correlation: the first weight applies to the upper left neighbour, as in the custom filter of image editors).
//! Range: integers clip, floats keep values outside 0–1. Alpha: untouched; neighbours are weighted by theirs. Depth:
//! kept, computed in f32 and rounded once. Edges: the nearest pixel is repeated. Previews: the kernel covers pixels
//! of the preview, so that a scaled-down preview shows a stronger effect than the result.

use std::ops::Range;

use std::sync::Arc;

use crate::kernel::convolution::{Convolution, Kernels};
use crate::kernel::each::each;
use crate::{AreaFilter, Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{Editor, TextForm, number, parameters, text};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct CustomKernel {
        kernel: Arc<str> = text(
            "Kernel",
            "Weights row by row, a square of 3, 5 or 7 a side",
            &FORM,
            "0 -1 0; -1 5 -1; 0 -1 0",
        ),
        divisor: f32 = number(
            "Divisor",
            "What the sum is divided by; 0 takes the sum of the weights, or 1 where that is 0",
            "",
            (-10_000.0, 10_000.0),
            0.0,
        ),
        bias: f32 = number("Bias", "What is added at the end, in levels of 255", "levels", (-255.0, 255.0), 0.0),
    }
}

impl Filter for CustomKernel {
    const TITLE: &'static str = "Custom kernel";
    const HELP: &'static str = "Weighs the square around each pixel with weights of your own";
    const EXAMPLE: Example = Example::of(&[("kernel", "-2 -1 0 -1 1 1 0 1 2")]);

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let bias = self.bias / 255.0;
        let mut weights = weights(&self.kernel).unwrap_or_default();
        let sum: f32 = weights.iter().sum();
        let divisor = match self.divisor {
            0.0 if sum.abs() < 1e-6 => 1.0,
            0.0 => sum,
            divisor => divisor,
        };
        weights.iter_mut().for_each(|weight| *weight /= divisor);
        let centre = weights.len() / 2;
        let is_neutral = |(i, weight): (usize, &f32)| *weight == if i == centre { 1.0 } else { 0.0 };
        if bias == 0.0 && weights.iter().enumerate().all(is_neutral) {
            return Ok(Operation::Identity);
        }
        Ok(Operation::area(BiasedConvolution { kernel: Kernels::new([Convolution::square(&weights)]), bias }))
    }
}

static FORM: TextForm = TextForm {
    allowed: "9, 25 or 49 numbers from -10000 to 10000, row by row, with blanks, commas or semicolons between them",
    check: |text| weights(text).is_some(),
    editor: Editor::Lines,
    tokens: false,
};

/// The weights of a text; `None` if they are no square of an allowed size.
fn weights(text: &str) -> Option<Vec<f32>> {
    // a recipe or a command line may write the end of a row as text
    let text = text.replace("\\n", " ");
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty());
    let number = |word: &str| word.parse().ok().filter(|v: &f32| (-10_000.0..=10_000.0).contains(v));
    let weights: Vec<f32> = words.map(number).collect::<Option<_>>()?;
    matches!(weights.len(), 9 | 25 | 49).then_some(weights)
}

struct BiasedConvolution {
    kernel: Kernels<1>,
    bias: f32,
}

impl AreaFilter for BiasedConvolution {
    fn halo(&self) -> u32 {
        self.kernel.radius() as u32
    }

    fn rows<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        self.kernel.rows(source, rows, target, |[response]| each(response, &|v| v + self.bias));
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, grey8, run};
    use crate::{Params, find};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn an_impulse_shows_the_kernel_turned_round() {
        let weights: Vec<String> = (1..=25).map(|i| i.to_string()).collect();
        let mut impulse = vec![0.0; 25];
        impulse[12] = 1.0;
        let source = Raster::new(5, 5, Layout::Grey, impulse);
        let params = [("kernel", &*weights.join(",")), ("divisor", "2"), ("bias", "51")];
        let result = run("custom_kernel", &params, source);
        for (v, weight) in floats(&result).iter().zip((1..=25).rev()) {
            assert!((v - (weight as f32 / 2.0 + 0.2)).abs() < 1e-5, "{v} for {weight}");
        }
    }

    #[test]
    fn the_divisor_is_the_sum_where_none_is_given() {
        let flat = grey8(4, &[77; 16]);
        assert_eq!(run("custom_kernel", &[("kernel", "1 2 1; 2 4 2; 1 2 1")], flat.clone()), flat);
        let edges = run("custom_kernel", &[("kernel", "-1 -1 -1 -1 8 -1 -1 -1 -1"), ("bias", "128")], flat);
        assert!(bytes(&edges).iter().all(|v| *v == 128));
    }

    #[test]
    fn alpha_stays_and_hidden_neighbours_do_not_count() {
        let source = [0.5, 1.0, 0.9, 0.0, 0.5, 1.0];
        let params = [("kernel", "0 0 0 1 1 1 0 0 0")];
        let result = run("custom_kernel", &params, float(Layout::GreyAlpha, &source));
        let expected = [0.5, 1.0, 0.0, 0.0, 0.5, 1.0];
        for i in [0, 1, 3, 4, 5] {
            assert!((floats(&result)[i] - expected[i]).abs() < 1e-6, "{i}: {:?}", floats(&result));
        }
    }

    #[test]
    fn only_squares_are_allowed() {
        for text in ["1", "1 2 3", "1 2 3 4", "1 2 3 4 5 6 7 8 x", "1 2 3 4 5 6 7 8 1e9", "1 2 3 4 5 6 7 8 NaN"] {
            assert!(Params::defaults(find("custom_kernel").unwrap()).set_text("kernel", text).is_err(), "{text}");
        }
        for text in ["1 2 3\n4 5 6\n7 8 9", "1,2,3;4,5,6;7,8,9", "0 0 0\\n0 1 0\\n0 0 0"] {
            assert!(Params::defaults(find("custom_kernel").unwrap()).set_text("kernel", text).is_ok(), "{text}");
        }
    }
}
