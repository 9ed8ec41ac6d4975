//! Zips, tars and 7zs, built by hand so that they can hold what no program would put in.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::io::Write as _;

/// A file of a zip, as its headers state it.
#[derive(Debug, Clone)]
pub struct ZipFile {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
    /// What is stored, if not `content`.
    pub packed: Option<Vec<u8>>,
    pub method: u16,
    pub flags: u16,
    /// Type and permissions on Unix.
    pub mode: u32,
    pub crc: Option<u32>,
    pub stated_length: Option<u32>,
}

impl ZipFile {
    pub fn stored(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            content: content.to_vec(),
            packed: None,
            method: 0,
            flags: 0,
            mode: 0o100_644,
            crc: None,
            stated_length: None,
        }
    }

    pub fn deflated(name: &str, content: &[u8]) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        Self { packed: Some(encoder.finish().unwrap()), method: 8, ..Self::stored(name, content) }
    }
}

/// CRC-32, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// A zip of these files, all of 2024-02-29 12:34:56.
pub fn zip(files: &[ZipFile]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for file in files {
        let packed = file.packed.as_ref().unwrap_or(&file.content);
        let offset = out.len() as u32;
        let mut common = Vec::new();
        common.extend(20_u16.to_le_bytes());
        common.extend(file.flags.to_le_bytes());
        common.extend(file.method.to_le_bytes());
        common.extend((12_u16 << 11 | 34 << 5 | 28).to_le_bytes());
        common.extend((44_u16 << 9 | 2 << 5 | 29).to_le_bytes());
        common.extend(file.crc.unwrap_or_else(|| crc(&file.content)).to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend(file.stated_length.unwrap_or(file.content.len() as u32).to_le_bytes());
        common.extend((file.name.len() as u16).to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(&file.name);
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        // Length of the comment, number of the disk, inner attributes.
        directory.extend([0; 6]);
        directory.extend((file.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&file.name);
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([(files.len() as u16).to_le_bytes(), (files.len() as u16).to_le_bytes()].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}

/// An entry of a tar: its name, kind and content.
pub fn tar_entry(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if name.len() > 100 {
        out.extend(tar_entry(b"././@LongLink", b'L', &[name, b"\0"].concat()));
    }
    let mut header = [0; 512];
    header[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    header[136..148].copy_from_slice(format!("{:011o}\0", 1_709_210_096).as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend(header);
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// A tar of these files.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out: Vec<u8> = files.iter().flat_map(|(name, content)| tar_entry(name.as_bytes(), b'0', content)).collect();
    out.extend([0; 1024]);
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file of a 7z, as its directory states it.
#[derive(Debug, Clone)]
pub struct SevenFile {
    pub name: String,
    pub content: Vec<u8>,
    /// Type and permissions on Unix.
    pub mode: u32,
    pub crc: Option<u32>,
    pub stated_length: Option<u64>,
}

impl SevenFile {
    pub fn new(name: &str, content: &[u8]) -> Self {
        Self { name: name.to_owned(), content: content.to_vec(), mode: 0o100_644, crc: None, stated_length: None }
    }
}

/// A number of 7z in its longest form.
fn number(value: u64) -> Vec<u8> {
    [&[0xff][..], &value.to_le_bytes()].concat()
}

/// A property of 7z: its number, length and content.
fn property(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &number(content.len() as u64), content].concat()
}

/// A 7z of these files, none of them empty, stored in one stream, all of 2024-02-29 12:34:56.
pub fn seven_zip(files: &[SevenFile]) -> Vec<u8> {
    let content: Vec<u8> = files.iter().flat_map(|file| file.content.clone()).collect();
    let length = |file: &SevenFile| file.stated_length.unwrap_or(file.content.len() as u64);
    let all: u64 = files.iter().map(length).sum();
    let mut header = vec![1, 4];
    // One packed stream from the beginning on, one decoder that copies.
    header.extend([&[6][..], &number(0), &[1, 9], &number(content.len() as u64), &[0]].concat());
    header.extend([&[7, 11, 1, 0, 1, 1, 0, 12][..], &number(all), &[0]].concat());
    header.extend([&[8, 13][..], &number(files.len() as u64)].concat());
    if files.len() > 1 {
        header.push(9);
        files[..files.len() - 1].iter().for_each(|file| header.extend(number(length(file))));
    }
    header.extend([10, 1]);
    files.iter().for_each(|file| header.extend(file.crc.unwrap_or_else(|| crc(&file.content)).to_le_bytes()));
    header.extend([0, 0, 5]);
    header.extend(number(files.len() as u64));
    let names: Vec<u8> = files
        .iter()
        .flat_map(|file| file.name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect::<Vec<_>>())
        .collect();
    header.extend(property(17, &[&[0][..], &names].concat()));
    let ticks: u64 = (11_644_473_600 + 1_709_210_096) * 10_000_000;
    header.extend(property(20, &[&[1, 0][..], &ticks.to_le_bytes().repeat(files.len())].concat()));
    let modes: Vec<u8> = files.iter().flat_map(|file| (file.mode << 16 | 0x8000).to_le_bytes()).collect();
    header.extend(property(21, &[&[1, 0][..], &modes].concat()));
    header.extend([0, 0]);
    let next = [(content.len() as u64).to_le_bytes(), (header.len() as u64).to_le_bytes()].concat();
    let next = [&next[..], &crc(&header).to_le_bytes()].concat();
    [b"7z\xbc\xaf\x27\x1c\0\x04", &crc(&next).to_le_bytes()[..], &next, &content, &header].concat()
}
