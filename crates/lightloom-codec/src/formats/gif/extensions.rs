//! Comments, XMP and colour profiles in the extensions of a GIF file (GIF89a, sections 24 and 26; XMP specification part 3,
//! 1.1.2; ICC.1:2001-04, B.6).

use std::io::SeekFrom;

use crate::header::MOST_METADATA;
use crate::shared::found::{Found, Kind};
use crate::{Encoded, Input};
use lightloom_picture::{Metadata, TextEntry};

const EXTENSION: u8 = 0x21;
const COMMENT: u8 = 0xfe;
const APPLICATION: u8 = 0xff;
const IMAGE: u8 = 0x2c;
const XMP: &[u8; 11] = b"XMP DataXMP";
const PROFILE: &[u8; 11] = b"ICCRGBG1012";
/// Extensions that say how an animation plays.
const OF_PIXELS: [&[u8; 11]; 2] = [b"NETSCAPE2.0", b"ANIMEXTS1.0"];
/// More extensions than are looked through.
const MOST_EXTENSIONS: usize = 10_000;

/// Reads what stands in the file, before, between and behind its pictures; of a damaged file, what comes first.
pub(super) fn read(input: &mut dyn Input, metadata: &mut Metadata) {
    // A file without its end has no more than what was found.
    let _end = walk(input, metadata);
}

fn walk(input: &mut dyn Input, metadata: &mut Metadata) -> std::io::Result<()> {
    let mut left = MOST_METADATA;
    input.seek(SeekFrom::Start(10))?;
    let flags = byte(input)?;
    input.seek_relative(2 + table(flags))?;
    for _ in 0..MOST_EXTENSIONS {
        match byte(input)? {
            EXTENSION => match byte(input)? {
                COMMENT => {
                    let comment = blocks(input, &mut left, false)?;
                    match TextEntry::comment(&comment) {
                        Some(text) => metadata.texts.push(text),
                        None if comment.iter().all(|byte| *byte == 0) => {}
                        None => metadata.lost("a comment that is no text"),
                    }
                }
                APPLICATION => application(input, metadata, &mut left)?,
                _ => skip(input)?,
            },
            IMAGE => {
                input.seek_relative(8)?;
                let flags = byte(input)?;
                input.seek_relative(table(flags) + 1)?;
                skip(input)?;
            }
            _ => return Ok(()),
        }
    }
    Ok(())
}

fn application(input: &mut dyn Input, metadata: &mut Metadata, left: &mut usize) -> std::io::Result<()> {
    let length = byte(input)?;
    let mut name = vec![0; length.into()];
    input.read_exact(&mut name)?;
    if name == XMP {
        // A packet is not cut into blocks: its own bytes are taken for lengths, and a ramp of falling bytes behind it
        // leads any reader to the end.
        let data = blocks(input, left, true)?;
        match data.len().checked_sub(257) {
            Some(end) => metadata.found(Kind::Xmp, data[..end].to_vec()),
            None => metadata.found_damaged(Kind::Xmp),
        }
        return Ok(());
    }
    if name == PROFILE {
        metadata.found(Kind::Profile, blocks(input, left, false)?);
        return Ok(());
    }
    if !OF_PIXELS.iter().any(|known| name == *known) {
        metadata.lost_part(format!("extension '{}'", String::from_utf8_lossy(&name).trim_end().escape_debug()));
    }
    skip(input)
}

fn byte(input: &mut dyn Input) -> std::io::Result<u8> {
    let mut byte = [0];
    input.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// Bytes of the colour table that flags announce.
fn table(flags: u8) -> i64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn skip(input: &mut dyn Input) -> std::io::Result<()> {
    loop {
        match byte(input)? {
            0 => return Ok(()),
            length => input.seek_relative(length.into())?,
        }
    }
}

/// The data of blocks up to the empty one, with or without their lengths, as long as `left` is not used up.
fn blocks(input: &mut dyn Input, left: &mut usize, with_lengths: bool) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let length = byte(input)?;
        if length == 0 {
            return Ok(out);
        }
        let mut block = vec![0; length.into()];
        input.read_exact(&mut block)?;
        if with_lengths {
            out.push(length);
        }
        *left = left.saturating_sub(block.len() + 1);
        if *left > 0 {
            out.extend(block);
        }
    }
}

/// Puts XMP and comments behind the header of a file.
pub(super) fn embed(Encoded { bytes, notes }: &mut Encoded, metadata: &Metadata) {
    let Some(flags) = bytes.get(10).copied() else { return };
    let at = 13 + table(flags) as usize;
    let mut out = Vec::new();
    if let Some(xmp) = &metadata.xmp {
        if xmp.contains(&0) {
            notes.push("the XMP data hold zeros, which GIF cannot hold, and were left out".to_owned());
        } else {
            out.extend([EXTENSION, APPLICATION, 11]);
            out.extend(XMP);
            out.extend(xmp);
            out.push(1);
            out.extend((0..=255).rev());
            out.push(0);
        }
    }
    for entry in &metadata.texts {
        out.extend([EXTENSION, COMMENT]);
        for block in entry.text.as_bytes().chunks(255) {
            out.push(block.len() as u8);
            out.extend(block);
        }
        out.push(0);
    }
    if out.is_empty() || at > bytes.len() {
        return;
    }
    bytes.splice(at..at, out);
    // Extensions came with the second version of the format.
    bytes[..6].copy_from_slice(b"GIF89a");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EncodeOptions, Limits};
    use lightloom_picture::{Buffers, Layout, Picture, Raster};

    #[test]
    fn comments_and_xmp_survive_the_round_trip() {
        let xmp = format!("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">{}</x:xmpmeta>", "Zoë ".repeat(300));
        let texts = vec![TextEntry::new("Comment", "short"), TextEntry::new("Comment", "long ".repeat(200))];
        let metadata = Metadata { xmp: Some(xmp.into_bytes()), texts, ..Metadata::default() };
        let pixels = Raster::new(9, 9, Layout::Rgb, (0..243).collect::<Vec<u8>>());
        let picture = Picture { pixels: pixels.into(), metadata: metadata.clone() };
        let gif = &super::super::CODEC;
        let bytes = crate::encode(gif, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes;
        let limits = Limits::default();
        let (_, header) = crate::header(&bytes, &limits).unwrap();
        assert_eq!(header.metadata, metadata);
        let decoded = crate::decode(gif, &bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
        assert!(decoded.notes.is_empty() && decoded.partial.is_none());
        for cut in 0..bytes.len() {
            read(&mut std::io::Cursor::new(&bytes[..cut]), &mut Metadata::default());
        }
    }
}
