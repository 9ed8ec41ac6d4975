//! Animated WebP (RFC 9649, section 2.7): each frame is encoded by itself; the container is put together here.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::canvas::{Canvas, Rect, difference};
use super::{Animation, Begin, Delay, Frame, Frames, MAX_FRAMES, ReadFrames, Survey, WriteFrames};
use crate::codec::{CodecError, EncodeOptions, Encoded, Input, Limits, webp as still};
use crate::picture::{Layout, Metadata, Raster};

pub(super) const FRAMES: Frames = Frames { codec: &still::CODEC, survey, animation: Some(Animation { open, begin }) };

/// Walks the chunks.
fn survey(input: &mut dyn Input) -> std::io::Result<Survey> {
    use std::io::SeekFrom;
    input.seek(SeekFrom::Start(12))?;
    let mut survey = Survey { frames: 0, plays: 1 };
    let mut walk = || -> std::io::Result<()> {
        while survey.frames <= MAX_FRAMES {
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

struct Reader<'a> {
    decoder: WebPDecoder<Cursor<&'a [u8]>>,
    left: u32,
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Box<dyn ReadFrames + 'a>, CodecError> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    decoder.set_memory_limit(usize::try_from(limits.decoded_bytes).unwrap_or(usize::MAX));
    if !decoder.is_animated() {
        return Err(CodecError::Unsupported("the WebP file holds no animation".to_owned()));
    }
    // The colour in the file is a hint that nobody follows.
    decoder.set_background_color([0; 4]).map_err(damaged)?;
    let left = decoder.num_frames();
    Ok(Box::new(Reader { decoder, left }))
}

fn damaged(error: impl ToString) -> CodecError {
    CodecError::Damaged(error.to_string())
}

impl ReadFrames for Reader<'_> {
    fn next(&mut self) -> Result<Option<Frame>, CodecError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let length = self.decoder.output_buffer_size().ok_or_else(|| damaged("its size is beyond all limits"))?;
        let mut samples = vec![0; length];
        let millis = self.decoder.read_frame(&mut samples).map_err(damaged)?;
        let (width, height) = self.decoder.dimensions();
        let layout = if self.decoder.has_alpha() { Layout::Rgba } else { Layout::Rgb };
        let pixels = Raster::new(width, height, layout, samples).into();
        Ok(Some(Frame { pixels, delay: Delay { numerator: millis, denominator: 1000 } }))
    }
}

/// The chunks of a file but for what says how long it is.
struct Writer {
    frames: Vec<u8>,
    options: EncodeOptions,
    metadata: Metadata,
    width: u32,
    height: u32,
    plays: u32,
    before: Option<Vec<u8>>,
    transparent: bool,
}

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: still::CODEC.title, reason: reason.to_string() }
}

fn begin(begin: &Begin<'_>) -> Result<Box<dyn WriteFrames>, CodecError> {
    still::check_sides(begin.width, begin.height)?;
    Ok(Box::new(Writer {
        frames: Vec::new(),
        options: begin.options.clone(),
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
    let mut rest = file.get(12..).unwrap_or_default();
    while let Some((head, content)) = rest.split_at_checked(8) {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let padded = (size + size % 2).min(content.len());
        if matches!(&head[..4], b"ALPH" | b"VP8 " | b"VP8L") {
            out.extend(head);
            out.extend(&content[..padded]);
        }
        rest = &content[padded..];
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
        let file = still::encode_raster(&raster, &self.options)?;
        let mut content = Vec::with_capacity(file.len() + 16);
        // Offsets are halved, sizes are less one.
        content.extend(three(rect.left / 2));
        content.extend(three(rect.top / 2));
        content.extend(three(rect.width - 1));
        content.extend(three(rect.height - 1));
        content.extend(three(frame.delay.in_parts(1000).min(0x00ff_ffff)));
        // Replaces what is there, and stays.
        content.push(0b10);
        content.extend(picture_chunks(&file));
        chunk(&mut self.frames, b"ANMF", &content);
        self.before = Some(canvas.rgba);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Encoded, CodecError> {
        const ICC: u8 = 0x20;
        const ALPHA: u8 = 0x10;
        const EXIF: u8 = 0x08;
        const ANIMATION: u8 = 0x02;
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
        let length = u32::try_from(body.len()).map_err(|_| failed("the file would have more than 4 GiB"))?;
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(length.to_le_bytes());
        bytes.extend(body);
        let mut notes = Vec::new();
        if self.options.max_kib > 0 && !self.options.lossless {
            notes.push("the largest size was not looked for: it is for single pictures".to_owned());
        }
        Ok(Encoded { bytes, notes })
    }
}
