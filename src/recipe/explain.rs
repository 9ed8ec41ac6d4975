//! A plan in words: what will run over a picture, and what it moves.

use std::fmt;

use serde::Serialize;

use crate::picture::{Depth, Layout, Shape};

/// How a pass works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PassKind {
    /// Each pixel from itself: one walk for all its filters, rounded once.
    Point,
    /// As [`Self::Point`], after a look at the whole picture.
    Measured,
    /// Each row from some rows around it, strip by strip.
    Area,
    /// The whole picture at once.
    Whole,
}

/// One walk over the picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassNote {
    /// The filters that it carries out, by id.
    pub filters: Vec<&'static str>,
    /// How.
    pub kind: PassKind,
    /// Bytes of the picture that it reads.
    pub bytes_in: u64,
    /// Bytes of the picture that it writes.
    pub bytes_out: u64,
    /// Columns of the result.
    pub width: u32,
    /// Rows of the result.
    pub height: u32,
}

/// What a plan will do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Columns of the upright source.
    pub width: u32,
    /// Rows of the upright source.
    pub height: u32,
    /// Layout and depth of the source, such as `rgb 8 bits`.
    pub samples: String,
    /// By how much the decoder divides both sides.
    pub decode_divisor: u8,
    /// Filters of the recipe that change nothing and cost nothing.
    pub neutral: Vec<&'static str>,
    /// The walks over the picture in order.
    pub passes: Vec<PassNote>,
    /// What happens to the colours on export.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub colours: String,
    /// Estimated bytes of all pixel buffers at the worst moment.
    pub peak_bytes: u64,
}

/// Layout and depth in words.
pub(super) fn samples(shape: Shape) -> String {
    let layout = match shape.layout {
        Layout::Grey => "grey",
        Layout::GreyAlpha => "grey and alpha",
        Layout::Rgb => "rgb",
        Layout::Rgba => "rgb and alpha",
    };
    let depth = match shape.depth {
        Depth::U8 => "8 bits",
        Depth::U16 => "16 bits",
        Depth::F32 => "float",
    };
    format!("{layout}, {depth}")
}

impl Explanation {
    /// Bytes of pixels that all passes read and write: what the recipe costs where memory is the limit.
    pub fn bytes_moved(&self) -> u64 {
        self.passes.iter().map(|pass| pass.bytes_in + pass.bytes_out).sum()
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
        writeln!(f, "{} × {}, {}", self.width, self.height, self.samples)?;
        match self.decode_divisor {
            1 => writeln!(f, "  decode at full size")?,
            n => writeln!(f, "  decode at 1/{n}, since a down-scale follows")?,
        }
        for (index, pass) in self.passes.iter().enumerate() {
            let how = match (pass.kind, pass.filters.len()) {
                (PassKind::Point, 1) => "pixel by pixel",
                (PassKind::Point, _) => "pixel by pixel, in one walk that rounds once",
                (PassKind::Measured, _) => "after a look at the whole picture, pixel by pixel",
                (PassKind::Area, _) => "strip by strip",
                (PassKind::Whole, _) => "on the whole picture",
            };
            writeln!(
                f,
                "  pass {}: {} ({how}) → {} × {}, reads {:.1} MiB, writes {:.1} MiB",
                index + 1,
                pass.filters.join(" + "),
                pass.width,
                pass.height,
                mib(pass.bytes_in),
                mib(pass.bytes_out),
            )?;
        }
        if !self.neutral.is_empty() {
            writeln!(f, "  nothing to do for: {}", self.neutral.join(", "))?;
        }
        if !self.colours.is_empty() {
            writeln!(f, "  colours: {}", self.colours)?;
        }
        write!(
            f,
            "  {:.1} MiB of pixels moved by filters, {:.1} MiB in memory at most",
            mib(self.bytes_moved()),
            mib(self.peak_bytes)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Plan, Purpose, Recipe, Step};

    #[test]
    fn a_plan_tells_what_fuses_and_what_is_left_out() {
        let steps = ["resize:width=900,height=900", "gamma", "exposure:stops=1", "invert", "gaussian_blur"];
        let filters = steps.map(|step| Step::parse(step).unwrap()).to_vec();
        let recipe = Recipe { filters, ..Recipe::default() };
        let shape = Shape { width: 6000, height: 4000, layout: Layout::Rgb, depth: Depth::U8 };
        let plan = Plan::compile(&recipe, shape, &[1, 2, 4, 8], Purpose::Export).unwrap();
        let explanation = plan.explain();
        assert_eq!((explanation.decode_divisor, explanation.neutral.as_slice()), (4, &["gamma"][..]));
        let passes: Vec<_> = explanation.passes.iter().map(|p| (p.filters.clone(), p.kind)).collect();
        let expected = [
            (vec!["resize"], PassKind::Whole),
            (vec!["exposure", "invert"], PassKind::Point),
            (vec!["gaussian_blur"], PassKind::Area),
        ];
        assert_eq!(passes, expected);
        assert_eq!(explanation.passes[0].bytes_in, 1500 * 1000 * 3);
        assert_eq!((explanation.passes[0].width, explanation.passes[0].height), (900, 600));
        assert_eq!(explanation.peak_bytes, plan.peak_bytes());
        let words = explanation.to_string();
        assert!(
            words.contains("decode at 1/4") && words.contains("exposure + invert (pixel by pixel, in one walk"),
            "{words}"
        );
    }
}
