//! What deflate packed, as far as it goes (RFC 1950 and 1951).

use flate2::{Decompress, FlushDecompress, Status};

/// Unpacks a zlib stream until `out` is full, the data end or make no sense. Returns how many bytes there are.
pub(crate) fn unpack(packed: &[u8], out: &mut [u8]) -> usize {
    let mut decoder = Decompress::new(true);
    loop {
        let (from, to) = (decoder.total_in() as usize, decoder.total_out() as usize);
        let status = decoder.decompress(&packed[from..], &mut out[to..], FlushDecompress::None);
        let is_stuck = decoder.total_in() as usize == from && decoder.total_out() as usize == to;
        if is_stuck || !matches!(status, Ok(Status::Ok)) {
            return decoder.total_out() as usize;
        }
    }
}
