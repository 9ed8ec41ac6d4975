//! Archives built by hand: what is in them comes out, and what is wrong with them is said.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../../tests/common/archives.rs"]
mod archives;

use std::io::{Cursor, Read};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use archives::{ZipFile, gzip, tar, tar_entry, zip};
use lightloom_archive::{Format, Listing, list, stream, unpacked};

fn paths(listing: &Listing) -> Vec<&Path> {
    listing.members.iter().map(|member| member.path.as_path()).collect()
}

fn content(archive: &[u8], listing: &Listing, index: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut content = unpacked(Cursor::new(archive), &listing.members[index]).map_err(|e| e.to_string())?;
    content.read_to_end(&mut bytes).map_err(|e| e.to_string())?;
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
        ZipFile { method: 12, ..ZipFile::stored("bz.jpg", b"7") },
        cp437,
        ZipFile::stored("a\x1b[31m\n.jpg", b"8"),
    ];
    let archive = zip(&files);
    let listing = list(Format::Zip, Cursor::new(&archive)).unwrap();
    let expected = ["up.jpg", "abs.jpg", "win/drive.jpg", "up-2.jpg", "ä.jpg", "a\x1b[31m\n.jpg"];
    assert_eq!(paths(&listing), expected.map(Path::new));
    assert_eq!((listing.specials, listing.encrypted, listing.unsupported), (1, 1, Some((1, "bzip2"))));
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
        assert_eq!(list(format, Cursor::new(&packed)).unwrap(), listing, "{format:?}");
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
