//! Hashes by which files are known again, in the form in which reports and journals write them.
//!
//! A source is hashed by XXH3 (128 bits), which costs a fraction of reading it: it tells a file from what it was before. A
//! result, from which others may conclude what a batch did, is hashed by BLAKE3.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{Source, stage};
use lightloom_codec::Limits;

/// Bytes that are read at once.
const CHUNK: usize = 256 << 10;

/// Hash of the content of a source.
///
/// # Errors
/// If it cannot be read.
pub fn source_hash(path: &Path) -> io::Result<String> {
    let mut hasher = twox_hash::xxhash3_128::Hasher::new();
    in_chunks(File::open(path)?, |chunk| hasher.write(chunk))?;
    Ok(xxh3_text(hasher.finish_128()))
}

/// Hash of the content of a source in memory.
pub(super) fn source_hash_of(bytes: &[u8]) -> String {
    xxh3_text(twox_hash::XxHash3_128::oneshot(bytes))
}

/// Hash of the content of any source, in the form of [`source_hash`]; `None` if it cannot be had. What is on a server is
/// fetched, or found to be kept.
pub fn content_hash(source: &Source) -> Option<String> {
    let bytes = stage::read_source(source, &Limits::default()).ok()?;
    Some(source_hash_of(&bytes))
}

/// Hash of the content of a result.
///
/// # Errors
/// If it cannot be read.
pub fn result_hash(content: impl Read) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    in_chunks(content, |chunk| _ = hasher.update(chunk))?;
    Ok(blake3_text(&hasher.finalize()))
}

/// Hash of the content of a result in memory.
pub(super) fn result_hash_of(bytes: &[u8]) -> String {
    blake3_text(&blake3::hash(bytes))
}

/// A BLAKE3 hash in the form in which results have it.
pub fn blake3_text(hash: &blake3::Hash) -> String {
    format!("blake3:{}", hash.to_hex())
}

fn xxh3_text(hash: u128) -> String {
    format!("xxh3:{hash:032x}")
}

fn in_chunks(mut content: impl Read, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match content.read(&mut chunk)? {
            0 => return Ok(()),
            length => take(&chunk[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_its_bytes_have_the_same_hash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let bytes: Vec<u8> = (0..CHUNK * 2 + 17).map(|i| (i % 251) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(source_hash(&path).unwrap(), source_hash_of(&bytes));
        assert_eq!(result_hash(&bytes[..]).unwrap(), result_hash_of(&bytes));
        assert_ne!(result_hash_of(&bytes), result_hash_of(&bytes[1..]));
        assert!(source_hash_of(b"").starts_with("xxh3:") && result_hash_of(b"").starts_with("blake3:"));
    }
}
