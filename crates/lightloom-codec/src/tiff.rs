//! TIFF: read by our own reader, which knows more kinds than the image crate's and brings them to grey or RGB in 8, 16
//! or 32-bit float; written by the image crate's encoder.

use std::io::Cursor;

use super::carry::Embed;
use super::tiff_file::{Tiff, is_tiff, tag};
use super::tiff_form::{Form, Photometric};
use super::{Codec, CodecError, Decoded, Header, Input, Limits, Request, Writer, inks, tiff_read, tiff_tags};
use lightloom_picture::{Buffers, Density, Depth, Layout, Metadata, Orientation};

pub(super) static CODEC: Codec = Codec {
    id: "tiff",
    title: "TIFF",
    extensions: &["tif", "tiff"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: true,
    recognises: is_tiff,
    header,
    decode,
    write: Some(Writer {
        encode: super::tiff_write::encode,
        // The encoder writes neither alpha beside grey nor grey as float.
        fit: |layout, depth| match (layout, depth) {
            (Layout::GreyAlpha, _) => (Layout::Rgba, depth),
            (Layout::Grey, Depth::F32) => (Layout::Rgb, depth),
            other => other,
        },
        embed: Some(Embed::Rest(tiff_tags::carry)),
    }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut file = Tiff::open(&mut *input)?;
    let directory = file.directory(file.first)?;
    let form = Form::read(&mut file, &directory)?;
    let shape = form.shape();
    let is_cmyk = form.photometric == Photometric::Cmyk;
    let mut header = Header::new(shape.width, shape.height, shape.layout, shape.depth);
    // A profile of inks or of L*a*b* says nothing about the RGB pixels that come out.
    let plain = !is_cmyk && form.photometric != Photometric::Lab;
    let icc = file.bytes(&directory, tag::ICC_PROFILE).filter(|icc| plain && icc.len() > 128);
    let orientation = file.value(&directory, tag::ORIENTATION).unwrap_or(1);
    header.orientation = Orientation::from_exif(u32::try_from(orientation).unwrap_or(1));
    header.frames = file.chain().len().max(1) as u32;
    header.metadata = Metadata { icc, ..tiff_tags::read(input).unwrap_or_default() };
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
    tiff_read::decode(bytes, &form, request, buffers)
}
