//! TIFF: read by our own reader, which knows more kinds than the image crate's and brings them to grey or RGB in 8, 16
//! or 32-bit float; written by the image crate's encoder.
//!
//! Reading goes from `file` (the structure, shared with RAW) to `form` (the directory, checked), `read` (the pixels),
//! which takes `chunk` and `ccitt` for decompression, and `colour`, `ycbcr` and `log_luv` for colours.

use std::io::Cursor;

mod ccitt;
pub(crate) mod chunk;
mod colour;
mod encode;
pub(crate) mod file;
mod form;
mod jpeg;
mod log_luv;
mod log_luv_24;
mod old_jpeg;
pub(crate) mod pages;
mod read;
pub(crate) mod tags;
#[cfg(test)]
mod tests;
mod ycbcr;

use crate::embed::{Embed, Holds};
use crate::options::{DEPTH, DepthChoice};
use crate::shared::found::Found;
use crate::shared::inks;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request, Writer};
use file::{Tiff, is_tiff, tag};
use form::{Form, Photometric};
use lightloom_param::{Parameters, choice, parameters};
use lightloom_picture::{Buffers, Density, Depth, Layout, Orientation};

pub(crate) static CODEC: Codec = Codec {
    id: "tiff",
    title: "TIFF",
    extensions: &["tif", "tiff"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: true,
    isolates: false,
    frames: Some(&pages::FRAMES),
    recognises: is_tiff,
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: TiffOptions::SPECS,
        encode: encode::encode,
        // The encoder writes neither alpha beside grey nor grey as float.
        fit: |layout, depth| match (layout, depth) {
            (Layout::GreyAlpha, _) => (Layout::Rgba, depth),
            (Layout::Grey, Depth::F32) => (Layout::Rgb, depth),
            other => other,
        },
        encode_rows: None,
        embed: Some(Embed { holds: Holds { iptc: true, thumbnail: false, ..Holds::USUAL }, write: tags::embed }),
    }),
};

choice! {
    /// How strips are compressed. All keep every sample.
    enum TiffCompression {
        /// Not at all.
        None = "none" "None",
        /// LZW, which every reader knows.
        Lzw = "lzw" "LZW",
        /// Deflate: the smallest.
        Deflate = "deflate" "Deflate",
        /// PackBits: only runs of equal bytes.
        PackBits = "packbits" "PackBits",
    }
}

parameters! {
    struct TiffOptions {
        depth: DepthChoice = DEPTH,
        tiff_compression: TiffCompression =
            choice("Compression", "How the file is compressed; every choice keeps every sample"),
    }
}

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut file = Tiff::open(&mut *input)?;
    let directory = file.directory(file.first)?;
    let form = Form::read(&mut file, &directory)?;
    let shape = form.shape();
    let is_cmyk = form.photometric == Photometric::Cmyk;
    let mut header = Header::new(shape.width, shape.height, shape.layout, shape.depth);
    let orientation = file.value(&directory, tag::ORIENTATION).unwrap_or(1);
    header.orientation = Orientation::from_exif(u32::try_from(orientation).unwrap_or(1));
    header.frames = file.chain().len().max(1) as u32;
    header.metadata = tags::read(input).unwrap_or_default();
    // A profile of inks or of L*a*b* says nothing about the RGB pixels that come out. What becomes of inks says their note.
    if is_cmyk || form.photometric == Photometric::Lab {
        let icc = header.metadata.icc.take();
        if icc.is_some() && !is_cmyk {
            header.metadata.lost("the colour profile of L*a*b*");
        }
    }
    if header.orientation.swaps_sides() {
        header.metadata.density = header.metadata.density.map(Density::swapped);
    }
    if is_cmyk {
        header.notes.extend(inks::rule(form.inks_profile.as_deref()).1);
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut input = Cursor::new(bytes);
    let mut file = Tiff::open(&mut input)?;
    let directory = file.directory(file.first)?;
    let form = Form::read(&mut file, &directory)?;
    read::decode(bytes, &form, request, buffers)
}
