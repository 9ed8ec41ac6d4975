//! Standard output and standard error, neither of which can end a batch.
//!
//! What goes to standard error is dropped where it cannot be written: a full or closed log is no reason to lose pictures.
//! What goes to standard output is a result. One that cannot be written is an error with an exit code of its own, but
//! a reader that has seen enough, as in `| head`, is none. The macros of the standard library would panic in both cases,
//! so lints keep them out of this package.
//!
//! Texts from outside are shown escaped, so that no name of a file writes lines or commands a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use thiserror::Error;

use lightloom_param::{is_active, shown_lines, shown_text};

/// Whether somebody still reads standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Yes, as far as can be known.
    Reads,
    /// The pipe is closed: whatever else would be printed is not wanted.
    IsGone,
}

/// A result that could not be written to standard output.
#[derive(Debug, Error)]
#[error("the result cannot be written to standard output: {0}")]
pub struct Unprinted(#[from] io::Error);

/// Prints one line to standard error, if it can be written.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", shown_text(line));
}

/// As [`say`], for a text of several lines. Those after the first are indented: none can pass for one of its own.
pub fn say_lines(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", shown_lines(text.trim_end()).replace('\n', "\n  "));
}

/// Prints a text and a line break to standard output; a line break at its end is not doubled.
///
/// # Errors
/// If it cannot be written, unless nobody reads it any more.
pub fn print(text: &str) -> Result<Reader, Unprinted> {
    write_to(&mut io::stdout().lock(), &shown_lines(text.strip_suffix('\n').unwrap_or(text)))
}

/// As [`print()`], with a value as JSON in one line. Names keep every character; those that a terminal acts on are written
/// as JSON's own escapes.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl Serialize) -> Result<Reader, Unprinted> {
    let json = serde_json::to_string(value).map_err(io::Error::from)?;
    write_to(&mut io::stdout().lock(), &plain_json(&json))
}

/// As [`print_json`], indented.
///
/// # Errors
/// As [`print()`].
pub fn print_pretty_json(value: &impl Serialize) -> Result<Reader, Unprinted> {
    let json = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
    write_to(&mut io::stdout().lock(), &plain_json(&json))
}

/// Writes a result that is no text to standard output.
///
/// # Errors
/// As [`print()`].
pub fn print_bytes(bytes: &[u8]) -> Result<Reader, Unprinted> {
    let mut out = io::stdout().lock();
    reader(out.write_all(bytes).and_then(|()| out.flush()))
}

fn write_to(out: &mut impl Write, text: &str) -> Result<Reader, Unprinted> {
    reader(out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()))
}

fn reader(written: io::Result<()>) -> Result<Reader, Unprinted> {
    match written {
        Ok(()) => Ok(Reader::Reads),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::IsGone),
        Err(error) => Err(error.into()),
    }
}

/// The same JSON without active characters: within texts they are escaped, and outside there are only line breaks.
fn plain_json(json: &str) -> Cow<'_, str> {
    let is_active = |c: char| is_active(c) && c != '\n';
    if !json.chars().any(is_active) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_active(c) {
            // All of them are in the basic plane.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_a_reader_that_is_gone_is_no_error() {
        assert_eq!(write_to(&mut Vec::new(), "x").unwrap(), Reader::Reads);
        assert_eq!(write_to(&mut Failing(io::ErrorKind::BrokenPipe), "x").unwrap(), Reader::IsGone);
        let full = write_to(&mut Failing(io::ErrorKind::StorageFull), "x").unwrap_err().to_string();
        assert!(full.contains("cannot be written to standard output"), "{full}");
    }

    #[test]
    fn json_keeps_names_and_commands_no_terminal() {
        let name = "a\n\u{1b}[2J\u{9b}31m\u{202e}gpj.\\ü";
        for json in [serde_json::to_string(&[name]).unwrap(), serde_json::to_string_pretty(&[name]).unwrap()] {
            let plain = plain_json(&json);
            assert!(!plain.chars().any(|c| is_active(c) && c != '\n'), "{plain}");
            assert_eq!(serde_json::from_str::<Vec<String>>(&plain).unwrap(), [name]);
        }
    }
}
