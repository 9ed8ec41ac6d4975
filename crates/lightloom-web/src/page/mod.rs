//! The pictures that a page shows or links to.
//!
//! The page is read as a stream of tags by the rules of HTML, which any text follows in some way. Scripts do not run: what
//! they would add later is found only where the page says it in the usual attributes of lazy loading. Style sheets in files
//! of their own are named, for those who want to fetch them, and read by [`parse_sheet`].

mod srcset;
mod style;
mod walk;

use std::collections::HashSet;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::Address;

/// Bytes of a page that are read.
pub const LARGEST: u64 = 32 << 20;
/// Bytes of a style sheet that are read.
pub const LARGEST_SHEET: u64 = 4 << 20;
/// Style sheets of a page that are read, with those that they import.
pub const MOST_SHEETS: usize = 16;
/// Pictures of a page that are listed.
const MOST: usize = 10_000;

/// A page with its pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its title in one line; empty if it has none.
    pub title: String,
    /// Its pictures, in the order in which they are met, each once.
    pub pictures: Vec<Found>,
    /// Its style sheets in files of their own.
    pub sheets: Vec<Address>,
    /// What belongs to it and could not be read, each with the reason, as a sentence.
    pub unread: Vec<String>,
}

/// A style sheet in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it has as backgrounds.
    pub pictures: Vec<Address>,
    /// The style sheets that it imports.
    pub imports: Vec<Address>,
}

/// A picture of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is; the largest of those that the page offers in its place.
    pub address: Address,
    /// How the page refers to it.
    pub kind: Kind,
    /// The text that the page gives in its place.
    pub text: String,
}

/// How a page refers to a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It is shown in the page: `img` and `picture`, also those that are loaded late, and covers of videos.
    Shown,
    /// A picture in full size, to which a smaller one or a text is a link.
    Linked,
    /// The page offers it to those who link to the page: `og:image` and the like.
    Preview,
    /// It is a background in CSS.
    Background,
}

impl Kind {
    /// What it is called.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Linked => "linked",
            Self::Preview => "preview",
            Self::Background => "background",
        }
    }
}

/// Reads a page that came from `address`, in the character set that its server stated, if it did.
pub fn parse(bytes: &[u8], charset: Option<&str>, address: &Address) -> Page {
    let text = decoded(bytes, charset);
    let mut walk = walk::Walk::new(address);
    walk.read(&text, 0);
    let mut seen = HashSet::new();
    let walk::Read { title, mut found, mut sheets } = walk.finish();
    found.retain(|one| seen.insert(one.address.clone()));
    found.truncate(MOST);
    seen.clear();
    sheets.retain(|sheet| seen.insert(sheet.clone()));
    Page { title, pictures: found, sheets, unread: Vec::new() }
}

/// Reads a style sheet that came from `address`.
pub fn parse_sheet(css: &str, address: &Address) -> Sheet {
    let style::Style { pictures, imports } = style::read(css);
    let there = |references: Vec<String>| {
        let counted = references.iter().filter(|reference| !walk::is_inline(reference));
        counted.filter_map(|reference| address.join(reference).ok()).collect()
    };
    Sheet { pictures: there(pictures), imports: there(imports) }
}

impl Page {
    /// Adds the backgrounds of a style sheet that are not among its pictures yet.
    pub fn add_backgrounds(&mut self, pictures: Vec<Address>) {
        let mut known: HashSet<Address> = self.pictures.iter().map(|found| found.address.clone()).collect();
        let new = pictures.into_iter().filter(|address| known.insert(address.clone()));
        let found = |address| Found { address, kind: Kind::Background, text: String::new() };
        self.pictures.extend(new.map(found).take(MOST.saturating_sub(self.pictures.len())));
    }
}

/// The text of a page: by its byte order mark, its header, or a `meta` near its beginning; what says nothing is UTF-8 if
/// it can be.
fn decoded(bytes: &[u8], charset: Option<&str>) -> String {
    let of = |name: &str| Encoding::for_label(name.trim().as_bytes());
    let stated = charset.and_then(of).or_else(|| of(&declared(&bytes[..bytes.len().min(1024)])?));
    // A declaration that could be read is in no encoding of two bytes a letter.
    let stated = stated.map(Encoding::output_encoding);
    let guess = || if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    stated.unwrap_or_else(guess).decode(bytes).0.into_owned()
}

/// `<meta charset=…>`, or the same in a `content`.
fn declared(head: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let value = head.split_once("<meta")?.1.split_once("charset")?.1.trim_start().strip_prefix('=')?;
    let value = value.trim_start().trim_start_matches(['"', '\'']);
    Some(value.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_:.".contains(*c)).collect())
}

/// Whether an address leads, by its extension, to a picture.
fn looks_like_picture(address: &Address) -> bool {
    const EXTENSIONS: &[&str] = &[
        "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "avif", "heic", "heif", "jxl", "jp2", "j2k", "tif",
        "tiff", "bmp", "tga", "ppm", "pgm", "pnm", "exr", "hdr", "qoi", "ico", "svg", "svgz",
    ];
    let extension = address.path().rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(_, e)| e);
    extension.is_some_and(|found| EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(found)))
}

#[cfg(test)]
mod tests;
