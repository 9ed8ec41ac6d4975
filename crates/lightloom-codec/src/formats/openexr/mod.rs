//! OpenEXR: floats in linear light, with the primaries that the file states or those of Rec. 709; luminance by itself becomes
//! grey.

mod attributes;
mod shown;

use std::io::{Read, SeekFrom};

use image::codecs::openexr::{OpenExrDecoder, OpenExrEncoder};

use attributes::Attributes;
use shown::{Seen, Shown};

use crate::decode::with_second_reader;
use crate::shared::image_crate;
use crate::shared::linear;
use crate::{Codec, CodecError, Decoded, EncodeOptions, Encoded, Header, Input, Limits, Request, Writer};
use lightloom_picture::colour::Colours;
use lightloom_picture::colour::hdr::DIFFUSE_WHITE;
use lightloom_picture::{Buffers, Depth, Picture};

pub(crate) static CODEC: Codec = Codec {
    id: "openexr",
    title: "OpenEXR",
    extensions: &["exr"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::F32],
    several: false,
    isolates: false,
    frames: None,
    recognises: |head| head.starts_with(&[0x76, 0x2f, 0x31, 0x01]),
    header,
    decode,
    decode_rows: None,
    write: Some(Writer {
        options: &[],
        encode,
        fit: |layout, _| (layout.coloured(), Depth::F32),
        encode_rows: None,
        embed: None,
    }),
};

fn header(input: &mut dyn Input, _: &Limits) -> Result<Header, CodecError> {
    // The decoder of the image crate knows colours only.
    let mut header = match OpenExrDecoder::new(&mut *input) {
        Ok(decoder) => image_crate::header(&decoder)?,
        Err(error) => {
            input.seek(SeekFrom::Start(0))?;
            let Ok(Some(grey)) = Shown::find(input, false) else { return Err(error.into()) };
            Header::new(grey.width, grey.height, grey.layout, Depth::F32)
        }
    };
    input.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    input.take(MOST_ATTRIBUTES).read_to_end(&mut head)?;
    let Attributes { metadata, chromaticities } = Attributes::read(&head);
    header = header.with(metadata);
    if let Some(stated) = chromaticities.filter(|_| header.stored.layout.colours() == 3) {
        match Colours::of_primaries(stated.map(f64::from), "OpenEXR chromaticities") {
            Some(colours) => header.take_colours(Some(colours)),
            None => header.notes.push("its chromaticities are impossible: those of Rec. 709 are assumed".to_owned()),
        }
    }
    Ok(header)
}

/// Bytes in which attributes are looked for: all but hostile files have fewer.
const MOST_ATTRIBUTES: u64 = 1 << 20;

fn decode(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    let is_grey = request.header.stored.layout.colours() == 1;
    let mut decoded =
        with_second_reader([if is_grey { luminance } else { colours }, damaged], bytes, request, buffers)?;
    linear::to_encoded(&mut decoded.pixels);
    Ok(decoded)
}

fn colours(bytes: &[u8], request: &Request<'_>, buffers: &mut Buffers) -> Result<Decoded, CodecError> {
    image_crate::decode(OpenExrDecoder::new(request.watch.bytes(bytes))?, request.limits, buffers)
}

fn luminance(bytes: &[u8], request: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
    let Seen { pixels, end, .. } = seen(bytes, request)?;
    end.map_or_else(|| Ok(pixels.into()), Err)
}

/// Decodes what stands in front of the damage. What is missing is black, and transparent where there is alpha.
fn damaged(bytes: &[u8], request: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
    let Seen { pixels, share, .. } = seen(bytes, request)?;
    let partial = Some(format!("about {:.0} % of the picture was decoded", share * 100.0));
    Ok(Decoded { partial, ..pixels.into() })
}

fn seen(bytes: &[u8], request: &Request<'_>) -> Result<Seen, CodecError> {
    let stored = request.header.stored;
    let missing = || CodecError::Damaged("its channels are missing".to_owned());
    let shown = Shown::find(&mut request.watch.bytes(bytes), stored.layout.colours() == 3)?.ok_or_else(missing)?;
    if (shown.width, shown.height, shown.layout) != (stored.width, stored.height, stored.layout) {
        return Err(CodecError::Damaged("its header is ambiguous".to_owned()));
    }
    shown.decode(bytes, request)
}

fn encode(picture: &Picture, _: &EncodeOptions) -> Result<Encoded, CodecError> {
    let light = linear::of(picture);
    let mut target = image_crate::target(picture);
    let notes = image_crate::encode(&light, OpenExrEncoder::new(&mut target), CODEC.title)?;
    let mut bytes = target.into_inner();
    if picture.metadata.hdr.is_some() && state_white(&mut bytes, DIFFUSE_WHITE as f32).is_none() {
        let reason = "its header is none of one part".to_owned();
        return Err(CodecError::Encode { format: CODEC.title, reason });
    }
    Ok(Encoded { bytes, notes })
}

/// Adds the luminance of 1.0 in cd/m² to the header of a file with one part, as the attribute that OpenEXR has for it
/// (Technical Introduction to OpenEXR, "Optional Attributes"). None if it is no such file.
fn state_white(bytes: &mut Vec<u8>, luminance: f32) -> Option<()> {
    /// The first attribute stands behind signature and version.
    const FIRST: usize = 8;
    let attribute = [&b"whiteLuminance\0float\0\x04\0\0\0"[..], &luminance.to_le_bytes()].concat();
    let mut at = FIRST;
    // Attributes are name, type, size and content; an empty name ends them.
    while *bytes.get(at)? != 0 {
        for _ in 0..2 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
        at += 4 + u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?) as usize;
    }
    // A table follows of where each block of rows begins, the first right behind the table.
    let table = at + 1;
    let place = |entry: &[u8; 8]| u64::from_le_bytes(*entry);
    let first = usize::try_from(place(bytes.get(table..)?.first_chunk()?)).ok()?;
    for entry in bytes.get_mut(table..first)?.as_chunks_mut::<8>().0 {
        *entry = (place(entry) + attribute.len() as u64).to_le_bytes();
    }
    bytes.splice(FIRST..FIRST, attribute);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::colour::Hdr;
    use lightloom_picture::colour::hdr::{HdrTransfer, Primaries};
    use lightloom_picture::{Layout, Metadata, Pixels, Raster};

    #[test]
    fn of_a_truncated_file_what_is_there_is_decoded() {
        use exr::prelude::*;
        let level = |i: usize| (i.wrapping_mul(2_654_435_761) >> 7 & 0xfff) as f32 / 999.0;
        for names in [&["Y"][..], &["R", "G", "B"], &["R", "G", "B", "A"]] {
            let channel = |name: &&str| AnyChannel::new(*name, FlatSamples::F32((0..60 * 90).map(level).collect()));
            let channels = AnyChannels::sort(names.iter().map(channel).collect());
            // In blocks of 16 rows.
            let (attributes, encoding) = (LayerAttributes::default(), Encoding::SMALL_LOSSLESS);
            let image = Image::from_layer(Layer::new((60, 90), attributes, encoding, channels));
            let mut file = std::io::Cursor::new(Vec::new());
            image.write().to_buffered(&mut file).unwrap();
            let (bytes, limits) = (file.into_inner(), Limits::default());
            let (codec, header) = crate::header(&bytes, &limits).unwrap();
            let read = |bytes: &[u8]| crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default());
            let whole = read(&bytes).unwrap();
            assert_eq!(whole.partial, None);
            let row = whole.pixels.bytes().len() / 90;
            for share in [0.3, 0.6, 0.95] {
                let decoded = read(&bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
                let rows = decoded.pixels.bytes().chunks(row).zip(whole.pixels.bytes().chunks(row));
                let same = rows.take_while(|(a, b)| a == b).count() as f64 / 90.0;
                assert!((share - 0.25..1.0).contains(&same), "{names:?}: {same} of the rows for {share} of the file");
                let partial = decoded.partial.unwrap();
                assert!(partial.contains("is damaged") && partial.contains(" % of the picture"), "{partial}");
            }
        }
    }

    #[test]
    fn the_luminance_of_white_is_stated_and_the_file_stays_whole() {
        let samples: Vec<f32> = (0..70 * 50 * 3).map(|i| (i % 97) as f32 / 30.0).collect();
        let pixels = Raster::new(70, 50, Layout::Rgb, samples).into();
        let encoded = |hdr: Option<Hdr>| {
            let metadata = Metadata { hdr, ..Metadata::default() };
            encode(&Picture { pixels: Clone::clone(&pixels), metadata }, &EncodeOptions::default()).unwrap().bytes
        };
        let (plain, stated) = (encoded(None), encoded(Some(Hdr::new(HdrTransfer::Pq, Primaries::Bt2020))));
        let read = |bytes: &[u8]| {
            let limits = Limits::default();
            let (codec, header) = crate::header(bytes, &limits).unwrap();
            crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default()).unwrap().pixels
        };
        assert_eq!(read(&plain), read(&stated));
        let attribute = [&b"whiteLuminance\0float\0\x04\0\0\0"[..], &203_f32.to_le_bytes()].concat();
        assert!(stated.windows(attribute.len()).any(|part| part == attribute));
        for cut in 0..400 {
            let _ = state_white(&mut plain[..cut].to_vec(), 203.0);
        }
    }

    #[test]
    fn luminance_by_itself_is_grey() {
        use exr::prelude::*;
        for alpha in [false, true] {
            let luminance = AnyChannel::new("Y", FlatSamples::F32(vec![0.0, 0.25, 1.0, 4.0, 0.5, 0.75]));
            let opaque = alpha.then(|| AnyChannel::new("A", FlatSamples::F16(vec![f16::ONE; 6])));
            let channels = [luminance].into_iter().chain(opaque).collect();
            let mut file = std::io::Cursor::new(Vec::new());
            let mut image = Image::from_channels((3, 2), AnyChannels::sort(channels));
            // Only the last two columns are displayed, and a row more than there is.
            image.attributes.display_window = IntegerBounds::new((1, 0), (2, 3));
            image.write().to_buffered(&mut file).unwrap();
            let (bytes, limits) = (file.into_inner(), Limits::default());
            let (codec, header) = crate::header(&bytes, &limits).unwrap();
            let decoded = crate::decode(codec, &bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
            assert_eq!(decoded.pixels.shape(), header.stored);
            let light = [0.25, 1.0, 0.5, 0.75, 0.0, 0.0].map(lightloom_picture::linear_to_srgb);
            let expected: Vec<f32> = if alpha {
                light.into_iter().zip([1.0, 1.0, 1.0, 1.0, 0.0, 0.0]).flat_map(|(y, a)| [y, a]).collect()
            } else {
                light.to_vec()
            };
            assert_eq!((header.stored.width, header.stored.height), (2, 3));
            let Pixels::F32(raster) = decoded.pixels else { panic!("floats") };
            assert_eq!(raster.samples(), expected);
        }
    }
}
