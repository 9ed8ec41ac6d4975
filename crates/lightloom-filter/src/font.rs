//! Fonts: outlines and layout tables of a font file, and stacks of fonts in which each falls back on the next.

use std::sync::{Arc, OnceLock};

use ab_glyph::{Font as _, FontRef, FontVec, GlyphId, VariableFont as _};
use harfrust::{GlyphBuffer, ShapeOptions, Shaper, ShaperData, ShaperInstance, Tag, UnicodeBuffer, Variation};

/// DejaVu Sans 2.37; its licence is in the same folder.
const BUNDLED: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.ttf");

/// A font that has been read.
pub struct Font {
    pub(crate) outlines: FontVec,
    /// Its place in a collection.
    index: u32,
    layout: ShaperData,
    /// Where a variable font is set to another weight than its own default.
    instance: Option<ShaperInstance>,
}

impl Font {
    /// Reads a TrueType or OpenType font, or the first one of a collection.
    ///
    /// # Errors
    /// If it is not one.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, String> {
        Self::of_collection(bytes, 0)
    }

    /// Reads the font at `index` of a collection.
    ///
    /// # Errors
    /// If there is none.
    fn of_collection(bytes: Vec<u8>, index: u32) -> Result<Self, String> {
        let unreadable = || "it is no TrueType or OpenType font".to_owned();
        let outlines = FontVec::try_from_vec_and_index(bytes, index).map_err(|_| unreadable())?;
        let font = harfrust::FontRef::from_index(outlines.as_slice(), index).map_err(|_| unreadable())?;
        let layout = ShaperData::new(&font);
        Ok(Self { outlines, index, layout, instance: None })
    }

    /// Reads the font at `index` of a collection, at regular weight where that can be chosen.
    ///
    /// # Errors
    /// If there is none.
    pub fn regular(bytes: Vec<u8>, index: u32) -> Result<Self, String> {
        const REGULAR: f32 = 400.0;
        let mut font = Self::of_collection(bytes, index)?;
        if font.outlines.set_variation(b"wght", REGULAR)
            && let Ok(tables) = harfrust::FontRef::from_index(font.outlines.as_slice(), index)
        {
            let weight = Variation { tag: Tag::new(b"wght"), value: REGULAR };
            font.instance = Some(ShaperInstance::from_variations(&tables, [weight]));
        }
        Ok(font)
    }

    /// Whether the font at `index` of a collection maps every visible character of `cluster` to a glyph. Reads its
    /// character map alone, so it is quick, but says nothing of outlines.
    pub fn maps(bytes: &[u8], index: u32, cluster: &str) -> bool {
        FontRef::try_from_slice_and_index(bytes, index)
            .is_ok_and(|font| cluster.chars().filter(|c| is_visible(*c)).all(|c| font.glyph_id(c).0 != 0))
    }

    /// Whether it can draw a grapheme cluster.
    pub fn covers(&self, cluster: &str) -> bool {
        let is_drawn = |id: GlyphId| id.0 != 0 && self.outlines.outline(id).is_some();
        let mut visible = cluster.chars().filter(|c| is_visible(*c));
        visible.all(|c| is_drawn(self.outlines.glyph_id(c))) || self.composes(cluster)
    }

    /// Whether shaping finds glyphs for a cluster that has characters without one, by composing or decomposing it.
    fn composes(&self, cluster: &str) -> bool {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(cluster);
        buffer.guess_segment_properties();
        let Some(glyphs) = self.shape(buffer, ShapeOptions::new()) else { return false };
        let ids = || glyphs.glyph_infos().iter().map(|glyph| GlyphId(glyph.glyph_id as u16));
        ids().all(|id| id.0 != 0) && ids().any(|id| self.outlines.outline(id).is_some())
    }

    /// Shapes text of one script and direction; `None` if the font cannot be read.
    pub(crate) fn shape(&self, text: UnicodeBuffer, options: ShapeOptions<'_>) -> Option<GlyphBuffer> {
        let tables = harfrust::FontRef::from_index(self.outlines.as_slice(), self.index).ok()?;
        let shaper: Shaper<'_> = self.layout.shaper(&tables).instance(self.instance.as_ref()).build();
        Some(shaper.shape(text, options))
    }
}

impl std::fmt::Debug for Font {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Font")
    }
}

/// A font, and those to fall back on for what it lacks, in this order; the bundled one is among them.
#[derive(Debug, Clone)]
pub struct FontStack(Vec<Arc<Font>>);

impl FontStack {
    /// DejaVu Sans alone.
    #[allow(clippy::expect_used, reason = "the font is part of the program")]
    pub(crate) fn bundled() -> Self {
        static FONT: OnceLock<Arc<Font>> = OnceLock::new();
        let font = FONT.get_or_init(|| Arc::new(Font::from_bytes(BUNDLED.to_vec()).expect("DejaVu Sans is a font")));
        Self(vec![Arc::clone(font)])
    }

    /// The same, with more fonts to fall back on.
    pub(crate) fn with(&self, more: &[Arc<Font>]) -> Self {
        Self(self.0.iter().chain(more).cloned().collect())
    }

    pub(crate) fn fonts(&self) -> &[Arc<Font>] {
        &self.0
    }

    /// Place of the first font that can draw a grapheme cluster.
    pub(crate) fn covering(&self, cluster: &str) -> Option<usize> {
        self.0.iter().position(|font| font.covers(cluster))
    }
}

impl From<Font> for FontStack {
    fn from(font: Font) -> Self {
        Self(vec![Arc::new(font)]).with(&Self::bundled().0)
    }
}

/// Whether a character leaves ink: it is no space, no control character and has not the property
/// Default_Ignorable_Code_Point (DerivedCoreProperties.txt of Unicode 17).
fn is_visible(c: char) -> bool {
    let is_ignorable = matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    );
    // the empty cell of Braille is a symbol, not a space
    !(is_ignorable || c.is_whitespace() || c.is_control() || c == '\u{2800}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_font_covers_what_it_draws() {
        let stack = FontStack::bundled();
        let font = &stack.fonts()[0];
        for cluster in ["A", " ", "\u{200F}", "\u{A0}", "é", "e\u{301}", "ش", "ا\u{64E}", "ש", "☺\u{FE0F}", ""] {
            assert!(font.covers(cluster), "{}", cluster.escape_unicode());
        }
        for cluster in ["水", "น\u{E49}\u{E33}", "अ", "\u{10FFFF}", "A\u{E49}"] {
            assert!(!font.covers(cluster), "{}", cluster.escape_unicode());
        }
        assert!(Font::maps(BUNDLED, 0, "Aش ") && !Font::maps(BUNDLED, 0, "A水") && !Font::maps(b"no font", 0, "A"));
    }

    #[test]
    fn the_first_font_with_a_cluster_has_it() {
        let latin = Font::from_bytes(crate::testing::LATIN_FONT.to_vec()).unwrap();
        assert!(latin.covers("A") && !latin.covers("ש"));
        let stack = FontStack::from(latin);
        assert_eq!(["A", "ש", "水"].map(|cluster| stack.covering(cluster)), [Some(0), Some(1), None]);
    }

    #[test]
    fn what_is_no_font_is_refused() {
        for bytes in [&b""[..], b"OTTO", &BUNDLED[..5000]] {
            assert!(Font::from_bytes(bytes.to_vec()).is_err());
        }
        assert!(Font::regular(BUNDLED.to_vec(), 1).is_err() && Font::regular(BUNDLED.to_vec(), 0).is_ok());
    }
}
