//! Finds the line of a text in which a part of a recipe is, so that an error can name it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line, counted from 1, of the part of `text` that `path` leads to: keys of tables, each followed by a number from 1
/// where it is a list. Where the path leads further than the text, the last part that is there.
pub(super) fn line_of(text: &str, path: &[Part<'_>]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = Some(document.get_ref());
    let mut list = None;
    let mut found = None;
    for part in path {
        let value: &Spanned<DeValue<'_>> = match part {
            Part::Key(key) => {
                let Some((name, value)) = table?.iter().find(|(name, _)| name.get_ref().as_ref() == *key) else {
                    break;
                };
                found = Some(name.span().start);
                value
            }
            Part::Number(number) => {
                let list: &[Spanned<DeValue<'_>>] = list?;
                let Some(value) = number.checked_sub(1).and_then(|index| list.get(index)) else { break };
                found = Some(value.span().start);
                value
            }
        };
        table = value.get_ref().as_table();
        list = value.get_ref().as_array().map(|array| &array[..]);
        if table.is_none() && list.is_none() {
            break;
        }
    }
    let at = text.get(..found?)?;
    Some(1 + at.bytes().filter(|&b| b == b'\n').count())
}

/// A step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// A key of a table.
    Key(&'a str),
    /// A place in a list, counted from 1.
    Number(usize),
}

/// Reads a place as errors name it, such as `output 2: filter 1: width`.
pub(super) fn path_of(place: &str) -> Vec<Part<'_>> {
    let mut path = Vec::new();
    for part in place.split(": ") {
        match part.rsplit_once(' ').map(|(key, number)| (key, number.parse())) {
            Some((key, Ok(number))) => path.extend([Part::Key(key), Part::Number(number)]),
            _ => path.push(Part::Key(part)),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_as_far_as_the_path_leads() {
        let text = "version = 3\n\n[[filter]]\nid = 'a'\n# a note\nx = 1\n[[filter]]\nid = 'b'\n\n[[output]]\nname = 'n'\n[[output.filter]]\nid = 'c'\ny = 3\n[export]\nquality = 0\n";
        let line = |place: &str| line_of(text, &path_of(place));
        assert_eq!(line("version"), Some(1));
        assert_eq!(line("filter 1: x"), Some(6));
        assert_eq!(line("filter 2"), Some(7));
        assert_eq!(line("filter 2: x"), Some(7));
        assert_eq!(line("output 1: filter 1: y"), Some(14));
        assert_eq!(line("export: quality"), Some(16));
        assert_eq!(line("nothing"), None);
        assert_eq!(line("filter 9: x"), Some(3));
        assert_eq!(line_of("[[", &path_of("a")), None);
    }
}
