//! The segments of a JPEG file in memory, and where its entropy-coded data end (ITU-T T.81, annex B).

use std::ops::Range;

/// A segment between the start of the file and its first scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment<'a> {
    /// Second byte of its marker.
    pub marker: u8,
    /// Where its content begins in the file.
    pub at: usize,
    pub content: &'a [u8],
}

/// The segments in front of the first scan. Ends where the file is damaged.
pub(crate) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut at = 2;
    std::iter::from_fn(move || {
        let marker = marker_at(bytes, &mut at)?;
        if matches!(marker, 0xd9 | 0xda) {
            return None;
        }
        let content = content_at(bytes, at)?;
        let segment = Segment { marker, at: content.start, content: &bytes[content.clone()] };
        at = content.end;
        Some(segment)
    })
}

/// The code of the marker at a place, fill bytes skipped; the place moves behind it.
fn marker_at(bytes: &[u8], at: &mut usize) -> Option<u8> {
    if *bytes.get(*at)? != 0xff {
        return None;
    }
    while *bytes.get(*at)? == 0xff {
        *at += 1;
    }
    *at += 1;
    bytes.get(*at - 1).copied()
}

/// The content of the segment whose length stands at a place.
fn content_at(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    let end = at + length;
    (length >= 2 && end <= bytes.len()).then_some(at + 2..end)
}

/// Where the picture that the file begins with ends; `None` where its end marker is missing.
pub(crate) fn end_of_picture(bytes: &[u8]) -> Option<usize> {
    let mut at = segments(bytes).last().map_or(2, |last| last.at + last.content.len());
    loop {
        match marker_at(bytes, &mut at)? {
            0xd9 => return Some(at),
            // Restart markers and stuffed zeros belong to the data.
            0x00 | 0x01 | 0xd0..=0xd7 => {}
            _ => at = content_at(bytes, at)?.end,
        }
        at += bytes.get(at..)?.iter().position(|b| *b == 0xff)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with a restart marker, stuffed zeros and two scans.
    const FILE: &[u8] = b"\xff\xd8\xff\xe1\0\x05abc\xff\xff\xdb\0\x02\xff\xda\0\x03x\x12\xff\0\x34\xff\xd0\x56\xff\xc4\0\x04\xff\xd9\xff\xda\0\x02\x77\xff\xd9more\xff\xd9";

    #[test]
    fn segments_and_the_end_are_found() {
        let found: Vec<_> = segments(FILE).map(|s| (s.marker, s.at, s.content)).collect();
        assert_eq!(found, [(0xe1, 6, &b"abc"[..]), (0xdb, 14, b"")]);
        let end = end_of_picture(FILE).unwrap();
        assert_eq!(&FILE[end..], b"more\xff\xd9");
        for cut in 0..end {
            assert_eq!(end_of_picture(&FILE[..cut]), None);
        }
    }
}
