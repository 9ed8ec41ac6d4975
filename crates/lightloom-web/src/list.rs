//! Lists of addresses: text, CSV and TSV, JSON lines, and Parquet. What stands beside an address comes along.

use super::{Address, NoAddress, parquet};

/// Entries of a list at most.
const MOST: usize = 10_000_000;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// An address in each line; empty lines and those that begin with `#` do not count.
    Text,
    /// Columns with a name each in the first line, separated by this byte.
    Columns(u8),
    /// An object of JSON in each line.
    JsonLines,
    /// A table of Parquet.
    Parquet,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands, from 1: the line, or the row of a table that has no lines.
    pub line: u64,
    /// Its address.
    pub address: Result<Address, NoAddress>,
    /// The other columns, with their names.
    pub columns: Vec<Column>,
}

/// What stands beside an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column {
    /// Name of the column.
    pub name: String,
    /// The value as text.
    pub value: String,
}

/// Why a list cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The column is not there.
    #[error("it has no column '{wanted}'; its columns are {known}")]
    NoColumn {
        /// What was asked for.
        wanted: String,
        /// What there is.
        known: String,
    },
    /// No column was asked for, and none can be told to be the one.
    #[error("its columns are {0}; say with --column which of them has the addresses")]
    WhichColumn(String),
    /// A line breaks the rules of the form.
    #[error("line {line} is damaged: {reason}")]
    Damaged {
        /// Which, from 1.
        line: u64,
        /// How.
        reason: String,
    },
    /// It is a table of Parquet that cannot be read.
    #[error("{0}")]
    Parquet(String),
    /// There is too much.
    #[error("it has more than {} entries", MOST)]
    TooLong,
}

impl Form {
    /// The form of a list, by its name and its beginning.
    pub fn of(name: &str, text: &[u8]) -> Self {
        if text.starts_with(parquet::MAGIC) {
            return Self::Parquet;
        }
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("csv") => Self::Columns(b','),
            Some("tsv" | "tab") => Self::Columns(b'\t'),
            Some("jsonl" | "ndjson") => Self::JsonLines,
            _ if text.trim_ascii_start().starts_with(b"{") => Self::JsonLines,
            _ => Self::Text,
        }
    }
}

/// Reads a list. Its addresses are in `column`, or else in the one that is called after them.
///
/// # Errors
/// If a line is damaged, or the column is not known.
pub fn read(text: &[u8], form: Form, column: Option<&str>) -> Result<Vec<Entry>, ListError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let entries = match form {
        Form::Text => lines(text),
        Form::Columns(separator) => columns(text, separator, column)?,
        Form::JsonLines => json_lines(text, column)?,
        Form::Parquet => rows(text, column)?,
    };
    if entries.len() > MOST { Err(ListError::TooLong) } else { Ok(entries) }
}

/// The addresses in a text that somebody pastes, wherever they stand in it.
pub fn pasted(text: &str) -> Vec<Address> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>'));
    let mut seen = std::collections::HashSet::new();
    let clean = |word: &str| {
        let word = word.trim_start_matches(['(', '[']).trim_end_matches([',', ';', '.', ']']);
        // A bracket that was opened within the address belongs to it.
        let word = if word.contains('(') { word } else { word.trim_end_matches(')') };
        Address::parse(word).ok().filter(|_| Address::is_meant(word))
    };
    words.filter_map(clean).filter(|one| seen.insert(one.clone())).collect()
}

fn lines(text: &[u8]) -> Vec<Entry> {
    let text = String::from_utf8_lossy(text);
    let numbered = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
    let counted = numbered.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    counted.map(|(line, number)| Entry { line: number, address: Address::parse(line), columns: Vec::new() }).collect()
}

fn columns(text: &[u8], separator: u8, wanted: Option<&str>) -> Result<Vec<Entry>, ListError> {
    let damaged = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        ListError::Damaged { line, reason: error.to_string() }
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text);
    let names: Vec<String> = reader.byte_headers().map_err(damaged)?.iter().map(lossy).collect();
    let place = chosen(&names, wanted)?;
    let mut entries = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(damaged)?;
        let line = record.position().map_or(0, csv::Position::line);
        let address = Address::parse(&record.get(place).map(lossy).unwrap_or_default());
        let named = names.iter().zip(record.iter()).enumerate().filter(|(at, _)| *at != place);
        let columns = named.map(|(_, (name, value))| Column { name: name.clone(), value: lossy(value) }).collect();
        entries.push(Entry { line, address, columns });
    }
    Ok(entries)
}

fn json_lines(text: &[u8], wanted: Option<&str>) -> Result<Vec<Entry>, ListError> {
    let mut entries = Vec::new();
    for (line, number) in text.split(|byte| *byte == b'\n').zip(1..) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line)
            .map_err(|error| ListError::Damaged { line: number, reason: error.to_string() })?;
        let names: Vec<String> = object.keys().cloned().collect();
        let place = chosen(&names, wanted)?;
        let plain = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let address = Address::parse(&object.get(&names[place]).map(plain).unwrap_or_default());
        let others = object.iter().filter(|(name, _)| **name != names[place]);
        let columns = others.map(|(name, value)| Column { name: name.clone(), value: plain(value) }).collect();
        entries.push(Entry { line: number, address, columns });
    }
    Ok(entries)
}

fn rows(table: &[u8], wanted: Option<&str>) -> Result<Vec<Entry>, ListError> {
    let unread = |fault: parquet::Fault| ListError::Parquet(fault.to_string());
    let mut table = parquet::Table::new(table).map_err(unread)?;
    let names = table.names();
    if names.is_empty() {
        return Err(ListError::Parquet("it has no column with texts or numbers".to_owned()));
    }
    let place = chosen(&names, wanted)?;
    let mut entries = Vec::new();
    for group in 0..table.groups() {
        let mut columns: Vec<_> = table.group(group).map_err(unread)?.into_iter().map(Vec::into_iter).collect();
        let rows = columns.first().map_or(0, ExactSizeIterator::len);
        if entries.len() + rows > MOST {
            return Err(ListError::TooLong);
        }
        for _ in 0..rows {
            let values = columns.iter_mut().map(|column| column.next().flatten()).enumerate();
            let (mut address, mut others) = (String::new(), Vec::new());
            for (at, value) in values {
                match value {
                    Some(value) if at == place => address = value,
                    Some(value) => others.push(Column { name: names[at].clone(), value }),
                    None => {}
                }
            }
            let line = entries.len() as u64 + 1;
            entries.push(Entry { line, address: Address::parse(&address), columns: others });
        }
    }
    Ok(entries)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The column with the addresses.
fn chosen(names: &[String], wanted: Option<&str>) -> Result<usize, ListError> {
    const USUAL: &[&str] = &["url", "address", "link", "href", "image_url", "image", "image_link", "src", "uri"];
    let place = |wanted: &str| names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
    let known = || names.iter().map(|name| format!("'{}'", name.trim())).collect::<Vec<_>>().join(", ");
    match wanted {
        Some(wanted) => place(wanted).ok_or_else(|| ListError::NoColumn { wanted: wanted.to_owned(), known: known() }),
        None if names.len() == 1 => Ok(0),
        None => USUAL.iter().find_map(|usual| place(usual)).ok_or_else(|| ListError::WhichColumn(known())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(name: &str, text: &str, column: Option<&str>) -> Result<Vec<Entry>, ListError> {
        read(text.as_bytes(), Form::of(name, text.as_bytes()), column)
    }

    fn addresses(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.address.as_ref().map_or("none", Address::as_str)).collect()
    }

    #[test]
    fn each_form_gives_the_same_addresses() {
        let expected = ["https://e.org/a.jpg", "none", "https://e.org/c.jpg"];
        let text = "\u{feff}# two\nhttps://e.org/a.jpg\n\nfile:///etc/passwd\r\nhttps://e.org/c.jpg";
        let csv =
            "id,Image_URL,caption\n1,https://e.org/a.jpg,\"a, \"\"hut\"\"\nby night\"\n2,,x\n3,https://e.org/c.jpg\n";
        let tsv = csv.replace(',', "\t");
        let json = "{\"url\":\"https://e.org/a.jpg\",\"caption\":\"a hut\",\"width\":640}\n\n{\"url\":null}\n{\"url\":\"https://e.org/c.jpg\"}";
        for (name, text) in [("l.txt", text), ("l.csv", csv), ("l.tsv", &tsv), ("l.jsonl", json), ("l", json)] {
            assert_eq!(addresses(&read_as(name, text, None).unwrap()), expected, "{name}");
        }
        let of_csv = read_as("l.csv", csv, None).unwrap();
        assert_eq!(of_csv[0].columns[1], Column { name: "caption".into(), value: "a, \"hut\"\nby night".into() });
        assert_eq!((of_csv[0].line, of_csv[1].line), (2, 4));
        let of_json = read_as("l.jsonl", json, None).unwrap();
        let width = Column { name: "width".into(), value: "640".into() };
        assert!(of_json[0].columns.contains(&width) && of_json[2].line == 4);
    }

    #[test]
    fn the_column_is_named_where_it_is_not_clear() {
        let csv = "a,b\nhttps://e.org/a.jpg,https://e.org/b.jpg\n";
        assert_eq!(addresses(&read_as("l.csv", csv, Some("B")).unwrap()), ["https://e.org/b.jpg"]);
        let known = "'a', 'b'".to_owned();
        assert_eq!(read_as("l.csv", csv, None), Err(ListError::WhichColumn(known.clone())));
        assert_eq!(read_as("l.csv", csv, Some("c")), Err(ListError::NoColumn { wanted: "c".into(), known }));
        assert!(matches!(read_as("l.jsonl", "{\"url\":\"x\"}\n{", None), Err(ListError::Damaged { line: 2, .. })));
        assert!(matches!(read_as("l.parquet", "PAR1....", None), Err(ListError::Parquet(_))));
    }

    #[test]
    fn pasted_texts_give_their_addresses() {
        let text = "see https://e.org/a.jpg, and (http://e.org/b_(1).jpg\n<a href=\"https://e.org/c.jpg\">ftp://e.org https://e.org/a.jpg";
        let found = pasted(text);
        let found: Vec<&str> = found.iter().map(Address::as_str).collect();
        assert_eq!(found, ["https://e.org/a.jpg", "http://e.org/b_(1).jpg", "https://e.org/c.jpg"]);
    }
}
