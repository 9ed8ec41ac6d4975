//! IPTC records (Information Interchange Model 4.2): a sequence of datasets, kept as a block.

use super::location::text_says_where;
use super::text::utf8_or_latin1;

/// A record's number and a dataset's within it.
pub type Key = (u8, u8);

/// Where the picture was taken: content location, city, sublocation, state, country.
const LOCATION: &[Key] = &[(2, 26), (2, 27), (2, 90), (2, 92), (2, 95), (2, 100), (2, 101)];
/// A small copy of the picture: its file format, the version of that, and its data.
const PREVIEW: &[Key] = &[(2, 200), (2, 201), (2, 202)];
const CHARACTER_SET: Key = (1, 90);
const BYLINE: Key = (2, 80);
const COPYRIGHT: Key = (2, 116);

/// Datasets in order. What follows a damaged one is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Iptc {
    datasets: Vec<(Key, Vec<u8>)>,
}

impl Iptc {
    /// Parses a block.
    pub fn parse(mut block: &[u8]) -> Self {
        let mut datasets = Vec::new();
        while let [0x1c, record, dataset, high, low, rest @ ..] = block {
            let mut length = usize::from(u16::from_be_bytes([*high, *low]));
            let mut rest = rest;
            if length & 0x8000 != 0 {
                // An extended dataset: so many bytes of length follow.
                let bytes = length & 0x7fff;
                if bytes > 4 || rest.len() < bytes {
                    break;
                }
                length = rest[..bytes].iter().fold(0, |n, b| n << 8 | usize::from(*b));
                rest = &rest[bytes..];
            }
            let Some((data, after)) = rest.split_at_checked(length) else { break };
            datasets.push(((*record, *dataset), data.to_vec()));
            block = after;
        }
        Self { datasets }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.datasets.is_empty()
    }

    /// The datasets' keys in order.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.datasets.iter().map(|(key, _)| *key)
    }

    /// The values of a dataset, which may be repeated.
    pub fn values(&self, key: Key) -> impl Iterator<Item = &[u8]> {
        self.datasets.iter().filter(move |(k, _)| *k == key).map(|(_, data)| data.as_slice())
    }

    /// Removes the names of places, and texts that hold places in a form that programs read.
    pub fn remove_location(&mut self) {
        self.datasets.retain(|(key, data)| !LOCATION.contains(key) && !text_says_where(&utf8_or_latin1(data)));
    }

    /// Removes the small copy of the picture. Returns whether there was one.
    pub fn remove_preview(&mut self) -> bool {
        let before = self.datasets.len();
        self.datasets.retain(|(key, _)| !PREVIEW.contains(key));
        self.datasets.len() < before
    }

    /// Sets who made the picture.
    pub fn set_byline(&mut self, text: &str) {
        self.set(BYLINE, text, 32);
    }

    /// Sets the copyright notice.
    pub fn set_copyright(&mut self, text: &str) {
        self.set(COPYRIGHT, text, 128);
    }

    /// Sets a text in UTF-8, cut to the model's length.
    fn set(&mut self, key: Key, text: &str, most: usize) {
        let mut end = text.len().min(most);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.datasets.retain(|(k, _)| *k != key);
        self.datasets.push((key, text.as_bytes()[..end].to_vec()));
        if !text.is_ascii() && self.is_ascii_besides(key) {
            self.datasets.retain(|(k, _)| *k != CHARACTER_SET);
            self.datasets.insert(0, (CHARACTER_SET, b"\x1b%G".to_vec()));
        }
        self.datasets.sort_by_key(|((record, _), _)| *record);
    }

    /// Whether the block can be declared to be UTF-8 without garbling what was there.
    fn is_ascii_besides(&self, key: Key) -> bool {
        self.datasets.iter().all(|(k, data)| *k == key || k.0 != 2 || std::str::from_utf8(data).is_ok())
    }

    /// Serialises the block.
    pub fn to_block(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for ((record, dataset), data) in &self.datasets {
            out.extend([0x1c, *record, *dataset]);
            if data.len() < 0x8000 {
                out.extend((data.len() as u16).to_be_bytes());
            } else {
                out.extend([0x80, 4]);
                out.extend((data.len() as u32).to_be_bytes());
            }
            out.extend(data);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_location_is_removed_and_names_stay() {
        let mut block = vec![0x1c, 2, 90, 0, 5];
        block.extend(b"Paris");
        block.extend([0x1c, 2, 5, 0, 5]);
        block.extend(b"Title");
        block.extend([0x1c, 2, 202, 0, 5]);
        block.extend(b"small");
        let mut iptc = Iptc::parse(&block);
        assert_eq!(iptc.to_block(), block);
        iptc.remove_location();
        iptc.remove_preview();
        iptc.set_copyright("© Zoë");
        iptc.set_byline("Zoë");
        let out = iptc.to_block();
        assert!(!out.windows(5).any(|w| w == b"Paris" || w == b"small") && out.windows(5).any(|w| w == b"Title"));
        assert_eq!(Iptc::parse(&out), iptc);
        assert!(out.starts_with(b"\x1c\x01\x5a\0\x03\x1b%G"));
    }

    #[test]
    fn damaged_blocks_end() {
        for block in [&b"\x1c\x02\x05\xff\xff"[..], b"\x1c\x02\x05\x80\x04\xff\xff\xff\xff", b"\x1c", b"nonsense"] {
            assert!(Iptc::parse(block).is_empty());
        }
    }
}
