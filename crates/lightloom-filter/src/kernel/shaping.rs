//! Shaping: the glyphs of a line of text, from left to right.
//!
//! The bidirectional algorithm (Unicode Standard Annex 9) orders the line; its direction is that of its first strong
//! character. Each grapheme cluster is drawn with the first font that has it. Neighbours of one direction, script and
//! font are shaped together by HarfRust, a port of HarfBuzz, which joins Arabic, orders the vowels of Indic scripts,
//! places combining marks and kerns.

use std::ops::Range;

use ab_glyph::GlyphId;
use harfrust::{BufferFlags, Direction, Feature, Script, ShapeOptions, Tag, UnicodeBuffer};
use unicode_bidi::ParagraphBidiInfo;
use unicode_script::UnicodeScript as _;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::font::FontStack;

/// A glyph of a line. Lengths are in units of its font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShapedGlyph {
    /// Place of its font in the stack.
    pub(crate) font: usize,
    pub(crate) id: GlyphId,
    /// To the next glyph.
    pub(crate) advance: i32,
    /// To the right and upwards.
    pub(crate) offset: (i32, i32),
}

/// Shapes a line without control characters.
pub(crate) fn shape(line: &str, fonts: &FontStack) -> Vec<ShapedGlyph> {
    if line.is_empty() {
        return Vec::new();
    }
    let bidi = ParagraphBidiInfo::new(line, None);
    let (levels, runs) = bidi.visual_runs(0..line.len());
    let mut glyphs = Vec::new();
    for run in runs {
        let is_rtl = levels[run.start].is_rtl();
        let mut items = items(line, run, fonts);
        if is_rtl {
            items.reverse();
        }
        for item in items {
            item.shape(line, is_rtl, fonts, &mut glyphs);
        }
    }
    glyphs
}

/// A part of a line that is shaped at once.
struct Item {
    bytes: Range<usize>,
    script: unicode_script::Script,
    /// Place in the stack.
    font: usize,
}

/// Divides a part of one direction by script and font.
fn items(line: &str, run: Range<usize>, fonts: &FontStack) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for (at, cluster) in line[run.clone()].grapheme_indices(true) {
        let bytes = run.start + at..run.start + at + cluster.len();
        // what no font has is shown as the empty box of the first
        let font = fonts.covering(cluster).unwrap_or(0);
        let script = cluster.chars().map(|c| c.script()).find(is_specific);
        match items.last_mut() {
            Some(last)
                if last.font == font && (script.is_none_or(|s| s == last.script) || !is_specific(&last.script)) =>
            {
                last.bytes.end = bytes.end;
                last.script = script.unwrap_or(last.script);
            }
            // digits and signs belong to the script before them
            last => {
                let before = last.map_or(unicode_script::Script::Common, |last| last.script);
                items.push(Item { bytes, script: script.unwrap_or(before), font });
            }
        }
    }
    items
}

/// Whether a script is none that characters of several scripts share.
fn is_specific(script: &unicode_script::Script) -> bool {
    use unicode_script::Script::{Common, Inherited, Unknown};
    !matches!(script, Common | Inherited | Unknown)
}

/// Without the ligatures that are a matter of taste: an `fi` has two letters, as it always had in this program.
const SEPARATE: [(&[u8; 4], u32); 2] = [(b"liga", 0), (b"clig", 0)];

impl Item {
    fn shape(&self, line: &str, is_rtl: bool, fonts: &FontStack, glyphs: &mut Vec<ShapedGlyph>) {
        use unicode_script::Script::{Cyrillic, Greek, Latin};
        let Range { start, end } = self.bytes;
        // text without letters is set as if it had Latin ones
        let script = if is_specific(&self.script) { self.script } else { Latin };
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&line[start..end]);
        buffer.set_pre_context(&line[..start]);
        buffer.set_post_context(&line[end..]);
        buffer.set_direction(if is_rtl { Direction::RightToLeft } else { Direction::LeftToRight });
        if let Some(script) = Script::from_iso15924_tag(Tag::from_be_bytes(script.as_iso15924_tag().to_be_bytes())) {
            buffer.set_script(script);
        }
        let mut flags = BufferFlags::empty();
        flags.set(BufferFlags::BEGINNING_OF_TEXT, start == 0);
        flags.set(BufferFlags::END_OF_TEXT, end == line.len());
        buffer.set_flags(flags);
        let separate = SEPARATE.map(|(tag, value)| Feature::new(Tag::new(tag), value, ..));
        let features = if matches!(script, Latin | Greek | Cyrillic) { &separate[..] } else { &[] };
        let shaped =
            fonts.fonts().get(self.font).and_then(|font| font.shape(buffer, ShapeOptions::new().features(features)));
        let Some(shaped) = shaped else { return };
        glyphs.extend(shaped.glyph_infos().iter().zip(shaped.glyph_positions()).map(|(glyph, position)| ShapedGlyph {
            font: self.font,
            id: GlyphId(glyph.glyph_id as u16),
            advance: position.x_advance,
            offset: (position.x_offset, position.y_offset),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::Font;
    use ab_glyph::{Font as _, ScaleFont as _};

    /// Id, advance and offset.
    type Placed = (u16, i32, (i32, i32));

    /// Glyphs as HarfBuzz 15.0.0 (uharfbuzz 0.57) gives them for the bundled font: id, advance, offset; without the
    /// features `liga` and `clig` for Latin.
    const BY_HARFBUZZ: &[(&str, &[Placed])] = &[
        // joined, with the ligature of lam and alef
        ("سلام", &[(1390, 1268, (0, 0)), (5366, 1222, (0, 0)), (5293, 1716, (0, 0))]),
        ("لا", &[(5365, 1168, (0, 0))]),
        ("שלום", &[(1332, 1359, (0, 0)), (1324, 558, (0, 0)), (1331, 1164, (0, 0)), (1344, 1451, (0, 0))]),
        // marks on their letters
        (
            "مُحَمَّد",
            &[
                (5284, 1075, (0, 0)),
                (6020, 0, (38, -350)),
                (5342, 1184, (0, 0)),
                (1399, 0, (88, -200)),
                (5278, 1322, (0, 0)),
                (1400, 0, (38, -350)),
                (5341, 1097, (0, 0)),
            ],
        ),
        ("e\u{301}x", &[(171, 1224, (0, 0)), (91, 1212, (0, 0))]),
        ("q\u{323}\u{301}", &[(84, 1300, (0, 0)), (724, 0, (-140, -429)), (690, 0, (-165, 0))]),
        ("AVATo", &[(36, 1270, (0, 0)), (57, 1270, (0, 0)), (36, 1242, (0, 0)), (55, 903, (0, 0)), (82, 1253, (0, 0))]),
        ("fi", &[(73, 721, (0, 0)), (76, 569, (0, 0))]),
    ];

    fn bundled() -> FontStack {
        FontStack::bundled()
    }

    #[test]
    fn glyphs_are_those_of_harfbuzz() {
        for (text, expected) in BY_HARFBUZZ {
            let shaped: Vec<_> = shape(text, &bundled()).iter().map(|g| (g.id.0, g.advance, g.offset)).collect();
            assert_eq!(shaped, *expected, "{text}");
        }
    }

    #[test]
    fn lines_of_two_directions_are_in_the_order_of_the_bidirectional_algorithm() {
        // visual order by python-bidi 0.6.12
        for (text, seen) in [
            ("abc שלום 12", "abc 12 םולש"),
            ("שלום (abc) 3.5", "3.5 (abc) םולש"),
            ("© 2026 דנה כהן", "ןהכ הנד 2026 ©"),
            ("א1ב", "ב1א"),
            ("(שלום)", "(םולש)"),
            ("abc-שלום!", "abc-םולש!"),
        ] {
            let stack = bundled();
            let font = &stack.fonts()[0].outlines;
            let expected: Vec<GlyphId> = seen.chars().map(|c| font.glyph_id(c)).collect();
            let shaped: Vec<GlyphId> = shape(text, &stack).iter().map(|g| g.id).collect();
            assert_eq!(shaped, expected, "{text}");
        }
    }

    /// The advances are those of the `hmtx` and `kern` tables, which earlier versions laid Latin text out by.
    #[test]
    fn latin_text_keeps_its_place() {
        let stack = bundled();
        let font = stack.fonts()[0].outlines.as_scaled(stack.fonts()[0].outlines.height_unscaled());
        let letters: Vec<char> = (' '..='~').chain("©«»ÁÄØßàéíñõüýžŁőŽ–—‘’“”…€×".chars()).collect();
        for (a, b) in letters.iter().flat_map(|a| letters.iter().map(move |b| (*a, *b))) {
            let [first, second] = shape(&format!("{a}{b}"), &stack)[..] else { panic!("{a}{b}") };
            let (left, right) = (font.glyph_id(a), font.glyph_id(b));
            assert_eq!((first.id, second.id), (left, right), "{a}{b}");
            let kerned = font.h_advance(left) + font.kern(left, right);
            assert_eq!((first.advance as f32, second.advance as f32), (kerned, font.h_advance(right)), "{a}{b}");
            assert_eq!((first.offset, second.offset), ((0, 0), (0, 0)), "{a}{b}");
        }
    }

    #[test]
    fn each_cluster_has_the_first_font_that_has_it() {
        let latin = Font::from_bytes(crate::testing::LATIN_FONT.to_vec()).unwrap();
        let stack = FontStack::from(latin);
        let fonts: Vec<usize> = shape("ab ש水q\u{301}", &stack).iter().map(|glyph| glyph.font).collect();
        assert_eq!(
            fonts,
            [0, 0, 0, 1, 0, 1, 1],
            "the mark takes its letter along; what none has is the first one's box"
        );
        let hebrew = |stack: &FontStack| shape("שלום", stack).iter().map(|g| (g.id, g.advance)).collect::<Vec<_>>();
        assert_eq!(hebrew(&stack), hebrew(&bundled()));
    }
}
