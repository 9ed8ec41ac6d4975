//! Photoshop's image resources (Adobe Photoshop File Formats Specification), of which only IPTC is used.

/// How an APP13 segment with resources begins.
pub(crate) const HEADER: &[u8] = b"Photoshop 3.0\0";

/// The number of the resource that holds IPTC datasets.
const IPTC: [u8; 2] = [0x04, 0x04];

/// The IPTC datasets among resources.
pub(crate) fn iptc(mut resources: &[u8]) -> Option<Vec<u8>> {
    while let Some(rest) = resources.strip_prefix(b"8BIM") {
        let (id, rest) = rest.split_at_checked(2)?;
        // A name with its length in front, filled up to an even number of bytes.
        let name = usize::from(*rest.first()?) + 1;
        let rest = rest.get(name.next_multiple_of(2)..)?;
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let rest = &rest[4..];
        let data = rest.get(..length)?;
        if id == IPTC {
            return (!data.is_empty()).then(|| data.to_vec());
        }
        resources = rest.get(length.checked_next_multiple_of(2)?..)?;
    }
    None
}

/// A resource with these datasets.
pub(crate) fn resource(iptc: &[u8]) -> Vec<u8> {
    let mut out = b"8BIM".to_vec();
    out.extend(IPTC);
    out.extend([0, 0]);
    out.extend((iptc.len() as u32).to_be_bytes());
    out.extend(iptc);
    out.resize(out.len().next_multiple_of(2), 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iptc_is_found_among_others() {
        let mut resources = b"8BIM\x03\xed\x03abc\0\0\0\x03xyz\0".to_vec();
        resources.extend(resource(b"datasets!"));
        assert_eq!(iptc(&resources).as_deref(), Some(&b"datasets!"[..]));
        for cut in 0..resources.len() {
            let _ = iptc(&resources[..cut]);
        }
        assert_eq!(iptc(b"8BIM\x04\x04\0\0\xff\xff\xff\xff"), None);
    }
}
