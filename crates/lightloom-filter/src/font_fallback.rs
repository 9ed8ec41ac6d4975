//! Font fallback: what the fonts of a filter's texts lack, and fonts that are added for it.
//!
//! Texts are known before the filter is compiled, and fonts are added then: the filter itself reads no file.

use std::collections::HashSet;
use std::sync::Arc;

use lightloom_param::{FileKind, FileValue, ParamKind, Value};
use unicode_properties::emoji::{EmojiStatus, UnicodeEmoji as _};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::Params;
use crate::asset::{Asset, asset};
use crate::font::{Font, FontStack};

/// Characters that a note names; of more it says how many.
const NAMED: usize = 8;

impl Params {
    /// Grapheme clusters of its texts that its fonts cannot draw, each once.
    pub fn lacking(&self) -> Vec<String> {
        let Some(fonts) = self.fonts() else { return Vec::new() };
        self.clusters().filter(|cluster| fonts.covering(cluster).is_none()).map(str::to_owned).collect()
    }

    /// Adds fonts for what its own lack. They do not belong to the recipe: it is saved without them.
    pub fn fall_back_on(&mut self, fonts: &[Arc<Font>]) {
        if let Some(own) = self.fonts()
            && let Some((_, file)) = self.files_mut().find(|(kind, _)| *kind == FileKind::Font)
        {
            file.set_loaded(Ok(Arc::new(Asset::Font(own.with(fonts)))));
        }
    }

    /// What should be known of its texts: what cannot be drawn, and what is drawn in another colour than its own.
    pub fn text_notes(&self) -> Vec<String> {
        let Some(fonts) = self.fonts() else { return Vec::new() };
        let (drawn, lacking): (Vec<&str>, Vec<&str>) = self.clusters().partition(|c| fonts.covering(c).is_some());
        let emoji: Vec<&str> = drawn.into_iter().filter(|cluster| is_emoji(cluster)).collect();
        let id = self.spec().id;
        let mut notes = Vec::new();
        if !lacking.is_empty() {
            let help = "an empty box stands for each; choose a font that has them";
            notes.push(format!("{id}: no font has {}: {help}", named(&lacking)));
        }
        if !emoji.is_empty() {
            notes.push(format!("{id}: emoji are drawn in the colour of the text: {}", named(&emoji)));
        }
        notes
    }

    /// The fonts of its texts; `None` for filters that draw none, and where the font could not be read.
    fn fonts(&self) -> Option<FontStack> {
        let file: &FileValue = self.iter().find_map(|(param, value)| match (param.kind, value) {
            (ParamKind::File { holds: FileKind::Font }, Value::File(file)) => Some(file),
            _ => None,
        })?;
        match asset(file).ok()?.as_deref() {
            Some(Asset::Font(fonts)) => Some(fonts.clone()),
            _ => Some(FontStack::bundled()),
        }
    }

    /// The grapheme clusters of its texts, each once. Tokens that are not filled in yet become digits, which every
    /// stack has.
    fn clusters(&self) -> impl Iterator<Item = &str> {
        let texts = self.iter().filter_map(|(_, value)| match value {
            Value::Text(text) => Some(&**text),
            _ => None,
        });
        let mut seen = HashSet::new();
        texts.flat_map(|text| text.graphemes(true)).filter(move |cluster| seen.insert(*cluster))
    }
}

/// Whether a cluster is an emoji that has colours of its own (Unicode Technical Standard 51, section 2).
fn is_emoji(cluster: &str) -> bool {
    use EmojiStatus::{
        EmojiPresentation, EmojiPresentationAndEmojiComponent, EmojiPresentationAndModifierAndEmojiComponent,
        EmojiPresentationAndModifierBase,
    };
    let has_colour = |c: char| {
        matches!(
            c.emoji_status(),
            EmojiPresentation
                | EmojiPresentationAndEmojiComponent
                | EmojiPresentationAndModifierAndEmojiComponent
                | EmojiPresentationAndModifierBase
        )
    };
    cluster.contains('\u{FE0F}') || (cluster.chars().any(has_colour) && !cluster.contains('\u{FE0E}'))
}

/// Clusters with their code points: `水 (U+6C34), 印 (U+5370)`.
fn named(clusters: &[&str]) -> String {
    let name = |cluster: &&str| {
        let points: Vec<String> = cluster.chars().map(|c| format!("U+{:04X}", c as u32)).collect();
        format!("{cluster} ({})", points.join(" "))
    };
    let names: Vec<String> = clusters.iter().take(NAMED).map(name).collect();
    match clusters.len().saturating_sub(NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find;

    fn watermark(text: &str) -> Params {
        let mut params = Params::defaults(find("text_watermark").unwrap());
        params.set_text("text", text).unwrap();
        params
    }

    #[test]
    fn what_no_font_has_is_named_once() {
        let params = watermark("© 水印 {name} 水\\n{width}");
        assert_eq!(params.lacking(), ["水", "印"]);
        let [note] = &params.text_notes()[..] else { panic!("{:?}", params.text_notes()) };
        assert!(note.starts_with("text_watermark: no font has 水 (U+6C34), 印 (U+5370): an empty box"), "{note}");
        assert_eq!(watermark("© Müller, שלום, سلام").text_notes(), Vec::<String>::new());
        assert_eq!(Params::defaults(find("exposure").unwrap()).text_notes(), Vec::<String>::new());
        let many = watermark("一二三四五六七八九十").text_notes();
        assert!(many[0].contains("八 (U+516B) and 2 more"), "{many:?}");
    }

    #[test]
    fn emoji_lose_their_colour_and_signs_do_not() {
        let emoji = |text: &str| watermark(text).text_notes().iter().any(|note| note.contains("emoji"));
        assert!(emoji("😀") && emoji("☺\u{FE0F}"));
        assert!(!emoji("☺") && !emoji("© 1 ♥") && !emoji("😀\u{FE0E}"));
    }

    #[test]
    fn fonts_that_are_added_fill_the_gaps() {
        let latin = Arc::new(Font::from_bytes(crate::testing::LATIN_FONT.to_vec()).unwrap());
        let mut params = watermark("水");
        params.fall_back_on(&[latin]);
        assert_eq!((params.fonts().unwrap().fonts().len(), params.lacking().len()), (2, 1));
        assert_eq!(params, watermark("水"), "a recipe does not hold them");
    }
}
