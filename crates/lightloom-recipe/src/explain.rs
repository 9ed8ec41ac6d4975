//! A plan in words: what will run over a picture, and what it moves.

use std::fmt;

use serde::Serialize;

use lightloom_picture::{Depth, Layout, Shape};

/// How a pass works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PassKind {
    /// Each pixel from itself: one pass for all its filters, rounded once.
    Point,
    /// As [`Self::Point`], after the whole picture has been measured.
    Measured,
    /// Each row from some rows around it, strip by strip.
    Area,
    /// The whole picture at once.
    Whole,
}

/// One pass over the picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassNote {
    /// Its filters, by id.
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

/// What a plan will do for one of several outputs, after what they share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputNote {
    /// Its name.
    pub name: String,
    /// Its own filters that change nothing and cost nothing.
    pub neutral: Vec<&'static str>,
    /// The passes that only this output has, in order.
    pub passes: Vec<PassNote>,
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
    /// The passes in order; with several outputs those that all share.
    pub passes: Vec<PassNote>,
    /// The outputs, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputNote>,
    /// Results that are copies of the source, by output.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<String>,
    /// What happens to the colours on export, by output.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub colours: Vec<String>,
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
        let passes = self.passes.iter().chain(self.outputs.iter().flat_map(|output| &output.passes));
        passes.map(|pass| pass.bytes_in + pass.bytes_out).sum()
    }
}

/// Writes a line per pass; `before` passes have been listed already.
fn lines(
    f: &mut fmt::Formatter<'_>,
    indent: &str,
    before: usize,
    passes: &[PassNote],
    neutral: &[&'static str],
) -> fmt::Result {
    for (index, pass) in passes.iter().enumerate() {
        let how = match (pass.kind, pass.filters.len()) {
            (PassKind::Point, 1) => "pixel by pixel",
            (PassKind::Point, _) => "pixel by pixel, in one pass that rounds once",
            (PassKind::Measured, _) => "after a look at the whole picture, pixel by pixel",
            (PassKind::Area, _) => "strip by strip",
            (PassKind::Whole, _) => "on the whole picture",
        };
        writeln!(
            f,
            "{indent}pass {}: {} ({how}) → {} × {}, reads {:.1} MiB, writes {:.1} MiB",
            before + index + 1,
            pass.filters.join(" + "),
            pass.width,
            pass.height,
            mib(pass.bytes_in),
            mib(pass.bytes_out),
        )?;
    }
    if !neutral.is_empty() {
        writeln!(f, "{indent}nothing to do for: {}", neutral.join(", "))?;
    }
    Ok(())
}

fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} × {}, {}", self.width, self.height, self.samples)?;
        match self.decode_divisor {
            1 => writeln!(f, "  decode at full size")?,
            n => writeln!(f, "  decode at 1/{n}, since a down-scale follows")?,
        }
        lines(f, "  ", 0, &self.passes, &self.neutral)?;
        if !self.outputs.is_empty() {
            let shared = if self.passes.is_empty() { "the decoded picture" } else { "what comes out of that" };
            writeln!(f, "  {} outputs, each from {shared}:", self.outputs.len())?;
        }
        for output in &self.outputs {
            writeln!(f, "  output '{}', {} × {}", output.name, output.width, output.height)?;
            lines(f, "    ", self.passes.len(), &output.passes, &output.neutral)?;
        }
        for copy in &self.copies {
            writeln!(f, "  copied: {copy}")?;
        }
        for colours in &self.colours {
            writeln!(f, "  colours: {colours}")?;
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
    use crate::{Output, Plan, Purpose, Recipe, Step};

    #[test]
    fn a_plan_lists_what_fuses_and_what_is_left_out() {
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
            words.contains("decode at 1/4") && words.contains("exposure + invert (pixel by pixel, in one pass"),
            "{words}"
        );
    }

    #[test]
    fn several_outputs_are_listed_after_what_they_share() {
        let steps = |filters: &[&str]| filters.iter().map(|f| Step::parse(f).unwrap()).collect::<Vec<_>>();
        let output = |name: &str, filters: &[&str]| Output { filters: steps(filters), ..Output::named(name) };
        let outputs = vec![
            output("web", &["resize:width=1920,height=1920", "gamma"]),
            output("original", &["saturation:factor=1.2"]),
        ];
        let recipe =
            Recipe { filters: steps(&["gaussian_blur", "exposure:stops=1", "hue"]), outputs, ..Recipe::default() };
        let shape = Shape { width: 6000, height: 4000, layout: Layout::Rgb, depth: Depth::U8 };
        let plan = Plan::compile(&recipe, shape, &[1, 2, 4, 8], Purpose::Export).unwrap();
        let explanation = plan.explain();
        let ids = |passes: &[PassNote]| passes.iter().map(|p| p.filters.join("+")).collect::<Vec<_>>();
        // The saturation joins the exposure, so that they round once; so the exposure is not shared.
        assert_eq!(ids(&explanation.passes), ["gaussian_blur"]);
        assert_eq!(ids(&explanation.outputs[0].passes), ["exposure", "resize"]);
        assert_eq!(ids(&explanation.outputs[1].passes), ["exposure+saturation"]);
        assert_eq!(
            (explanation.neutral.as_slice(), &explanation.outputs[0].neutral[..]),
            (&["hue"][..], &["gamma"][..])
        );
        let words = explanation.to_string();
        assert!(words.contains("2 outputs") && words.contains("output 'web', 1920 × 1280"), "{words}");
        // While the first is on its way the blurred picture is held; a pass reads and writes beside it.
        assert!(plan.peak_bytes() >= 3 * shape.bytes(), "{}", plan.peak_bytes());
        let json = serde_json::to_value(&explanation).unwrap();
        assert_eq!(json["outputs"][1]["name"], "original");
    }
}
