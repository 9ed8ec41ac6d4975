//! Backgrounds in CSS: `url(…)` wherever it stands in a style.

/// What is referred to as a picture, in the order of its appearance.
pub(super) fn urls(css: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = css;
    while let Some(at) = find_url(rest) {
        let before = rest[..at].trim_end();
        let (reference, next) = reference(&rest[at + "url(".len()..]);
        // Style sheets of others, fonts, and parts of drawings are no pictures.
        let of_import = before.to_ascii_lowercase().ends_with("@import");
        if !of_import && !reference.starts_with('#') && !is_font(&reference) && !reference.is_empty() {
            found.push(reference);
        }
        rest = next;
    }
    found
}

fn find_url(css: &str) -> Option<usize> {
    css.as_bytes().windows(4).position(|four| four.eq_ignore_ascii_case(b"url("))
}

/// What is within the parentheses, and what follows them.
fn reference(text: &str) -> (String, &str) {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let text = if quote.is_some() { &text[1..] } else { text };
    let mut reference = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            ('\\', _) => reference.extend(chars.next().map(|(_, c)| c)),
            (c, Some(quote)) if c == quote => return (reference, &text[at + 1..]),
            (')', None) => return (reference.trim_end().to_owned(), &text[at + 1..]),
            (c, _) => reference.push(c),
        }
    }
    (String::new(), "")
}

fn is_font(reference: &str) -> bool {
    let path = reference.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".woff", ".woff2", ".ttf", ".otf", ".eot", ".css"].iter().any(|extension| path.ends_with(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backgrounds_are_found() {
        let css = "@import url(other.css); a { background: #fff URL( 'a b.jpg' ) no-repeat, url(c.png) } \
            @font-face { src: url(\"f.woff2?v=1\") } b { background-image: image-set(url(\"d(1).webp\") 2x); mask: url(#m) } \
            c { background: url(e\\).jpg) } d { background: url( } e { background: url('cut";
        assert_eq!(urls(css), ["a b.jpg", "c.png", "d(1).webp", "e).jpg", ""].map(str::to_owned)[..4]);
        assert!(urls("background: none").is_empty());
    }
}
