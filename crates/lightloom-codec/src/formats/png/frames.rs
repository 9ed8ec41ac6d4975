//! Animated PNG (PNG, third edition, sections 4.7 and 11.3.6).

use std::borrow::Cow;
use std::io::Cursor;

use png::{BitDepth, BlendOp, ColorType, Decoder, DeflateCompression, DisposeOp, Filter, Info, Transformations};

use super::{PngCompression, PngOptions};
use crate::frames::canvas::{Canvas, Rect, difference};
use crate::frames::{Animation, Begin, Delay, Frame, Frames, ReadFrames, Survey, WriteFrames};
use crate::{CodecError, Encoded, Input, Limits};

pub(crate) static FRAMES: Frames = Frames { codec: &super::CODEC, survey, animation: Some(Animation { open, begin }) };

/// The animation control chunk stands before the pixel data.
fn survey(input: &mut dyn Input, most: u32) -> std::io::Result<Survey> {
    use std::io::SeekFrom;
    input.seek(SeekFrom::Start(8))?;
    loop {
        let mut head = [0; 8];
        input.read_exact(&mut head)?;
        let [l3, l2, l1, l0, kind @ ..] = head;
        let length = u32::from_be_bytes([l3, l2, l1, l0]);
        match &kind {
            b"acTL" => {
                let mut control = [0; 8];
                input.read_exact(&mut control)?;
                let [f3, f2, f1, f0, plays @ ..] = control;
                let frames = u32::from_be_bytes([f3, f2, f1, f0]);
                return Ok(Survey {
                    frames: frames.clamp(1, most.saturating_add(1)),
                    plays: u32::from_be_bytes(plays),
                });
            }
            b"IDAT" | b"IEND" => return Ok(Survey { frames: 1, plays: 1 }),
            // A chunk and its checksum.
            _ => input.seek_relative(i64::from(length) + 4)?,
        }
    }
}

struct Reader<'a> {
    reader: png::Reader<Cursor<&'a [u8]>>,
    canvas: Canvas,
    dispose: DisposeOp,
    last: Rect,
    kept: Option<Vec<u8>>,
    /// Frames that are still to come.
    left: u32,
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Box<dyn ReadFrames + 'a>, CodecError> {
    let most = usize::try_from(limits.decoded_bytes).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: most });
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let reader = decoder.read_info().map_err(damaged)?;
    let info = reader.info();
    let left = info.animation_control().map_or(1, |control| control.num_frames);
    let canvas = Canvas::new(info.width, info.height);
    let last = Rect { left: 0, top: 0, width: 0, height: 0 };
    Ok(Box::new(Reader { reader, canvas, dispose: DisposeOp::None, last, kept: None, left }))
}

fn damaged(error: impl std::fmt::Display) -> CodecError {
    CodecError::undecodable(error)
}

impl ReadFrames for Reader<'_> {
    fn next(&mut self) -> Result<Option<Frame>, CodecError> {
        if self.left == 0 {
            return Ok(None);
        }
        match (self.dispose, self.kept.take()) {
            (DisposeOp::Background, _) => self.canvas.clear(self.last),
            (DisposeOp::Previous, Some(kept)) => self.canvas.rgba = kept,
            _ => {}
        }
        let length = self.reader.output_buffer_size().ok_or_else(|| damaged("its size is beyond all limits"))?;
        let mut samples = vec![0; length];
        let mut info = self.reader.next_frame(&mut samples).map_err(damaged)?;
        if self.reader.info().frame_control().is_none() && self.reader.info().is_animated() {
            // The still picture for readers that know no animations.
            info = self.reader.next_frame(&mut samples).map_err(damaged)?;
        }
        self.left -= 1;
        samples.truncate(info.buffer_size());
        let rgba = if info.color_type == ColorType::GrayscaleAlpha {
            samples.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect()
        } else {
            samples
        };
        let all = Rect { left: 0, top: 0, width: info.width, height: info.height };
        let (rect, blend, delay) = match self.reader.info().frame_control() {
            Some(control) => {
                self.dispose = control.dispose_op;
                let denominator = if control.delay_den == 0 { 100 } else { control.delay_den };
                let delay = Delay { numerator: control.delay_num.into(), denominator: denominator.into() };
                (Rect { left: control.x_offset, top: control.y_offset, ..all }, control.blend_op, delay)
            }
            None => (all, BlendOp::Source, Delay { numerator: 0, denominator: 100 }),
        };
        self.last = rect;
        if self.dispose == DisposeOp::Previous {
            self.kept = Some(self.canvas.rgba.clone());
        }
        match blend {
            BlendOp::Source => self.canvas.replace(rect, &rgba),
            BlendOp::Over => self.canvas.over(rect, &rgba),
        }
        Ok(Some(Frame { pixels: self.canvas.pixels(), delay }))
    }
}

/// Bytes that are shared with the encoder, which hands its own out only by ending.
#[derive(Clone, Default)]
struct Target(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Target {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl std::io::Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Writer {
    target: Target,
    encoder: png::Writer<Target>,
    width: u32,
    height: u32,
    before: Option<Vec<u8>>,
    expected: u32,
    count: u32,
    notes: Vec<String>,
}

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: super::CODEC.title, reason: reason.to_string() }
}

fn begin(begin: &Begin<'_>) -> Result<Box<dyn WriteFrames>, CodecError> {
    let options: PngOptions = begin.options.read();
    let mut info = Info::with_size(begin.width, begin.height);
    info.color_type = ColorType::Rgba;
    info.bit_depth = BitDepth::Eight;
    info.icc_profile = begin.metadata.icc.clone().map(Cow::Owned);
    info.exif_metadata = begin.metadata.exif.clone().map(Cow::Owned);
    let target = Target::default();
    let mut encoder = png::Encoder::with_info(target.clone(), info).map_err(failed)?;
    encoder.set_animated(begin.survey.frames, begin.survey.plays).map_err(failed)?;
    let (level, filter) = match options.png_compression {
        PngCompression::Fast => (DeflateCompression::FdeflateUltraFast, Filter::Paeth),
        PngCompression::Normal => (DeflateCompression::Level(2), Filter::Adaptive),
        PngCompression::Small => (DeflateCompression::Level(9), Filter::Adaptive),
    };
    encoder.set_deflate_compression(level);
    encoder.set_filter(filter);
    let encoder = encoder.write_header().map_err(failed)?;
    Ok(Box::new(Writer {
        target,
        encoder,
        width: begin.width,
        height: begin.height,
        before: None,
        expected: begin.survey.frames,
        count: 0,
        notes: if options.palette { vec!["an animated PNG gets no palette".to_owned()] } else { Vec::new() },
    }))
}

impl WriteFrames for Writer {
    fn push(&mut self, frame: &Frame) -> Result<(), CodecError> {
        let canvas = Canvas { width: self.width, height: self.height, rgba: frame.pixels.to_rgba8() };
        let all = Rect { left: 0, top: 0, width: self.width, height: self.height };
        let rect =
            self.before.as_ref().map_or(all, |before| difference(before, &canvas.rgba, self.width, self.height, false));
        // As it is where it fits into 16 bits, else in milliseconds.
        let delay = (u16::try_from(frame.delay.numerator), u16::try_from(frame.delay.denominator));
        let (numerator, denominator) = match delay {
            (Ok(n), Ok(d)) => (n, d),
            _ => (u16::try_from(frame.delay.in_parts(1000)).unwrap_or(u16::MAX), 1000),
        };
        let encoder = &mut self.encoder;
        if self.count > 0 {
            encoder.reset_frame_position().map_err(failed)?;
            encoder.set_frame_dimension(rect.width, rect.height).map_err(failed)?;
            encoder.set_frame_position(rect.left, rect.top).map_err(failed)?;
        }
        encoder.set_frame_delay(numerator, denominator).map_err(failed)?;
        encoder.set_blend_op(BlendOp::Source).map_err(failed)?;
        encoder.set_dispose_op(DisposeOp::None).map_err(failed)?;
        encoder.write_image_data(&canvas.cut(rect)).map_err(failed)?;
        self.before = Some(canvas.rgba);
        self.count += 1;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Encoded, CodecError> {
        if self.count != self.expected {
            return Err(failed(format!("there are {} frames instead of {}", self.count, self.expected)));
        }
        self.encoder.finish().map_err(failed)?;
        let bytes = std::mem::take(&mut *self.target.lock());
        Ok(Encoded { bytes, notes: self.notes })
    }
}
