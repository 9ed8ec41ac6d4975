//! Which scans of a progressive file are there (ITU-T T.81, annex G): its coefficients become exact one after the other, and
//! a file that lacks its last scans holds the whole picture, but coarsely.

use std::collections::BTreeMap;

/// What the headers of all scans say together.
#[derive(Debug, PartialEq)]
pub(super) struct Scans {
    pub count: usize,
    /// Whether they give all coefficients of all components to the last bit.
    pub complete: bool,
}

impl Scans {
    pub fn read(bytes: &[u8], components: usize) -> Self {
        let (mut count, mut exact) = (0, BTreeMap::new());
        for header in headers(bytes) {
            count += 1;
            let Some((&ids, rest)) = header.split_first() else { continue };
            let (ids, rest) = rest.split_at(rest.len().min(2 * usize::from(ids)));
            let &[first, last @ ..=63, bits, ..] = rest else { continue };
            if first <= last && bits & 15 == 0 {
                let coefficients = (u64::MAX >> (63 - (last - first))) << first;
                ids.chunks(2).for_each(|id| *exact.entry(id[0]).or_insert(0) |= coefficients);
            }
        }
        Self { count, complete: exact.len() == components && exact.values().all(|own| *own == u64::MAX) }
    }
}

/// The header of each scan, without marker and length.
fn headers(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.iter().position(|byte| *byte == 0xff)?..];
            rest = &rest[rest.iter().position(|byte| *byte != 0xff)?..];
            let (&code, after) = rest.split_first()?;
            rest = after;
            match code {
                // Stuffed bytes of entropy-coded data and markers that stand alone.
                0 | 0x01 | 0xd0..=0xd8 => {}
                0xd9 => return None,
                _ => {
                    let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
                    let segment = rest.get(2..length)?;
                    rest = &rest[length..];
                    if code == 0xda {
                        return Some(segment);
                    }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(ids: &[u8], [first, last, bits]: [u8; 3]) -> Vec<u8> {
        let components: Vec<u8> = ids.iter().flat_map(|id| [*id, 0]).collect();
        let length = (6 + components.len()) as u8;
        let head = [&[0xff, 0xda, 0, length, ids.len() as u8][..], &components, &[first, last, bits]].concat();
        [&head[..], b"entropy \xff\0 coded \xff\xd3 data"].concat()
    }

    #[test]
    fn a_file_is_complete_once_the_last_bits_of_all_components_are_there() {
        let thumbnail = [b"\xff\xe1\0\x40", &scan(&[1, 2, 3], [0, 63, 0])[..], &[0; 62]].concat()[..66].to_vec();
        let mut file = [b"\xff\xd8", &thumbnail[..]].concat();
        for (script, complete) in [
            (scan(&[1, 2, 3], [0, 0, 1]), false),
            (scan(&[1], [1, 63, 0]), false),
            (scan(&[2], [1, 63, 2]), false),
            (scan(&[3], [1, 63, 0]), false),
            (scan(&[1, 2, 3], [0, 0, 0x10]), false),
            (scan(&[2], [1, 63, 0x21]), false),
            (scan(&[2], [1, 63, 0x10]), true),
        ] {
            file.extend(script);
            assert_eq!(Scans::read(&file, 3).complete, complete);
        }
        assert_eq!(Scans::read(&file, 3).count, 7);
        for cut in 0..file.len() {
            Scans::read(&file[..cut], 3);
        }
    }
}
