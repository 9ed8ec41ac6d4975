//! From tags to pictures.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use super::{Found, Kind, looks_like_picture, srcset, style};
use crate::Address;

/// What holds a text that browsers without scripts read as HTML may do so again.
const DEEPEST: usize = 4;
/// Attributes of lazy loading with a set of sizes, and with one address, the best first.
const LAZY_SETS: &[&str] = &["data-srcset", "data-lazy-srcset", "data-original-set"];
const LAZY: &[&str] = &[
    "data-full-src",
    "data-full",
    "data-large_image",
    "data-large-file",
    "data-orig-file",
    "data-highres",
    "data-zoom-image",
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-lazy",
    "data-url",
    "data-image",
    "data-hi-res-src",
];
/// The same for backgrounds.
const LAZY_BACKGROUNDS: &[&str] = &["data-bg", "data-background", "data-background-image", "data-bgset"];
/// Names of `meta` that offer a picture to those who link to the page.
const PREVIEWS: &[&str] =
    &["og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "thumbnail", "image"];
/// A title is no longer.
const LONGEST_TITLE: usize = 300;

pub(super) struct Walk {
    /// What references are relative to.
    base: Address,
    has_base: bool,
    title: Option<String>,
    /// What the page offers as its title to those who link to it.
    offered_title: Option<String>,
    found: Vec<Found>,
    sheets: Vec<Address>,
    /// The picture in full size that the link around leads to.
    link: Option<Address>,
    /// Sizes in the `source`s of the `picture` around.
    sources: Option<Vec<String>>,
    /// The element whose text is being read.
    within: Within,
}

/// What was read.
pub(super) struct Read {
    /// The title in one line.
    pub title: String,
    /// All pictures, some of them perhaps more than once.
    pub found: Vec<Found>,
    /// Style sheets, likewise.
    pub sheets: Vec<Address>,
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Within {
    Other,
    Title,
    Style,
    NoScript,
}

impl Walk {
    pub fn new(address: &Address) -> Self {
        Self {
            base: address.clone(),
            has_base: false,
            title: None,
            offered_title: None,
            found: Vec::new(),
            sheets: Vec::new(),
            link: None,
            sources: None,
            within: Within::Other,
        }
    }

    pub fn finish(self) -> Read {
        let title = self.title.filter(|title| !title.trim().is_empty()).or(self.offered_title).unwrap_or_default();
        Read { title: one_line(&title), found: self.found, sheets: self.sheets }
    }

    pub fn read(&mut self, html: &str, depth: usize) {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut text = String::new();
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => self.start(&tag),
                Token::String(part) if self.within != Within::Other => text.push_str(&String::from_utf8_lossy(&part)),
                Token::EndTag(tag) => {
                    self.text(&std::mem::take(&mut text), depth);
                    match tag.name.as_slice() {
                        b"a" => self.end_link(),
                        b"picture" => self.end_picture(),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        self.text(&text, depth);
    }

    /// The end of an element, or of the page.
    fn text(&mut self, text: &str, depth: usize) {
        match std::mem::replace(&mut self.within, Within::Other) {
            Within::Title if self.title.is_none() => self.title = Some(text.to_owned()),
            Within::Style => self.style(text),
            // Where scripts would load a picture late, those without find it here.
            Within::NoScript if depth < DEEPEST => self.read(text, depth + 1),
            _ => {}
        }
    }

    fn start(&mut self, tag: &StartTag<()>) {
        let value = |name: &str| attribute(tag, name);
        if let Some(style) = value("style") {
            self.style(&style);
        }
        for name in LAZY_BACKGROUNDS {
            let reference = value(name);
            let reference =
                reference.as_deref().map(|text| style::read(text).pictures.pop().unwrap_or_else(|| text.to_owned()));
            self.add(reference.as_deref(), Kind::Background, "");
        }
        match tag.name.as_slice() {
            b"base" if !self.has_base => {
                if let Some(base) = value("href").and_then(|href| self.base.join(&href).ok()) {
                    (self.base, self.has_base) = (base, true);
                }
            }
            b"title" => self.within = Within::Title,
            b"style" => self.within = Within::Style,
            b"noscript" => self.within = Within::NoScript,
            b"meta" => self.meta(tag),
            b"link" => self.related(tag),
            b"a" => {
                self.end_link();
                let target = value("href").and_then(|href| self.base.join(&href).ok());
                self.link = target.filter(looks_like_picture);
            }
            b"picture" => self.sources = Some(Vec::new()),
            b"source" => {
                if let Some(sources) = &mut self.sources {
                    sources.extend(LAZY_SETS.iter().chain(&["srcset"]).find_map(|name| attribute(tag, name)));
                }
            }
            b"img" | b"amp-img" => self.image(tag),
            b"image" => {
                let reference = value("href").or_else(|| value("xlink:href"));
                self.add(reference.as_deref(), Kind::Shown, "");
            }
            b"video" => self.add(value("poster").as_deref(), Kind::Shown, ""),
            b"input" if value("type").is_some_and(|kind| kind.eq_ignore_ascii_case("image")) => {
                self.add(value("src").as_deref(), Kind::Shown, &value("alt").unwrap_or_default());
            }
            b"body" | b"table" | b"td" => self.add(value("background").as_deref(), Kind::Background, ""),
            _ => {}
        }
    }

    /// `link`: a preview, or a style sheet that holds unless the person chooses another.
    fn related(&mut self, tag: &StartTag<()>) {
        let (Some(rel), reference) = (attribute(tag, "rel"), attribute(tag, "href")) else { return };
        let is = |kind: &str| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(kind));
        if is("image_src") {
            self.add(reference.as_deref(), Kind::Preview, "");
        } else if is("stylesheet") && !is("alternate") {
            let reference = reference.filter(|reference| !reference.trim().is_empty() && !is_inline(reference));
            self.sheets.extend(reference.and_then(|reference| self.base.join(&reference).ok()));
        }
    }

    fn meta(&mut self, tag: &StartTag<()>) {
        let Some(name) =
            attribute(tag, "property").or_else(|| attribute(tag, "name")).or_else(|| attribute(tag, "itemprop"))
        else {
            return;
        };
        let name = name.trim().to_ascii_lowercase();
        let content = attribute(tag, "content");
        if name == "og:title" && self.offered_title.is_none() {
            self.offered_title = content;
        } else if PREVIEWS.contains(&name.as_str()) {
            self.add(content.as_deref(), Kind::Preview, "");
        }
    }

    /// One picture, however many sizes of it are offered: in full size behind the link around it, else the largest of the
    /// sets, else what is loaded late, else what stands in its place until then.
    fn image(&mut self, tag: &StartTag<()>) {
        let value = |name: &&str| attribute(tag, name);
        let text = value(&"alt").or_else(|| value(&"title")).unwrap_or_default();
        if let Some(full) = self.link.take() {
            self.found.push(Found { address: full, kind: Kind::Linked, text: one_line(&text) });
            return;
        }
        let of_picture = self.sources.as_mut().map(std::mem::take).unwrap_or_default();
        let own = LAZY_SETS.iter().chain(&["srcset"]).filter_map(value);
        let sets: Vec<String> = own.chain(of_picture).collect();
        let largest = srcset::largest(&sets.join(", ")).filter(|reference| !is_inline(reference)).map(str::to_owned);
        let late = || {
            LAZY.iter().filter_map(value).find(|reference| !is_inline(reference) && self.base.join(reference).is_ok())
        };
        let reference = largest.or_else(late).or_else(|| value(&"src"));
        self.add(reference.as_deref(), Kind::Shown, &text);
    }

    /// A link to a picture around a text.
    fn end_link(&mut self) {
        if let Some(address) = self.link.take() {
            self.found.push(Found { address, kind: Kind::Linked, text: String::new() });
        }
    }

    /// A `picture` without the `img` that it should have.
    fn end_picture(&mut self) {
        let sets = self.sources.take().unwrap_or_default().join(", ");
        self.add(srcset::largest(&sets), Kind::Shown, "");
    }

    fn style(&mut self, css: &str) {
        let style::Style { pictures, imports } = style::read(css);
        for reference in pictures {
            self.add(Some(&reference), Kind::Background, "");
        }
        self.sheets.extend(imports.iter().filter_map(|reference| self.base.join(reference).ok()));
    }

    fn add(&mut self, reference: Option<&str>, kind: Kind, text: &str) {
        let Some(reference) = reference.filter(|reference| !reference.trim().is_empty() && !is_inline(reference))
        else {
            return;
        };
        if let Ok(address) = self.base.join(reference) {
            self.found.push(Found { address, kind, text: one_line(text) });
        }
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// Whether the picture stands in the page itself: most often what is shown until the real one is loaded.
pub(super) fn is_inline(reference: &str) -> bool {
    reference.trim_start().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"))
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line[..line.floor_char_boundary(LONGEST_TITLE)].to_owned()
}
