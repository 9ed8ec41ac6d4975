//! What every target of a picture format does: reads the header and decodes, if the bytes are of its format.

use lightloom_codec::{self as codec, Limits};
use lightloom_picture::Buffers;

/// Decodes bytes of the format `id`; others are of no use to this target.
pub fn one(id: &str, bytes: &[u8]) {
    let limits = Limits { decoded_bytes: 1 << 26, side: 1 << 14, ..Limits::default() };
    let Ok((codec, header)) = codec::header(bytes, &limits) else { return };
    if codec.id == id {
        for divisor in codec.divisors {
            let mut buffers = Buffers::default();
            let mut pixels = || {
                let decoded = codec::decode(codec, bytes, &header, *divisor, &limits, &mut buffers).ok()?;
                Some(decoded.pixels.hash())
            };
            // Buffers for overwriting hold other values each time: a sample that is left out differs.
            assert_eq!(pixels(), pixels(), "samples that the decoder did not write");
        }
    }
}
