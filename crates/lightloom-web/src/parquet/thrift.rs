//! Thrift in its compact protocol, as far as the structures of Parquet use it.

use super::{Fault, damaged};

/// Structures within structures.
const DEEPEST: u32 = 32;
/// Values of one structure with all that is in it: hostile lists are long.
const MOST: u32 = 2_000_000;

/// A value. Fields of structures have numbers.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    List(Vec<Value<'a>>),
    Structure(Vec<(i16, Value<'a>)>),
    /// A number or map of which nothing here has a use.
    Other,
}

impl<'a> Value<'a> {
    /// A field of a structure.
    pub fn field(&self, number: i16) -> Option<&Value<'a>> {
        let Self::Structure(fields) = self else { return None };
        fields.iter().find(|(own, _)| *own == number).map(|(_, value)| value)
    }

    pub fn integer(&self, number: i16) -> Option<i64> {
        match self.field(number)? {
            Value::Integer(value) => Some(*value),
            _ => None,
        }
    }

    pub fn bytes(&self, number: i16) -> Option<&'a [u8]> {
        match self.field(number)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub fn list(&self, number: i16) -> &[Value<'a>] {
        match self.field(number) {
            Some(Value::List(values)) => values,
            _ => &[],
        }
    }
}

/// Reads the structure that `bytes` begin with. Returns how many bytes it takes, too.
pub(super) fn structure(bytes: &[u8]) -> Result<(Value<'_>, usize), Fault> {
    let mut reader = Reader { rest: bytes, values: 0 };
    let value = reader.structure(0)?;
    Ok((value, bytes.len() - reader.rest.len()))
}

struct Reader<'a> {
    rest: &'a [u8],
    values: u32,
}

/// Types of the compact protocol.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCTURE: u8 = 12;

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8, Fault> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| damaged("a structure is cut off"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, Fault> {
        varint(&mut self.rest).ok_or_else(|| damaged("a number is cut off"))
    }

    fn length(&mut self) -> Result<usize, Fault> {
        usize::try_from(self.number()?).map_err(|_| damaged("a length is out of range"))
    }

    fn structure(&mut self, depth: u32) -> Result<Value<'a>, Fault> {
        let (mut fields, mut last) = (Vec::new(), 0_i16);
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(Value::Structure(fields));
            }
            last = match head >> 4 {
                0 => zigzag(self.number()?) as i16,
                step => last.wrapping_add(step.into()),
            };
            let kind = head & 15;
            let value = match kind {
                TRUE | FALSE => Value::Integer((kind == TRUE).into()),
                kind => self.value(kind, depth + 1)?,
            };
            fields.push((last, value));
        }
    }

    fn value(&mut self, kind: u8, depth: u32) -> Result<Value<'a>, Fault> {
        self.values += 1;
        if depth > DEEPEST || self.values > MOST {
            return Err(damaged("its structures are too large"));
        }
        Ok(match kind {
            TRUE | FALSE | BYTE => Value::Integer(i64::from(self.byte()?.cast_signed())),
            4..=6 => Value::Integer(zigzag(self.number()?)),
            DOUBLE => {
                self.take(8)?;
                Value::Other
            }
            BINARY => {
                let length = self.length()?;
                Value::Bytes(self.take(length)?)
            }
            LIST | SET => {
                let head = self.byte()?;
                let length = if head >> 4 == 15 { self.length()? } else { usize::from(head >> 4) };
                let mut values = Vec::new();
                for _ in 0..length {
                    values.push(match head & 15 {
                        STRUCTURE => {
                            self.values += 1;
                            if self.values > MOST {
                                return Err(damaged("its structures are too large"));
                            }
                            self.structure(depth + 1)?
                        }
                        kind => self.value(kind, depth + 1)?,
                    });
                }
                Value::List(values)
            }
            MAP => {
                let length = self.length()?;
                let kinds = if length > 0 { self.byte()? } else { 0 };
                for _ in 0..length {
                    self.value(kinds >> 4, depth + 1)?;
                    self.value(kinds & 15, depth + 1)?;
                }
                Value::Other
            }
            STRUCTURE => self.structure(depth)?,
            _ => return Err(damaged("a structure holds an unknown type")),
        })
    }
}

/// A number of variable length, seven bits a byte.
pub(super) fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, more) = rest.split_first()?;
        *rest = more;
        value |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Some(value);
        }
    }
    None
}

pub(super) fn zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
