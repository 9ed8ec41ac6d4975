//! What a search left out of a folder, so that nothing is missing without a word.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use lightloom_param::{shown, shown_text};

/// Extensions that are named; the rest is counted.
const NAMED: usize = 5;

/// Files of a folder that were left out since they do not look like pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The folder that was searched.
    pub folder: PathBuf,
    /// Whether their content was looked at, and not only their names.
    pub looked_into: bool,
    /// How many of each extension, in lower case and without the dot; most first.
    counts: Vec<(String, usize)>,
}

impl LeftOut {
    pub(super) fn new(folder: &Path, counts: BTreeMap<String, usize>, looked_into: bool) -> Self {
        let mut counts: Vec<_> = counts.into_iter().collect();
        // Stable: those of equal number stay in the order of the alphabet.
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Self { folder: folder.to_path_buf(), looked_into, counts }
    }

    /// How many files.
    pub fn count(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

impl fmt::Display for LeftOut {
    /// One sentence without the final stop: `312 files in /photos were left out: 300 .xmp, 12 .txt`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, folder) = (self.count(), shown(&self.folder));
        let (files, were) = if count == 1 { ("file", "was") } else { ("files", "were") };
        write!(f, "{count} {files} in {folder} {were} left out: ")?;
        for (index, (extension, count)) in self.counts.iter().take(NAMED).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match extension.as_str() {
                "" => write!(f, "{comma}{count} without an extension")?,
                extension => write!(f, "{comma}{count} .{}", shown_text(extension))?,
            }
        }
        match self.counts.iter().skip(NAMED).map(|(_, count)| count).sum::<usize>() {
            0 => Ok(()),
            rest => write!(f, ", {rest} of other kinds"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(counts: &[(&str, usize)]) -> String {
        let counts = counts.iter().map(|(extension, count)| ((*extension).to_owned(), *count)).collect();
        LeftOut::new(Path::new("/photos"), counts, false).to_string()
    }

    #[test]
    fn it_is_said_in_one_sentence() {
        assert_eq!(said(&[("txt", 12), ("xmp", 300)]), "312 files in /photos were left out: 300 .xmp, 12 .txt");
        assert_eq!(said(&[("", 1)]), "1 file in /photos was left out: 1 without an extension");
        let many = said(&[("a", 6), ("b", 5), ("c", 4), ("d", 3), ("e\n", 2), ("f", 1), ("g", 1)]);
        assert!(many.ends_with(": 6 .a, 5 .b, 4 .c, 3 .d, 2 .e\\n, 2 of other kinds"), "{many}");
    }
}
