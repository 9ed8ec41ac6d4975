//! `srcset`: several sizes of one picture, of which the largest is wanted.

/// The largest picture that a `srcset` offers: `a.jpg 480w, b.jpg 1600w` or `a.jpg, b.jpg 2x`.
pub(super) fn largest(srcset: &str) -> Option<&str> {
    let mut best: Option<(f64, &str)> = None;
    let mut rest = srcset;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return best.map(|(_, address)| address);
        }
        // An address may hold commas, but does not end with one.
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let address = word.trim_end_matches(',');
        let (descriptors, next) = if address.len() < word.len() { ("", after) } else { up_to_comma(after) };
        let size = descriptors.split_ascii_whitespace().find_map(size).unwrap_or(1.0);
        if best.is_none_or(|(largest, _)| size > largest) && !address.is_empty() {
            best = Some((size, address));
        }
        rest = next;
    }
}

/// What is before the next comma outside parentheses, and what follows it.
fn up_to_comma(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth <= 0 => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

/// `1600w` and `2x`. A page uses one of them throughout.
fn size(descriptor: &str) -> Option<f64> {
    let number = descriptor.strip_suffix(['w', 'x'])?;
    number.parse().ok().filter(|size: &f64| size.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_a_srcset_is_found() {
        for (srcset, expected) in [
            ("a.jpg", Some("a.jpg")),
            ("a.jpg 480w, b.jpg 1600w,c.jpg 800w", Some("b.jpg")),
            ("a.jpg, b.jpg 2x , c.jpg 1.5x", Some("b.jpg")),
            ("w_400,h_300/a.jpg 400w, w_800,h_600/a.jpg 800w", Some("w_800,h_600/a.jpg")),
            ("data:image/png;base64,AA 1x, b.jpg 2x", Some("b.jpg")),
            ("a.jpg 1x 100h (a, b), b.jpg 3x", Some("b.jpg")),
            ("a.jpg wide, b.jpg NaNx", Some("a.jpg")),
            (" , ,", None),
            ("", None),
        ] {
            assert_eq!(largest(srcset), expected, "{srcset}");
        }
    }
}
