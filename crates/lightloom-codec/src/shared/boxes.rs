//! Boxes, of which JPEG 2000, JPEG XL and the formats of ISO/IEC 14496-12 are made: a size, a type, content.

/// A box: its type and content.
pub(crate) struct FileBox<'a> {
    pub kind: [u8; 4],
    pub content: &'a [u8],
}

/// The boxes of a file or of another box, up to the first that is none.
pub(crate) fn boxes(mut rest: &[u8]) -> impl Iterator<Item = FileBox<'_>> {
    std::iter::from_fn(move || {
        let (&[s0, s1, s2, s3, ref kind @ ..], body) = rest.split_first_chunk::<8>()?;
        let (head, size) = match (u32::from_be_bytes([s0, s1, s2, s3]), body.first_chunk::<8>()) {
            // To the end of the file, or with a larger number behind the name.
            (0, _) => (8, rest.len() as u64),
            (1, Some(large)) => (16, u64::from_be_bytes(*large)),
            (size, _) => (8, size.into()),
        };
        let size = usize::try_from(size).ok().filter(|size| *size >= head)?;
        let (this, next) = rest.split_at_checked(size)?;
        rest = next;
        Some(FileBox { kind: *kind, content: &this[head..] })
    })
}
