//! Tables of Parquet, read as texts: columns that are not nested, row group by row group.
//!
//! Read by apache/parquet-format 2.11: all of its encodings for values, and pages that are stored or compressed by Snappy,
//! gzip or Zstandard. Nothing that a file states asks for memory before the bytes are there.

mod thrift;
mod values;

use std::io::Read as _;

use thrift::{Value, structure};
use values::{Budget, Type, hybrid, is_dictionary, take, texts, u32_of};

/// How a file with a table begins and ends.
pub(super) const MAGIC: &[u8] = b"PAR1";
/// Bytes of the description of a table.
const LARGEST_FOOTER: usize = 64 << 20;
/// Bytes of a page when it is unpacked.
const LARGEST_PAGE: usize = 256 << 20;
/// Bytes that the texts of a table may have in all, and how many there may be.
const LARGEST_TABLE: usize = 1 << 30;
const MOST_VALUES: usize = 40_000_000;

/// Why a table cannot be read, as a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    #[error("its pages are compressed by {0}, which is not read; write it with Snappy, gzip or Zstandard")]
    Codec(&'static str),
    #[error("its values have the encoding {0}, which is not read")]
    Encoding(i64),
    #[error("it is encrypted")]
    Encrypted,
    #[error("it holds more text than a list should")]
    TooLong,
}

fn damaged(what: &'static str) -> Fault {
    Fault::Damaged(what)
}

/// A table whose rows have not been read.
#[derive(Debug)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    description: Value<'a>,
    /// Those that can be read as text.
    columns: Vec<Column>,
    budget: Budget,
}

#[derive(Debug)]
struct Column {
    /// Which of the columns of the file.
    place: usize,
    name: String,
    of: Type,
    is_optional: bool,
}

/// The values of one row group: a column each, and in it a value or none for each row.
pub(super) type Group = Vec<Vec<Option<String>>>;

impl<'a> Table<'a> {
    /// Reads the description at the end of a file.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Fault> {
        let (rest, end) = bytes.split_last_chunk::<8>().ok_or_else(|| damaged("it is cut off"))?;
        match &end[4..] {
            b"PARE" => return Err(Fault::Encrypted),
            magic if magic != MAGIC => return Err(damaged("it does not end as it should")),
            _ => {}
        }
        let length = u32::from_le_bytes([end[0], end[1], end[2], end[3]]) as usize;
        let from = rest.len().checked_sub(length).filter(|_| length <= LARGEST_FOOTER);
        let (description, _) = structure(&rest[from.ok_or_else(|| damaged("its description is cut off"))?..])?;
        let columns = columns(description.list(2))?;
        Ok(Self { bytes, description, columns, budget: Budget::new(LARGEST_TABLE, MOST_VALUES) })
    }

    /// The names of its columns that can be read.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// How many row groups it has.
    pub fn groups(&self) -> usize {
        self.description.list(4).len()
    }

    /// Reads a row group.
    pub fn group(&mut self, number: usize) -> Result<Group, Fault> {
        let group = self.description.list(4).get(number).ok_or_else(|| damaged("a row group is missing"))?;
        let rows = count(group.integer(3))?;
        if rows > MOST_VALUES {
            return Err(Fault::TooLong);
        }
        let mut read = Vec::new();
        for column in &self.columns {
            let chunk = group.list(1).get(column.place).and_then(|chunk| chunk.field(3));
            let chunk = chunk.ok_or_else(|| damaged("a column is missing"))?;
            if Type::of(chunk.integer(1).unwrap_or(-1)) != Some(column.of) {
                return Err(damaged("a column has two types"));
            }
            let values = column.read(self.bytes, chunk, rows, &mut self.budget)?;
            if values.len() != rows {
                return Err(damaged("a column has more or fewer values than there are rows"));
            }
            read.push(values);
        }
        Ok(read)
    }
}

fn count(number: Option<i64>) -> Result<usize, Fault> {
    number.and_then(|number| usize::try_from(number).ok()).ok_or_else(|| damaged("a number is missing"))
}

/// The columns of a schema that are not nested and have a text.
fn columns(schema: &[Value<'_>]) -> Result<Vec<Column>, Fault> {
    let (_, mut elements) = schema.split_first().ok_or_else(|| damaged("it has no columns"))?;
    let (mut columns, mut place) = (Vec::new(), 0);
    while let Some((element, rest)) = elements.split_first() {
        elements = rest;
        let children = count(element.integer(5).or(Some(0)))?;
        if children > 0 {
            // All that is in it.
            let mut left = children;
            while left > 0 {
                let (inner, rest) = elements.split_first().ok_or_else(|| damaged("a column is cut off"))?;
                elements = rest;
                let more = count(inner.integer(5).or(Some(0)))?;
                place += usize::from(more == 0);
                left = (left - 1).checked_add(more).ok_or_else(|| damaged("a column is too large"))?;
            }
            continue;
        }
        let repetition = element.integer(3).unwrap_or(0);
        let of = element.integer(1).and_then(Type::of).filter(|_| repetition < 2);
        if let Some(of) = of.filter(|of| *of != Type::Text || is_text(element)) {
            let name = String::from_utf8_lossy(element.bytes(4).unwrap_or_default()).into_owned();
            columns.push(Column { place, name, of, is_optional: repetition == 1 });
        }
        place += 1;
    }
    Ok(columns)
}

/// Whether bytes are text: as the schema says, in its older way or in its newer one.
fn is_text(element: &Value<'_>) -> bool {
    const TEXT: i64 = 0;
    const ENUMERATION: i64 = 4;
    const JSON: i64 = 19;
    let logical = element.field(10).is_some_and(|kind| [1, 4, 12].iter().any(|text| kind.field(*text).is_some()));
    logical || element.integer(6).is_some_and(|kind| matches!(kind, TEXT | ENUMERATION | JSON))
}

impl Column {
    /// Reads its values of a row group.
    fn read(
        &self,
        file: &[u8],
        chunk: &Value<'_>,
        rows: usize,
        budget: &mut Budget,
    ) -> Result<Vec<Option<String>>, Fault> {
        let codec = chunk.integer(4).unwrap_or(0);
        // Some writers state a dictionary at 0 where there is none.
        let dictionary = chunk.integer(11).filter(|place| *place > 0);
        let data = chunk.integer(9).ok_or_else(|| damaged("a column has no place"))?;
        let from = count(Some(dictionary.map_or(data, |dictionary| dictionary.min(data))))?;
        let length = count(chunk.integer(7))?;
        let pages = from.checked_add(length).and_then(|end| file.get(from..end));
        let mut pages = pages.ok_or_else(|| damaged("a column is not where it should be"))?;
        let (mut dictionary, mut values) = (Vec::new(), Vec::new());
        while values.len() < rows {
            let (head, length) = structure(pages)?;
            pages = &pages[length..];
            let packed = take(&mut pages, count(head.integer(3))?)?;
            let page = Page { head: &head, packed, codec };
            match head.integer(1) {
                Some(2) => {
                    let about = head.field(7).ok_or_else(|| damaged("a page has no description"))?;
                    let content = unpacked(packed, codec, count(head.integer(2))?)?;
                    let entries = count(about.integer(1))?;
                    budget.values(entries)?;
                    dictionary = texts(&content, self.of, 0, entries, budget)?;
                }
                Some(0) => values.extend(page.first_version(self, &dictionary, rows - values.len(), budget)?),
                Some(3) => values.extend(page.second_version(self, &dictionary, rows - values.len(), budget)?),
                // Indices, which are of no use here.
                _ => {}
            }
        }
        Ok(values)
    }
}

struct Page<'a> {
    head: &'a Value<'a>,
    packed: &'a [u8],
    codec: i64,
}

impl Page<'_> {
    /// A page of the first version: levels and values are compressed together.
    fn first_version(
        &self,
        column: &Column,
        dictionary: &[String],
        most: usize,
        budget: &mut Budget,
    ) -> Result<Vec<Option<String>>, Fault> {
        let about = self.head.field(5).ok_or_else(|| damaged("a page has no description"))?;
        let count_of_page = self.values(about, most, budget)?;
        let content = unpacked(self.packed, self.codec, count(self.head.integer(2))?)?;
        let mut rest = content.as_slice();
        let levels = if column.is_optional {
            if about.integer(3) != Some(3) {
                return Err(Fault::Encoding(about.integer(3).unwrap_or(-1)));
            }
            let length = u32_of(&mut rest)? as usize;
            Some(hybrid(take(&mut rest, length)?, 1, count_of_page)?)
        } else {
            None
        };
        let encoding = about.integer(2).unwrap_or(-1);
        filled(levels, count_of_page, |there| decoded(rest, column.of, encoding, there, dictionary, budget))
    }

    /// A page of the second version: levels stand before the values and are not compressed.
    fn second_version(
        &self,
        column: &Column,
        dictionary: &[String],
        most: usize,
        budget: &mut Budget,
    ) -> Result<Vec<Option<String>>, Fault> {
        let about = self.head.field(8).ok_or_else(|| damaged("a page has no description"))?;
        let count_of_page = self.values(about, most, budget)?;
        let mut rest = self.packed;
        take(&mut rest, count(about.integer(6).or(Some(0)))?)?;
        let levels = take(&mut rest, count(about.integer(5).or(Some(0)))?)?;
        let before = self.packed.len() - rest.len();
        let codec = if about.integer(7) == Some(0) { 0 } else { self.codec };
        let length = count(self.head.integer(2))?.checked_sub(before).ok_or_else(|| damaged("a page is too short"))?;
        let levels = if column.is_optional { Some(hybrid(levels, 1, count_of_page)?) } else { None };
        let content = if rest.is_empty() { Vec::new() } else { unpacked(rest, codec, length)? };
        let encoding = about.integer(4).unwrap_or(-1);
        filled(levels, count_of_page, |there| decoded(&content, column.of, encoding, there, dictionary, budget))
    }

    /// How many values it has, with those that are none.
    fn values(&self, about: &Value<'_>, most: usize, budget: &mut Budget) -> Result<usize, Fault> {
        let stated = count(about.integer(1))?;
        budget.values(stated)?;
        if stated > most { Err(damaged("a column has more values than there are rows")) } else { Ok(stated) }
    }
}

/// Puts values where the levels say that there is one.
fn filled(
    levels: Option<Vec<u32>>,
    rows: usize,
    values: impl FnOnce(usize) -> Result<Vec<String>, Fault>,
) -> Result<Vec<Option<String>>, Fault> {
    let Some(levels) = levels else { return Ok(values(rows)?.into_iter().map(Some).collect()) };
    let there = levels.iter().filter(|level| **level == 1).count();
    let mut values = values(there)?.into_iter();
    Ok(levels.into_iter().map(|level| if level == 1 { values.next() } else { None }).collect())
}

fn decoded(
    page: &[u8],
    of: Type,
    encoding: i64,
    count: usize,
    dictionary: &[String],
    budget: &mut Budget,
) -> Result<Vec<String>, Fault> {
    if !is_dictionary(encoding) {
        return texts(page, of, encoding, count, budget);
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    let (width, packed) = page.split_first().ok_or_else(|| damaged("a page is empty"))?;
    let numbers = hybrid(packed, u32::from(*width), count)?;
    let entry = |number: u32| {
        let text = dictionary.get(number as usize).ok_or_else(|| damaged("a dictionary is too short"))?;
        budget.text(text.as_bytes())
    };
    numbers.into_iter().map(entry).collect()
}

/// A page as it was before it was compressed.
fn unpacked(packed: &[u8], codec: i64, length: usize) -> Result<Vec<u8>, Fault> {
    if length > LARGEST_PAGE {
        return Err(damaged("a page is too large"));
    }
    let wrong = || damaged("a page is not compressed as it should be");
    let mut content = Vec::new();
    let most = length as u64 + 1;
    match codec {
        0 => content.extend(packed),
        1 => {
            if snap::raw::decompress_len(packed).map_err(|_| wrong())? != length {
                return Err(wrong());
            }
            content = snap::raw::Decoder::new().decompress_vec(packed).map_err(|_| wrong())?;
        }
        2 => {
            let read = flate2::read::MultiGzDecoder::new(packed).take(most).read_to_end(&mut content);
            read.map_err(|_| wrong())?;
        }
        6 => {
            let stream = ruzstd::decoding::StreamingDecoder::new(packed).map_err(|_| wrong())?;
            stream.take(most).read_to_end(&mut content).map_err(|_| wrong())?;
        }
        3 => return Err(Fault::Codec("LZO")),
        4 => return Err(Fault::Codec("Brotli")),
        5 | 7 => return Err(Fault::Codec("LZ4")),
        _ => return Err(Fault::Codec("an unknown method")),
    }
    if content.len() == length { Ok(content) } else { Err(wrong()) }
}
