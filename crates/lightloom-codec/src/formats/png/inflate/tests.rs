//! Beside libdeflate and flate2, whose data and verdicts these tests go by.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, FlushCompress};
use libdeflater::{CompressionLvl, Compressor, Decompressor};

use super::*;

/// Unpacks with so much room, and checks the checksum.
fn unpacked(parts: &[&[u8]], room: usize) -> Option<Vec<u8>> {
    let mut inflater = Inflater::new(parts)?;
    let (mut out, mut at, mut all) = (vec![0; WINDOW + room + SLACK], 0, Vec::new());
    while !inflater.is_done() {
        let kept = at.min(WINDOW);
        out.copy_within(at - kept..at, 0);
        at = inflater.fill(&mut out, kept)?;
        all.extend_from_slice(&out[kept..at]);
    }
    (inflater.checksum() == Some(libdeflater::adler32(&all))).then_some(all)
}

/// Data of several kinds: empty, flat, of few values, with matches near and far, noise.
fn kinds() -> Vec<Vec<u8>> {
    let mut seed = 7_u32;
    let mut random = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    let noise: Vec<u8> = (0..100_000).map(|_| random()).collect();
    let steps: Vec<u8> = (0..150_000).map(|i| (i / 100 % 251) as u8).collect();
    let few: Vec<u8> = noise.iter().map(|byte| byte & 3).collect();
    let skewed: Vec<u8> = noise.iter().map(|byte| byte.leading_zeros() as u8 * (byte & 31)).collect();
    let mut kinds = vec![Vec::new(), vec![9], vec![5; 70_000], noise.clone(), steps, few, skewed];
    // Every distance up to 40, and those near the end of the window.
    for distance in (1..40).chain([255, 4095, 32_500, 32_767, 32_768]) {
        let head = &noise[..distance];
        kinds.push(head.iter().cycle().take(distance + 70_000.min(40 * distance + 600)).copied().collect());
    }
    kinds
}

fn by_flate2(data: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn by_libdeflate(data: &[u8], level: i32) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::new(level).unwrap());
    let mut packed = vec![0; compressor.zlib_compress_bound(data.len())];
    let length = compressor.zlib_compress(data, &mut packed).unwrap();
    packed.truncate(length);
    packed
}

#[test]
fn what_other_libraries_pack_is_unpacked() {
    for (kind, data) in kinds().into_iter().enumerate() {
        let packed = (0..=9).map(|level| by_flate2(&data, level));
        for (way, packed) in packed.chain((0..=12).map(|level| by_libdeflate(&data, level))).enumerate() {
            assert!(unpacked(&[&packed], 5000).as_ref() == Some(&data), "kind {kind}, way {way}");
        }
    }
}

#[test]
fn parts_and_room_of_any_size_make_no_difference() {
    let data: Vec<u8> = kinds().concat();
    let (stored, packed) = (by_flate2(&data[..50_000], 0), by_libdeflate(&data, 6));
    for size in [1, 2, 3, 7, 8, 9, 63, 1000] {
        for (packed, data) in [(&stored, &data[..50_000]), (&packed, &data[..])] {
            let parts: Vec<&[u8]> = packed.chunks(size).flat_map(|part| [part, &[]]).collect();
            assert!(unpacked(&parts, 300 * size).as_deref() == Some(data), "{size}");
        }
    }
}

#[test]
fn blocks_that_are_flushed_between_are_unpacked() {
    let data = kinds().concat();
    let mut packed = Vec::with_capacity(4 * data.len());
    let mut compress = flate2::Compress::new(Compression::new(1), true);
    for (at, part) in data.chunks(999).enumerate() {
        let flush = [FlushCompress::Partial, FlushCompress::Sync, FlushCompress::Full][at % 3];
        compress.compress_vec(part, &mut packed, flush).unwrap();
    }
    compress.compress_vec(&[], &mut packed, FlushCompress::Finish).unwrap();
    assert!(unpacked(&[&packed], 70_000) == Some(data));
}

#[test]
fn damaged_data_are_refused_where_libdeflate_refuses_them_and_nothing_else_is_returned() {
    let data: Vec<u8> = kinds().concat()[..30_000].to_vec();
    for packed in [by_flate2(&data[..300], 0), by_libdeflate(&data[..3000], 9), by_flate2(&data[8000..11_000], 1)] {
        let length = Decompressor::new().zlib_decompress(&packed, &mut vec![0; 3000]).unwrap();
        for at in 0..packed.len() * 8 {
            let mut damaged = packed.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            let mut theirs = vec![0; length];
            let is_right = Decompressor::new().zlib_decompress(&damaged, &mut theirs) == Ok(length);
            assert_eq!(unpacked(&[&damaged], 4000), is_right.then_some(theirs), "bit {at}");
        }
        for length in 0..packed.len() {
            assert_eq!(unpacked(&[&packed[..length]], 4000), None, "{length} bytes");
        }
    }
}
