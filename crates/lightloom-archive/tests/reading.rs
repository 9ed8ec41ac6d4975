//! Archives built by hand: what is in them comes out, and what is wrong with them is said.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../../tests/common/archives.rs"]
mod archives;

use std::io::{Cursor, Read};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use archives::{SevenFile, ZipFile, gzip, seven_zip, tar, tar_entry, zip};
use lightloom_archive::{Data, Format, Listing, list, open_stream, stream, unpacked};

fn paths(listing: &Listing) -> Vec<&Path> {
    listing.members.iter().map(|member| member.path.as_path()).collect()
}

/// Bytes of a member that are read of a damaged archive.
const MOST: u64 = 1 << 20;

fn content(archive: &[u8], listing: &Listing, index: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let member = &listing.members[index];
    if let Data::Streamed { stream, offset, .. } = member.data {
        let format = if archive.starts_with(b"7z") { Format::SevenZip } else { Format::TarGzip };
        let mut content = open_stream(format, listing, stream, Cursor::new(archive)).map_err(|e| e.to_string())?;
        let skipped = std::io::copy(&mut (&mut content).take(offset.min(MOST)), &mut std::io::sink());
        skipped.map_err(|e| e.to_string())?;
        let read = content.take(member.length.min(MOST)).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        if (read as u64) < member.length {
            return Err("it is cut off".to_owned());
        }
        return member.check(&bytes).map(|()| bytes).map_err(|e| e.to_string());
    }
    let mut content = unpacked(Cursor::new(archive), &listing.members[index]).map_err(|e| e.to_string())?;
    (&mut content).take(MOST).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    Ok(bytes)
}

#[test]
fn a_zip_gives_what_was_put_in() {
    let long = b"content ".repeat(1000);
    let zstd = ruzstd::encoding::compress_to_vec(&long[..], ruzstd::encoding::CompressionLevel::Fastest);
    let files = [
        ZipFile::stored("a.jpg", b"one"),
        ZipFile::deflated("b/c.jpg", &long),
        ZipFile { packed: Some(zstd), method: 93, ..ZipFile::stored("d.jpg", &long) },
        ZipFile::stored("empty", b""),
        ZipFile::stored("folder/", b""),
    ];
    let mut archive = zip(&files);
    for before in [&b""[..], b"a program that unpacks itself"] {
        archive.splice(0..0, before.iter().copied());
        let listing = list(Format::Zip, Cursor::new(&archive)).unwrap();
        assert_eq!(paths(&listing), ["a.jpg", "b/c.jpg", "d.jpg", "empty"].map(Path::new));
        assert_eq!(listing.members[1].length, 8000);
        let noon = UNIX_EPOCH + Duration::from_secs(1_709_210_096);
        assert!(listing.members.iter().all(|member| member.modified == Some(noon)), "{listing:?}");
        for (index, expected) in [&b"one"[..], &long, &long, b""].iter().enumerate() {
            assert_eq!(&content(&archive, &listing, index).unwrap(), expected, "{index}");
        }
    }
}

#[test]
fn what_a_zip_should_not_hold_is_left_out_or_made_harmless() {
    let link = ZipFile { mode: 0o120_777, ..ZipFile::stored("link.jpg", b"/etc/passwd") };
    let cp437 = ZipFile { name: b"\x84.jpg".to_vec(), ..ZipFile::stored("", b"x") };
    let files = [
        ZipFile::stored("../../up.jpg", b"1"),
        ZipFile::stored("/abs.jpg", b"2"),
        ZipFile::stored("C:\\win\\drive.jpg", b"3"),
        ZipFile::stored("up.jpg", b"4"),
        link,
        ZipFile { flags: 1, ..ZipFile::stored("secret.jpg", b"6") },
        ZipFile { method: 96, ..ZipFile::stored("other.jpg", b"7") },
        cp437,
        ZipFile::stored("a\x1b[31m\n.jpg", b"8"),
    ];
    let archive = zip(&files);
    let listing = list(Format::Zip, Cursor::new(&archive)).unwrap();
    let expected = ["up.jpg", "abs.jpg", "win/drive.jpg", "up-2.jpg", "ä.jpg", "a\x1b[31m\n.jpg"];
    assert_eq!(paths(&listing), expected.map(Path::new));
    assert_eq!((listing.specials, listing.encrypted, listing.unsupported), (1, 1, Some((1, "an unknown method"))));
    assert_eq!(content(&archive, &listing, 3).unwrap(), b"4", "each of two with one name has its own content");
}

#[test]
fn what_an_archive_states_wrongly_is_said() {
    let said = |file: ZipFile| {
        let archive = zip(&[file]);
        let listing = list(Format::Zip, Cursor::new(&archive)).unwrap();
        content(&archive, &listing, 0).unwrap_err()
    };
    let zeros = vec![0; 1 << 20];
    let bomb = ZipFile { stated_length: Some(10), ..ZipFile::deflated("a", &zeros) };
    assert!(said(bomb.clone()).contains("wrong checksum"));
    let crc_of_ten = ZipFile { stated_length: Some(10), content: vec![0; 10], ..bomb };
    assert!(said(crc_of_ten).contains("longer than the archive says"));
    assert!(said(ZipFile { stated_length: Some(99), ..ZipFile::stored("a", b"x") }).contains("shorter"));
    assert!(said(ZipFile { crc: Some(1), ..ZipFile::deflated("a", b"x") }).contains("wrong checksum"));
}

#[test]
fn cut_and_damaged_archives_end_with_an_error_or_less() {
    let whole = zip(&[ZipFile::stored("a.jpg", b"one"), ZipFile::deflated("b.jpg", b"two")]);
    for cut in 0..whole.len() {
        assert!(list(Format::Zip, Cursor::new(&whole[..cut])).is_err(), "cut at {cut}");
    }
    let tarred = tar(&[("a.jpg", b"one"), ("b.jpg", b"two")]);
    for (format, bytes) in [(Format::Zip, &whole), (Format::Tar, &tarred)] {
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            let Ok(listing) = list(format, Cursor::new(&damaged)) else { continue };
            for index in 0..listing.members.len() {
                let _ = content(&damaged, &listing, index);
            }
        }
    }
    for cut in [1, 511, 513, 1025] {
        assert!(list(Format::Tar, Cursor::new(&tarred[..cut])).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_tar_gives_what_was_put_in() {
    let long = format!("{}/a.jpg", "folder".repeat(30));
    let mut archive = tar_entry(b"pax", b'x', b"19 path=b/\xc3\xa4\xc3\xb6.jpg\n16 mtime=100.25\n");
    archive.extend(tar_entry(b"cut.jpg", b'0', b"one"));
    archive.extend(tar(&[(&long, b"two"), ("../up.jpg", &[7; 600])]));
    let listing = list(Format::Tar, Cursor::new(&archive)).unwrap();
    assert_eq!(paths(&listing), ["b/äö.jpg", &long, "up.jpg"].map(Path::new));
    assert_eq!(listing.members[0].modified, Some(UNIX_EPOCH + Duration::from_secs(100)));
    let contents: Vec<Vec<u8>> = (0..3).map(|index| content(&archive, &listing, index).unwrap()).collect();
    assert_eq!(contents, [b"one".to_vec(), b"two".to_vec(), vec![7; 600]]);
    let zstd = ruzstd::encoding::compress_to_vec(&archive[..], ruzstd::encoding::CompressionLevel::Fastest);
    // A frame to skip, and a second one after the first.
    let frames = [b"\x50\x2a\x4d\x18\x03\0\0\0abc", &zstd[..]].concat();
    for (format, packed) in [(Format::TarGzip, gzip(&archive)), (Format::TarZstd, zstd), (Format::TarZstd, frames)] {
        let of_stream = list(format, Cursor::new(&packed)).unwrap();
        assert_eq!(paths(&of_stream), paths(&listing), "{format:?}");
        assert!(of_stream.members.iter().all(|member| matches!(member.data, Data::Streamed { .. })));
        let mut again = Vec::new();
        stream(format, &packed[..]).unwrap().read_to_end(&mut again).unwrap();
        assert_eq!(again, archive);
    }
}

#[test]
fn links_and_devices_of_a_tar_are_counted() {
    let kinds = [b'1', b'2', b'3', b'4', b'6', b'S'];
    let mut archive: Vec<u8> = kinds.iter().flat_map(|kind| tar_entry(b"a.jpg", *kind, b"")).collect();
    archive.extend(tar_entry(b"folder", b'5', b""));
    archive.extend(tar(&[("b.jpg", b"x")]));
    let listing = list(Format::Tar, Cursor::new(&archive)).unwrap();
    assert_eq!((paths(&listing), listing.specials), (vec![Path::new("b.jpg")], 6));
}

#[test]
fn names_and_streams_without_an_end_are_refused() {
    let mut huge = tar_entry(b"././@LongLink", b'L', b"");
    huge[124..136].copy_from_slice(b"77777777777\0");
    huge[148..156].fill(b' ');
    let sum: u32 = huge[..512].iter().map(|byte| u32::from(*byte)).sum();
    huge[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    huge.resize(4096, b'a');
    assert!(list(Format::Tar, Cursor::new(&huge)).unwrap_err().to_string().contains("too long"));
}

/// What 7-Zip 26 and py7zr 1.1 packed: `a.jpg`, `b/c.jpg` and `empty`.
fn packed_by_others() -> Vec<(String, Format, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    let named = |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    all.iter().map(|path| (named(path), Format::of_name(path).unwrap(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn what_others_packed_is_read_by_every_method_or_said_not_to_be() {
    let long = b"content ".repeat(1000);
    for (name, format, archive) in packed_by_others() {
        let listing = match list(format, Cursor::new(&archive)) {
            Ok(listing) => listing,
            Err(error) => {
                assert!(name == "encrypted-names.7z" && error.to_string().contains("names of its files are encrypted"));
                continue;
            }
        };
        let left_out = match name.as_str() {
            "bcj2.7z" => (0, 0, Some((2, "BCJ2, which is for programs"))),
            "brotli.7z" => (0, 0, Some((3, "Brotli"))),
            "encrypted.7z" => (0, 2, None),
            "encrypted.zip" | "aes.zip" => (0, 3, None),
            "link.7z" => (1, 0, None),
            _ => (0, 0, None),
        };
        assert_eq!((listing.specials, listing.encrypted, listing.unsupported), left_out, "{name}");
        let find = |path: &str| listing.members.iter().position(|member| member.path == Path::new(path));
        let missing = left_out.1 + left_out.2.map_or(0, |(count, _)| count);
        assert_eq!(listing.members.len(), 3 - missing, "{name}");
        for (path, expected) in [("a.jpg", &b"one"[..]), ("b/c.jpg", &long), ("empty", b"")] {
            let found = find(path).map(|index| content(&archive, &listing, index));
            assert!(found.is_some() || missing > 0, "{name}: {path}");
            assert!(found.is_none_or(|found| found.as_deref() == Ok(expected)), "{name}: {path}");
        }
        if listing.members.is_empty() {
            continue;
        }
        let noon = UNIX_EPOCH + Duration::from_secs(1_709_210_096);
        let time = listing.members[0].modified.unwrap();
        assert!(time.max(noon).duration_since(time.min(noon)).unwrap() < Duration::from_secs(86_400), "{name}");
    }
}

#[test]
fn a_7z_that_lies_is_made_harmless_or_refused() {
    let files = [
        SevenFile::new("../../up.jpg", b"1"),
        SevenFile::new("/abs.jpg", b"2"),
        SevenFile::new("up.jpg", b"3"),
        SevenFile { mode: 0o120_777, ..SevenFile::new("link.jpg", b"/etc/passwd") },
        SevenFile::new("ü.jpg", b"5"),
        SevenFile { crc: Some(1), ..SevenFile::new("wrong.jpg", b"6") },
        SevenFile { stated_length: Some(u64::MAX >> 1), ..SevenFile::new("long.jpg", b"7") },
    ];
    let archive = seven_zip(&files);
    let listing = list(Format::SevenZip, Cursor::new(&archive)).unwrap();
    assert_eq!(paths(&listing), ["up.jpg", "abs.jpg", "up-2.jpg", "ü.jpg", "wrong.jpg", "long.jpg"].map(Path::new));
    assert_eq!(listing.specials, 1);
    let contents: Vec<_> = (0..4).map(|index| content(&archive, &listing, index).unwrap()).collect();
    assert_eq!(contents, [b"1", b"2", b"3", b"5"]);
    assert!(content(&archive, &listing, 4).unwrap_err().contains("wrong checksum"));
    assert!(content(&archive, &listing, 5).is_err());
    let overflowing = [u64::MAX >> 1, u64::MAX >> 1, 5]
        .map(|length| SevenFile { stated_length: Some(length), ..SevenFile::new("a", b"1") });
    if let Ok(listing) = list(Format::SevenZip, Cursor::new(seven_zip(&overflowing[..2]))) {
        assert!(content(&seven_zip(&overflowing[..2]), &listing, 1).is_err());
    }
}

/// Each damage at a place of its own, the same each time.
#[test]
fn damaged_archives_are_read_without_harm() {
    let mut noise = 1_u64;
    let mut next = move |below: usize| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 33) as usize % below
    };
    let zipped = zip(&[ZipFile::stored("a.jpg", b"one"), ZipFile::deflated("b.jpg", &b"two".repeat(99))]);
    let tarred = tar(&[("a.jpg", b"one"), ("b.jpg", b"two")]);
    let seven = seven_zip(&[SevenFile::new("a.jpg", b"one"), SevenFile::new("b.jpg", b"two")]);
    let mut wholes = packed_by_others();
    let own =
        [(Format::Zip, zipped), (Format::TarGzip, gzip(&tarred)), (Format::Tar, tarred), (Format::SevenZip, seven)];
    wholes.extend(own.map(|(format, bytes)| (format!("{format:?}"), format, bytes)));
    for (_, format, whole) in wholes {
        for _ in 0..300 {
            let mut damaged = whole.clone();
            for _ in 0..=next(3) {
                let at = next(damaged.len());
                damaged[at] = [0, 0xff, 0x80, damaged[at] ^ 1 << next(8)][next(4)];
            }
            if format == Format::SevenZip {
                mend(&mut damaged);
            }
            let Ok(listing) = list(format, Cursor::new(&damaged)) else { continue };
            for index in 0..listing.members.len().min(9) {
                let _ = content(&damaged, &listing, index);
            }
        }
    }
    if let Some(peak) = peak_mib() {
        assert!(peak < 1000, "{peak} MiB were used");
    }
}

/// Gives a 7z the checksums of what it is, so that damage is not found before it does harm.
fn mend(archive: &mut [u8]) {
    let u64_at = |at: usize| archive[at..at + 8].try_into().map(u64::from_le_bytes).unwrap() as usize;
    let from = u64_at(12).saturating_add(32);
    let header = archive.get(from..from.saturating_add(u64_at(20))).map(crc32fast::hash);
    if let Some(crc) = header {
        archive[28..32].copy_from_slice(&crc.to_le_bytes());
    }
    let crc = crc32fast::hash(&archive[12..32]);
    archive[8..12].copy_from_slice(&crc.to_le_bytes());
}

/// The most memory that this process had, on Linux.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib >> 10)
}
