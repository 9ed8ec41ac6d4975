//! The portable anymaps: PBM, PGM, PPM and PAM; written as PAM where alpha or 16 bits need it.

use std::io::{Read, SeekFrom};

use image::codecs::pnm::{PnmDecoder, PnmEncoder};

use crate::embed::{Embed, Holds, Texts};
use crate::options::{DEPTH, DepthChoice};
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Parameters, parameters};
use lightloom_picture::{Buffers, Depth, Layout, Metadata, Picture, TextEntry};

pub(crate) static CODEC: Codec = Codec {
    id: "pnm",
    title: "PNM",
    extensions: &["pnm", "ppm", "pgm", "pbm", "pam"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| matches!(head, [b'P', b'1'..=b'7', c, ..] if c.is_ascii_whitespace() || *c == b'#'),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: PnmOptions::SPECS,
        encode,
        // The encoder writes no alpha beside 16-bit grey.
        fit: |layout, depth| match (layout, depth) {
            (Layout::GreyAlpha, Depth::U16 | Depth::F32) => (Layout::Rgba, Depth::U16),
            _ => (layout, depth.min(Depth::U16)),
        },
        encode_rows: None,
        embed: Some(Embed { holds: Holds { texts: Texts::Comments, ..Holds::NOTHING }, write: embed }),
    }),
};

parameters! {
    struct PnmOptions {
        depth: DepthChoice = DEPTH,
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut header = image_crate::header(&PnmDecoder::new(&mut *input)?)?;
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    input.take(MOST_COMMENTS).read_to_end(&mut head)?;
    header.metadata.texts.extend(comment(&head));
    Ok(header)
}

/// Bytes of a header that are looked through for comments.
const MOST_COMMENTS: u64 = 64 << 10;

/// The lines behind a number sign in the header, which ends with its last number, or that of PAM with a word.
fn comment(head: &[u8]) -> Option<TextEntry> {
    let numbers = match head.get(1)? {
        b'1' | b'4' => 2,
        b'7' => usize::MAX,
        _ => 3,
    };
    let (mut comments, mut words) = (Vec::new(), 0);
    for line in head[2..].split(|byte| *byte == b'\n') {
        let (of_header, of_comment) = match line.iter().position(|byte| *byte == b'#') {
            Some(at) => (&line[..at], Some(line[at + 1..].trim_ascii())),
            None => (line, None),
        };
        words += of_header.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
        comments.extend(of_comment);
        if words >= numbers || of_header.starts_with(b"ENDHDR") {
            break;
        }
    }
    TextEntry::comment(&comments.join(&b'\n'))
}

/// Puts comments behind the magic number.
fn embed(Encoded { bytes, .. }: &mut Encoded, metadata: &Metadata) {
    let lines = metadata.texts.iter().flat_map(|entry| entry.text.lines());
    let comments: String = lines.map(|line| format!("# {line}\n")).collect();
    if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
        bytes.splice(end + 1..end + 1, comments.into_bytes());
    }
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(PnmDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(picture, PnmEncoder::new(&mut target), CODEC.title)?;
    Ok(Encoded { bytes: target.into_inner(), notes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Raster;

    #[test]
    fn comments_survive_the_round_trip() {
        for layout in [Layout::Grey, Layout::Rgb, Layout::Rgba] {
            let texts = vec![TextEntry::new("Comment", "two\nlines"), TextEntry::new("Comment", "Grüße # 7")];
            let samples =
                (0..12 * layout.channels()).map(|i| if i % 2 == 0 { b'#' } else { b'\n' }).collect::<Vec<u8>>();
            let pixels = Raster::new(4, 3, layout, samples);
            let metadata = Metadata { texts, ..Metadata::default() };
            let picture = Picture { pixels: pixels.clone().into(), metadata };
            let encoded = crate::encode(&CODEC, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
            let limits = Limits::default();
            let (codec, header) = crate::header(&encoded.bytes, &limits).unwrap();
            assert_eq!(header.metadata.texts, [TextEntry::new("Comment", "two\nlines\nGrüße # 7")], "{layout:?}");
            let decoded = crate::decode(codec, &encoded.bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
            assert_eq!(decoded.pixels, pixels.into());
        }
    }
}
