//! GIF: the first picture is read; written with a palette of its own.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;

mod damaged;
mod extensions;
mod frames;

use crate::decode::with_second_reader;
use crate::embed::{Embed, Holds, Texts};
use crate::options::{COLOURS, DITHER};
use crate::shared::image_crate;
use crate::shared::palette;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_param::{Parameters, parameters};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels};

pub(crate) static CODEC: Codec = Codec {
    id: "gif",
    title: "GIF",
    extensions: &["gif"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: true,
    isolates: false,
    frames: Some(&frames::FRAMES),
    recognises: |head| head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a"),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: GifOptions::SPECS,
        encode,
        fit: |_, _| (Layout::Rgba, Depth::U8),
        encode_rows: None,
        embed: Some(Embed {
            holds: Holds { xmp: true, texts: Texts::Comments, ..Holds::NOTHING },
            write: extensions::embed,
        }),
    }),
};

parameters! {
    struct GifOptions {
        colours: u16 = COLOURS,
        dither: bool = DITHER,
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut header = image_crate::header(&GifDecoder::new(&mut *input)?)?;
    let screen = frames::screen(input)?;
    (header.stored.width, header.stored.height) = (screen.width, screen.height);
    if screen.is_enlarged {
        header.notes.push("the first frame does not fit the screen that the file states: it is shown whole".to_owned());
    }
    extensions::read(input, &mut header.metadata);
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    with_second_reader([usual, damaged::decode], bytes, request, buffers)
}

fn usual(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = if frames::screen(&mut Cursor::new(bytes))?.is_enlarged {
        request.limits.check(request.header.stored)?;
        let frame = frames::FRAMES.open(bytes, request.limits)?.next()?;
        frame.ok_or_else(|| CodecError::Damaged("it has no frame".to_owned()))?.pixels.into()
    } else {
        image_crate::decode(GifDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)?
    };
    if !frames::is_whole(bytes) {
        decoded.notes.push(crate::NO_END.to_owned());
    }
    Ok(decoded)
}

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: CODEC.title, reason: reason.to_string() }
}

fn encode(picture: &Picture, options: &EncodeOptions) -> Result<Encoded, CodecError> {
    let Pixels::U8(raster) = &picture.pixels else { return Err(failed(format!("{:?}", picture.pixels.shape()))) };
    let side = |n: u32| u16::try_from(n).map_err(|_| failed("no side may be longer than 65,535 pixels"));
    let (width, height) = (side(raster.width())?, side(raster.height())?);
    let (frame, notes) = frame(raster.samples(), width, height, &options.read());
    let mut target = Vec::with_capacity(raster.samples().len() / 4);
    let mut encoder = gif::Encoder::new(&mut target, width, height, &[]).map_err(failed)?;
    encoder.write_frame(&frame).map_err(failed)?;
    drop(encoder);
    Ok(Encoded { bytes: target, notes })
}

/// RGBA samples with a palette of their own, and what that loses. A pixel is transparent or it is not: the limit is
/// half.
fn frame(rgba: &[u8], width: u16, height: u16, options: &GifOptions) -> (gif::Frame<'static>, Vec<String>) {
    let mut notes = Vec::new();
    let opaque_or_not = |p: &[u8]| if p[3] < 128 { [0; 4] } else { [p[0], p[1], p[2], 255] };
    if rgba.chunks_exact(4).any(|p| !matches!(p[3], 0 | 255)) {
        notes.push("GIF pixels are transparent or not: half transparent ones became one or the other".to_owned());
    }
    let flat: Vec<u8> = rgba.chunks_exact(4).flat_map(opaque_or_not).collect();
    let reduced = palette::reduce(&flat, usize::from(width), usize::from(options.colours), options.dither);
    if !reduced.exact {
        notes.push(format!("the GIF holds {} colours: the rest were approximated", options.colours));
    }
    let transparent = reduced.colours.first().is_some_and(|c| c[3] == 0).then_some(0);
    let colours = reduced.colours.iter().flat_map(|c| [c[0], c[1], c[2]]).collect();
    let frame = gif::Frame {
        width,
        height,
        palette: Some(colours),
        transparent,
        buffer: reduced.indices.into(),
        ..gif::Frame::default()
    };
    (frame, notes)
}

#[cfg(test)]
mod tests {
    use lightloom_picture::Raster;

    use super::*;

    /// A file of one frame of two by one pixels, red and blue, at (left, top) of a screen.
    fn file(screen: (u16, u16), left: u16, top: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, screen.0, screen.1, &[]).unwrap();
        let palette = Some(vec![255, 0, 0, 0, 0, 255]);
        let frame =
            gif::Frame { left, top, width: 2, height: 1, palette, buffer: vec![0, 1].into(), ..Default::default() };
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        bytes
    }

    #[test]
    fn a_first_frame_outside_the_screen_is_shown_whole() {
        let (red, blue, clear) = ([255_u8, 0, 0, 255], [0, 0, 255, 255], [0; 4]);
        for (screen, left, top, width, height, expected) in [
            ((2, 1), 0, 0, 2, 1, vec![red, blue]),
            ((0, 0), 0, 0, 2, 1, vec![red, blue]),
            ((1, 1), 0, 0, 2, 1, vec![red, blue]),
            ((2, 1), 1, 1, 3, 2, vec![clear, clear, clear, clear, red, blue]),
            ((3, 1), 0, 0, 3, 1, vec![red, blue, clear]),
        ] {
            let bytes = file(screen, left, top);
            let limits = Limits::default();
            let (codec, header) = crate::header(&bytes, &limits).unwrap();
            assert_eq!(header.notes.len(), usize::from(screen != (2, 1) && screen.0 < 3 || left > 0), "{screen:?}");
            let expected = Pixels::from(Raster::new(width, height, Layout::Rgba, expected.concat()));
            let decoded = crate::decode(codec, &bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
            assert_eq!((header.stored, decoded.pixels), (expected.shape(), expected.clone()), "{screen:?}");
            let mut frames = frames::FRAMES.open(&bytes, &limits).unwrap();
            assert_eq!(frames.next().unwrap().unwrap().pixels, expected);
        }
    }

    #[test]
    fn indices_beyond_the_palette_show_no_other_picture() {
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, 2, 2, &[]).unwrap();
        let frame = gif::Frame {
            width: 2,
            height: 2,
            palette: Some(vec![10, 20, 30, 40, 50, 60]),
            buffer: vec![0, 1, 2, 3].into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        let limits = Limits::default();
        let (codec, header) = crate::header(&bytes, &limits).unwrap();
        let mut buffers = Buffers::default();
        buffers.give(vec![255_u8; 16]);
        let decoded = crate::decode(codec, &bytes, &header, 1, &limits, &mut buffers).unwrap();
        let Pixels::U8(raster) = decoded.pixels else { panic!("8-bit samples are expected") };
        assert_eq!(raster.samples(), [10, 20, 30, 255, 40, 50, 60, 255, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
