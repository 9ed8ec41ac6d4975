//! Animations: what was put in comes out, in every kind, and files of others are composed as they are meant.

use super::*;
use crate::{CODECS, decode, encode, find, header};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Raster};

/// A square that moves over a background, with a hole where it says so.
fn frame(number: u32, transparent: bool) -> Frame {
    let mut rgba = Vec::new();
    for y in 0..20 {
        for x in 0..30_u32 {
            let inside = (number * 4..number * 4 + 8).contains(&x) && (5..13).contains(&y);
            rgba.extend(match (inside, transparent) {
                (true, _) => [255, (number * 40) as u8, 0, 255],
                (false, true) if x > 15 => [0; 4],
                (false, _) => [0, 0, (x * 8) as u8, 255],
            });
        }
    }
    let delay = Delay { numerator: 4 + number, denominator: 100 };
    Frame { pixels: Raster::new(30, 20, Layout::Rgba, rgba).into(), delay }
}

fn write(id: &str, frames: &[Frame], plays: u32, metadata: &Metadata) -> Encoded {
    let mut options = EncodeOptions::default();
    options.set_text("lossless", "true").unwrap();
    let survey = Survey { frames: frames.len() as u32, plays };
    let begin = Begin { width: 30, height: 20, survey, options: &options, metadata };
    let mut writer = frames_of(find(id).unwrap()).unwrap().begin(&begin).unwrap();
    for frame in frames {
        writer.push(frame).unwrap();
    }
    writer.finish().unwrap()
}

fn read(id: &str, bytes: &[u8]) -> Vec<Frame> {
    let mut reader = frames_of(find(id).unwrap()).unwrap().open(bytes, &Limits::default()).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next().unwrap() {
        frames.push(frame);
    }
    frames
}

fn animated() -> impl Iterator<Item = &'static str> {
    CODECS.iter().filter(|c| frames_of(c).is_some_and(Frames::animates)).map(|c| c.id)
}

#[test]
fn every_format_returns_frames_delays_and_plays() {
    assert_eq!(animated().collect::<Vec<_>>(), ["png", "webp", "gif"]);
    for id in animated() {
        for (transparent, plays) in [(false, 0), (true, 1), (true, 3)] {
            let mut frames: Vec<Frame> = (0..5).map(|n| frame(n, transparent)).collect();
            // The same again, and something other.
            frames.push(frame(4, transparent));
            frames.push(frame(0, !transparent));
            let bytes = write(id, &frames, plays, &Metadata::default()).bytes;
            let survey =
                frames_of(find(id).unwrap()).unwrap().survey(&mut std::io::Cursor::new(&bytes), &Limits::default());
            assert_eq!(survey, Survey { frames: 7, plays }, "{id}");
            assert_eq!(header(&bytes, &Limits::default()).unwrap().1.frames, 7);
            let back = read(id, &bytes);
            assert_eq!(back.len(), 7, "{id}");
            for (number, (sent, got)) in frames.iter().zip(&back).enumerate() {
                assert!(got.pixels.to_rgba8() == sent.pixels.to_rgba8(), "{id}: frame {number} differs");
                assert_eq!(got.delay.in_parts(1000), sent.delay.in_parts(1000), "{id}: frame {number}");
            }
        }
    }
}

#[test]
fn only_what_moves_is_written_again() {
    for id in animated() {
        let one = write(id, &[frame(0, false)], 0, &Metadata::default()).bytes.len();
        let still: Vec<Frame> = (0..20).map(|_| frame(0, false)).collect();
        let twenty = write(id, &still, 0, &Metadata::default()).bytes.len();
        assert!(twenty < one + 20 * 90, "{id}: {one} bytes a frame, {twenty} for twenty");
    }
}

#[test]
fn metadata_stay_with_animations_that_hold_them() {
    let mut icc = vec![0; 128];
    icc[16..20].copy_from_slice(b"RGB ");
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    let metadata = Metadata { icc: Some(icc), exif: Some(exif), ..Metadata::default() };
    for id in animated() {
        let encoded = write(id, &[frame(0, true), frame(1, true)], 0, &metadata);
        let found = header(&encoded.bytes, &Limits::default()).unwrap().1.metadata;
        if id == "gif" {
            assert!(encoded.notes.iter().any(|n| n.contains("profile")), "{:?}", encoded.notes);
        } else {
            assert_eq!(found, metadata, "{id}");
        }
    }
}

#[test]
fn hostile_animations_end() {
    for id in animated() {
        let whole = write(id, &(0..4).map(|n| frame(n, true)).collect::<Vec<_>>(), 0, &Metadata::default()).bytes;
        let frames = frames_of(find(id).unwrap()).unwrap();
        let tight = Limits { decoded_bytes: 1000, ..Limits::default() };
        assert!(frames.check(tight.frames + 1, 1, &Limits::default()).is_err());
        assert!(frames.check(4, 30 * 20 * 4 * 8, &tight).is_err());
        for place in 0..whole.len() {
            for damage in [Some(0xff_u8), Some(0), None] {
                let mut bytes = whole.clone();
                match damage {
                    Some(value) => bytes[place] = value,
                    None => bytes.truncate(place),
                }
                let _any = frames.survey(&mut std::io::Cursor::new(&bytes), &Limits::default());
                let Ok((codec, header)) = header(&bytes, &Limits::default()) else { continue };
                if codec.id != id || header.stored.pixels() > 1 << 20 {
                    continue;
                }
                if let Ok(mut reader) = frames.open(&bytes, &Limits::default()) {
                    let mut count = 0;
                    while let Ok(Some(_)) = reader.next() {
                        count += 1;
                        assert!(count < 100, "{id}: byte {place} makes it endless");
                    }
                }
            }
        }
    }
}

#[test]
fn pages_are_read_each_as_a_file() {
    let page = |number: u8, size: u32| {
        let pixels = Raster::new(size, 2, Layout::Rgb, vec![number; size as usize * 6]).into();
        encode(find("tiff").unwrap(), Picture::new(pixels), &EncodeOptions::default(), &mut Buffers::default())
            .unwrap()
            .bytes
    };
    // Three files behind each other, each directory pointing to the next; offsets moved along.
    let mut file = Vec::new();
    let mut link = None;
    for (number, size) in [(10, 3), (20, 4), (30, 5)] {
        let one = page(number, size);
        let base = file.len() as u32;
        let directory = u32::from_le_bytes([one[4], one[5], one[6], one[7]]) as usize;
        let entries = usize::from(u16::from_le_bytes([one[directory], one[directory + 1]]));
        let mut one = one;
        for entry in 0..entries {
            let at = directory + 2 + entry * 12;
            let tag = u16::from_le_bytes([one[at], one[at + 1]]);
            let kind = u16::from_le_bytes([one[at + 2], one[at + 3]]);
            let count = u32::from_le_bytes([one[at + 4], one[at + 5], one[at + 6], one[at + 7]]);
            let bytes = count
                * match kind {
                    3 => 2,
                    4 => 4,
                    5 => 8,
                    _ => 1,
                };
            if bytes > 4 || tag == 273 {
                let value = u32::from_le_bytes([one[at + 8], one[at + 9], one[at + 10], one[at + 11]]) + base;
                one[at + 8..at + 12].copy_from_slice(&value.to_le_bytes());
            }
        }
        if let Some(link) = link {
            let place: std::ops::Range<usize> = link;
            file[place].copy_from_slice(&(base + directory as u32).to_le_bytes());
        }
        let next = base as usize + directory + 2 + entries * 12;
        link = Some(next..next + 4);
        file.extend(one);
    }
    let limits = Limits::default();
    let (codec, first) = header(&file, &limits).unwrap();
    assert_eq!((first.frames, first.stored.width), (3, 3));
    for (number, value, size) in [(0, 10, 3), (1, 20, 4), (2, 30, 5)] {
        let bytes = crate::page(&file, number).unwrap();
        let (_, header) = header(&bytes, &limits).unwrap();
        let decoded = decode(codec, &bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
        assert_eq!(decoded.pixels, Raster::new(size, 2, Layout::Rgb, vec![value as u8; size as usize * 6]).into());
        assert_eq!(header.stored.depth, Depth::U8);
    }
    assert_eq!(crate::page(&file, 3), None);
    // A chain that comes back to its beginning.
    let begin = u32::from_le_bytes([file[4], file[5], file[6], file[7]]);
    let link = link.unwrap();
    file[link].copy_from_slice(&begin.to_le_bytes());
    assert_eq!(header_frames(&file), 3);
}

fn header_frames(file: &[u8]) -> u32 {
    header(file, &Limits::default()).unwrap().1.frames
}
