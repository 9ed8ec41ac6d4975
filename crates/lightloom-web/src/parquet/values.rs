//! Values of a page, by the encodings of Parquet (apache/parquet-format, Encodings.md).

use super::thrift::{varint, zigzag};
use super::{Fault, damaged};

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Boolean,
    Integer32,
    Integer64,
    Float,
    Double,
    Text,
}

impl Type {
    /// Of the types of Parquet those that have a text.
    pub fn of(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::Boolean,
            1 => Self::Integer32,
            2 => Self::Integer64,
            4 => Self::Float,
            5 => Self::Double,
            6 => Self::Text,
            _ => return None,
        })
    }
}

/// Numbers of encodings.
const PLAIN: i64 = 0;
const RLE: i64 = 3;
const DELTA_BINARY_PACKED: i64 = 5;
const DELTA_LENGTH_BYTE_ARRAY: i64 = 6;
const DELTA_BYTE_ARRAY: i64 = 7;
const BYTE_STREAM_SPLIT: i64 = 9;

/// Whether the values are numbers of entries of a dictionary.
pub(super) const fn is_dictionary(encoding: i64) -> bool {
    matches!(encoding, 2 | 8)
}

fn short() -> Fault {
    damaged("a page holds fewer values than it states")
}

/// Takes so many bytes from the beginning.
pub(super) fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Fault> {
    let (taken, more) = rest.split_at_checked(count).ok_or_else(short)?;
    *rest = more;
    Ok(taken)
}

pub(super) fn u32_of(rest: &mut &[u8]) -> Result<u32, Fault> {
    take(rest, 4)?.try_into().map(u32::from_le_bytes).map_err(|_| short())
}

/// Reads `count` values as texts, whose bytes are taken from `budget`.
pub(super) fn texts(
    mut page: &[u8],
    of: Type,
    encoding: i64,
    count: usize,
    budget: &mut Budget,
) -> Result<Vec<String>, Fault> {
    let numbers = |numbers: Vec<i64>| -> Vec<String> {
        let is_short = of == Type::Integer32;
        numbers.into_iter().map(|n| if is_short { (n as i32).to_string() } else { n.to_string() }).collect()
    };
    Ok(match (of, encoding) {
        (Type::Boolean, PLAIN) => {
            let bits = take(&mut page, count.div_ceil(8))?;
            (0..count).map(|at| (bits[at / 8] >> (at % 8) & 1 == 1).to_string()).collect()
        }
        (Type::Boolean, RLE) => {
            let length = u32_of(&mut page)? as usize;
            let bits = hybrid(take(&mut page, length)?, 1, count)?;
            bits.into_iter().map(|bit| (bit == 1).to_string()).collect()
        }
        (Type::Integer32 | Type::Integer64, DELTA_BINARY_PACKED) => numbers(deltas(&mut page, count)?),
        (Type::Text, PLAIN) => {
            let text = |_| {
                let length = u32_of(&mut page)? as usize;
                budget.text(take(&mut page, length)?)
            };
            (0..count).map(text).collect::<Result<_, _>>()?
        }
        (Type::Text, DELTA_LENGTH_BYTE_ARRAY) => {
            let lengths = deltas(&mut page, count)?;
            let text = |length| budget.text(take(&mut page, size(length)?)?);
            lengths.into_iter().map(text).collect::<Result<_, _>>()?
        }
        (Type::Text, DELTA_BYTE_ARRAY) => prefixed(page, count, budget)?,
        (Type::Text | Type::Boolean, _) => return Err(Fault::Encoding(encoding)),
        (of, PLAIN | BYTE_STREAM_SPLIT) => {
            let width = if matches!(of, Type::Integer32 | Type::Float) { 4 } else { 8 };
            let bytes = take(&mut page, count.checked_mul(width).ok_or_else(short)?)?;
            let of_value = |at: usize| {
                let mut value = [0; 8];
                for (byte, to) in value.iter_mut().take(width).enumerate() {
                    *to = bytes[if encoding == PLAIN { at * width + byte } else { byte * count + at }];
                }
                number(of, value)
            };
            (0..count).map(of_value).collect()
        }
        _ => return Err(Fault::Encoding(encoding)),
    })
}

fn number(of: Type, bytes: [u8; 8]) -> String {
    let all = u64::from_le_bytes(bytes);
    match of {
        Type::Integer32 => (all as i32).to_string(),
        Type::Float => f32::from_bits(all as u32).to_string(),
        Type::Double => f64::from_bits(all).to_string(),
        _ => all.cast_signed().to_string(),
    }
}

fn size(number: i64) -> Result<usize, Fault> {
    usize::try_from(number).map_err(|_| damaged("a length is out of range"))
}

/// Texts that begin as the one before does.
fn prefixed(mut page: &[u8], count: usize, budget: &mut Budget) -> Result<Vec<String>, Fault> {
    let prefixes = deltas(&mut page, count)?;
    let suffixes = deltas(&mut page, count)?;
    let mut last: Vec<u8> = Vec::new();
    let mut texts = Vec::new();
    for (prefix, suffix) in prefixes.into_iter().zip(suffixes) {
        let prefix = size(prefix)?;
        if prefix > last.len() {
            return Err(damaged("a text begins as no other does"));
        }
        last.truncate(prefix);
        last.extend(take(&mut page, size(suffix)?)?);
        texts.push(budget.text(&last)?);
    }
    Ok(texts)
}

/// Numbers of entries, or levels: runs of one value, and packed bits, of `width` bits each.
pub(super) fn hybrid(mut rest: &[u8], width: u32, count: usize) -> Result<Vec<u32>, Fault> {
    if width > 32 {
        return Err(damaged("a number has too many bits"));
    }
    let mut values = Vec::new();
    while values.len() < count {
        let head = varint(&mut rest).ok_or_else(short)?;
        let left = count - values.len();
        if head & 1 == 0 {
            let bytes = take(&mut rest, width.div_ceil(8) as usize)?;
            let value = bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
            let run = usize::try_from(head >> 1).unwrap_or(usize::MAX).min(left);
            if run == 0 {
                return Err(damaged("a run is empty"));
            }
            values.resize(values.len() + run, value);
        } else {
            let groups = usize::try_from(head >> 1).unwrap_or(usize::MAX);
            // The last group may be cut off where all values have come.
            let bytes = groups.saturating_mul(width as usize).min(rest.len());
            let packed = take(&mut rest, bytes)?;
            let there = if width == 0 { groups.saturating_mul(8) } else { packed.len() * 8 / width as usize };
            let run = groups.saturating_mul(8).min(there).min(left);
            if run == 0 {
                return Err(short());
            }
            values.extend((0..run).map(|at| bits(packed, at * width as usize, width) as u32));
        }
    }
    Ok(values)
}

/// `width` bits from this place on.
fn bits(packed: &[u8], at: usize, width: u32) -> u64 {
    let bit = |bit: usize| u64::from(packed.get(bit / 8).map_or(0, |byte| byte >> (bit % 8) & 1));
    (0..width as usize).fold(0, |value, place| value | bit(at + place) << place)
}

/// Numbers by the differences between them, packed in blocks.
fn deltas(rest: &mut &[u8], count: usize) -> Result<Vec<i64>, Fault> {
    let number = |rest: &mut &[u8]| varint(rest).ok_or_else(short);
    let block = usize::try_from(number(rest)?).map_err(|_| short())?;
    let parts = usize::try_from(number(rest)?).map_err(|_| short())?;
    let stated = number(rest)?;
    let first = zigzag(number(rest)?);
    if parts == 0 || parts > 4096 || block / parts == 0 || block > 1 << 20 || stated != count as u64 {
        return Err(damaged("packed numbers have no sense"));
    }
    let per_part = block / parts;
    let mut values = Vec::new();
    if count > 0 {
        values.push(first);
    }
    let mut last = first;
    while values.len() < count {
        let least = zigzag(number(rest)?);
        let widths = take(rest, parts)?.to_vec();
        for width in widths {
            let left = count - values.len();
            if left == 0 {
                break;
            }
            if width > 64 {
                return Err(damaged("a number has too many bits"));
            }
            let packed = take(rest, (per_part * usize::from(width)).div_ceil(8))?;
            for at in 0..per_part.min(left) {
                let step = bits(packed, at * usize::from(width), width.into()).cast_signed();
                last = last.wrapping_add(least).wrapping_add(step);
                values.push(last);
            }
        }
    }
    Ok(values)
}

/// What a table may become as text: dictionaries let a small file be a large one.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: usize,
    values: usize,
}

impl Budget {
    pub const fn new(bytes: usize, values: usize) -> Self {
        Self { bytes, values }
    }

    /// Takes the place of a text, and makes it.
    pub fn text(&mut self, bytes: &[u8]) -> Result<String, Fault> {
        self.bytes = self.bytes.checked_sub(bytes.len()).ok_or(Fault::TooLong)?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    /// Takes the place of so many values.
    pub fn values(&mut self, count: usize) -> Result<(), Fault> {
        self.values = self.values.checked_sub(count).ok_or(Fault::TooLong)?;
        Ok(())
    }
}
