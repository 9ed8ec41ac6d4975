//! The segments before and around the scan.

use super::tables::{Description, ZIG_ZAG, usual_ac, usual_dc};
use super::{Format, Sampling};

/// The start of a file, and the JFIF header: version 1.1, no unit of density, no thumbnail.
pub(super) const JFIF: &[u8; 20] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

/// The segments up to the scan's data, without those of the application.
pub(super) fn header(
    (width, height): (u16, u16),
    format: Format,
    sampling: Sampling,
    quantisation: &[[u16; 64]; 2],
    codes: &Codes,
) -> Vec<u8> {
    let tables = if format == Format::Grey { 1 } else { 2 };
    let mut out = JFIF.to_vec();
    for (id, steps) in (0_u8..).zip(&quantisation[..tables]) {
        let wide = steps.iter().any(|step| *step > 255);
        let zig_zag = ZIG_ZAG.iter().map(|at| steps[usize::from(*at)]);
        let mut content = vec![u8::from(wide) << 4 | id];
        if wide {
            content.extend(zig_zag.flat_map(u16::to_be_bytes));
        } else {
            content.extend(zig_zag.map(|s| s as u8));
        }
        segment(&mut out, 0xdb, &content);
    }
    // Baseline knows steps of 8 bits only; extended sequential is the same otherwise.
    let is_baseline = quantisation[..tables].iter().flatten().all(|step| *step <= 255);
    // A lone component's factors say nothing; they are written as earlier versions did.
    let factors = (sampling.columns() << 4 | sampling.rows()) as u8;
    let components = &[[1, factors, 0], [2, 0x11, 1], [3, 0x11, 1]][..if format == Format::Grey { 1 } else { 3 }];
    let mut frame = vec![8];
    frame.extend(height.to_be_bytes());
    frame.extend(width.to_be_bytes());
    frame.push(components.len() as u8);
    frame.extend(components.as_flattened());
    segment(&mut out, if is_baseline { 0xc0 } else { 0xc1 }, &frame);
    for id in 0..tables {
        for (class, code) in [(0, &codes.dc[id]), (0x10, &codes.ac[id])] {
            segment(&mut out, 0xc4, &[&[class | id as u8], &code.counts[..], &code.symbols].concat());
        }
    }
    let mut scan = vec![components.len() as u8];
    scan.extend(components.iter().flat_map(|[id, _, table]| [*id, table << 4 | table]));
    // All coefficients, with all their bits.
    scan.extend([0, 63, 0]);
    segment(&mut out, 0xda, &scan);
    out
}

/// The codes of luma and chroma.
pub(super) struct Codes {
    pub(super) dc: [Description; 2],
    pub(super) ac: [Description; 2],
}

impl Codes {
    /// Those of Annex K.
    pub(super) fn usual() -> Self {
        Self { dc: usual_dc(), ac: usual_ac() }
    }
}

/// The application segment of Exif data, which are at most 65,527 bytes.
pub fn exif_segment(exif: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    segment(&mut out, 0xe1, &[b"Exif\0\0", exif].concat());
    out
}

/// The application segments of an ICC profile, which at most 255 segments hold.
pub fn icc_segments(profile: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"ICC_PROFILE\0";
    // Length, name, number and count are counted too.
    let parts = profile.chunks(65_533 - NAME.len() - 2);
    let count = parts.len() as u8;
    let mut out = Vec::new();
    for (number, part) in (1..=u8::MAX).zip(parts) {
        segment(&mut out, 0xe2, &[NAME, &[number, count], part].concat());
    }
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    out.extend([0xff, marker]);
    out.extend((content.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(content);
}
