//! Animated WebP (RFC 9649, section 2.7): each frame is decoded and encoded by itself; the container is parsed and
//! written here, and frames are composited without the rounding of libraries.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::encode::{WebpOptions, check_sides, encode_raster, failed};
use crate::frames::canvas::{Canvas, Rect, difference};
use crate::frames::{Animation, Begin, Delay, Frame, Frames, ReadFrames, Survey, WriteFrames};
use crate::{CodecError, Encoded, Input, Limits};
use lightloom_picture::{Depth, Layout, Metadata, Pixels, Raster, Shape};

pub(crate) static FRAMES: Frames = Frames { codec: &super::CODEC, survey, animation: Some(Animation { open, begin }) };

/// Walks the chunks.
fn survey(input: &mut dyn Input, most: u32) -> std::io::Result<Survey> {
    use std::io::SeekFrom;
    input.seek(SeekFrom::Start(12))?;
    let mut survey = Survey { frames: 0, plays: 1 };
    let mut walk = || -> std::io::Result<()> {
        while survey.frames <= most {
            let mut head = [0; 8];
            input.read_exact(&mut head)?;
            let [f0, f1, f2, f3, size @ ..] = head;
            let size = u32::from_le_bytes(size);
            let mut rest = i64::from(size) + i64::from(size & 1);
            match &[f0, f1, f2, f3] {
                b"ANMF" => survey.frames += 1,
                b"ANIM" if size >= 6 => {
                    let mut control = [0; 6];
                    input.read_exact(&mut control)?;
                    survey.plays = u16::from_le_bytes([control[4], control[5]]).into();
                    rest -= 6;
                }
                _ => {}
            }
            input.seek_relative(rest)?;
        }
        Ok(())
    };
    let _ends = walk();
    Ok(Survey { frames: survey.frames.max(1), ..survey })
}

/// The chunks of a file or of a frame in order: name and content. The last may be cut short.
struct Chunks<'a>(&'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = ([u8; 4], Result<&'a [u8], CodecError>);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[f0, f1, f2, f3, s0, s1, s2, s3], rest) = self.0.split_first_chunk::<8>()?;
        let size = u32::from_le_bytes([s0, s1, s2, s3]) as usize;
        let content = rest.get(..size).ok_or_else(|| damaged("it ends too early"));
        self.0 = rest.get(size + size % 2..).unwrap_or_default();
        Some(([f0, f1, f2, f3], content))
    }
}

/// Flags of the extended header (RFC 9649, section 2.7).
const ICC: u8 = 0x20;
const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
const ANIMATION: u8 = 0x02;

/// Flags of a frame (section 2.7.1.1).
const NO_BLENDING: u8 = 0b10;
const TO_BACKGROUND: u8 = 0b01;

struct Reader<'a> {
    chunks: Chunks<'a>,
    canvas: Canvas,
    /// What the header says; frames that leave a part of the canvas free are transparent all the same.
    alpha: bool,
    /// What is made transparent before the next frame.
    clears: Option<Rect>,
    limits: Limits,
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Box<dyn ReadFrames + 'a>, CodecError> {
    let mut chunks = Chunks(bytes.get(12..).unwrap_or_default());
    let header = match chunks.next() {
        Some((name, content)) if &name == b"VP8X" => content?,
        _ => &[],
    };
    let &[flags, _, _, _, w0, w1, w2, h0, h1, h2, ..] = header else { return Err(still_only()) };
    if flags & ANIMATION == 0 {
        return Err(still_only());
    }
    let (width, height) = (u24([w0, w1, w2]) + 1, u24([h0, h1, h2]) + 1);
    limits.check(Shape { width, height, layout: Layout::Rgba, depth: Depth::U8 })?;
    let canvas = Canvas::new(width, height);
    Ok(Box::new(Reader { chunks, canvas, alpha: flags & ALPHA != 0, clears: None, limits: *limits }))
}

/// The first picture of an animation; `None` if the file is none.
pub(crate) fn first(bytes: &[u8], limits: &Limits) -> Option<Result<Pixels, CodecError>> {
    const FLAGS: usize = 20;
    if bytes.get(12..16)? != b"VP8X" || bytes.get(FLAGS)? & ANIMATION == 0 {
        return None;
    }
    let first = || open(bytes, limits)?.next()?.ok_or_else(|| damaged("its pictures are missing"));
    Some(first().map(|frame| frame.pixels))
}

fn still_only() -> CodecError {
    CodecError::Unsupported("the WebP file holds no animation".to_owned())
}

fn damaged(error: impl std::fmt::Display) -> CodecError {
    CodecError::undecodable(error)
}

fn u24([a, b, c]: [u8; 3]) -> u32 {
    u32::from_le_bytes([a, b, c, 0])
}

/// The content of an `ANMF` chunk.
struct StoredFrame<'a> {
    rect: Rect,
    millis: u32,
    flags: u8,
    /// The chunks of its picture.
    chunks: &'a [u8],
}

impl<'a> StoredFrame<'a> {
    fn read(content: &'a [u8]) -> Option<Self> {
        let (head, chunks) = content.split_first_chunk::<16>()?;
        let number = |at: usize| u24([head[at], head[at + 1], head[at + 2]]);
        // Offsets are halved, sizes are less one.
        let rect = Rect { left: number(0) * 2, top: number(3) * 2, width: number(6) + 1, height: number(9) + 1 };
        Some(Self { rect, millis: number(12), flags: head[15], chunks })
    }
}

/// Decodes a frame's own picture, RGBA, as the only one of a file.
fn picture(chunks: &[u8], rect: Rect, limits: &Limits) -> Result<Vec<u8>, CodecError> {
    let mut alpha = None;
    let mut colours = None;
    for (name, content) in Chunks(chunks) {
        match &name {
            b"ALPH" => alpha = Some(content?),
            b"VP8 " | b"VP8L" => {
                colours = Some((name, content?));
                break;
            }
            _ => {}
        }
    }
    let (name, content) = colours.ok_or_else(|| damaged("its picture is missing"))?;
    let mut body = b"WEBP".to_vec();
    if let (Some(alpha), b"VP8 ") = (alpha, &name) {
        let header = [&[ALPHA, 0, 0, 0][..], &three(rect.width - 1), &three(rect.height - 1)].concat();
        chunk(&mut body, b"VP8X", &header);
        chunk(&mut body, b"ALPH", alpha);
    }
    chunk(&mut body, &name, content);
    let file = riff(&body).ok_or_else(|| damaged("its picture has more than 4 GiB"))?;
    let mut decoder = WebPDecoder::new(Cursor::new(&file)).map_err(damaged)?;
    decoder.set_memory_limit(usize::try_from(limits.decoded_bytes).unwrap_or(usize::MAX));
    if decoder.dimensions() != (rect.width, rect.height) {
        return Err(damaged("its picture has another size than it should have"));
    }
    limits.check(Shape { width: rect.width, height: rect.height, layout: Layout::Rgba, depth: Depth::U8 })?;
    let length = decoder.output_buffer_size().ok_or_else(|| damaged("its size is beyond all limits"))?;
    let mut samples = vec![0; length];
    decoder.read_image(&mut samples).map_err(damaged)?;
    let layout = if decoder.has_alpha() { Layout::Rgba } else { Layout::Rgb };
    Ok(Pixels::from(Raster::new(rect.width, rect.height, layout, samples)).to_rgba8())
}

impl ReadFrames for Reader<'_> {
    fn next(&mut self) -> Result<Option<Frame>, CodecError> {
        let Some((_, content)) = self.chunks.find(|(name, _)| name == b"ANMF") else { return Ok(None) };
        let stored = StoredFrame::read(content?).ok_or_else(|| damaged("the header of a frame is truncated"))?;
        let StoredFrame { rect, millis, flags, chunks } = stored;
        let rgba = picture(chunks, rect, &self.limits)?;
        // The colour of the background is a hint that no reader follows: it is transparent.
        if let Some(rect) = self.clears.take() {
            self.canvas.clear(rect);
        }
        if flags & NO_BLENDING == 0 {
            self.canvas.over(rect, &rgba);
        } else {
            self.canvas.replace(rect, &rgba);
        }
        self.clears = (flags & TO_BACKGROUND != 0).then_some(rect);
        let opaque = !self.alpha && self.canvas.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255);
        let pixels = self.canvas.pixels();
        let pixels = if opaque { pixels.into_layout(Layout::Rgb) } else { pixels };
        Ok(Some(Frame { pixels, delay: Delay { numerator: millis, denominator: 1000 } }))
    }
}

/// The file with these chunks behind its name.
fn riff(body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len()).ok()?;
    Some([b"RIFF", &length.to_le_bytes()[..], body].concat())
}

/// The chunks of a file but for what says how long it is.
struct Writer {
    frames: Vec<u8>,
    options: WebpOptions,
    metadata: Metadata,
    width: u32,
    height: u32,
    plays: u32,
    before: Option<Vec<u8>>,
    transparent: bool,
}

fn begin(begin: &Begin<'_>) -> Result<Box<dyn WriteFrames>, CodecError> {
    check_sides(begin.width, begin.height)?;
    Ok(Box::new(Writer {
        frames: Vec::new(),
        options: begin.options.read(),
        metadata: begin.metadata.clone(),
        width: begin.width,
        height: begin.height,
        plays: begin.survey.plays,
        before: None,
        transparent: false,
    }))
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    out.extend(name);
    out.extend((content.len() as u32).to_le_bytes());
    out.extend(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
}

/// A whole number in three bytes.
fn three(n: u32) -> [u8; 3] {
    let [a, b, c, _] = n.to_le_bytes();
    [a, b, c]
}

/// The chunks with pixels of a file that holds one picture.
fn picture_chunks(file: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in Chunks(file.get(12..).unwrap_or_default()) {
        if let (b"ALPH" | b"VP8 " | b"VP8L", Ok(content)) = (&name, content) {
            chunk(&mut out, &name, content);
        }
    }
    out
}

impl WriteFrames for Writer {
    fn push(&mut self, frame: &Frame) -> Result<(), CodecError> {
        let canvas = Canvas { width: self.width, height: self.height, rgba: frame.pixels.to_rgba8() };
        let all = Rect { left: 0, top: 0, width: self.width, height: self.height };
        let rect =
            self.before.as_ref().map_or(all, |before| difference(before, &canvas.rgba, self.width, self.height, true));
        let part = canvas.cut(rect);
        let opaque = part.chunks_exact(4).all(|p| p[3] == 255);
        self.transparent |= !opaque;
        let raster = Raster::new(rect.width, rect.height, Layout::Rgba, part);
        let file = encode_raster(&raster, &self.options)?;
        let mut content = Vec::with_capacity(file.len() + 16);
        // Offsets are halved, sizes are less one.
        content.extend(three(rect.left / 2));
        content.extend(three(rect.top / 2));
        content.extend(three(rect.width - 1));
        content.extend(three(rect.height - 1));
        content.extend(three(frame.delay.in_parts(1000).min(0x00ff_ffff)));
        // Replaces what is there, and stays.
        content.push(NO_BLENDING);
        content.extend(picture_chunks(&file));
        chunk(&mut self.frames, b"ANMF", &content);
        self.before = Some(canvas.rgba);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Encoded, CodecError> {
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let flags = ANIMATION
            | flag(self.transparent, ALPHA)
            | flag(self.metadata.icc.is_some(), ICC)
            | flag(self.metadata.exif.is_some(), EXIF);
        let mut body = b"WEBP".to_vec();
        let extended = [&[flags, 0, 0, 0][..], &three(self.width - 1), &three(self.height - 1)].concat();
        chunk(&mut body, b"VP8X", &extended);
        if let Some(icc) = &self.metadata.icc {
            chunk(&mut body, b"ICCP", icc);
        }
        let plays = u16::try_from(self.plays).unwrap_or(u16::MAX);
        chunk(&mut body, b"ANIM", &[&[0; 4][..], &plays.to_le_bytes()].concat());
        body.extend(self.frames);
        if let Some(exif) = &self.metadata.exif {
            chunk(&mut body, b"EXIF", exif);
        }
        let bytes = riff(&body).ok_or_else(|| failed("the file would have more than 4 GiB"))?;
        let mut notes = Vec::new();
        if self.options.is_limited() {
            notes.push("the largest size was not looked for: it is for single pictures".to_owned());
        }
        Ok(Encoded { bytes, notes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EncodeOptions;

    const SIZE: (u32, u32) = (6, 4);

    /// A file of frames, each of one colour: place, colour, flags.
    fn file(alpha: bool, frames: &[(Rect, [u8; 4], u8)]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        let flags = ANIMATION | if alpha { ALPHA } else { 0 };
        chunk(&mut body, b"VP8X", &[&[flags, 0, 0, 0][..], &three(SIZE.0 - 1), &three(SIZE.1 - 1)].concat());
        // A background of opaque red, which no reader follows.
        chunk(&mut body, b"ANIM", &[0, 0, 255, 255, 0, 0]);
        for (rect, colour, flags) in frames {
            let raster =
                Raster::new(rect.width, rect.height, Layout::Rgba, colour.repeat((rect.width * rect.height) as usize));
            let mut options = EncodeOptions::default();
            options.set_text("lossless", "true").unwrap();
            let picture = picture_chunks(&encode_raster(&raster, &options.read()).unwrap());
            let place = [three(rect.left / 2), three(rect.top / 2), three(rect.width - 1), three(rect.height - 1)];
            chunk(&mut body, b"ANMF", &[&place.concat()[..], &three(40), &[*flags], &picture].concat());
        }
        riff(&body).unwrap()
    }

    fn frames(bytes: &[u8]) -> Vec<Pixels> {
        let mut reader = open(bytes, &Limits::default()).unwrap();
        std::iter::from_fn(|| reader.next().unwrap()).map(|frame| frame.pixels).collect()
    }

    #[test]
    fn frames_are_blended_exactly_and_disposed_of() {
        const BLEND: u8 = 0;
        let all = Rect { left: 0, top: 0, width: 6, height: 4 };
        let part = Rect { left: 2, top: 2, width: 3, height: 2 };
        for alpha in 1..=254_u8 {
            let bytes = file(
                true,
                &[
                    (all, [200, 10, 30, 255], BLEND),
                    (part, [7, 250, 100, alpha], BLEND | TO_BACKGROUND),
                    (part, [7, 250, 100, alpha], NO_BLENDING),
                ],
            );
            let found = frames(&bytes);
            assert_eq!(found.len(), 3);
            // Over an opaque ground: a mean weighted by alpha, rounded once.
            let share = f64::from(alpha) / 255.0;
            let mixed = [(7.0, 200.0), (250.0, 10.0), (100.0, 30.0)]
                .map(|(above, below): (f64, f64)| (above * share + below * (1.0 - share)).round() as u8);
            for (number, inside) in [(1, [mixed[0], mixed[1], mixed[2], 255]), (2, [7, 250, 100, alpha])] {
                let rgba = found[number].to_rgba8();
                for (i, pixel) in rgba.chunks_exact(4).enumerate() {
                    let is_inside = (2..5).contains(&(i % 6)) && i / 6 >= 2;
                    let expected = if is_inside { inside } else { [200, 10, 30, 255] };
                    assert_eq!(pixel, expected, "alpha {alpha}, frame {number}, pixel {i}");
                }
            }
        }
    }

    #[test]
    fn what_was_disposed_of_is_transparent_and_files_without_alpha_are_opaque() {
        let all = Rect { left: 0, top: 0, width: 6, height: 4 };
        let part = Rect { left: 0, top: 0, width: 2, height: 4 };
        let bytes = file(false, &[(all, [9, 8, 7, 255], TO_BACKGROUND), (part, [1, 2, 3, 255], 0)]);
        let found = frames(&bytes);
        assert_eq!(found[0].shape().layout, Layout::Rgb);
        let rgba = found[1].to_rgba8();
        assert_eq!((&rgba[..4], &rgba[12..16]), (&[1, 2, 3, 255][..], &[0; 4][..]));
        // The first picture alone comes by the same way.
        assert_eq!(first(&bytes, &Limits::default()), Some(Ok(found[0].clone())));
        assert_eq!(first(&bytes[..60], &Limits::default()).map(|first| first.is_err()), Some(true), "cut short");
    }
}
