//! Animated GIF (GIF89a, and the NETSCAPE2.0 application extension for the number of plays).

use gif::{ColorOutput, DecodeOptions, DisposalMethod, MemoryLimit, Repeat};

use super::GifOptions;
use crate::frames::canvas::{Canvas, Rect, difference};
use crate::frames::{Animation, Begin, Delay, Frame, Frames, ReadFrames, Survey, WriteFrames};
use crate::{CodecError, Encoded, Input, Limits};

pub(crate) static FRAMES: Frames = Frames { codec: &super::CODEC, survey, animation: Some(Animation { open, begin }) };

fn survey(input: &mut dyn Input, most: u32) -> std::io::Result<Survey> {
    Ok(walk(input, most)?.survey)
}

/// Whether a file goes to the mark of its end.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    walk(&mut std::io::Cursor::new(bytes), u32::MAX).is_ok_and(|walked| walked.is_whole)
}

/// The size of the screen, and whether that had to be made larger: where the first frame does not lie within it, other
/// readers show the frame whole.
pub(crate) fn screen(input: &mut dyn Input) -> std::io::Result<Screen> {
    let Walked { mut screen, first, .. } = walk(input, 0)?;
    let frame = first.unwrap_or(Rect { left: 0, top: 0, width: 0, height: 0 });
    let stated = (screen.width, screen.height);
    screen.width = screen.width.max(frame.left + frame.width);
    screen.height = screen.height.max(frame.top + frame.height);
    screen.is_enlarged = stated != (screen.width, screen.height);
    Ok(screen)
}

/// What the frames are drawn on.
pub(crate) struct Screen {
    pub width: u32,
    pub height: u32,
    pub is_enlarged: bool,
}

/// What the blocks of a file say.
struct Walked {
    screen: Screen,
    /// Where the first frame lies.
    first: Option<Rect>,
    survey: Survey,
    /// Whether they go to the mark of the end.
    is_whole: bool,
}

/// Walks the blocks (GIF89a, section 12) without decoding, to one frame more than `most`.
fn walk(input: &mut dyn Input, most: u32) -> std::io::Result<Walked> {
    use std::io::SeekFrom;
    fn byte(input: &mut dyn Input) -> std::io::Result<u8> {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        Ok(byte[0])
    }
    // A colour table follows where bit 7 says so, of 3 × 2^(bits 0–2 + 1) bytes.
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    fn shorts<const N: usize>(input: &mut dyn Input) -> std::io::Result<[u32; N]> {
        let mut shorts = [[0; 2]; N];
        input.read_exact(shorts.as_flattened_mut())?;
        Ok(shorts.map(|raw| u16::from_le_bytes(raw).into()))
    }
    input.seek(SeekFrom::Start(6))?;
    let [width, height] = shorts(input)?;
    let flags = byte(input)?;
    input.seek_relative(2 + table(flags))?;
    let mut first = None;
    // Without the extension it plays once; with it, so many times more.
    let mut survey = Survey { frames: 0, plays: 1 };
    let mut blocks = || -> std::io::Result<()> {
        while survey.frames <= most {
            let mut repeats = false;
            match byte(input)? {
                0x21 => repeats = byte(input)? == 0xff,
                0x2c => {
                    survey.frames += 1;
                    let [left, top, width, height] = shorts(input)?;
                    first.get_or_insert(Rect { left, top, width, height });
                    let flags = byte(input)?;
                    input.seek_relative(table(flags) + 1)?;
                }
                0x3b => return Ok(()),
                _ => return Err(std::io::ErrorKind::InvalidData.into()),
            }
            let mut block = Vec::new();
            loop {
                let length = byte(input)?;
                if length == 0 {
                    break;
                }
                if !repeats {
                    input.seek_relative(length.into())?;
                    continue;
                }
                let name_before = block == b"NETSCAPE2.0" || block == b"ANIMEXTS1.0";
                block.resize(length.into(), 0);
                input.read_exact(&mut block)?;
                if let (true, [1, low, high]) = (name_before, block.as_slice()) {
                    survey.plays = match u32::from(u16::from_le_bytes([*low, *high])) {
                        0 => 0,
                        more => more + 1,
                    };
                }
            }
        }
        Ok(())
    };
    let is_whole = blocks().is_ok();
    let survey = Survey { frames: survey.frames.max(1), ..survey };
    Ok(Walked { screen: Screen { width, height, is_enlarged: false }, first, survey, is_whole })
}

struct Reader<'a> {
    decoder: gif::Decoder<&'a [u8]>,
    canvas: Canvas,
    /// What is done before the next frame.
    dispose: DisposalMethod,
    last: Rect,
    /// What was there before the last frame, if that is to be taken back.
    kept: Option<Vec<u8>>,
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Box<dyn ReadFrames + 'a>, CodecError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let most = limits.decoded_bytes.try_into().unwrap_or(std::num::NonZeroU64::MIN);
    options.set_memory_limit(MemoryLimit::Bytes(most));
    let decoder = options.read_info(bytes).map_err(damaged)?;
    let screen = screen(&mut std::io::Cursor::new(bytes))?;
    let canvas = Canvas::new(screen.width, screen.height);
    let last = Rect { left: 0, top: 0, width: 0, height: 0 };
    Ok(Box::new(Reader { decoder, canvas, dispose: DisposalMethod::Any, last, kept: None }))
}

fn damaged(error: impl std::fmt::Display) -> CodecError {
    CodecError::undecodable(error)
}

impl ReadFrames for Reader<'_> {
    fn next(&mut self) -> Result<Option<Frame>, CodecError> {
        match (self.dispose, self.kept.take()) {
            (DisposalMethod::Background, _) => self.canvas.clear(self.last),
            (DisposalMethod::Previous, Some(kept)) => self.canvas.rgba = kept,
            _ => {}
        }
        let Some(frame) = self.decoder.read_next_frame().map_err(damaged)? else { return Ok(None) };
        let rect = Rect {
            left: frame.left.into(),
            top: frame.top.into(),
            width: frame.width.into(),
            height: frame.height.into(),
        };
        (self.dispose, self.last) = (frame.dispose, rect);
        if self.dispose == DisposalMethod::Previous {
            self.kept = Some(self.canvas.rgba.clone());
        }
        self.canvas.over(rect, &frame.buffer);
        let delay = Delay { numerator: frame.delay.into(), denominator: 100 };
        Ok(Some(Frame { pixels: self.canvas.pixels(), delay }))
    }
}

/// A frame waits until the next is known: only then is it known how it must go.
struct Writer {
    encoder: gif::Encoder<Vec<u8>>,
    options: GifOptions,
    width: u32,
    height: u32,
    /// What is seen before the waiting frame, once something is.
    before: Option<Vec<u8>>,
    waiting: Option<(Vec<u8>, u16)>,
    notes: Vec<String>,
}

fn failed(reason: impl ToString) -> CodecError {
    CodecError::Encode { format: super::CODEC.title, reason: reason.to_string() }
}

fn begin(begin: &Begin<'_>) -> Result<Box<dyn WriteFrames>, CodecError> {
    let side = |n: u32| u16::try_from(n).map_err(|_| failed("no side may be longer than 65,535 pixels"));
    let mut encoder = gif::Encoder::new(Vec::new(), side(begin.width)?, side(begin.height)?, &[]).map_err(failed)?;
    match begin.survey.plays {
        1 => {}
        0 => encoder.set_repeat(Repeat::Infinite).map_err(failed)?,
        n => encoder.set_repeat(Repeat::Finite(u16::try_from(n - 1).unwrap_or(u16::MAX))).map_err(failed)?,
    }
    Ok(Box::new(Writer {
        encoder,
        options: begin.options.read(),
        width: begin.width,
        height: begin.height,
        before: None,
        waiting: None,
        notes: Vec::new(),
    }))
}

impl Writer {
    /// Writes the waiting frame; `after` is the one that follows it.
    fn write(&mut self, after: Option<&[u8]>) -> Result<(), CodecError> {
        let Some((rgba, delay)) = self.waiting.take() else { return Ok(()) };
        // A transparent pixel shows what was there before, so what is to become transparent must be cleared first.
        let clears = after.is_some_and(|after| {
            rgba.chunks_exact(4).zip(after.chunks_exact(4)).any(|(now, then)| now[3] >= 128 && then[3] < 128)
        });
        let all = Rect { left: 0, top: 0, width: self.width, height: self.height };
        let rect = match &self.before {
            Some(before) if !clears => difference(before, &rgba, self.width, self.height, false),
            _ => all,
        };
        let canvas = Canvas { width: self.width, height: self.height, rgba };
        let part = canvas.cut(rect);
        // Some readers clear to a colour unless the frame knows a transparent one.
        let colours = if clears { self.options.colours.clamp(2, 255) } else { self.options.colours };
        let options = GifOptions { colours, ..self.options.clone() };
        let (mut frame, notes) = super::frame(&part, rect.width as u16, rect.height as u16, &options);
        if let (true, None, Some(palette)) = (clears, frame.transparent, &mut frame.palette) {
            frame.transparent = u8::try_from(palette.len() / 3).ok();
            palette.extend([0; 3]);
        }
        for note in notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        (frame.left, frame.top, frame.delay) = (rect.left as u16, rect.top as u16, delay);
        frame.dispose = if clears { DisposalMethod::Background } else { DisposalMethod::Keep };
        self.encoder.write_frame(&frame).map_err(failed)?;
        self.before = if clears { Some(vec![0; canvas.rgba.len()]) } else { Some(canvas.rgba) };
        Ok(())
    }
}

impl WriteFrames for Writer {
    fn push(&mut self, frame: &Frame) -> Result<(), CodecError> {
        let rgba = frame.pixels.to_rgba8();
        self.write(Some(&rgba))?;
        self.waiting = Some((rgba, u16::try_from(frame.delay.in_parts(100)).unwrap_or(u16::MAX)));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Encoded, CodecError> {
        self.write(None)?;
        Ok(Encoded { bytes: self.encoder.into_inner().map_err(failed)?, notes: self.notes })
    }
}
