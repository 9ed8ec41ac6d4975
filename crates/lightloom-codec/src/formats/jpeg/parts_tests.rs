//! Files with further parts, put together here as cameras and phones do.

use super::*;
use crate::{Decoded, EncodeOptions, Header, decode, encode, header};
use lightloom_picture::gain_map::{GainCurve, GainMapMetadata};
use lightloom_picture::{Metadata, Picture, Raster};
use std::sync::Arc;

fn metadata() -> GainMapMetadata {
    let curve = GainCurve { min: -0.5, max: 2.3, gamma: 1.0, base_offset: 1.0 / 64.0, alternate_offset: 1.0 / 64.0 };
    GainMapMetadata { curves: [curve; 3], base_headroom: 0.0, alternate_headroom: 2.3, in_base_space: true }
}

fn ramp(width: u32, height: u32, layout: Layout) -> Raster<u8> {
    let channels = layout.channels() as u32;
    let level = |i: u32| ((i / channels % width) * 3 + i / channels / width * 2 + i % channels * 10) as u8;
    let samples = (0..width * height * channels).map(level).collect();
    Raster::new(width, height, layout, samples)
}

/// A JPEG file of 64 × 32 with this metadata.
fn file(metadata: Metadata) -> Vec<u8> {
    let picture = Picture { pixels: ramp(64, 32, Layout::Rgb).into(), metadata };
    let options = EncodeOptions::with_quality(95);
    encode(&crate::formats::jpeg::CODEC, picture, &options, &mut Buffers::default()).unwrap().bytes
}

fn ultra_hdr(layout: Layout) -> Vec<u8> {
    let map = GainMap { pixels: ramp(16, 8, layout), metadata: metadata() };
    let xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
                <rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'/></rdf:RDF></x:xmpmeta>";
    file(Metadata { gain_map: Some(Arc::new(map)), xmp: Some(xmp.to_vec()), ..Metadata::default() })
}

fn parts_of(bytes: &[u8]) -> (Header, Parts) {
    let limits = Limits::default();
    let (_, header) = header(bytes, &limits).unwrap();
    let parts = crate::parts(bytes, &header, &limits, &|| false, &mut Buffers::default());
    (header, parts)
}

fn notes(bytes: &[u8]) -> Vec<String> {
    parts_of(bytes).1.notes().collect()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, marker], &(content.len() as u16 + 2).to_be_bytes()[..], content].concat()
}

/// The file with a segment behind its first two bytes.
fn with_segment(file: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    [&file[..2], &segment(marker, content), &file[2..]].concat()
}

fn packet(properties: &str) -> Vec<u8> {
    let xmp = format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:h='http://ns.adobe.com/hdr-gain-map/1.0/' \
         xmlns:C='http://ns.google.com/photos/1.0/container/' xmlns:I='http://ns.google.com/photos/1.0/container/item/' \
         xmlns:G='http://ns.google.com/photos/1.0/camera/' xmlns:a='http://ns.apple.com/HDRGainMap/1.0/' \
         xmlns:p='http://ns.apple.com/pixeldatainfo/1.0/'>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>"
    );
    [markers::XMP, xmp.as_bytes()].concat()
}

fn item(semantic: &str, length: usize) -> String {
    format!("<rdf:li rdf:parseType='Resource'><C:Item I:Semantic='{semantic}' I:Length='{length}'/></rdf:li>")
}

/// A file whose container directory names others, and these behind it.
fn container(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let items: String = parts.iter().map(|(semantic, bytes)| item(semantic, bytes.len())).collect();
    let directory = format!("<C:Directory><rdf:Seq>{}{items}</rdf:Seq></C:Directory>", item("Primary", 0));
    let first = with_segment(&file(Metadata::default()), 0xe1, &packet(&directory));
    [first, parts.iter().flat_map(|(_, bytes)| bytes.to_vec()).collect()].concat()
}

#[test]
fn a_gain_map_is_written_where_both_indices_say() {
    for layout in [Layout::Grey, Layout::Rgb] {
        let bytes = ultra_hdr(layout);
        let end = end_of_picture(&bytes).unwrap();
        let said = Said::read(&bytes);
        assert_eq!(said.entries, [Entry { kind: Kind::Other, range: end..bytes.len() }]);
        let packet = said.xmp.unwrap();
        let directory = xmp::directory(packet);
        assert_eq!(directory[1].length as usize, bytes.len() - end);
        assert_eq!(said.iso, Some(&[0; 4][..]), "the version alone");
        assert!(String::from_utf8_lossy(packet).contains("Rating"));
        // Both forms are in the map's own file.
        let map = Said::read(&bytes[end..]);
        assert_eq!(GainMapMetadata::from_iso(map.iso.unwrap()), Some(metadata()));
        assert_eq!(xmp::adobe(map.xmp.unwrap()), Some(metadata()));
        let (header, parts) = parts_of(&bytes);
        assert_eq!(parts.notes().count(), 0);
        let read = parts.gain_map.unwrap().unwrap();
        assert_eq!((read.metadata, read.pixels.layout()), (metadata(), layout));
        let far = read.pixels.samples().iter().zip(ramp(16, 8, layout).samples()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(far <= Some(16), "{far:?}");
        // The picture itself is none the worse.
        let Decoded { partial, notes, .. } =
            decode(&crate::formats::jpeg::CODEC, &bytes, &header, 1, &Limits::default(), &mut Buffers::default())
                .unwrap();
        assert_eq!((partial, notes), (None, Vec::new()));
    }
}

#[test]
fn every_form_of_a_gain_map_is_found_with_any_index_and_none() {
    let map = file(Metadata::default());
    let iso = with_segment(&map, 0xe2, &[ISO, &metadata().to_iso()].concat());
    let adobe = with_segment(
        &map,
        0xe1,
        &packet("<h:Version>1.0</h:Version><h:GainMapMax>2.3</h:GainMapMax><h:HDRCapacityMax>2.3</h:HDRCapacityMax>"),
    );
    let apple = with_segment(
        &map,
        0xe1,
        &packet("<a:HDRGainMapVersion>131072</a:HDRGainMapVersion><a:HDRGainMapHeadroom>4.0</a:HDRGainMapHeadroom>"),
    );
    for (form, stops) in [(iso, 2.3), (adobe, 2.3), (apple, 2.0)] {
        let first = file(Metadata::default());
        let indexed = {
            let length = first.len() + 4 + multi_picture::LENGTH;
            let index = multi_picture::segment(length as u32, form.len() as u32, (length - 10) as u32);
            [with_segment(&first, 0xe2, &index), form.clone()].concat()
        };
        let announced = [with_segment(&first, 0xe2, &[ISO, &[0; 4]].concat()), form.clone()].concat();
        for bytes in [container(&[("GainMap", &form)]), indexed, announced] {
            let map = parts_of(&bytes).1.gain_map.unwrap().unwrap();
            assert_eq!(map.metadata.alternate_headroom, stops);
        }
    }
}

#[test]
fn what_is_lost_is_named() {
    let plain = file(Metadata::default());
    assert!(notes(&plain).is_empty());
    let video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".as_slice();
    let one = |bytes: &[u8], word: &str| {
        let notes = notes(bytes);
        assert!(notes.len() == 1 && notes[0].contains(word), "{word}: {notes:?}");
        // What XMP says about it needs no second line.
        assert_eq!(parts_of(bytes).1.told().len(), 1, "{word}");
    };
    one(&container(&[("MotionPhoto", video)]), "video");
    one(&container(&[("Depth", &plain)]), "depth");
    one(&container(&[("GainMap", &plain)]), "gain map");
    one(&container(&[("Matte", &plain)]), "auxiliary");
    let micro = with_segment(&plain, 0xe1, &packet("<G:MicroVideo>1</G:MicroVideo>"));
    one(&[micro, video.to_vec()].concat(), "video");
    let apple = with_segment(
        &plain,
        0xe1,
        &packet("<p:AuxiliaryImageType>urn:com:apple:photo:2018:aux:portraiteffectsmatte</p:AuxiliaryImageType>"),
    );
    for (attributes, behind, word) in [(0x02_0002_u32, &plain, "further pictures"), (0x00_0000, &apple, "auxiliary")] {
        let length = plain.len() + 4 + multi_picture::LENGTH;
        let mut index = multi_picture::segment(length as u32, behind.len() as u32, (length - 10) as u32);
        let at = multi_picture::LENGTH - 16;
        index[at..at + 4].copy_from_slice(&attributes.to_be_bytes());
        one(&[with_segment(&plain, 0xe2, &index), behind.clone()].concat(), word);
        // A small copy of the picture is no loss.
        index[at..at + 4].copy_from_slice(&0x01_0001_u32.to_be_bytes());
        assert!(notes(&[with_segment(&plain, 0xe2, &index), plain.clone()].concat()).is_empty());
    }
    let mut samsung =
        [plain.clone(), video.to_vec(), b"SEFH\x6b\0\0\0\x01\0\0\0\0\0\x30\x0a\0\0\0\0\0\0\0\0".to_vec()].concat();
    samsung.extend(24_u32.to_le_bytes());
    samsung.extend(b"SEFT");
    one(&samsung, "video");
}

#[test]
fn damaged_files_end_and_their_maps_are_refused() {
    let bytes = ultra_hdr(Layout::Grey);
    let (header, _) = parts_of(&bytes);
    let parts =
        |bytes: &[u8], limits: &Limits| crate::parts(bytes, &header, limits, &|| false, &mut Buffers::default());
    for cut in (0..bytes.len()).step_by(3) {
        let _ = parts(&bytes[..cut], &Limits::default());
    }
    let mut state = 7_u32;
    for _ in 0..300 {
        let mut damaged = bytes.clone();
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 8) as usize % damaged.len();
            damaged[at] = (state >> 24) as u8;
        }
        let _ = parts(&damaged, &Limits::default());
    }
    let tight = Limits { decoded_bytes: 16, ..Limits::default() };
    assert!(parts(&bytes, &tight).gain_map.unwrap().is_err());
}

#[test]
fn a_map_may_be_larger_than_its_picture_but_not_by_any_factor() {
    let map = |width, height| {
        let map = GainMap { pixels: ramp(width, height, Layout::Grey), metadata: metadata() };
        let (_, parts) = parts_of(&file(Metadata { gain_map: Some(Arc::new(map)), ..Metadata::default() }));
        parts.gain_map.unwrap().map(|map| (map.pixels.width(), map.pixels.height()))
    };
    assert_eq!(map(96, 48), Ok((96, 48)));
    assert!(map(4096, 1032).unwrap_err().contains("larger"));
}
