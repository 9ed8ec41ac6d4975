//! Metadata as files hold them, by one rule for every format: the first block of a kind is kept, and what is damaged, one
//! too many or without a place is named.
//!
//! A colour profile is kept even if it is damaged, as far as it can be read: who uses it says what is wrong with it.

use crate::formats::tiff::file::is_tiff;
use lightloom_picture::photoshop::{self, Resources};
use lightloom_picture::{Density, Metadata};

/// A kind of block, of which a picture has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Profile,
    Exif,
    Xmp,
    Iptc,
    Photoshop,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Profile, Self::Exif, Self::Xmp, Self::Iptc, Self::Photoshop];

    const fn name(self) -> &'static str {
        match self {
            Self::Profile => "colour profile",
            Self::Exif => "block of Exif data",
            Self::Xmp => "XMP packet",
            Self::Iptc => "block of IPTC data",
            Self::Photoshop => "block of Photoshop resources",
        }
    }

    /// Where it stands.
    pub const fn of(self, metadata: &mut Metadata) -> &mut Option<Vec<u8>> {
        match self {
            Self::Profile => &mut metadata.icc,
            Self::Exif => &mut metadata.exif,
            Self::Xmp => &mut metadata.xmp,
            Self::Iptc => &mut metadata.iptc,
            Self::Photoshop => &mut metadata.photoshop,
        }
    }
}

/// A block without what fills it up: TIFF holds IPTC data in units of four bytes, XMP packets end with room for more.
fn content(block: &[u8]) -> &[u8] {
    let end = block.iter().rposition(|byte| *byte != 0 && !byte.is_ascii_whitespace());
    &block[..end.map_or(0, |end| end + 1)]
}

/// What a file calls its own parts is named up to this number of parts.
const MOST_NAMES: usize = 8;

/// Said once of the others.
const OTHERS: &str = "others";

/// Taking what is found in a file.
pub(crate) trait Found {
    /// Takes a block. It is named if there is another of its kind; one that repeats the first says nothing new.
    fn found(&mut self, kind: Kind, block: Vec<u8>);

    /// Takes note of a block that cannot be read.
    fn found_damaged(&mut self, kind: Kind);

    /// Takes what was found elsewhere in the file, behind what is here.
    fn found_beside(&mut self, other: Metadata);

    /// Takes what stands among Photoshop's resources: blocks of other kinds, the resolution, and what is left.
    fn found_among(&mut self, resources: Resources);

    /// Names what is lost, in words of the program.
    fn lost(&mut self, what: impl Into<String>);

    /// Names what is lost, in words of the file, of which there may be any number.
    fn lost_part(&mut self, name: impl Into<String>);
}

impl Found for Metadata {
    fn found(&mut self, kind: Kind, block: Vec<u8>) {
        match kind.of(self) {
            Some(first) if content(first) == content(&block) => {}
            Some(_) => self.lost(format!("a second {}", kind.name())),
            empty => *empty = Some(block),
        }
    }

    fn found_damaged(&mut self, kind: Kind) {
        match (kind, &self.icc) {
            // It counts as one that is empty, so that it is known which colours the samples have lost.
            (Kind::Profile, None) => self.icc = Some(Vec::new()),
            _ => self.lost(format!("a damaged {}", kind.name())),
        }
    }

    fn found_beside(&mut self, mut other: Metadata) {
        for kind in Kind::ALL {
            if let Some(block) = kind.of(&mut other).take() {
                self.found(kind, block);
            }
        }
        self.density = self.density.or(other.density);
        self.texts.append(&mut other.texts);
        other.left_out.into_iter().for_each(|name| self.lost(name));
    }

    fn found_among(&mut self, mut resources: Resources) {
        for icc in resources.take(photoshop::ICC) {
            // Only PSD has its profile here; other readers do not look for it.
            if self.icc.as_deref().map(content) != Some(content(&icc)) {
                self.lost("a colour profile among Photoshop's resources");
            }
        }
        for exif in resources.take(photoshop::EXIF) {
            let is_first = self.exif.is_none();
            match is_tiff(&exif) {
                true => self.found(Kind::Exif, exif),
                false => self.found_damaged(Kind::Exif),
            }
            if is_first {
                // How a file is turned says its own format.
                let _orientation = self.take_orientation();
            }
        }
        for (kind, number) in [(Kind::Xmp, photoshop::XMP), (Kind::Iptc, photoshop::IPTC)] {
            resources.take(number).into_iter().for_each(|block| self.found(kind, block));
        }
        self.density = self.density.or_else(|| {
            let (x, y) = resources.resolution()?;
            Density::new(x, y, 1.0)
        });
        resources.retain_own();
        if !resources.is_empty() {
            self.found(Kind::Photoshop, resources.to_block());
        }
    }

    fn lost(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    fn lost_part(&mut self, name: impl Into<String>) {
        let name = name.into();
        if self.left_out.len() < MOST_NAMES || self.left_out.contains(&name) {
            self.lost(name);
        } else {
            self.lost(OTHERS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_kind_is_kept_and_others_are_named_once() {
        for kind in Kind::ALL {
            let mut metadata = Metadata::default();
            for block in [b"first", b"first", b"other", b"third"] {
                metadata.found(kind, block.to_vec());
            }
            assert_eq!(kind.of(&mut metadata).as_deref(), Some(&b"first"[..]));
            assert_eq!(metadata.left_out, [format!("a second {}", kind.name())]);
            let mut damaged = Metadata::default();
            damaged.found_damaged(kind);
            damaged.found(kind, b"other".to_vec());
            let is_profile = kind == Kind::Profile;
            assert_eq!(kind.of(&mut damaged).as_deref(), Some(if is_profile { &b""[..] } else { b"other" }));
            let named =
                if is_profile { "a second colour profile".to_owned() } else { format!("a damaged {}", kind.name()) };
            assert_eq!(damaged.left_out, [named]);
            let mut both = Metadata::default();
            both.found_beside(metadata.clone());
            both.found_beside(metadata);
            assert_eq!(both.left_out.len(), 1, "{both:?}");
        }
    }

    #[test]
    fn of_any_number_of_parts_the_first_are_named_and_then_that_there_are_others() {
        let mut metadata = Metadata::default();
        for i in 0..100 {
            metadata.lost_part(format!("chunk {}", i % 50));
        }
        metadata.found_damaged(Kind::Exif);
        assert_eq!(metadata.left_out.len(), MOST_NAMES + 2);
        assert_eq!(metadata.left_out[MOST_NAMES..], ["others", "a damaged block of Exif data"]);
    }
}
