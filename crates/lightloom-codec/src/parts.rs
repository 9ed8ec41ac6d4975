//! What a file holds beside its picture, which filters and encoders know nothing of: a gain map, which is read, and other
//! parts, which results do not get and which are named.
//!
//! Files are told apart by their container, since formats share those.

use std::collections::BTreeSet;

use crate::formats::jpeg;
use crate::shared::boxes::FileBox;
use crate::{Header, Limits};
#[cfg(any(feature = "avif", feature = "heic"))]
use lightloom_picture::Work;
use lightloom_picture::areas::FurtherPart;
use lightloom_picture::{Buffers, GainMap};

/// A part that results do not get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Credentials,
    Video,
    Depth,
    /// Another whole picture.
    View,
    /// Mattes and masks.
    Auxiliary,
}

impl Part {
    /// As what XMP may speak of it.
    const fn claim(self) -> Option<FurtherPart> {
        match self {
            Self::Credentials => None,
            Self::Video => Some(FurtherPart::Video),
            Self::Depth => Some(FurtherPart::DepthMap),
            Self::View => Some(FurtherPart::Picture),
            Self::Auxiliary => Some(FurtherPart::Auxiliary),
        }
    }

    /// What should be known about a result without it.
    const fn note(self) -> &'static str {
        match self {
            Self::Credentials => {
                "Content Credentials (C2PA) are left out: they are signed for the original file and not valid for the result"
            }
            Self::Video => "the video of the motion photo is left out: the result is a still picture",
            Self::Depth => "the depth map is left out",
            Self::View => "the file holds further pictures (as MPO files do): only the first is used",
            Self::Auxiliary => "auxiliary pictures, such as masks, are left out",
        }
    }
}

/// What a file holds beside its picture.
#[derive(Debug, Default)]
pub struct Parts {
    /// The gain map, in the orientation of the picture that metadata are about; or why it cannot be used.
    pub gain_map: Option<Result<GainMap, String>>,
    others: BTreeSet<Part>,
}

impl Parts {
    /// What [`Self::notes`] says something about, as far as XMP may speak of it too.
    pub fn told(&self) -> BTreeSet<FurtherPart> {
        let unclear = matches!(self.gain_map, Some(Err(_))).then_some(FurtherPart::GainMap);
        self.others.iter().filter_map(|part| part.claim()).chain(unclear).collect()
    }

    /// Notes on what results do not get.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        let unclear = match &self.gain_map {
            Some(Err(why)) => Some(format!("the gain map (HDR) cannot be used and is left out: {why}")),
            _ => None,
        };
        self.others.iter().map(|part| part.note().to_owned()).chain(unclear)
    }

    pub(crate) fn add(&mut self, part: Part) {
        self.others.insert(part);
    }
}

/// What reading a part needs to know.
pub(crate) struct Wanted<'a> {
    pub header: &'a Header,
    pub limits: &'a Limits,
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl Wanted<'_> {
    /// Most pixels that a gain map may have: as many as its picture, or what costs little beside any.
    pub(crate) fn most_of_a_map(&self) -> u64 {
        self.header.stored.pixels().max(SMALL_MAP)
    }
}

/// Pixels of a gain map that may be larger than its picture.
const SMALL_MAP: u64 = 4 << 20;

/// Why a gain map is not read.
pub(crate) const TOO_LARGE: &str = "it is much larger than its picture";

/// Looks what a file holds beside the picture of this header. Costs nothing to speak of where there is nothing.
pub fn parts(
    bytes: &[u8],
    header: &Header,
    limits: &Limits,
    stop: &(dyn Fn() -> bool + Sync),
    buffers: &mut Buffers,
) -> Parts {
    let wanted = Wanted { header, limits, stop };
    if bytes.starts_with(b"\xff\xd8\xff") {
        return jpeg::parts::parts(bytes, &wanted, buffers);
    }
    let mut parts = Parts::default();
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes, &mut parts);
    } else if bytes.starts_with(b"RIFF") {
        riff(bytes, &mut parts);
    } else if bytes.get(4..8) == Some(b"JXL ") {
        boxes(bytes, &mut parts);
        #[cfg(feature = "jxl")]
        {
            parts.gain_map = crate::formats::jxl::gain_map::read(bytes, &wanted, buffers);
        }
    } else if bytes.get(4..8) == Some(b"jP  ") {
        boxes(bytes, &mut parts);
    } else if bytes.get(4..8) == Some(b"ftyp") {
        boxes(bytes, &mut parts);
        #[cfg(any(feature = "avif", feature = "heic"))]
        {
            crate::shared::heif_gain_map::others(bytes).into_iter().for_each(|part| parts.add(part));
            let map = crate::shared::heif_gain_map::read(bytes, &wanted);
            parts.gain_map = map.map(|map| map.and_then(|map| before_turn(map, &wanted, buffers)));
        }
    }
    parts
}

/// A map that the decoder turned as it turns the picture, as it was before.
#[cfg(any(feature = "avif", feature = "heic"))]
fn before_turn(map: GainMap, wanted: &Wanted<'_>, buffers: &mut Buffers) -> Result<GainMap, String> {
    let size = (map.pixels.width(), map.pixels.height());
    let before = if wanted.header.turned.swaps_sides() { (size.1, size.0) } else { size };
    let back = wanted.header.turned.geometry(before).inverse();
    let mut work = Work { buffers, stop: wanted.stop, split: false };
    let turned = back.map(|back| map.through(&back, &mut work));
    turned.and_then(Result::ok).flatten().ok_or_else(|| "the run was stopped".to_owned())
}

/// Credentials stand in front of the pixels (C2PA 2.1, A.3.3).
fn png(bytes: &[u8], parts: &mut Parts) {
    let mut at = 8_usize;
    while let Some([a, b, c, d, kind @ ..]) = bytes.get(at..at + 8).and_then(<[u8]>::first_chunk::<8>) {
        match kind {
            b"IDAT" | b"IEND" => break,
            b"caBX" => parts.add(Part::Credentials),
            _ => {}
        }
        at = at.saturating_add(12).saturating_add(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
    }
}

fn riff(bytes: &[u8], parts: &mut Parts) {
    let mut at = 12_usize;
    while let Some([kind @ .., a, b, c, d]) = bytes.get(at..at.saturating_add(8)).and_then(<[u8]>::first_chunk::<8>) {
        if kind == b"C2PA" {
            parts.add(Part::Credentials);
        }
        let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
        at = at.saturating_add(8).saturating_add(length.saturating_add(length % 2));
    }
}

/// The type of the box with credentials (C2PA 2.1, A.5.1).
const CREDENTIALS: &[u8] = b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";

/// Boxes on the first level of a file of ISO/IEC 14496-12.
fn boxes(bytes: &[u8], parts: &mut Parts) {
    for FileBox { kind, content } in crate::shared::boxes::boxes(bytes) {
        match &kind {
            b"uuid" if content.starts_with(CREDENTIALS) => parts.add(Part::Credentials),
            // A box of JUMBF, as JPEG 2000 and JPEG XL have it.
            b"jumb" if content.windows(4).take(64).any(|part| part == b"c2pa") => parts.add(Part::Credentials),
            b"mpvd" => parts.add(Part::Video),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Depth, Layout};

    fn notes(bytes: &[u8]) -> Vec<String> {
        let header = Header::new(8, 8, Layout::Rgb, Depth::U8);
        parts(bytes, &header, &Limits::default(), &|| false, &mut Buffers::default()).notes().collect()
    }

    #[test]
    fn credentials_are_noticed_in_every_container() {
        let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\x02IHDRab1234\0\0\0\x01caBXa1234\0\0\0\0IDAT"[..]].concat();
        let riff = b"RIFF\x20\0\0\0WEBPVP8X\x01\0\0\0a\0C2PA\x02\0\0\0ab".to_vec();
        let uuid = [&b"\0\0\0\x08ftyp\0\0\0\x1cuuid"[..], CREDENTIALS, b"abcd\0\0\0\0mdat"].concat();
        let jumbf = b"\xff\xd8\xff\xeb\0\x1eJP\0\x01\0\0\0\x01\0\0\0\x20jumb\0\0\0\x20jumdc2pa\xff\xd9".to_vec();
        for file in [png, riff, uuid, jumbf] {
            let found = notes(&file);
            assert!(found.len() == 1 && found[0].contains("C2PA"), "{found:?}");
            for cut in 0..file.len() {
                let _ = notes(&file[..cut]);
            }
        }
        assert!(notes(b"\0\0\0\x08ftyp\0\0\0\x09mpvdx")[0].contains("video"));
        assert!(notes(b"\x89PNG\r\n\x1a\n\0\0\0\x02IHDRab1234\0\0\0\0IEND").is_empty());
    }
}
