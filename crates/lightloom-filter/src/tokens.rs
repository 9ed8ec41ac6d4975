//! Tokens in texts and names: `{name}` and others stand for what is known of the picture; a literal brace is written twice.
//!
//! Texts are completed in two steps. Before a recipe runs for a picture, what is known of its file ([`Subject`]) is
//! filled into the recipe's texts (`about`); the filter that draws the text fills in the size of the picture that
//! reaches it (`complete`). Tokens about which nothing is known by then, as in a preview without a file, stay as they
//! are written.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

/// What is known of a picture and its file: for tokens in texts and in the names of results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Number in the batch, from 1.
    pub number: Option<usize>,
    /// File name without extension.
    pub name: String,
    /// Extension without the dot.
    pub extension: String,
    /// Name of the folder that contains the file.
    pub parent: String,
    /// When the picture was taken; where that is unknown, when its file was last modified.
    pub date: Option<Moment>,
    /// The camera that took it; empty where the file names none.
    pub camera: String,
    /// The copyright notice in the file; empty where there is none.
    pub copyright: String,
}

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    Name,
    Extension,
    Parent,
    Camera,
    Copyright,
    Width,
    Height,
    /// With at least this many digits.
    Sequence(usize),
    /// In this format.
    Date(&'a str),
    /// The folders between the one that was added and the file. In names only.
    RelativePath,
    /// The name of the recipe. In names only.
    Recipe,
}

/// The form of `{date}`.
const DATE: &str = "%Y-%m-%d";

impl<'a> Token<'a> {
    fn parse(word: &'a str) -> Option<Self> {
        let (name, form) = word.split_once(':').map_or((word, None), |(name, form)| (name, Some(form)));
        match (name, form) {
            ("name", None) => Some(Self::Name),
            ("ext", None) => Some(Self::Extension),
            ("parent", None) => Some(Self::Parent),
            ("camera", None) => Some(Self::Camera),
            ("copyright", None) => Some(Self::Copyright),
            ("width", None) => Some(Self::Width),
            ("height", None) => Some(Self::Height),
            ("relpath", None) => Some(Self::RelativePath),
            ("recipe", None) => Some(Self::Recipe),
            ("seq", None) => Some(Self::Sequence(1)),
            ("seq", Some(form)) => match form.as_bytes() {
                [b'0', digits @ b'1'..=b'9'] | [digits @ b'1'..=b'9'] => {
                    Some(Self::Sequence(usize::from(digits - b'0')))
                }
                _ => None,
            },
            ("date", form) => {
                let form = form.unwrap_or(DATE);
                Moment::default().write(form).map(|_| Self::Date(form))
            }
            _ => None,
        }
    }
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As it is.
    Plain(&'a str),
    /// One brace, written twice.
    Brace(&'a str),
    /// A token and how it is written, braces included.
    Token(Token<'a>, &'a str),
}

/// Why a text has no parts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A brace without its partner.
    #[error("a brace stands alone; a literal brace is written twice: {{{{ or }}}}")]
    LoneBrace,
    /// A word in braces that is no token.
    #[error("there is no token {{{0}}}")]
    Unknown(String),
}

/// Splits a text into its parts.
///
/// # Errors
/// If a brace stands alone or a token is unknown.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TokenError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        if at > 0 {
            pieces.push(Piece::Plain(&rest[..at]));
        }
        rest = &rest[at..];
        let len = if rest.starts_with("{{") || rest.starts_with("}}") {
            pieces.push(Piece::Brace(&rest[..1]));
            2
        } else {
            let end = rest.find('}').filter(|end| *end > 0).ok_or(TokenError::LoneBrace)?;
            let word = &rest[1..end];
            let token = Token::parse(word).ok_or_else(|| TokenError::Unknown(word.to_owned()))?;
            pieces.push(Piece::Token(token, &rest[..=end]));
            end + 1
        };
        rest = &rest[len..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest));
    }
    Ok(pieces)
}

/// What is allowed, in words.
pub(crate) const ALLOWED: &str = "a text of at most 500 characters, in which {name}, {ext}, {parent}, {camera}, {copyright}, \
     {width}, {height}, {date:%Y-%m-%d} and {seq:04}, its number in the batch, stand for the picture's own and a brace is \
     written twice";

/// Whether every token of a text is known and may stand in texts.
pub(crate) fn are_known(text: &str) -> bool {
    let in_names_only = |piece: &Piece<'_>| matches!(piece, Piece::Token(Token::RelativePath | Token::Recipe, _));
    pieces(text).is_ok_and(|pieces| !pieces.iter().any(in_names_only))
}

impl Subject {
    /// What a token stands for; `None` where that is not known here.
    pub fn value(&self, token: Token<'_>) -> Option<Cow<'_, str>> {
        match token {
            Token::Name => Some(Cow::from(&self.name)),
            Token::Extension => Some(Cow::from(&self.extension)),
            Token::Parent => Some(Cow::from(&self.parent)),
            Token::Camera => Some(Cow::from(&self.camera)),
            Token::Copyright => Some(Cow::from(&self.copyright)),
            Token::Date(form) => self.date.and_then(|moment| moment.write(form)).map(Cow::from),
            Token::Sequence(digits) => self.number.map(|number| Cow::from(format!("{number:0digits$}"))),
            Token::Width | Token::Height | Token::RelativePath | Token::Recipe => None,
        }
    }
}

/// Fills in what is known of a file; `None` where the text contains none of it.
pub(crate) fn about(text: &str, subject: &Subject) -> Option<String> {
    let pieces = pieces(text).ok()?;
    let mut filled = String::new();
    let mut is_filled = false;
    for piece in pieces {
        let (known, written) = match piece {
            Piece::Plain(text) => (None, text),
            Piece::Brace("{") => (None, "{{"),
            Piece::Brace(_) => (None, "}}"),
            Piece::Token(token, written) => (subject.value(token), written),
        };
        is_filled |= known.is_some();
        // a file may be called anything
        filled += &known.map_or_else(|| written.to_owned(), |value| value.replace('{', "{{").replace('}', "}}"));
    }
    is_filled.then_some(filled)
}

/// Fills in the size of the picture and writes every brace once.
pub(crate) fn complete(text: &str, width: u32, height: u32) -> String {
    let Ok(pieces) = pieces(text) else { return text.to_owned() };
    let mut whole = String::new();
    for piece in pieces {
        let _ = match piece {
            Piece::Token(Token::Width, _) => write!(whole, "{width}"),
            Piece::Token(Token::Height, _) => write!(whole, "{height}"),
            Piece::Plain(text) | Piece::Brace(text) | Piece::Token(_, text) => whole.write_str(text),
        };
    }
    whole
}

/// A moment in the Gregorian calendar: universal time of a file, or the time that a camera's clock showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moment {
    year: i64,
    month: u32,
    day: u32,
    /// Of the day.
    seconds: u32,
}

impl Moment {
    /// From the form of Exif, `YYYY:MM:DD HH:MM:SS`; `None` where it is another, or blank as the standard allows.
    pub fn from_exif(text: &str) -> Option<Self> {
        let (date, time) = text.trim_end_matches(['\0', ' ']).split_once(' ')?;
        let numbers = |text: &str| -> Option<[u32; 3]> {
            let parts: Option<Vec<u32>> = text.split(':').map(|part| part.trim().parse().ok()).collect();
            parts?.try_into().ok()
        };
        let ([year, month, day], [hour, minute, second]) = (numbers(date)?, numbers(time)?);
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day) && (1..=9999).contains(&year);
        let is_time = hour < 24 && minute < 60 && second <= 60;
        let seconds = (hour * 60 + minute) * 60 + second;
        (is_date && is_time).then(|| Self { year: i64::from(year), month, day, seconds })
    }

    /// The moment in universal time.
    pub fn of(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX / 2),
            Err(before) => -i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX / 2),
        };
        // years that begin in March end with the leap day (the algorithm of Richards 2013, in days)
        let days = seconds.div_euclid(86_400) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month: month as u32,
            day: (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32,
            seconds: seconds.rem_euclid(86_400) as u32,
        }
    }

    /// In a form of `strftime`: `%Y`, `%y`, `%m`, `%d`, `%H`, `%M`, `%S` and `%%`; `None` where it has others.
    pub fn write(&self, form: &str) -> Option<String> {
        let mut written = String::new();
        let mut letters = form.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                written.push(letter);
                continue;
            }
            let number = match letters.next()? {
                'Y' => self.year,
                'y' => self.year.rem_euclid(100),
                'm' => i64::from(self.month),
                'd' => i64::from(self.day),
                'H' => i64::from(self.seconds / 3600),
                'M' => i64::from(self.seconds / 60 % 60),
                'S' => i64::from(self.seconds % 60),
                '%' => {
                    written.push('%');
                    continue;
                }
                _ => return None,
            };
            let _ = write!(written, "{number:02}");
        }
        (!written.is_empty()).then_some(written)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn subject() -> Subject {
        Subject {
            number: Some(42),
            name: "odd {1}".to_owned(),
            extension: "jpg".to_owned(),
            parent: "Été".to_owned(),
            // 2024-02-29 12:34:56, by date(1)
            date: Some(Moment::of(UNIX_EPOCH + Duration::from_secs(1_709_210_096))),
            camera: "Canon EOS R5".to_owned(),
            copyright: String::new(),
        }
    }

    #[test]
    fn texts_are_filled_in_twice() {
        let filled = |text: &str| {
            let text = about(text, &subject()).unwrap_or_else(|| text.to_owned());
            complete(&text, 640, 48)
        };
        assert_eq!(filled("{parent}/{name}.{ext}"), "Été/odd {1}.jpg");
        assert_eq!(filled("{width} × {height}"), "640 × 48");
        assert_eq!(filled("{{name}} {{{name}}}"), "{name} {odd {1}}");
        assert_eq!(filled("{date} {date:%d.%m.%y, %H:%M:%S} 100 %"), "2024-02-29 29.02.24, 12:34:56 100 %");
        assert_eq!(filled("{camera}{copyright}!"), "Canon EOS R5!");
        assert_eq!(filled("{seq} {seq:01} {seq:02} {seq:4} {seq:04}/{seq:09}"), "42 42 42 0042 0042/000000042");
        assert_eq!(filled("plain"), "plain");
    }

    #[test]
    fn what_is_not_known_stays() {
        assert_eq!(about("© {width}", &subject()), None);
        let unknown = Subject { date: None, number: None, ..subject() };
        assert_eq!(about("{ext} {date} {seq:03}", &unknown).as_deref(), Some("jpg {date} {seq:03}"));
        assert_eq!(about("{seq}", &unknown), None);
        assert_eq!(complete("{name} {{", 1, 1), "{name} {");
    }

    #[test]
    fn unknown_tokens_and_single_braces_are_refused() {
        for text in ["{", "}", "{name", "name}", "{}", "{nmae}", "{name:3}", "{date:}", "{date:%Q}", "{date:%", "{{}"] {
            assert!(!are_known(text), "{text}");
        }
        for text in ["{seq:}", "{seq:00}", "{seq:010}", "{seq:04d}", "{seq:0}", "{seq:ä}", "{relpath}", "{recipe}"] {
            assert!(!are_known(text), "{text}");
        }
        for text in ["", "{{}}", "{name}", "{seq}", "{seq:04}", "}}", "{date:%Y}", "{date:at %H}"] {
            assert!(are_known(text), "{text}");
        }
    }

    #[test]
    fn dates_of_cameras() {
        let moment = Moment::from_exif("2024:02:29 12:34:56\0").unwrap();
        assert_eq!(moment, subject().date.unwrap());
        for none in [
            "    :  :     :  :  ",
            "0000:00:00 00:00:00",
            "2024:13:01 00:00:00",
            "2024-02-29",
            "2024:02:29 24:00:00",
            "",
        ] {
            assert_eq!(Moment::from_exif(none), None, "{none}");
        }
    }

    #[test]
    fn dates_of_the_calendar() {
        // seconds by GNU date
        for (seconds, date) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (4_107_542_399, "2100-02-28 23:59:59"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (1_735_689_599, "2024-12-31 23:59:59"),
        ] {
            let moment = Moment::of(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(moment.write("%Y-%m-%d %H:%M:%S").as_deref(), Some(date));
        }
        let before = Moment::of(UNIX_EPOCH - Duration::from_secs(1));
        assert_eq!(before.write("%Y-%m-%d %H").as_deref(), Some("1969-12-31 23"));
    }
}
