//! Text as a layer: glyphs of fonts, an outline around them and a soft shadow behind them.
//!
//! Glyphs are filled with exact area coverage by ab_glyph. The outline is the set of pixels within a distance of the
//! glyphs, by the exact Euclidean distance transform of Felzenszwalb and Huttenlocher (2012) where the
//! coverage of an edge pixel gives its distance to the edge; the shadow is blurred three times with a box, which comes
//! close to a Gaussian (Wells 1986).

use std::iter::{repeat, repeat_n};

use ab_glyph::{Font as _, FontVec, PxScale, PxScaleFont, ScaleFont as _};
use multiversion::multiversion;

use crate::font::FontStack;
use crate::kernel::overlay::Layer;
use crate::kernel::shaping::shape;

/// How text looks. Lengths are in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    /// The font's em.
    pub(crate) size: f32,
    /// Alignment of the lines: 0 left, ½ centred, 1 right.
    pub(crate) align: f32,
    pub(crate) colour: [f32; 3],
    pub(crate) outline: f32,
    pub(crate) outline_colour: [f32; 3],
    /// Opacity of the shadow, 0 for none.
    pub(crate) shadow: f32,
    /// Opacity of everything.
    pub(crate) opacity: f32,
}

/// A glyph where it belongs.
struct PlacedGlyph {
    /// Place of its font in the stack.
    font: usize,
    glyph: ab_glyph::Glyph,
}

/// Text that has been laid out: glyphs and their positions.
pub(crate) struct Text {
    fonts: FontStack,
    glyphs: Vec<PlacedGlyph>,
    style: Style,
    /// Width and height of the lines, without outline and shadow.
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// Lays text out. Lines are as far apart as the first font says, and further where others need it.
pub(crate) fn lay_out(text: &str, fonts: &FontStack, style: Style) -> Text {
    let scaled: Vec<PxScaleFont<&FontVec>> =
        fonts.fonts().iter().map(|font| at_size(&font.outlines, style.size)).collect();
    let mut lines: Vec<(f32, Vec<PlacedGlyph>)> = Vec::new();
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        let (mut x, mut glyphs) = (0.0, Vec::new());
        for shaped in shape(&line, fonts) {
            let font = &scaled[shaped.font];
            let px = |units: f32| font.h_scale_factor() * units;
            let position = ab_glyph::point(x + px(shaped.offset.0 as f32), -px(shaped.offset.1 as f32));
            let glyph = shaped.id.with_scale_and_position(font.scale(), position);
            glyphs.push(PlacedGlyph { font: shaped.font, glyph });
            // in two steps, as the glyph and its kerning have always been rounded
            x += font.h_advance(shaped.id);
            x += px(shaped.advance as f32 - font.font.h_advance_unscaled(shaped.id));
        }
        lines.push((x, glyphs));
    }
    let used = |place: usize| lines.iter().flat_map(|line| &line.1).any(|glyph| glyph.font == place);
    let (mut ascent, mut height, mut gap) =
        scaled.first().map_or((0.0, 0.0, 0.0), |own| (own.ascent(), own.height(), own.line_gap()));
    for (_, font) in scaled.iter().enumerate().skip(1).filter(|(place, _)| used(*place)) {
        let above = (font.ascent() - ascent).max(0.0);
        let below = (font.height() - font.ascent() - (height - ascent)).max(0.0);
        (ascent, height, gap) = (ascent + above, height + above + below, gap.max(font.line_gap()));
    }
    let line_height = height + gap;
    let width = lines.iter().map(|line| line.0).fold(0.0, f32::max);
    let height = (lines.len() as f32 * line_height - gap).max(0.0);
    let mut placed = Vec::new();
    for (number, (length, glyphs)) in lines.into_iter().enumerate() {
        let (left, base) = (style.align * (width - length), ascent + number as f32 * line_height);
        placed.extend(glyphs.into_iter().map(|mut placed| {
            placed.glyph.position.x += left;
            placed.glyph.position.y += base;
            placed
        }));
    }
    Text { fonts: fonts.clone(), glyphs: placed, style, width, height }
}

/// A font with an em of so many pixels.
fn at_size(font: &FontVec, size: f32) -> PxScaleFont<&FontVec> {
    let em = font.units_per_em().unwrap_or(1000.0);
    font.as_scaled(PxScale::from(size * font.height_unscaled() / em))
}

/// Coverage of the pixels of a rectangle, 0 to 1.
#[derive(Clone)]
struct Mask {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

/// Offset of a shadow to the right and down, and the standard deviation of its blur, in ems.
const SHADOW_OFFSET: f32 = 0.06;
const SHADOW_BLUR: f32 = 0.05;

impl Text {
    /// Draws the text with its lines starting at `left`, `top` of a picture of this size. Returns the layer and its
    /// position; the layer is no larger than the picture, however large the text is.
    pub(crate) fn draw(&self, (left, top): (f32, f32), picture: (u32, u32)) -> (Layer, (i64, i64)) {
        let style = &self.style;
        let (offset, blur) = (style.size * SHADOW_OFFSET, style.size * SHADOW_BLUR);
        let shadow_extent = if style.shadow > 0.0 { offset + 3.0 * blur + 1.0 } else { 0.0 };
        // how far glyphs, outline and shadow may extend beyond the lines
        let overhang = (style.outline + shadow_extent + 0.5 * style.size + 2.0).ceil();
        let span = |start: f32, length: f32, extent: u32| {
            let low = (start - overhang).floor().clamp(0.0, extent as f32);
            let high = (start + length + overhang).ceil().clamp(0.0, extent as f32);
            (low as usize, (high - low) as usize)
        };
        let (x, width) = span(left, self.width, picture.0);
        let (y, height) = span(top, self.height, picture.1);
        // glyphs just outside may have an outline or a shadow inside
        let pad = (style.outline + shadow_extent).ceil() as usize;
        let mut glyphs = Mask::new(width + 2 * pad, height + 2 * pad);
        if width > 0 && height > 0 {
            let origin = (left - x as f32 + pad as f32, top - y as f32 + pad as f32);
            for PlacedGlyph { font, glyph } in &self.glyphs {
                glyphs.fill(&self.fonts.fonts()[*font].outlines, glyph, origin);
            }
        }
        let outlined = (style.outline > 0.0).then(|| glyphs.grown(style.outline));
        let shadow = (style.shadow > 0.0).then(|| outlined.as_ref().unwrap_or(&glyphs).blurred(blur));
        let mut pixels = Vec::with_capacity(width * height);
        let offset = offset.round() as usize;
        for row in 0..height {
            for column in 0..width {
                let at = (row + pad) * glyphs.width + column + pad;
                // pad is at least the offset where there is a shadow
                let dark =
                    shadow.as_ref().map_or(0.0, |s| s.values[at - offset * glyphs.width - offset]) * style.shadow;
                let mut pixel = [0.0, 0.0, 0.0, dark];
                if let Some(outlined) = &outlined {
                    pixel = over(pixel, style.outline_colour, outlined.values[at]);
                }
                pixel = over(pixel, style.colour, glyphs.values[at]);
                pixel[3] *= style.opacity;
                pixels.push(pixel);
            }
        }
        (Layer { width: width as u32, pixels }, (x as i64, y as i64))
    }
}

/// An opaque colour over a pixel, both straight.
fn over(below: [f32; 4], colour: [f32; 3], coverage: f32) -> [f32; 4] {
    let alpha = coverage + below[3] * (1.0 - coverage);
    if alpha <= 0.0 {
        return [0.0; 4];
    }
    let mixed = |c: usize| (colour[c] * coverage + below[c] * below[3] * (1.0 - coverage)) / alpha;
    [mixed(0), mixed(1), mixed(2), alpha]
}

impl Mask {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    fn fill(&mut self, font: &FontVec, glyph: &ab_glyph::Glyph, (left, top): (f32, f32)) {
        let mut glyph = glyph.clone();
        glyph.position.x += left;
        glyph.position.y += top;
        let Some(outline) = font.outline_glyph(glyph) else { return };
        let bounds = outline.px_bounds();
        let outside = bounds.max.x <= 0.0
            || bounds.max.y <= 0.0
            || bounds.min.x >= self.width as f32
            || bounds.min.y >= self.height as f32;
        if outside {
            return;
        }
        let (x0, y0) = (bounds.min.x as i64, bounds.min.y as i64);
        outline.draw(|x, y, coverage| {
            // anything less is a rounding error, which would get an outline
            if coverage < 1.0 / 512.0 {
                return;
            }
            let (x, y) = (x0 + i64::from(x), y0 + i64::from(y));
            if (0..self.width as i64).contains(&x) && (0..self.height as i64).contains(&y) {
                let value = &mut self.values[y as usize * self.width + x as usize];
                *value = (*value + coverage).clamp(0.0, 1.0);
            }
        });
    }

    /// Dilated by `radius` pixels, with antialiased edges.
    fn grown(&self, radius: f32) -> Self {
        /// Larger than any squared distance, and small enough to be added to.
        const FAR: f32 = 1e12;
        let seed = |coverage: f32| match coverage {
            c if c >= 0.5 => 0.0,
            c if c > 0.0 => (0.5 - c) * (0.5 - c),
            _ => FAR,
        };
        let mut squares: Vec<f32> = self.values.iter().map(|c| seed(*c)).collect();
        let mut parabolas = Parabolas::default();
        for row in squares.chunks_exact_mut(self.width.max(1)) {
            parabolas.transform(row);
        }
        let mut column = vec![0.0; self.height];
        for x in 0..self.width {
            for (y, v) in column.iter_mut().enumerate() {
                *v = squares[y * self.width + x];
            }
            parabolas.transform(&mut column);
            for (y, v) in column.iter().enumerate() {
                squares[y * self.width + x] = *v;
            }
        }
        let values = squares.iter().zip(&self.values).map(|(square, own)| {
            let covered = (radius + 0.5 - square.max(0.0).sqrt()).clamp(0.0, 1.0);
            covered.max(*own)
        });
        Self { values: values.collect(), ..*self }
    }

    /// Blurred by three boxes that together have the variance of a Gaussian of this σ; zero beyond the edges.
    fn blurred(&self, sigma: f32) -> Self {
        let radius = ((4.0 * sigma * sigma + 1.0).sqrt() - 1.0) * 0.5;
        let radius = radius.round().max(0.0) as usize;
        let mut mask = self.clone();
        let mut before = self.values.clone();
        for _ in 0..3 {
            before.copy_from_slice(&mask.values);
            let rows = mask.values.chunks_exact_mut(self.width.max(1)).zip(before.chunks_exact(self.width.max(1)));
            rows.for_each(|(row, before)| blur_along(row, before, radius));
            before.copy_from_slice(&mask.values);
            blur_down(&mut mask.values, &before, self.width, radius);
        }
        mask
    }
}

/// The mean of a running sum, which is in f64 so that adding and subtracting leaves no error.
#[inline(always)]
fn average(sum: f64, share: f32) -> f32 {
    (sum.max(0.0) as f32 * share).min(1.0)
}

/// Replaces each sample of a row by the mean of the `2 * radius + 1` samples around it.
fn blur_along(row: &mut [f32], before: &[f32], radius: usize) {
    let share = 1.0 / (2 * radius + 1) as f32;
    let mut sum: f64 = before.iter().take(radius).map(|v| f64::from(*v)).sum();
    let coming = before.iter().skip(radius).map(|v| f64::from(*v)).chain(repeat(0.0));
    let leaving = repeat_n(0.0, radius + 1).chain(before.iter().map(|v| f64::from(*v)));
    for ((to, coming), leaving) in row.iter_mut().zip(coming).zip(leaving) {
        sum = sum + coming - leaving;
        *to = average(sum, share);
    }
}

/// The same along the columns of rows of this width.
fn blur_down(values: &mut [f32], before: &[f32], width: usize, radius: usize) {
    let share = 1.0 / (2 * radius + 1) as f32;
    let (width, mut sums) = (width.max(1), vec![0.0; width]);
    let none = vec![0.0; width];
    let rows = || before.chunks_exact(width);
    rows().take(radius).for_each(|row| exchange(&mut sums, row, &none));
    let coming = rows().skip(radius).chain(repeat(&none[..]));
    let leaving = repeat_n(&none[..], radius + 1).chain(rows());
    for ((to, coming), leaving) in values.chunks_exact_mut(width).zip(coming).zip(leaving) {
        exchange(&mut sums, coming, leaving);
        averages(to, &sums, share);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn exchange(sums: &mut [f64], coming: &[f32], leaving: &[f32]) {
    for ((sum, coming), leaving) in sums.iter_mut().zip(coming).zip(leaving) {
        *sum = *sum + f64::from(*coming) - f64::from(*leaving);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn averages(to: &mut [f32], sums: &[f64], share: f32) {
    to.iter_mut().zip(sums).for_each(|(to, sum)| *to = average(*sum, share));
}

/// The lower envelope of parabolas, one per sample.
#[derive(Default)]
struct Parabolas {
    /// Vertices of the parabolas in the envelope, and where each starts to be the lowest.
    vertices: Vec<usize>,
    starts: Vec<f32>,
    heights: Vec<f32>,
}

impl Parabolas {
    /// Replaces each sample by the minimum over all samples of their value plus their squared distance.
    fn transform(&mut self, line: &mut [f32]) {
        self.heights.clear();
        self.heights.extend_from_slice(line);
        self.vertices.clear();
        self.starts.clear();
        for i in 0..line.len() {
            let mut start = f32::NEG_INFINITY;
            while let (Some(&vertex), Some(&begins)) = (self.vertices.last(), self.starts.last()) {
                let square = |p: usize| self.heights[p] + (p * p) as f32;
                let meets = (square(i) - square(vertex)) / (2 * (i - vertex)) as f32;
                if meets > begins {
                    start = meets;
                    break;
                }
                self.vertices.pop();
                self.starts.pop();
            }
            self.vertices.push(i);
            self.starts.push(start);
        }
        let mut current = 0;
        for (i, v) in line.iter_mut().enumerate() {
            while self.starts.get(current + 1).is_some_and(|start| *start < i as f32) {
                current += 1;
            }
            let distance = i.abs_diff(self.vertices[current]) as f32;
            *v = distance * distance + self.heights[self.vertices[current]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(size: f32) -> Style {
        Style { size, align: 0.0, colour: [1.0; 3], outline: 0.0, outline_colour: [0.0; 3], shadow: 0.0, opacity: 1.0 }
    }

    #[test]
    fn a_dot_grows_to_a_disc() {
        let mut mask = Mask::new(41, 41);
        mask.values[20 * 41 + 20] = 1.0;
        let grown = mask.grown(10.0);
        for y in 0..41_usize {
            for x in 0..41_usize {
                let distance = (x as f32 - 20.0).hypot(y as f32 - 20.0);
                let expected = (10.5 - distance).clamp(0.0, 1.0);
                assert!((grown.values[y * 41 + x] - expected).abs() < 1e-4, "{x} {y}");
            }
        }
        assert!(Mask::new(5, 5).grown(2.0).values.iter().all(|v| *v == 0.0));
    }

    #[test]
    fn blurring_keeps_the_sum_and_spreads_as_a_gaussian() {
        let mut mask = Mask::new(101, 101);
        mask.values[50 * 101 + 50] = 1.0;
        let blurred = mask.blurred(6.0);
        let sum: f32 = blurred.values.iter().sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");
        let variance: f32 = (0..101).map(|x| blurred.values[50 * 101 + x] * (x as f32 - 50.0).powi(2)).sum::<f32>()
            / (0..101).map(|x| blurred.values[50 * 101 + x]).sum::<f32>();
        assert!((variance.sqrt() - 6.0).abs() < 0.5, "{}", variance.sqrt());
    }

    #[test]
    fn an_em_is_as_large_as_asked_for() {
        // the bar of DejaVu Sans' H is 1493 of 2048 units high
        let text = lay_out("H", &FontStack::bundled(), style(100.0));
        let (layer, (_, top)) = text.draw((50.0, 50.0), (300, 300));
        let rows: Vec<usize> = (0..layer.pixels.len() / layer.width as usize)
            .filter(|y| layer.pixels[y * layer.width as usize..][..layer.width as usize].iter().any(|p| p[3] > 0.5))
            .collect();
        let high = rows.last().unwrap() - rows[0] + 1;
        assert!((high as f32 - 100.0 * 1493.0 / 2048.0).abs() <= 1.0, "{high}");
        assert!(rows[0] as i64 + top > 50);
    }

    #[test]
    fn an_outline_follows_the_letter_and_not_its_box() {
        let text = lay_out("O", &FontStack::bundled(), Style { outline: 4.0, ..style(100.0) });
        let (layer, _) = text.draw((60.0, 60.0), (300, 300));
        let width = layer.width as usize;
        let rows: Vec<&[[f32; 4]]> = layer.pixels.chunks(width).collect();
        let seen: Vec<usize> = (0..rows.len()).filter(|y| rows[*y].iter().any(|p| p[3] > 0.0)).collect();
        let middle = rows[(seen[0] + seen[seen.len() - 1]) / 2];
        let (first, last) = (middle.iter().position(|p| p[3] > 0.0), middle.iter().rposition(|p| p[3] > 0.0));
        let (first, last) = (first.unwrap(), last.unwrap());
        assert_eq!(middle[(first + last) / 2][3], 0.0, "the middle of O is empty");
        assert_eq!(rows[seen[4]][first + 4][3], 0.0, "so is the corner of its box");
        // black around white: outline, letter, outline
        assert!(middle[first + 2][0] < 0.1 && middle[first + 2][3] > 0.99 && middle[first + 9][0] > 0.9);
    }

    #[test]
    fn lines_are_aligned_and_kerned() {
        let two = lay_out("Wide line\ni", &FontStack::bundled(), Style { align: 1.0, ..style(40.0) });
        let one = lay_out("i", &FontStack::bundled(), style(40.0));
        assert!(two.height > 2.0 * one.height * 0.99 && two.width > one.width);
        let last = &two.glyphs.last().unwrap().glyph;
        assert!((last.position.x - (two.width - one.width)).abs() < 1e-3);
        let kerned = lay_out("AV", &FontStack::bundled(), style(100.0)).width;
        assert!(
            kerned
                < lay_out("A", &FontStack::bundled(), style(100.0)).width
                    + lay_out("V", &FontStack::bundled(), style(100.0)).width
                    - 1.0
        );
    }

    #[test]
    fn marks_lie_where_the_font_puts_them() {
        // 204.8 pixels are 2048 units: the offsets of `shaping`'s reference values in tenths
        let text = lay_out("q\u{323}\u{301}", &FontStack::bundled(), style(204.8));
        let at: Vec<_> = text.glyphs.iter().map(|placed| placed.glyph.position).collect();
        for (mark, offset) in [(1, (-14.0, -42.9)), (2, (-16.5, 0.0))] {
            let (x, y) = (at[0].x + 130.0 + offset.0, at[0].y - offset.1);
            assert!((at[mark].x - x).abs() < 0.01 && (at[mark].y - y).abs() < 0.01, "{at:?}");
        }
    }

    #[test]
    fn text_without_glyphs_or_larger_than_the_picture_is_harmless() {
        for text in ["", "\n\n", "\u{0}\u{7}", "日本\u{10FFFF}"] {
            let laid_out = lay_out(text, &FontStack::bundled(), Style { outline: 3.0, shadow: 0.5, ..style(20.0) });
            let (layer, _) = laid_out.draw((0.0, 0.0), (10, 10));
            assert!(layer.pixels.len() <= 100);
        }
        let huge = lay_out(&"W".repeat(500), &FontStack::bundled(), Style { outline: 30.0, ..style(300.0) });
        let (layer, origin) = huge.draw((-20_000.0, -50.0), (20, 10));
        assert_eq!((layer.width, layer.pixels.len(), origin), (20, 200, (0, 0)));
    }
}
