//! Metadata in the files of every format that has a place for them: a damaged profile is handed on, so that who uses it says
//! so, other damaged blocks are handed on or named, and what is one too many is named.

use lightloom_picture::colour::{Profile, Space};
use lightloom_picture::{Buffers, Depth, Layout, Metadata, Picture, Pixels, Raster};

use crate::formats::{bmp, png};
use crate::shared::boxes::{FileBox, boxes};
use crate::shared::found::Kind;
use crate::{CODECS, EncodeOptions, Header, Limits, find, header};

/// Formats without a place for profiles, Exif data and XMP of their own, and RAW, whose previews are JPEG files.
const WITHOUT: [&str; 10] = ["raw", "svg", "openexr", "hdr", "pnm", "pfm", "qoi", "farbfeld", "dds", "tga"];

type Blocks<'a> = [(Kind, &'a [u8])];

/// A file that holds these blocks, in a format that has places for such kinds.
struct Carrier {
    id: &'static str,
    kinds: &'static [Kind],
    file: fn(&Blocks<'_>) -> Vec<u8>,
}

const USUAL: &[Kind] = &[Kind::Profile, Kind::Exif, Kind::Xmp];

const CARRIERS: &[Carrier] = &[
    Carrier { id: "jpeg", kinds: USUAL, file: jpeg },
    Carrier { id: "png", kinds: USUAL, file: png_file },
    Carrier { id: "webp", kinds: USUAL, file: webp },
    Carrier { id: "tiff", kinds: &[Kind::Profile, Kind::Xmp], file: tiff },
    Carrier { id: "bmp", kinds: &[Kind::Profile], file: bitmap },
    Carrier { id: "gif", kinds: &[Kind::Profile, Kind::Xmp], file: gif },
    Carrier { id: "psd", kinds: &[Kind::Profile, Kind::Exif, Kind::Xmp, Kind::Iptc], file: psd },
    Carrier { id: "ico", kinds: &[Kind::Profile], file: icon },
    #[cfg(feature = "avif")]
    Carrier { id: "avif", kinds: USUAL, file: avif },
    #[cfg(feature = "heic")]
    Carrier { id: "heic", kinds: USUAL, file: heic },
    // Profiles are packed by a coder of the format's own: their test is beside the reader.
    #[cfg(feature = "jxl")]
    Carrier { id: "jxl", kinds: &[Kind::Exif, Kind::Xmp], file: jpeg_xl },
    #[cfg(feature = "jpeg2000")]
    Carrier { id: "jpeg2000", kinds: &[Kind::Profile, Kind::Exif, Kind::Xmp, Kind::Iptc], file: jpeg2000 },
];

/// Bitmaps have one place.
const WITH_ONE: [&str; 2] = ["bmp", "ico"];

fn plain(id: &str) -> Vec<u8> {
    let pixels = Pixels::from(Raster::new(8, 8, Layout::Rgb, vec![90_u8; 8 * 8 * 3]));
    let picture = Picture { pixels, metadata: Metadata::default() };
    crate::encode(find(id).unwrap(), picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes
}

fn jpeg(blocks: &Blocks<'_>) -> Vec<u8> {
    let mut file = plain("jpeg");
    let segments = blocks.iter().flat_map(|(kind, block)| {
        let (marker, name): (u8, &[u8]) = match kind {
            Kind::Profile => (0xe2, b"ICC_PROFILE\0\x01\x01"),
            Kind::Exif => (0xe1, b"Exif\0\0"),
            _ => (0xe1, b"http://ns.adobe.com/xap/1.0/\0"),
        };
        let length = ((name.len() + block.len() + 2) as u16).to_be_bytes();
        [&[0xff, marker][..], &length, name, block].concat()
    });
    file.splice(2..2, segments.collect::<Vec<u8>>());
    file
}

fn deflated(icc: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut packer = flate2::write::ZlibEncoder::new(&mut packed, flate2::Compression::default());
    std::io::Write::write_all(&mut packer, icc).unwrap();
    packer.finish().unwrap();
    packed
}

/// A file with these chunks behind its header.
fn with_chunks(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    const BEHIND_HEADER: usize = 8 + 12 + 13;
    let mut file = plain("png");
    let mut written = Vec::new();
    chunks.iter().for_each(|(kind, data)| png::chunk(&mut written, kind, data));
    file.splice(BEHIND_HEADER..BEHIND_HEADER, written);
    file
}

fn png_chunk(kind: Kind, block: &[u8]) -> (&'static [u8; 4], Vec<u8>) {
    match kind {
        Kind::Profile => (b"iCCP", [&b"name\0\0"[..], &deflated(block)].concat()),
        Kind::Exif => (b"eXIf", block.to_vec()),
        _ => (b"iTXt", [&b"XML:com.adobe.xmp\0\0\0\0\0"[..], block].concat()),
    }
}

fn png_file(blocks: &Blocks<'_>) -> Vec<u8> {
    with_chunks(&blocks.iter().map(|(kind, block)| png_chunk(*kind, block)).collect::<Vec<_>>())
}

fn webp(blocks: &Blocks<'_>) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut chunk = [&kind[..], &(data.len() as u32).to_le_bytes(), data].concat();
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    };
    let picture = plain("webp")[12..].to_vec();
    let chunks = blocks.iter().flat_map(|(kind, block)| match kind {
        Kind::Profile => chunk(b"ICCP", block),
        Kind::Exif => chunk(b"EXIF", block),
        _ => chunk(b"XMP ", block),
    });
    let chunks: Vec<u8> = chunks.collect();
    let body = [b"WEBP".to_vec(), chunk(b"VP8X", &[0, 0, 0, 0, 7, 0, 0, 7, 0, 0]), chunks, picture].concat();
    [&b"RIFF"[..], &(body.len() as u32).to_le_bytes(), &body].concat()
}

fn tiff(blocks: &Blocks<'_>) -> Vec<u8> {
    // Width, height, bits, photometric, offset of the strip, samples, rows, bytes of the strip; then the blocks.
    let numbers = [(256, 1), (257, 1), (258, 8), (262, 1), (273, 8), (277, 1), (278, 1), (279, 1)];
    let count = numbers.len() + blocks.len();
    let mut file = b"II*\0\x0a\0\0\0\x7f\0".to_vec();
    file.extend((count as u16).to_le_bytes());
    let longs = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    numbers.iter().for_each(|(tag, value)| file.extend(longs(*tag, 4, 1, *value)));
    let mut at = (10 + 2 + 12 * count + 4) as u32;
    for (kind, block) in blocks {
        let (length, tag) = (block.len() as u32, if *kind == Kind::Profile { 34_675 } else { 700 });
        // What fits stands in the entry itself.
        let mut inline = [0; 4];
        inline.iter_mut().zip(*block).for_each(|(to, from)| *to = *from);
        file.extend(longs(tag, 7, length, if length > 4 { at } else { u32::from_le_bytes(inline) }));
        at += length;
    }
    let blocks: Vec<u8> = blocks.iter().flat_map(|(_, block)| block.to_vec()).collect();
    [file, vec![0; 4], blocks].concat()
}

/// The last header of a bitmap of one pixel of 24 bits, with its profile behind the pixel.
fn dib(profile: &[u8]) -> Vec<u8> {
    let mut dib = [0; 124];
    let mut put = |at: usize, value: u32| dib[at..at + 4].copy_from_slice(&value.to_le_bytes());
    [(0, 124), (4, 1), (8, 1), (12, 1 | 24 << 16), (112, 128), (116, profile.len() as u32)]
        .into_iter()
        .for_each(|(at, value)| put(at, value));
    put(56, u32::from_be_bytes(*b"MBED"));
    [&dib[..], &[1, 2, 3, 0], profile].concat()
}

fn bitmap(blocks: &Blocks<'_>) -> Vec<u8> {
    let dib = dib(blocks[0].1);
    let size = (14 + dib.len()) as u32;
    let file = [b"BM", &size.to_le_bytes()[..], &[0; 4], &(14_u32 + 124).to_le_bytes(), &dib].concat();
    assert!((bmp::CODEC.recognises)(&file));
    file
}

fn icon(blocks: &Blocks<'_>) -> Vec<u8> {
    let dib = dib(blocks[0].1);
    let entry = [&[1, 1, 0, 0, 1, 0, 24, 0][..], &(dib.len() as u32).to_le_bytes(), &22_u32.to_le_bytes()].concat();
    [&[0, 0, 1, 0, 1, 0][..], &entry, &dib].concat()
}

fn gif(blocks: &Blocks<'_>) -> Vec<u8> {
    let mut file = plain("gif");
    let extensions = blocks.iter().flat_map(|(kind, block)| match kind {
        Kind::Profile => {
            let parts = block.chunks(255).flat_map(|part| [&[part.len() as u8][..], part].concat());
            [b"\x21\xff\x0bICCRGBG1012".to_vec(), parts.collect(), vec![0]].concat()
        }
        _ => [b"\x21\xff\x0bXMP DataXMP", *block, &[1], &(0..=255).rev().collect::<Vec<u8>>(), &[0]].concat(),
    });
    // Behind the screen and its palette.
    let at = 13 + if file[10] & 0x80 == 0 { 0 } else { 3 << ((file[10] & 7) + 1) };
    file.splice(at..at, extensions.collect::<Vec<u8>>());
    file
}

fn psd(blocks: &Blocks<'_>) -> Vec<u8> {
    let resources = blocks.iter().flat_map(|(kind, block)| {
        let number = match kind {
            Kind::Profile => 0x0f,
            Kind::Exif => 0x22,
            Kind::Xmp => 0x24,
            _ => 4,
        };
        let mut resource = [b"8BIM\x04", &[number, 0, 0][..], &(block.len() as u32).to_be_bytes(), block].concat();
        resource.resize(resource.len().next_multiple_of(2), 0);
        resource
    });
    let resources: Vec<u8> = resources.collect();
    // One channel of 8 bits, one pixel.
    let begin = b"8BPS\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x08\0\x01\0\0\0\0";
    [&begin[..], &(resources.len() as u32).to_be_bytes(), &resources, &[0; 4], &[0, 0, 7]].concat()
}

/// Has our own writer of boxes add the blocks one by one.
#[cfg(feature = "avif")]
fn with_boxes(bytes: Vec<u8>, blocks: &Blocks<'_>) -> Vec<u8> {
    let mut encoded = crate::Encoded { bytes, notes: Vec::new() };
    for (kind, block) in blocks {
        let (mut metadata, block) = (Metadata::default(), Some(block.to_vec()));
        match kind {
            Kind::Profile => metadata.icc = block,
            Kind::Exif => metadata.exif = block,
            _ => metadata.xmp = block,
        }
        crate::embed::embed(find("avif").unwrap(), &mut encoded, &metadata);
    }
    assert_eq!(encoded.notes, Vec::<String>::new());
    encoded.bytes
}

#[cfg(feature = "avif")]
fn avif(blocks: &Blocks<'_>) -> Vec<u8> {
    with_boxes(plain("avif"), blocks)
}

#[cfg(feature = "heic")]
fn heic(blocks: &Blocks<'_>) -> Vec<u8> {
    let plain = heifer::encode_rgb8(16, 16, &[90; 16 * 16 * 3], &heifer::EncodeOptions::default()).unwrap();
    with_boxes(plain, blocks)
}

#[cfg(any(feature = "jxl", feature = "jpeg2000"))]
fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

#[cfg(feature = "jxl")]
fn jpeg_xl(blocks: &Blocks<'_>) -> Vec<u8> {
    let metadata = blocks.iter().flat_map(|(kind, block)| match kind {
        Kind::Exif => boxed(b"Exif", &[&[0; 4], *block].concat()),
        _ => boxed(b"xml ", block),
    });
    let metadata: Vec<u8> = metadata.collect();
    let begin = [b"\0\0\0\x0cJXL \r\n\x87\n".to_vec(), boxed(b"ftyp", b"jxl \0\0\0\0jxl ")].concat();
    [begin, metadata, boxed(b"jxlc", include_bytes!("../tests/seeds/grey.jxl"))].concat()
}

#[cfg(feature = "jpeg2000")]
fn jpeg2000(blocks: &Blocks<'_>) -> Vec<u8> {
    let is_profile = |(kind, _): &&(Kind, &[u8])| *kind == Kind::Profile;
    let described = |content: &[u8]| -> Vec<u8> {
        let others = boxes(content).filter(|found| !blocks.iter().any(|b| is_profile(&b)) || found.kind != *b"colr");
        let others: Vec<u8> = others.flat_map(|FileBox { kind, content }| boxed(&kind, content)).collect();
        let profiles = blocks.iter().filter(is_profile);
        let profiles = profiles.flat_map(|(_, icc)| boxed(b"colr", &[&[2, 0, 0][..], icc].concat()));
        [others, profiles.collect()].concat()
    };
    let rewritten = boxes(include_bytes!("../tests/seeds/plain.jp2")).flat_map(|FileBox { kind, content }| {
        if kind == *b"jp2h" { boxed(&kind, &described(content)) } else { boxed(&kind, content) }
    });
    let others = blocks.iter().filter(|block| !is_profile(block)).flat_map(|(kind, block)| {
        let id = match kind {
            Kind::Exif => b"JpgTiffExif->JP2",
            Kind::Iptc => b"\x33\xc7\xa4\xd2\xb8\x1d\x47\x23\xa0\xba\xf1\xa3\xe0\x97\xad\x38",
            _ => b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac",
        };
        boxed(b"uuid", &[&id[..], block].concat())
    });
    rewritten.chain(others).collect()
}

fn read(file: &[u8], id: &str) -> Header {
    let (codec, header) = header(file, &Limits::default()).unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(codec.id, id);
    header
}

fn whole() -> Vec<u8> {
    Profile::named(Space::DisplayP3).bytes().to_vec()
}

/// What was found of this kind, and what is named.
fn found(carrier: &Carrier, kind: Kind, blocks: &[&[u8]]) -> (Option<Vec<u8>>, Vec<String>) {
    let blocks: Vec<(Kind, &[u8])> = blocks.iter().map(|block| (kind, *block)).collect();
    let mut metadata = read(&(carrier.file)(&blocks), carrier.id).metadata;
    (kind.of(&mut metadata).take(), metadata.left_out)
}

fn carriers(kind: Kind) -> impl Iterator<Item = &'static Carrier> {
    CARRIERS.iter().filter(move |carrier| carrier.kinds.contains(&kind))
}

#[test]
fn every_format_that_has_a_place_for_metadata_is_in_the_table() {
    for codec in CODECS {
        let is_carrier = CARRIERS.iter().any(|carrier| carrier.id == codec.id);
        assert_eq!(!is_carrier, WITHOUT.contains(&codec.id), "{}", codec.id);
        assert!(!codec.embeds_profiles() || carriers(Kind::Profile).any(|carrier| carrier.id == codec.id));
    }
}

#[test]
fn a_profile_that_is_damaged_or_too_short_is_handed_on_by_every_format() {
    let whole = whole();
    let mut larger = whole.clone();
    larger[..4].copy_from_slice(&(whole.len() as u32 + 1).to_be_bytes());
    let mut smaller = whole.clone();
    smaller[..4].copy_from_slice(&[0; 4]);
    let broken =
        [&whole[..3], &whole[..100], &whole[..131], &whole[..whole.len() - 9], &larger, &smaller, b"no profile"];
    for carrier in carriers(Kind::Profile) {
        let id = carrier.id;
        assert_eq!(found(carrier, Kind::Profile, &[&whole]), (Some(whole.clone()), Vec::new()), "{id}");
        for (i, icc) in broken.iter().enumerate() {
            assert_eq!(found(carrier, Kind::Profile, &[icc]), (Some(icc.to_vec()), Vec::new()), "{id}: {i}");
            assert!(Profile::parse(icc).is_err(), "{i} would be used");
        }
    }
}

#[test]
fn other_damaged_blocks_are_handed_on_or_named_by_every_format() {
    for carrier in carriers(Kind::Exif) {
        for damaged in [&b"no Exif data"[..], b"I"] {
            let (exif, named) = found(carrier, Kind::Exif, &[damaged]);
            let id = carrier.id;
            assert_eq!(exif.is_none(), named == ["a damaged block of Exif data"], "{id}: {exif:?} {named:?}");
        }
    }
}

#[test]
fn a_block_too_many_is_named_by_every_format() {
    let (first, second) = (whole(), Profile::named(Space::AdobeRgb).bytes().to_vec());
    let exif = |last: u8| [b"II*\0\x08\0\0\0\0\0\0\0\0\0", &[last][..]].concat();
    for (kind, name, [first, second]) in [
        (Kind::Profile, "colour profile", [first, second]),
        (Kind::Exif, "second block of Exif data", [exif(1), exif(2)]),
        (Kind::Xmp, "second XMP packet", [b"<one/>".to_vec(), b"<two/>".to_vec()]),
        (Kind::Iptc, "second block of IPTC data", [b"\x1c\x02\x05\0\x01A".to_vec(), b"\x1c\x02\x05\0\x01B".to_vec()]),
    ] {
        for carrier in carriers(kind).filter(|carrier| !WITH_ONE.contains(&carrier.id)) {
            let (block, named) = found(carrier, kind, &[&first, &second]);
            assert_eq!(block.as_ref(), Some(&first), "{} {name}", carrier.id);
            assert!(named.len() == 1 && named[0].contains(name), "{} {name}: {named:?}", carrier.id);
        }
    }
}

#[test]
fn a_png_profile_that_cannot_be_unpacked_is_not_forgotten() {
    let packed = deflated(&whole());
    let mut wrong_sum = packed.clone();
    *wrong_sum.last_mut().unwrap() ^= 1;
    let of = |data: &[&[u8]]| read(&with_chunks(&[(b"iCCP", data.concat())]), "png").metadata.icc;
    for data in [&packed[..packed.len() / 2], &packed[..2], b"", &wrong_sum, b"no deflate"] {
        assert_eq!(of(&[b"name\0\0", data]), Some(Vec::new()));
    }
    for head in [&b""[..], b"name", b"name\0", b"name\0\x01", b"\0\0", &[b'x'; 90]] {
        assert_eq!(of(&[head, &packed]), Some(Vec::new()), "{head:?}");
    }
    assert_eq!(of(&[b"name\0\0", &packed, b"more"]), Some(whole()));
}

#[test]
fn a_profile_in_whose_place_code_points_count_is_named_unless_it_says_the_same() {
    let p3 = whole();
    let of = |points: [u8; 4], icc: &[u8]| {
        read(&with_chunks(&[(b"cICP", points.to_vec()), png_chunk(Kind::Profile, icc)]), "png")
    };
    let same = of([12, 13, 0, 1], &p3);
    assert_eq!(same.metadata.left_out, Vec::<String>::new());
    assert!(Profile::parse(same.metadata.icc.as_deref().unwrap()).unwrap().is_like(&Profile::parse(&p3).unwrap()));
    for points in [[1, 13, 0, 1], [9, 16, 0, 1], [1, 18, 0, 1]] {
        let named = of(points, &p3).metadata.left_out;
        assert!(named.len() == 1 && named[0].contains("'Display P3'"), "{points:?}: {named:?}");
        let named = of(points, b"none").metadata.left_out;
        assert!(named.len() == 1 && named[0].contains("a damaged colour profile"), "{points:?}: {named:?}");
    }
    assert_eq!(of([9, 16, 0, 1], &p3).stored.depth, Depth::F32);
}
