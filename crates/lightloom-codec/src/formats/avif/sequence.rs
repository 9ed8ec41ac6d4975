//! The sequence header of AV1 (version 1.0.0 with errata 1, 5.5): what the stream says about its colours, for files whose
//! container does not.

use lightloom_picture::colour::CodePoints;

/// The code points of coded data; none if they are damaged.
pub(crate) fn code_points(data: &[u8]) -> Option<CodePoints> {
    let (begin, unit) = sequence_unit(data)?;
    sequence_header(&mut Bits { data: &data[begin..][..unit], at: 0 }).map(|found| found.points)
}

/// The largest size of the pictures in coded data; none if they are damaged.
pub(super) fn size(data: &[u8]) -> Option<(u32, u32)> {
    let (begin, unit) = sequence_unit(data)?;
    sequence_header(&mut Bits { data: &data[begin..][..unit], at: 0 }).map(|found| found.size)
}

/// Makes coded data that state primaries, transfer and matrix state others. None if they are damaged or do not.
pub(super) fn state(data: &mut [u8], points: CodePoints) -> Option<()> {
    let (begin, unit) = sequence_unit(data)?;
    let unit = &mut data[begin..][..unit];
    let at = sequence_header(&mut Bits { data: unit, at: 0 })?.codes_at?;
    for (i, code) in [points.primaries, points.transfer, points.matrix].into_iter().enumerate() {
        for bit in 0..8 {
            let (byte, mask) = ((at + 8 * i + bit) / 8, 0x80 >> ((at + bit) % 8));
            unit[byte] = if code << bit & 0x80 == 0 { unit[byte] & !mask } else { unit[byte] | mask };
        }
    }
    Some(())
}

/// Where the sequence header begins behind its own head, and how long it is.
fn sequence_unit(whole: &[u8]) -> Option<(usize, usize)> {
    const SEQUENCE_HEADER: u8 = 1;
    let mut data = whole;
    // It is the first or, behind a temporal delimiter, the second unit; damaged data may begin with anything.
    for _ in 0..8 {
        let (&head, rest) = data.split_first()?;
        data = if head & 4 == 0 { rest } else { rest.get(1..)? };
        let size = if head & 2 == 0 { data.len() } else { leb128(&mut data)? };
        let (_, rest) = data.split_at_checked(size)?;
        if head >> 3 & 15 == SEQUENCE_HEADER {
            return Some((whole.len() - data.len(), size));
        }
        data = rest;
    }
    None
}

fn leb128(data: &mut &[u8]) -> Option<usize> {
    let mut value = 0_u64;
    for i in 0..8 {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return usize::try_from(value).ok();
        }
    }
    None
}

struct Bits<'a> {
    data: &'a [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    /// The next number of so many bits, at most 32.
    fn take(&mut self, bits: usize) -> Option<u32> {
        (0..bits).try_fold(0, |value, _| {
            let byte = self.data.get(self.at / 8)?;
            let bit = byte >> (7 - self.at % 8) & 1;
            self.at += 1;
            Some(value << 1 | u32::from(bit))
        })
    }

    fn flag(&mut self) -> Option<bool> {
        self.take(1).map(|bit| bit == 1)
    }

    /// Skips a number of variable length (4.10.3).
    fn skip_uvlc(&mut self) -> Option<()> {
        let zeros = (0..32).find_map(|i| match self.flag() {
            Some(false) => None,
            Some(true) => Some(Some(i)),
            None => Some(None),
        });
        self.take(zeros??).map(drop)
    }
}

/// What a sequence header says about size and colour.
struct Found {
    size: (u32, u32),
    points: CodePoints,
    /// At which bit primaries, transfer and matrix stand, if they do.
    codes_at: Option<usize>,
}

fn sequence_header(bits: &mut Bits<'_>) -> Option<Found> {
    let profile = bits.take(3)?;
    let _still_picture = bits.flag()?;
    let reduced = bits.flag()?;
    if reduced {
        bits.take(5)?;
    } else {
        operating_points(bits)?;
    }
    let (width, height) = (bits.take(4)? as usize + 1, bits.take(4)? as usize + 1);
    let size = (bits.take(width)?.checked_add(1)?, bits.take(height)?.checked_add(1)?);
    if !reduced && bits.flag()? {
        bits.take(4 + 3)?;
    }
    // Superblocks of 128 × 128, intra filters.
    bits.take(3)?;
    if !reduced {
        inter_tools(bits)?;
    }
    // Super-resolution, CDEF, loop restoration.
    bits.take(3)?;
    colour_config(bits, profile, size)
}

/// 5.5.1 from `timing_info_present_flag` to the end of the operating points.
fn operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay_bits = None;
    if bits.flag()? {
        bits.take(32)?;
        bits.take(32)?;
        if bits.flag()? {
            bits.skip_uvlc()?;
        }
        if bits.flag()? {
            delay_bits = Some(bits.take(5)? as usize + 1);
            bits.take(32)?;
            bits.take(10)?;
        }
    }
    let has_display_delay = bits.flag()?;
    for _ in 0..=bits.take(5)? {
        bits.take(12)?;
        let level = bits.take(5)?;
        if level > 7 {
            bits.take(1)?;
        }
        if let Some(delay_bits) = delay_bits
            && bits.flag()?
        {
            bits.take(delay_bits)?;
            bits.take(delay_bits)?;
            bits.take(1)?;
        }
        if has_display_delay && bits.flag()? {
            bits.take(4)?;
        }
    }
    Some(())
}

/// 5.5.1 from `enable_interintra_compound` to `order_hint_bits_minus_1`.
fn inter_tools(bits: &mut Bits<'_>) -> Option<()> {
    bits.take(4)?;
    let has_order_hint = bits.flag()?;
    if has_order_hint {
        bits.take(2)?;
    }
    let chooses_screen_content = bits.flag()?;
    let screen_content = chooses_screen_content || bits.flag()?;
    if screen_content && !bits.flag()? {
        bits.take(1)?;
    }
    if has_order_hint {
        bits.take(3)?;
    }
    Some(())
}

/// 5.5.2.
fn colour_config(bits: &mut Bits<'_>, profile: u32, size: (u32, u32)) -> Option<Found> {
    let is_deep = bits.flag()?;
    if profile == 2 && is_deep {
        bits.take(1)?;
    }
    let is_grey = profile != 1 && bits.flag()?;
    let (mut points, mut codes_at) = (CodePoints::UNSPECIFIED, None);
    if bits.flag()? {
        codes_at = Some(bits.at);
        let mut code = || bits.take(8).map(|code| code as u8);
        (points.primaries, points.transfer, points.matrix) = (code()?, code()?, code()?);
    }
    let is_srgb = !is_grey && (points.primaries, points.transfer, points.matrix) == (1, 13, 0);
    points.full_range = is_srgb || bits.flag()?;
    Some(Found { size, points, codes_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence header as other encoders write it for a still picture, from its bits.
    fn header(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        let bytes = bits.chunks(8).map(|chunk| (0..8).fold(0, |byte, i| byte << 1 | chunk.get(i).unwrap_or(&0)));
        let bytes: Vec<u8> = bytes.collect();
        // A temporal delimiter comes first.
        [&[0x12, 0, 0x0a, bytes.len() as u8][..], &bytes].concat()
    }

    #[test]
    fn colours_are_found_in_headers_of_both_forms() {
        // Profile 0, still, reduced, level 0; sides of 7 bits; tools; 10 bits, 9/16/9, studio range.
        let reduced = "000 1 1 00000 0110 0110 1111111 0111111 000 000";
        let colours = "1 0 1 00001001 00010000 00001001 0";
        let expected = CodePoints { primaries: 9, transfer: 16, matrix: 9, full_range: false };
        let data = header(&format!("{reduced} {colours} 00 0"));
        assert_eq!(code_points(&data), Some(expected));
        assert_eq!(size(&data), Some((128, 64)));
        for cut in 0..data.len() - 1 {
            assert_eq!(code_points(&data[..cut]), None, "{cut}");
        }
        // Not reduced: no timing, one operating point, no ids, order hints of 7 bits.
        let whole = "000 0 0 0 0 00000 000000000000 01000 0 0110 0110 1111111 0111111 0 000 0000 1 00 1 1 110 000";
        assert_eq!(code_points(&header(&format!("{whole} {colours}"))), Some(expected));
        // Without a description; full range.
        let plain = header(&format!("{reduced} 0 0 0 1"));
        assert_eq!(code_points(&plain), Some(CodePoints { full_range: true, ..CodePoints::UNSPECIFIED }));
        let mut changed = data.clone();
        let hlg = CodePoints { primaries: 12, transfer: 18, matrix: 6, full_range: false };
        assert_eq!(state(&mut changed, hlg), Some(()));
        assert_eq!(code_points(&changed), Some(hlg));
        assert_eq!(state(&mut changed, expected), Some(()));
        assert_eq!(changed, data);
        assert_eq!(state(&mut plain.clone(), hlg), None);
        assert_eq!(code_points(b""), None);
        assert_eq!(code_points(&[0x12, 0, 0x12, 0]), None);
    }
}
