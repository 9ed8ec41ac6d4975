//! TIFF: 8, 16 and 32-bit float; the first picture of a file.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::tiff::TiffDecoder;

use super::{Codec, CodecError, Decoded, Header, Input, Limits, Request, Writer, bridge, tiff_tags};
use crate::picture::{Buffers, Density, Depth, Layout, Metadata, Orientation, Raster, Sample};
use crate::with_raster;

pub(super) static CODEC: Codec = Codec {
    id: "tiff",
    title: "TIFF",
    extensions: &["tif", "tiff"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16, Depth::F32],
    several: true,
    recognises: |head| [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| head.starts_with(magic)),
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
    }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    let mut decoder = TiffDecoder::new(&mut *input)?;
    let mut header = bridge::header(&mut decoder)?;
    header.orientation = Orientation::from_exif(u32::from(decoder.orientation()?.to_exif()));
    drop(decoder);
    if let Some(metadata) = tiff_tags::read(input) {
        header.metadata = Metadata { icc: header.metadata.icc, ..metadata };
    }
    if header.orientation.swaps_sides() {
        header.metadata.density = header.metadata.density.map(Density::swapped);
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let mut decoded = bridge::decode(TiffDecoder::new(Cursor::new(bytes))?, request.limits, buffers)?;
    if has_associated_alpha(bytes).unwrap_or(false) {
        with_raster!(&mut decoded.pixels, r => unpremultiply(r));
    }
    Ok(decoded)
}

/// Whether the extra channel is premultiplied alpha (TIFF 6.0, ExtraSamples = 1), which the decoder hands out as it is.
fn has_associated_alpha(bytes: &[u8]) -> tiff::TiffResult<bool> {
    let mut decoder = tiff::decoder::Decoder::new(Cursor::new(bytes))?;
    let extra = decoder.find_tag_unsigned_vec::<u16>(tiff::tags::Tag::ExtraSamples)?;
    Ok(extra.is_some_and(|kinds| kinds.first() == Some(&1)))
}

fn unpremultiply<S: Sample>(raster: &mut Raster<S>) {
    let layout = raster.layout();
    if !layout.has_alpha() {
        return;
    }
    for pixel in raster.samples_mut().chunks_exact_mut(layout.channels()) {
        let (alpha, colours) = pixel.split_last_mut().map_or((1.0, &mut [][..]), |(a, c)| (a.to_unit(), c));
        if alpha > 0.0 {
            for colour in colours {
                *colour = S::from_unit(colour.to_unit() / alpha);
            }
        }
    }
}
