//! Text as a layer: glyphs of fonts, an outline around them and a soft shadow behind them.
//!
//! Masks say how much of each pixel is covered (see `mask`). They hold what the text fills with its outline and its
//! shadow, however large the picture is.

use ab_glyph::{Font as _, FontVec, PxScale, PxScaleFont, ScaleFont as _};

use crate::font::FontStack;
use crate::kernel::mask::Mask;
use crate::kernel::overlay::Layer;
use crate::kernel::shaping::shape;
use crate::{Stopped, Work};

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

/// Offset of a shadow to the right and down, and the standard deviation of its blur, in ems.
const SHADOW_OFFSET: f32 = 0.06;
const SHADOW_BLUR: f32 = 0.05;

/// Rows of a layer per piece of work.
const BAND: usize = 32;

impl Text {
    /// Draws the text with its lines starting at `left`, `top` of a picture of this size. Returns the layer and its
    /// position; the layer holds the text, its outline and its shadow as far as they are within the picture.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn draw(
        &self,
        (left, top): (f32, f32),
        picture: (u32, u32),
        work: &Work<'_>,
    ) -> Result<(Layer, (i64, i64)), Stopped> {
        let style = &self.style;
        let (offset, blur) = (style.size * SHADOW_OFFSET, style.size * SHADOW_BLUR);
        // how far outline and shadow may extend beyond the glyphs, before and after them
        let (before, after) = match style.shadow > 0.0 {
            true => ((3.0 * blur - offset).max(0.0) + 2.0, offset + 3.0 * blur + 2.0),
            false => (1.0, 1.0),
        };
        let (before, after) = (style.outline + before, style.outline + after);
        let (first, last) = self.bounds().unwrap_or_default();
        let span = |start: f32, end: f32, extent: u32| {
            let low = (start - before).floor().clamp(0.0, extent as f32);
            let high = (end + after).ceil().clamp(0.0, extent as f32);
            (low as usize, (high - low) as usize)
        };
        let (x, width) = span(left + first.0, left + last.0, picture.0);
        let (y, height) = span(top + first.1, top + last.1, picture.1);
        if width == 0 || height == 0 || first == last {
            return Ok((Layer { width: 0, pixels: Vec::new() }, (0, 0)));
        }
        // glyphs just outside may have an outline or a shadow inside
        let pad = after.max(before).ceil() as usize;
        let mut glyphs = Mask::new(width + 2 * pad, height + 2 * pad);
        let origin = (left - x as f32 + pad as f32, top - y as f32 + pad as f32);
        for PlacedGlyph { font, glyph } in &self.glyphs {
            glyphs.fill(&self.fonts.fonts()[*font].outlines, glyph, origin);
        }
        let outlined = (style.outline > 0.0).then(|| glyphs.grown(style.outline));
        let shadow = match style.shadow > 0.0 {
            true => Some(outlined.as_ref().unwrap_or(&glyphs).blurred(blur, work)?),
            false => None,
        };
        let offset = offset.round() as usize;
        let mut pixels = vec![[0.0; 4]; width * height];
        work.fill(&mut pixels, width * BAND, |band, pixels| {
            for (row, pixels) in (band * BAND..).zip(pixels.chunks_exact_mut(width)) {
                for (column, to) in pixels.iter_mut().enumerate() {
                    let at = (row + pad) * glyphs.width + column + pad;
                    // pad is at least the offset where there is a shadow
                    let dark = shadow.as_ref().map_or(0.0, |s| s.values[at - offset * glyphs.width - offset]);
                    let mut pixel = [0.0, 0.0, 0.0, dark * style.shadow];
                    if let Some(outlined) = &outlined {
                        pixel = over(pixel, style.outline_colour, outlined.values[at]);
                    }
                    pixel = over(pixel, style.colour, glyphs.values[at]);
                    pixel[3] *= style.opacity;
                    *to = pixel;
                }
            }
        })?;
        Ok((Layer { width: width as u32, pixels }, (x as i64, y as i64)))
    }

    /// The corners of the rectangle that the glyphs fill, from the upper left of the lines; `None` without glyphs.
    fn bounds(&self) -> Option<((f32, f32), (f32, f32))> {
        let outlines = self
            .glyphs
            .iter()
            .filter_map(|PlacedGlyph { font, glyph }| self.fonts.fonts()[*font].outlines.outline_glyph(glyph.clone()));
        outlines.map(|outline| outline.px_bounds()).fold(None, |all, own| {
            let (first, last) = all.unwrap_or(((f32::INFINITY, f32::INFINITY), (f32::NEG_INFINITY, f32::NEG_INFINITY)));
            Some(((own.min.x.min(first.0), own.min.y.min(first.1)), (own.max.x.max(last.0), own.max.y.max(last.1))))
        })
    }
}

/// An opaque colour over a pixel, both straight.
fn over(below: [f32; 4], colour: [f32; 3], coverage: f32) -> [f32; 4] {
    if coverage <= 0.0 {
        return below;
    }
    let alpha = coverage + below[3] * (1.0 - coverage);
    if alpha <= 0.0 {
        return [0.0; 4];
    }
    let mixed = |c: usize| (colour[c] * coverage + below[c] * below[3] * (1.0 - coverage)) / alpha;
    [mixed(0), mixed(1), mixed(2), alpha]
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Buffers;

    fn drawn(text: &Text, place: (f32, f32), picture: (u32, u32)) -> (Layer, (i64, i64)) {
        let work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        text.draw(place, picture, &work).unwrap()
    }

    fn style(size: f32) -> Style {
        Style { size, align: 0.0, colour: [1.0; 3], outline: 0.0, outline_colour: [0.0; 3], shadow: 0.0, opacity: 1.0 }
    }

    #[test]
    fn an_em_is_as_large_as_asked_for() {
        // the bar of DejaVu Sans' H is 1493 of 2048 units high
        let text = lay_out("H", &FontStack::bundled(), style(100.0));
        let (layer, (_, top)) = drawn(&text, (50.0, 50.0), (300, 300));
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
        let (layer, _) = drawn(&text, (60.0, 60.0), (300, 300));
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
    fn a_layer_is_as_large_as_what_is_seen() {
        // a dot of a large font, of which the em is far wider and higher
        for (outline, shadow) in [(0.0, 0.0), (5.0, 0.0), (0.0, 0.9), (5.0, 0.9)] {
            let text = lay_out(".", &FontStack::bundled(), Style { outline, shadow, ..style(200.0) });
            let (layer, (x, y)) = drawn(&text, (300.0, 300.0), (1000, 1000));
            let (width, height) = (layer.width as usize, layer.pixels.len() / layer.width as usize);
            let seen = |column: usize, row: usize| layer.pixels[row * width + column][3] > 1e-6;
            assert!(width < 120 && height < 120, "{width} × {height}");
            // nothing is cut off
            let rim = (0..width).flat_map(|x| [(x, 0), (x, height - 1)]);
            let rim = rim.chain((0..height).flat_map(|y| [(0, y), (width - 1, y)]));
            assert!(rim.clone().all(|(x, y)| !seen(x, y)), "outline {outline}, shadow {shadow}");
            assert!(layer.pixels.iter().any(|pixel| pixel[3] > 0.99));
            assert!(x > 270 && y > 400, "{x}, {y}");
        }
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
            let (layer, _) = drawn(&laid_out, (0.0, 0.0), (10, 10));
            assert!(layer.pixels.len() <= 100);
        }
        let huge = lay_out(&"W".repeat(500), &FontStack::bundled(), Style { outline: 30.0, ..style(300.0) });
        let (layer, origin) = drawn(&huge, (-20_000.0, -50.0), (20, 10));
        assert_eq!((layer.width, layer.pixels.len(), origin), (20, 200, (0, 0)));
    }
}
