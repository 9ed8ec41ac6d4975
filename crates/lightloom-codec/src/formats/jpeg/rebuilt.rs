//! Damaged files put together anew, as libjpeg reads them: the segments that decoding needs, without what stands between
//! them, and entropy-coded data without markers that cannot be in them.

use super::{END, START};

/// The file; none if there is nothing to be put right.
pub(super) fn rebuilt(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = START.to_vec();
    let mut is_irregular = false;
    let mut at = START.len();
    while let Some(found) = next_marker(bytes, at) {
        is_irregular |= bytes[at] != 0xff;
        at = found + 1;
        let code = bytes[found];
        match code {
            0xd9 => break,
            // Markers that stand alone, where none belongs.
            0x01 | 0xd0..=0xd8 => {
                is_irregular = true;
                continue;
            }
            _ => {}
        }
        let Some(length) = bytes.get(at..).and_then(<[u8]>::first_chunk::<2>) else { break };
        let length = usize::from(u16::from_be_bytes(*length));
        let Some(segment) = bytes.get(at..at + length).filter(|_| length >= 2) else {
            is_irregular = true;
            at += 2;
            continue;
        };
        at += length;
        if is_needed(code) {
            out.extend([0xff, code]);
            out.extend(segment);
        }
        if code == 0xda {
            let (end, is_clean) = entropy_coded(bytes, at, &mut out);
            is_irregular |= !is_clean;
            at = end;
        }
    }
    out.extend(END);
    is_irregular.then_some(out)
}

/// Where the code of the next marker stands, whatever is in front of it.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        at += bytes[at..].iter().position(|byte| *byte != 0xff)?;
        if bytes[at] != 0 {
            return Some(at);
        }
    }
}

/// Frames, tables, restart intervals, scans, and what says which colours the components are: JFIF, profile, Adobe.
fn is_needed(code: u8) -> bool {
    matches!(code, 0xc0..=0xcf | 0xda..=0xdd | 0xe0 | 0xe2 | 0xee)
}

/// Whether a scan may end with this marker: a table, another scan, the end, a number of lines or what describes the file.
fn ends_scan(code: u8) -> bool {
    matches!(code, 0xc4 | 0xcc | 0xd9..=0xdd | 0xe0..=0xef | 0xfe)
}

/// Copies the data of a scan. Returns where they end, and whether they were as they should be.
fn entropy_coded(bytes: &[u8], mut at: usize, out: &mut Vec<u8>) -> (usize, bool) {
    let mut is_clean = true;
    while let Some(data) = bytes.get(at..) {
        let plain = data.iter().position(|byte| *byte == 0xff).unwrap_or(data.len());
        out.extend(&data[..plain]);
        at += plain;
        let Some(code) = bytes.get(at + 1) else { return (bytes.len(), is_clean) };
        match code {
            0x00 | 0xd0..=0xd7 => {
                out.extend([0xff, *code]);
                at += 2;
            }
            0xff => at += 1,
            code if ends_scan(*code) => return (at, is_clean),
            // What follows belongs to nothing until the data begin anew.
            _ => {
                is_clean = false;
                let resumes = |pair: &[u8]| pair[0] == 0xff && (matches!(pair[1], 0xd0..=0xd7) || ends_scan(pair[1]));
                match bytes[at + 2..].windows(2).position(resumes) {
                    Some(skipped) => at += 2 + skipped,
                    None => return (bytes.len(), is_clean),
                }
            }
        }
    }
    (bytes.len(), is_clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CodecError, Decoded, EncodeOptions, Limits};
    use lightloom_picture::{Buffers, Layout, Picture, Raster};

    #[test]
    fn only_what_belongs_there_stays() {
        let whole =
            b"\xff\xd8\xff\xdb\0\x03a\xff\xda\0\x02\x12\xff\0\x34\xff\xd0\x56\xff\xc4\0\x02\xff\xda\0\x02x\xff\xd9";
        assert_eq!(rebuilt(whole), None);
        let torn = b"\xff\xd8\xff\xd5junk\xff\xdb\0\x03a\xff\xfe\0\x01\xff\xda\0\x02\x12\xff\0\x34\xff\xaetorn\xff\xd0\x56\xff\xc4\0\x02??\xff\xda\0\x02x\xff\xd9";
        assert_eq!(rebuilt(torn).unwrap(), whole);
        for cut in 0..torn.len() {
            let _ = rebuilt(&torn[..cut]);
        }
    }

    fn read(bytes: &[u8]) -> Result<Decoded, CodecError> {
        let limits = Limits::default();
        let (codec, header) = crate::header(bytes, &limits)?;
        crate::decode(codec, bytes, &header, 1, &limits, &mut Buffers::default())
    }

    #[test]
    fn impossible_lengths_and_stray_markers_cost_no_picture() {
        let samples = (0..64 * 48 * 3_u32).map(|i| (i / 3 % 64 * 3 + i % 3 * 20) as u8).collect();
        let picture = Picture::new(Raster::new(64, 48, Layout::Rgb, samples).into());
        let jpeg = crate::find("jpeg").unwrap();
        let bytes = crate::encode(jpeg, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes;
        let whole = read(&bytes).unwrap().pixels;
        for junk in [&b"\xff\xfe\0\0"[..], b"\xff\xfe\0\x01", b"\xff\xd5\0\x6f", b"\xff\x01stray"] {
            let decoded = read(&[&bytes[..2], junk, &bytes[2..]].concat()).unwrap();
            assert_eq!(decoded.pixels, whole, "{junk:?}");
        }
    }
}
