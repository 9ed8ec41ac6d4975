//! The header comments of the filters' files as data: the algorithm and its source, and how range, alpha, depth and
//! edges are treated. They are taken from the sources at compile time, so that the program and the sources say the
//! same.

/// Length in bytes of the header comment of a source.
pub(crate) const fn length(source: &str) -> usize {
    let bytes = source.as_bytes();
    let mut end = 0;
    let mut at = 0;
    while at + 2 < bytes.len() && bytes[at] == b'/' && bytes[at + 1] == b'/' && bytes[at + 2] == b'!' {
        while at < bytes.len() && bytes[at] != b'\n' {
            at += 1;
        }
        at += 1;
        end = at;
    }
    if end > bytes.len() { bytes.len() } else { end }
}

/// The first `LENGTH` bytes, so that the program contains no more of a source.
pub(crate) const fn beginning<const LENGTH: usize>(source: &str) -> [u8; LENGTH] {
    let mut beginning = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        beginning[at] = source.as_bytes()[at];
        at += 1;
    }
    beginning
}

/// Labels of the parts of a header comment, in their order.
const LABELS: [&str; 6] = ["algorithm", "range", "alpha", "depth", "edges", "previews"];

/// The documentation of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    /// What it is, in a sentence.
    pub summary: String,
    /// Labels such as `Alpha` or `Range, depth`, each with its text.
    pub parts: Vec<(String, String)>,
}

impl Doc {
    pub(crate) fn parse(lines: &str) -> Self {
        let plain: Vec<&str> = lines.lines().map(|line| line.trim_start_matches("//!").trim()).collect();
        let end = plain.iter().position(|line| line.is_empty()).unwrap_or(plain.len());
        let (summary, rest) = (plain[..end].join(" "), plain[end..].join(" "));
        let mut parts: Vec<(String, String)> = Vec::new();
        for word in rest.split_whitespace() {
            match parts.last_mut() {
                Some((_, text)) => *text = format!("{text} {word}"),
                None => parts.push((String::new(), word.to_owned())),
            }
            if word.ends_with(':')
                && let Some((_, text)) = parts.last_mut()
                && let Some(at) = label_at(text)
            {
                let label = text[at..].trim_end_matches(':').to_owned();
                text.truncate(at);
                parts.push((label, String::new()));
            }
        }
        let tidy = |text: &str| without_references(text.trim());
        let parts = parts.iter().map(|(label, text)| (label.clone(), tidy(text))).filter(|(_, text)| !text.is_empty());
        Self { summary: without_references(&summary), parts: parts.collect() }
    }

    /// The text under one of the labels, which is given in lower case.
    pub fn part(&self, label: &str) -> Option<&str> {
        let part = self.parts.iter().find(|(labels, _)| labels.to_lowercase().split([',', ' ']).any(|l| l == label));
        part.map(|(_, text)| text.as_str())
    }
}

/// Where the labels at the end of a text begin: `Range, alpha:`.
fn label_at(text: &str) -> Option<usize> {
    let is_label = |word: &str| LABELS.contains(&word.to_lowercase().trim_end_matches([',', ':']));
    let mut at = None;
    let mut end = text.len();
    for word in text.rsplit(' ') {
        let begin = end - word.len();
        let joins = matches!(word, "and" | "layout:" | "size:" | "layout" | "size");
        // the first of them is capitalised
        if is_label(word) && word.starts_with(char::is_uppercase) {
            at = Some(begin);
        }
        if at.is_some() || !(is_label(word) || joins) {
            break;
        }
        end = begin.saturating_sub(1);
    }
    at
}

/// A text without references to other files, such as `(see `field`)`, and without backticks.
fn without_references(text: &str) -> String {
    let mut plain = text.to_owned();
    while let Some(see) = plain.find("see `") {
        let Some(end) = plain[see..].find(')') else { break };
        if plain[..see].ends_with(" (") {
            plain.replace_range(see - 2..=see + end, "");
        } else if plain[..see].ends_with("; ") {
            plain.replace_range(see - 2..see + end, "");
        } else {
            break;
        }
    }
    plain.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_takes_the_top_of_a_file() {
        const SOURCE: &str = "//! A: b.\n//!\n//! Range: c.\n\nuse d;\n//! e\n";
        const LENGTH: usize = length(SOURCE);
        assert_eq!(beginning::<LENGTH>(SOURCE), *b"//! A: b.\n//!\n//! Range: c.\n");
        assert_eq!((length("//! a"), length("use a;"), length("")), (5, 0, 0));
    }

    #[test]
    fn parts_start_with_labels() {
        let doc = Doc::parse(
            "//! Blur: softens.\n//!\n//! Algorithm: a sum (see `gaussian`), by parts (Serra 1982; see `sums`): slow.\n\
             //! Range, alpha, depth: kept. Edges: none: `x`.\n",
        );
        let part = |label: &str, text: &str| (label.to_owned(), text.to_owned());
        assert_eq!(doc.summary, "Blur: softens.");
        assert_eq!(
            doc.parts,
            [
                part("Algorithm", "a sum, by parts (Serra 1982): slow."),
                part("Range, alpha, depth", "kept."),
                part("Edges", "none: x."),
            ]
        );
        assert_eq!(
            (doc.part("alpha"), doc.part("edges"), doc.part("previews")),
            (Some("kept."), Some("none: x."), None)
        );
    }
}
