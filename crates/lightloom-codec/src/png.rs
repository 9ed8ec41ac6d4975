//! PNG: all depths and palettes in, 8 and 16 bits out.

use image::codecs::png::PngDecoder;

use super::carry::Embed;
use super::{Codec, CodecError, Decoded, Header, Input, Limits, Request, Writer, bridge, png_chunks};
use lightloom_picture::colour::PngColour;
use lightloom_picture::{Buffers, Density, Depth, Orientation};

pub(super) static CODEC: Codec = Codec {
    id: "png",
    title: "PNG",
    extensions: &["png", "apng"],
    lossy: false,
    export: true,
    divisors: &[1],
    depths: &[Depth::U8, Depth::U16],
    several: true,
    recognises: |head| head.starts_with(b"\x89PNG\r\n\x1a\n"),
    header,
    decode,
    write: Some(Writer {
        encode: super::png_write::encode,
        fit: |layout, depth| (layout, depth.min(Depth::U16)),
        embed: Some(Embed::Rest(png_chunks::embed)),
    }),
};

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let mut decoder = PngDecoder::with_limits(&mut *input, bridge::image_limits(limits))?;
    let mut header = bridge::header(&mut decoder)?;
    let Ok(chunks) = png_chunks::read(input) else { return Ok(header) };
    let icc = header.metadata.icc.take();
    let mut metadata = std::mem::take(&mut header.metadata);
    // The eXIf chunk may follow the pixel data, where the decoder does not look before it has decoded them.
    if metadata.exif.is_none() {
        metadata.exif = chunks.exif;
    }
    (metadata.xmp, metadata.iptc, metadata.density) = (chunks.xmp, chunks.iptc, chunks.density);
    let grey = header.stored.layout.colours() == 1;
    let (icc, notes) = PngColour { icc, ..chunks.colour }.profile(grey);
    metadata.icc = icc;
    header.notes.extend(notes);
    let orientation = header.orientation;
    header = header.with(metadata);
    // It has been taken out of the Exif data already.
    if orientation != Orientation::Upright {
        header.orientation = orientation;
        if orientation.swaps_sides() {
            header.metadata.density = header.metadata.density.map(Density::swapped);
        }
    }
    Ok(header)
}

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let decoder = PngDecoder::with_limits(request.watch.bytes(bytes), bridge::image_limits(request.limits))?;
    let mut decoded = bridge::decode(decoder, request.limits, buffers)?;
    // The last chunk, with its checksum.
    if !bytes.windows(8).rev().any(|w| w == b"IEND\xae\x42\x60\x82") {
        decoded.notes.push(super::NO_END.to_owned());
    }
    Ok(decoded)
}
