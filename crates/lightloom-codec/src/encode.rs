//! Encodes a picture: what every format needs before and after its own encoder.

use lightloom_param::Colour;
use lightloom_picture::{Buffers, Chroma, Depth, Layout, Metadata, Picture, Planar, RowForm, Shape};

use crate::codec::BeginRows;
use crate::options::CommonOptions;
use crate::shared::{flatten, target_size};
use crate::{Codec, CodecError, EncodeOptions, embed};

/// A file's bytes.
#[derive(Debug)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    /// What the format could not keep.
    pub notes: Vec<String>,
}

/// Encodes a picture, in the nearest depth and layout that the format holds; what that loses is noted. Its buffer goes
/// to `buffers`.
///
/// # Errors
/// If the format cannot hold it at all.
pub fn encode(
    codec: &'static Codec,
    mut picture: Picture,
    options: &EncodeOptions,
    buffers: &mut Buffers,
) -> Result<Encoded, CodecError> {
    let shape = picture.pixels.shape();
    let Some(writer) = &codec.write else {
        let reason = format!("it is only read; choose another format, for example {}", codec.same().title);
        return Err(CodecError::Encode { format: codec.title, reason });
    };
    let common: CommonOptions = options.read();
    let wanted = common.depth_for(shape.depth);
    let (layout, depth) = (writer.fit)(shape.layout, wanted);
    let mut notes = Vec::new();
    if depth < shape.depth && depth < wanted {
        notes.push(format!("{} cannot hold {} samples: reduced to {depth}", codec.title, shape.depth));
    }
    if shape.layout.has_alpha() && !layout.has_alpha() {
        notes.push(format!("{} cannot hold transparency: laid over {}", codec.title, common.background_name()));
        let Colour([red, green, blue, _]) = common.background;
        picture.pixels = flatten::flatten(picture.pixels, [red, green, blue]);
    }
    // A coloured background may have made a grey picture coloured.
    let (layout, _) = (writer.fit)(picture.pixels.shape().layout, wanted);
    picture.pixels = picture.pixels.into_depth(depth).into_layout(layout);
    let (metadata, lost) = fitted(codec, std::mem::take(&mut picture.metadata), layout, &mut notes);
    picture.metadata = metadata;
    let write = |options: &EncodeOptions| {
        let mut encoded = (writer.encode)(&picture, options)?;
        embed::embed(codec, &mut encoded, &picture.metadata);
        Ok(encoded)
    };
    let mut encoded = if common.max_kib > 0 && codec.is_lossy_with(options) {
        let mut at = |quality| write(&options.clone().quality_of(quality));
        let max_bytes = common.max_kib as usize * 1024;
        let (encoded, quality) = target_size::search(common.quality, max_bytes, &mut at)?;
        notes.push(target_size::note(&encoded, quality, common.max_kib));
        encoded
    } else {
        write(options)?
    };
    picture.pixels.recycle(buffers);
    notes.append(&mut encoded.notes);
    notes.extend(lost);
    Ok(Encoded { notes, ..encoded })
}

/// The metadata that a file of this format can hold, and notes on the others.
fn fitted(
    codec: &'static Codec,
    mut metadata: Metadata,
    layout: Layout,
    notes: &mut Vec<String>,
) -> (Metadata, Vec<String>) {
    if metadata.icc.as_deref().is_some_and(|icc| !profile_fits(icc, layout)) {
        metadata.icc = None;
        notes.push("the colour profile does not fit the channels of the result and was left out".to_owned());
    }
    embed::fitted(codec, metadata)
}

/// A format's part of a [`RowEncoder`].
pub(crate) trait RowWriter: Send {
    /// Takes the next rows or bands, one or more whole ones.
    fn push(&mut self, rows: &[u8]) -> Result<(), CodecError>;

    /// The file, once all rows are there.
    fn finish(self: Box<Self>, metadata: &Metadata) -> Result<Encoded, CodecError>;
}

/// Encodes an 8-bit picture that arrives from top to bottom, to the same file as [`encode`].
pub struct RowEncoder {
    codec: &'static Codec,
    layout: Layout,
    writer: Box<dyn RowWriter>,
}

/// Chroma of planes that are written, beside luma.
const CHROMA: [Chroma; 3] = [Chroma { columns: 2, rows: 2 }, Chroma { columns: 2, rows: 1 }, Chroma::FULL];

impl RowEncoder {
    /// Begins a file of a picture that arrives in this form; planes are written as they are. `None` where the format, its
    /// options or the picture's shape need the whole picture at once, or another form.
    pub fn new(codec: &'static Codec, form: RowForm, options: &EncodeOptions) -> Option<Self> {
        let shape = form.shape();
        let begin = by_rows(codec, shape, options)?;
        Some(Self { codec, layout: shape.layout, writer: begin(form, options)? })
    }

    /// Chroma of the planes that a file of a picture of this size would hold; `None` if it cannot be written from planes.
    pub fn chroma(codec: &'static Codec, (width, height): (u32, u32), options: &EncodeOptions) -> Option<Chroma> {
        let is_written = |chroma: &Chroma| {
            let form = RowForm::Planes(Planar { width, height, chroma: *chroma });
            Self::new(codec, form, options).is_some()
        };
        CHROMA.into_iter().find(is_written)
    }

    /// Takes the next rows or bands, one or more whole ones.
    ///
    /// # Errors
    /// If they are no whole ones, or more than there should be.
    pub fn push(&mut self, rows: &[u8]) -> Result<(), CodecError> {
        self.writer.push(rows)
    }

    /// The file, with metadata.
    ///
    /// # Errors
    /// If rows are missing.
    pub fn finish(self, metadata: Metadata) -> Result<Encoded, CodecError> {
        let mut notes = Vec::new();
        let (metadata, lost) = fitted(self.codec, metadata, self.layout, &mut notes);
        let mut encoded = self.writer.finish(&metadata)?;
        embed::embed(self.codec, &mut encoded, &metadata);
        notes.append(&mut encoded.notes);
        notes.extend(lost);
        Ok(Encoded { notes, ..encoded })
    }
}

/// How a picture of this shape is written from top to bottom, if its format and these options do not need all of it at once.
fn by_rows(codec: &Codec, shape: Shape, options: &EncodeOptions) -> Option<BeginRows> {
    let writer = codec.write.as_ref()?;
    let common: CommonOptions = options.read();
    let fits = (writer.fit)(shape.layout, common.depth_for(Depth::U8)) == (shape.layout, Depth::U8);
    let is_tried_again = common.max_kib > 0 && codec.is_lossy_with(options);
    writer.encode_rows.filter(|_| shape.depth == Depth::U8 && fits && !is_tried_again)
}

/// Whether an ICC profile is for pictures of this layout: its header names the colour space (ICC.1:2022, 7.2.6).
fn profile_fits(icc: &[u8], layout: Layout) -> bool {
    icc.get(16..20) == Some(if layout.colours() == 1 { b"GRAY" } else { b"RGB " })
}
