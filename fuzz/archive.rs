//! What each archive is fuzzed with: all of its members, as far as a picture may be large.

use std::io::{Cursor, Read as _, copy, sink};

use lightloom_archive::{Data, Format, list, open_stream, unpacked};

const MOST: u64 = 1 << 24;

pub fn read(format: Format, data: &[u8]) {
    let Ok(listing) = list(format, Cursor::new(data)) else { return };
    for member in listing.members.iter().take(16) {
        let mut content = Vec::new();
        if let Data::Streamed { stream, offset, .. } = member.data {
            let Ok(mut unpacked) = open_stream(format, &listing, stream, Cursor::new(data)) else { continue };
            let _ = copy(&mut (&mut unpacked).take(offset.min(MOST)), &mut sink());
            let _ = unpacked.take(member.length.min(MOST)).read_to_end(&mut content);
            let _ = member.check(&content);
        } else if let Ok(unpacked) = unpacked(Cursor::new(data), member) {
            let _ = unpacked.take(MOST).read_to_end(&mut content);
        }
    }
}
