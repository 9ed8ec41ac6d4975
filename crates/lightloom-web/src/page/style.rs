//! What a style refers to in CSS: backgrounds, `url(…)` wherever it stands, and the style sheets that it imports.
//!
//! Read by the tokens of CSS Syntax Level 3, as far as they tell a reference from a comment, a text or a font.

/// What a style refers to, in the order of its appearance.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    /// What may be a picture.
    pub pictures: Vec<String>,
    /// Style sheets.
    pub imports: Vec<String>,
}

/// The rule in which a reference stands, if that says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Any,
    Import,
    /// No reference of it is a picture, until its end: a semicolon, or the end of its block.
    Other,
}

/// Reads a style.
pub(super) fn read(css: &str) -> Style {
    let (mut style, mut rule, mut depth) = (Style::default(), Rule::Any, 0_u32);
    let mut rest = css;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = after;
        match c {
            '/' if after.starts_with('*') => rest = after[1..].split_once("*/").map_or("", |(_, rest)| rest),
            '"' | '\'' => {
                let text;
                (text, rest) = quoted(after, c);
                style.add(text, if rule == Rule::Import { Rule::Import } else { Rule::Other });
            }
            '@' => {
                let name;
                (name, rest) = identifier(after);
                rule = match name.to_ascii_lowercase().as_str() {
                    "import" => Rule::Import,
                    "namespace" | "font-face" => Rule::Other,
                    _ => Rule::Any,
                };
                depth = 0;
            }
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                rule = if depth == 0 { Rule::Any } else { rule };
            }
            ';' if depth == 0 => rule = Rule::Any,
            c if is_part(c) => {
                let (name, next) = identifier(&css[css.len() - after.len() - c.len_utf8()..]);
                rest = next;
                if let Some(within) = next.strip_prefix('(').filter(|_| name.eq_ignore_ascii_case("url")) {
                    let text;
                    (text, rest) = reference(within);
                    style.add(text, rule);
                }
            }
            _ => {}
        }
    }
    style
}

impl Style {
    fn add(&mut self, reference: String, rule: Rule) {
        // Parts of drawings are no pictures.
        if reference.is_empty() || reference.starts_with('#') {
            return;
        }
        match rule {
            Rule::Import => self.imports.push(reference),
            Rule::Any if !is_font(&reference) => self.pictures.push(reference),
            Rule::Any | Rule::Other => {}
        }
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_') || !c.is_ascii()
}

/// The identifier at the beginning, and what follows it.
fn identifier(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c| !is_part(c)).unwrap_or(text.len()))
}

/// What is within the parentheses, and what follows them. What is not closed is nothing.
fn reference(text: &str) -> (String, &str) {
    let text = text.trim_start();
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return quoted(&text[1..], quote);
    }
    let (reference, rest) = up_to(text, ')');
    (reference.trim_end().to_owned(), rest)
}

/// A text up to its closing quote, and what follows.
fn quoted(text: &str, quote: char) -> (String, &str) {
    up_to(text, quote)
}

/// What is before `end`, without escapes, and what follows it.
fn up_to(text: &str, end: char) -> (String, &str) {
    let mut found = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            c if c == end => return (found, rest),
            '\\' => {
                let escaped;
                (escaped, rest) = escape(rest);
                found.extend(escaped);
            }
            c => found.push(c),
        }
    }
    (String::new(), "")
}

/// The character that follows a backslash: by its code, or itself.
fn escape(text: &str) -> (Option<char>, &str) {
    let digits = text.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
    if digits == 0 {
        let c = text.chars().next();
        // A line that goes on.
        return (c.filter(|c| *c != '\n'), &text[c.map_or(0, char::len_utf8)..]);
    }
    let code = u32::from_str_radix(&text[..digits], 16).ok().and_then(char::from_u32);
    let rest = &text[digits..];
    (code.or(Some(char::REPLACEMENT_CHARACTER)), rest.strip_prefix([' ', '\t', '\n']).unwrap_or(rest))
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
        for (css, expected) in [
            ("a { background: #fff URL( 'a b.jpg' ) no-repeat, url(c.png) }", &["a b.jpg", "c.png"][..]),
            ("b { background-image: image-set(url(\"d(1).webp\") 2x); mask: url(#m) }", &["d(1).webp"]),
            ("c { background: url(e\\).jpg) }", &["e).jpg"]),
            ("c { background: url(\\66 oto\\2e jpg) url('\\1F3D4.png') }", &["foto.jpg", "\u{1f3d4}.png"]),
            ("/* url(old.jpg) */ a{background:url(//e.org/*.jpg)}/*", &["//e.org/*.jpg"]),
            ("a::before { content: 'url(x.jpg) /*'; background: url(y.jpg) }", &["y.jpg"]),
            ("@media print { a { background: url(a.jpg) } } b { background: url(b.jpg) }", &["a.jpg", "b.jpg"]),
            ("@namespace svg url(http://www.w3.org/2000/svg); a { background: url(a.jpg) }", &["a.jpg"]),
            ("@font-face { src: url(/font?id=1) format('woff2'), url(f.woff) } a { background: url(a) }", &["a"]),
            ("@media x { @font-face { src: url(f) } a { background: url(a) } }", &["a"]),
            ("a { background: curl(a.jpg) my-url(b.jpg) }", &[]),
            ("background: url(", &[]),
            ("e { background: url('cut", &[]),
            ("background: none", &[]),
        ] {
            assert_eq!(read(css).pictures, expected, "{css}");
        }
    }

    #[test]
    fn imports_are_style_sheets() {
        let css = "@charset 'utf-8'; @import url(a.css) print; @IMPORT \"b\" layer(x); /* @import 'no'; */ \
            @import 'c.css'; a { background: url(d.png); content: 'text' }";
        let expected =
            Style { pictures: vec!["d.png".to_owned()], imports: ["a.css", "b", "c.css"].map(str::to_owned).to_vec() };
        assert_eq!(read(css), expected);
    }

    #[test]
    fn any_text_is_read_without_harm() {
        let css = "@import url(a\\26 b.css);/* é */ü{background:url('a\\')b') url(\\110000 )}@font-face{src:url(é)}";
        for (at, _) in css.char_indices() {
            for piece in [&css[..at], &css[at..]] {
                for more in ["", "'", "\\", "/*", "{", "}", "url(", "@", "é"] {
                    let _ = read(&format!("{piece}{more}"));
                    let _ = read(&format!("{more}{piece}"));
                }
            }
        }
    }
}
