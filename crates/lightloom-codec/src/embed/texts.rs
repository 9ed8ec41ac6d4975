//! Where texts with keywords go in formats that have no place of their own for them.
//!
//! PNG's keywords for title, author and the like are properties of XMP. Image generators look for their settings in Exif
//! tags of their own choice: "parameters" in the user comment, "workflow" and "prompt" as maker and model.

use super::{Holds, Texts};
use lightloom_picture::exif::{Exif, Section};
use lightloom_picture::xmp::{Form, Property, XmpEdit, schema};
use lightloom_picture::{Metadata, TextEntry};

/// Keywords of PNG (third edition, 11.3.3.1) and the properties that say the same.
const PROPERTIES: &[(&str, &str, &str, &str, Form)] = &[
    ("Title", schema::DC, "dc", "title", Form::LanguageAlternative),
    ("Author", schema::DC, "dc", "creator", Form::Sequence),
    ("Description", schema::DC, "dc", "description", Form::LanguageAlternative),
    ("Copyright", schema::DC, "dc", "rights", Form::LanguageAlternative),
    ("Software", schema::XMP, "xmp", "CreatorTool", Form::Simple),
    ("Source", schema::DC, "dc", "source", Form::Simple),
];

const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;

/// Moves texts to where the format holds them. Returns the keywords of those that have no place.
pub(super) fn place(metadata: &mut Metadata, holds: Holds) -> Vec<String> {
    if holds.texts == Texts::Keyed || metadata.texts.is_empty() {
        return Vec::new();
    }
    let mut left = std::mem::take(&mut metadata.texts);
    if holds.xmp {
        left = into_xmp(metadata, left);
    }
    if holds.exif > 0 {
        left = into_exif(metadata, left, holds.texts);
    }
    let (comments, without): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|entry| holds.texts == Texts::Comments && !entry.keyword.starts_with("Raw profile"));
    metadata.texts = comments.into_iter().map(as_comment).collect();
    without.into_iter().map(|entry| entry.keyword).collect()
}

fn as_comment(entry: TextEntry) -> TextEntry {
    if entry.is_comment() {
        return entry;
    }
    TextEntry::new(TextEntry::COMMENT, format!("{}: {}", entry.keyword, entry.text))
}

/// Offers texts as properties; returns those that are none, and those whose property is there with another value.
fn into_xmp(metadata: &mut Metadata, texts: Vec<TextEntry>) -> Vec<TextEntry> {
    let mut left = Vec::new();
    let mut offered = Vec::new();
    for entry in texts {
        let is_new = |property: &&(&str, _, _, _, _)| {
            property.0.eq_ignore_ascii_case(&entry.keyword) && !offered.contains(&property.0)
        };
        let property = PROPERTIES.iter().find(is_new);
        let Some(&(_, schema, prefix, name, form)) = property else {
            left.push(entry);
            continue;
        };
        offered.push(property.map_or("", |property| property.0));
        let offer = vec![Property { schema, prefix, name, form, values: vec![entry.text.clone()] }];
        let edited = XmpEdit { offer, ..XmpEdit::default() }.apply(metadata.xmp.as_deref());
        let holds = |packet: &[u8]| lightloom_picture::xmp::mentions(packet, &entry.text);
        match edited {
            Some(packet) if holds(&packet) => metadata.xmp = Some(packet),
            _ => left.push(entry),
        }
    }
    left
}

/// Puts the settings of image generators and comments into free tags; returns the texts that have no place.
fn into_exif(metadata: &mut Metadata, texts: Vec<TextEntry>, kind: Texts) -> Vec<TextEntry> {
    let Some(mut exif) = metadata.exif.as_deref().map_or_else(|| Some(Exif::default()), Exif::parse) else {
        return texts;
    };
    let empty = |section, tag| exif.text(section, tag).is_none_or(|text| text.trim().is_empty());
    let camera_is_free = kind == Texts::No && empty(Section::Picture, MAKE) && empty(Section::Picture, MODEL);
    let mut changed = false;
    let mut left = Vec::new();
    for entry in texts {
        let TextEntry { keyword, text, .. } = &entry;
        let placed = match keyword.as_str() {
            "parameters" => exif.offer_user_comment(text),
            _ if kind == Texts::No && entry.is_comment() => exif.offer_user_comment(text),
            "workflow" if camera_is_free => {
                exif.set_text(Section::Picture, MAKE, &format!("workflow:{text}"));
                true
            }
            "prompt" if camera_is_free => {
                exif.set_text(Section::Picture, MODEL, &format!("prompt:{text}"));
                true
            }
            _ => false,
        };
        changed |= placed;
        if !placed {
            left.push(entry);
        }
    }
    if changed {
        metadata.exif = Some(exif.to_block());
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Metadata {
        let texts = ["Title", "Comment", "parameters", "prompt", "workflow", "Odd"];
        Metadata {
            texts: texts.iter().map(|k| TextEntry::new(*k, format!("the {k} & more"))).collect(),
            ..Metadata::default()
        }
    }

    fn exif(metadata: &Metadata) -> Exif {
        Exif::parse(metadata.exif.as_deref().unwrap()).unwrap()
    }

    #[test]
    fn texts_go_where_their_programs_look_for_them() {
        let mut metadata = texts();
        assert_eq!(place(&mut metadata, Holds::USUAL), ["parameters", "Odd"], "the comment came first");
        let mut metadata = texts();
        metadata.texts.remove(1);
        assert_eq!(place(&mut metadata, Holds::USUAL), ["Odd"]);
        let found = exif(&metadata);
        assert_eq!(found.text(Section::Picture, MAKE).as_deref(), Some("workflow:the workflow & more"));
        assert_eq!(found.text(Section::Picture, MODEL).as_deref(), Some("prompt:the prompt & more"));
        assert!(metadata.exif.unwrap().windows(24).any(|w| w == b"ASCII\0\0\0the parameters &"));
        assert!(String::from_utf8(metadata.xmp.unwrap()).unwrap().contains("the Title &amp; more"));
    }

    #[test]
    fn formats_with_comments_take_the_rest() {
        let mut metadata = texts();
        let holds = Holds { texts: Texts::Comments, ..Holds::USUAL };
        assert_eq!(place(&mut metadata, holds), Vec::<String>::new());
        let comments: Vec<&str> = metadata.texts.iter().map(|entry| entry.text.as_str()).collect();
        let expected =
            ["the Comment & more", "prompt: the prompt & more", "workflow: the workflow & more", "Odd: the Odd & more"];
        assert_eq!(comments, expected);
    }

    #[test]
    fn nothing_that_is_there_is_overwritten() {
        let mut metadata = texts();
        let mut camera = Exif::default();
        camera.set_text(Section::Picture, MAKE, "Loom");
        metadata.exif = Some(camera.to_block());
        let title = [Property {
            schema: schema::DC,
            prefix: "dc",
            name: "title",
            form: Form::LanguageAlternative,
            values: vec!["another".to_owned()],
        }];
        metadata.xmp = XmpEdit { offer: title.to_vec(), ..XmpEdit::default() }.apply(None);
        let lost = place(&mut metadata, Holds::USUAL);
        assert_eq!(lost, ["Title", "parameters", "prompt", "workflow", "Odd"]);
        assert_eq!(exif(&metadata).text(Section::Picture, MAKE).as_deref(), Some("Loom"));
    }
}
