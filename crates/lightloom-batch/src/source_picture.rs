//! A source as a picture that can be decoded whenever its pixels are wanted, wherever that is done.

use std::sync::Arc;

use super::Source;
use super::cause::StageError;
use super::loaded::{Loaded, recognise};
use super::render::{Rendered, render_decoded};
use super::source::ReadProgress;
use super::subject;
use super::worker::{Decoders, RemotePicture, Seen};
use lightloom_codec::{Codec, Decoded, Header, Limits};
use lightloom_filter::Work;
use lightloom_picture::Metadata;
use lightloom_recipe::{Purpose, Recipe};

/// What the header of a picture says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFacts {
    /// Columns of the upright picture.
    pub width: u32,
    /// Rows of the upright picture.
    pub height: u32,
    /// Maker and model of its camera, if its Exif data name it.
    pub camera: Option<Arc<str>>,
}

impl PictureFacts {
    /// Reads the header of a source, and of the rest no more than its format asks for.
    ///
    /// # Errors
    /// If it cannot be read, is no picture or over a limit.
    pub fn read(source: &Source, limits: &Limits, decoders: &Decoders) -> Result<Self, StageError> {
        SourcePicture::header(source, limits, decoders).map(|seen| Self::of(&seen.header))
    }

    fn of(header: &Header) -> Self {
        let shape = header.upright();
        Self { width: shape.width, height: shape.height, camera: subject::camera(&header.metadata).map(Into::into) }
    }

    /// Number of pixels.
    pub const fn pixels(&self) -> u64 {
        self.width as u64 * self.height as u64
    }
}

/// A picture whose header is known. It is held in memory or, if its format is isolated, by a worker process.
#[derive(Debug)]
pub struct SourcePicture {
    codec: &'static Codec,
    header: Arc<Header>,
    length: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Here(Box<Loaded>),
    There(Box<RemotePicture>),
}

impl SourcePicture {
    /// Reads a source; one of `decoders` does where its format is isolated. That can be stopped.
    ///
    /// # Errors
    /// If it cannot be read, is no picture or over a limit.
    pub fn open(
        source: &Source,
        limits: &Limits,
        decoders: &Decoders,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, StageError> {
        let here = recognise(source, limits, &ReadProgress::default(), |codec| !decoders.isolate(codec))?;
        let Some(here) = here else {
            let mut picture = decoders.look(source, limits, stop)?;
            let Seen { codec, header, length, .. } = picture.look(stop)?.clone();
            return Ok(Self { codec, header: Arc::new(header), length, content: Content::There(Box::new(picture)) });
        };
        let loaded = here.load(limits)?;
        let (codec, header, length) = (loaded.codec, Arc::new(loaded.header.clone()), loaded.bytes.len() as u64);
        Ok(Self { codec, header, length, content: Content::Here(Box::new(loaded)) })
    }

    /// What a source's header says, without the rest of the source where that can be.
    pub(super) fn header(source: &Source, limits: &Limits, decoders: &Decoders) -> Result<Seen, StageError> {
        match recognise(source, limits, &ReadProgress::default(), |codec| !decoders.isolate(codec))? {
            Some(here) => Ok(Seen {
                codec: here.codec,
                length: here.reader.length(),
                modified: here.reader.modified(),
                header: here.header,
            }),
            None => decoders.look(source, limits, &|| false)?.look(&|| false).cloned(),
        }
    }

    /// Its format.
    pub const fn codec(&self) -> &'static Codec {
        self.codec
    }

    /// Columns and rows of the upright picture.
    pub fn size(&self) -> (u32, u32) {
        let shape = self.header.upright();
        (shape.width, shape.height)
    }

    /// What its header says of it.
    pub fn facts(&self) -> PictureFacts {
        PictureFacts::of(&self.header)
    }

    /// Size of its file in bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// The metadata in its header.
    pub fn metadata(&self) -> &Metadata {
        &self.header.metadata
    }

    pub(super) fn full_header(&self) -> Arc<Header> {
        Arc::clone(&self.header)
    }

    /// Decodes it, its sides divided by one of its codec's divisors. A worker process that does is ended when it is
    /// stopped.
    pub(super) fn decode(&mut self, divisor: u8, work: &mut Work<'_>) -> Result<Decoded, StageError> {
        match &mut self.content {
            Content::Here(loaded) => loaded.decode(divisor, work),
            Content::There(picture) => picture.decode(divisor, work.stop),
        }
    }

    /// Decodes and filters it for the first output of a recipe, as [`stage::render`](super::stage::render) does with a file
    /// in memory.
    ///
    /// # Errors
    /// If it cannot be decoded, the recipe does not fit it, or `work.stop` says so.
    pub fn render(&mut self, recipe: &Recipe, purpose: Purpose, work: &mut Work<'_>) -> Result<Rendered, StageError> {
        let (codec, header) = (self.codec, self.full_header());
        render_decoded((codec, &header), recipe, 0, purpose, work, |divisor, work| self.decode(divisor, work))
    }
}
