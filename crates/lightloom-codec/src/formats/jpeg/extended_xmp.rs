//! The pieces of an extended XMP packet in the segments of a JPEG file (XMP specification part 3, 1.1.3.1).

use lightloom_picture::xmp_extended::{guid, join};

use crate::header::MOST_METADATA;

/// How a segment begins that holds a piece.
pub(crate) const EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";

/// A piece: the name of the packet it belongs to, the packet's length, and where in it the piece begins.
#[derive(Debug)]
struct Piece {
    guid: Vec<u8>,
    length: usize,
    at: usize,
    data: Vec<u8>,
}

/// The pieces of a file, in any order.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    list: Vec<Piece>,
    bytes: usize,
}

impl Pieces {
    /// Takes a segment behind its [`EXTENSION`].
    pub fn take(&mut self, segment: &[u8]) {
        let Some((guid, rest)) = segment.split_at_checked(32) else { return };
        let Some((&[l3, l2, l1, l0, a3, a2, a1, a0], data)) = rest.split_first_chunk::<8>() else { return };
        let number = |bytes| usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(usize::MAX);
        let (length, at) = (number([l3, l2, l1, l0]), number([a3, a2, a1, a0]));
        self.bytes += data.len();
        if self.bytes <= MOST_METADATA {
            self.list.push(Piece { guid: guid.to_vec(), length, at, data: data.to_vec() });
        }
    }

    /// Puts the pieces to the packet that names them. Says what of them is not kept.
    pub fn join(mut self, standard: Option<Vec<u8>>) -> (Option<Vec<u8>>, Option<String>) {
        let Some(packet) = standard else {
            return (None, (!self.list.is_empty()).then(|| "extended XMP data without a packet".to_owned()));
        };
        let Some(name) = guid(&packet) else {
            let lost = (!self.list.is_empty()).then(|| "extended XMP data that the packet does not name".to_owned());
            return (Some(packet), lost);
        };
        self.list.retain(|piece| piece.guid == name.as_bytes());
        self.list.sort_by_key(|piece| piece.at);
        let mut whole: Vec<u8> = Vec::new();
        for piece in &self.list {
            // A piece may be there twice.
            if piece.at == whole.len() {
                whole.extend(&piece.data);
            }
        }
        let is_whole = self.list.first().is_some_and(|first| first.length == whole.len());
        match is_whole.then(|| join(&packet, &whole)).flatten() {
            Some(joined) => (Some(joined), None),
            None => (Some(packet), Some("extended XMP data, which are damaged".to_owned())),
        }
    }
}

/// The segments for an extended packet, each at most so long.
pub(crate) fn segments<'a>(extended: &'a [u8], guid: &'a str, most: usize) -> impl Iterator<Item = Vec<u8>> + 'a {
    let most = most - EXTENSION.len() - 40;
    extended.chunks(most).enumerate().map(move |(number, piece)| {
        let [length, at] = [extended.len(), number * most].map(|n| (n as u32).to_be_bytes());
        [EXTENSION, guid.as_bytes(), &length, &at, piece].concat()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::xmp_extended::split;

    fn packet() -> Vec<u8> {
        let long = "long ".repeat(2000);
        format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
             <rdf:Description rdf:about='' xmlns:d='urn:d' d:Small='1'><d:Long>{long}</d:Long></rdf:Description>\
             </rdf:RDF></x:xmpmeta>"
        )
        .into_bytes()
    }

    #[test]
    fn pieces_in_any_order_are_put_together() {
        let split = split(&packet(), 1000).unwrap();
        let mut segments: Vec<Vec<u8>> = segments(&split.extended, &split.guid, 3000).collect();
        assert!(segments.len() > 3 && segments.iter().all(|segment| segment.len() <= 3000));
        segments.reverse();
        segments.push(segments[1].clone());
        let pieces = |segments: &[Vec<u8>]| {
            let mut pieces = Pieces::default();
            pieces.take(b"too short");
            segments.iter().for_each(|segment| pieces.take(&segment[EXTENSION.len()..]));
            pieces
        };
        let (joined, lost) = pieces(&segments).join(Some(split.standard.clone()));
        assert_eq!(lost, None);
        assert!(String::from_utf8(joined.unwrap()).unwrap().contains("long long"));
        let (same, lost) = pieces(&segments[2..]).join(Some(split.standard.clone()));
        assert_eq!(same, Some(split.standard));
        assert!(lost.unwrap().contains("damaged"));
        assert!(pieces(&segments).join(Some(b"<x/>".to_vec())).1.unwrap().contains("not name"));
        assert_eq!(pieces(&[]).join(None), (None, None));
    }
}
