//! How results are called: a text with tokens, such as `{date:%Y}/{camera}/{name}-{seq:4}`.
//!
//! What the person typed is checked at once. What comes from files (names, metadata) is made legal instead, so that no
//! value leads into another folder, and what was changed is said.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::legal;
use lightloom_filter::Subject;
use lightloom_filter::tokens::{Piece, Token, TokenError, pieces};

/// Most characters of a template.
const LONGEST: usize = 500;

/// What stands for a value that is not known or empty.
const UNKNOWN: &str = "unknown";

/// Room in a name for most extensions. Where more is needed, as for a number, the name is shortened when it is written.
const ROOM: usize = 5;

/// How results are called, without extension: text, tokens in braces, and `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    text: String,
}

impl Default for Template {
    /// The name of the source.
    fn default() -> Self {
        Self { text: "{name}".to_owned() }
    }
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// Nothing was typed.
    #[error("the name of results is empty; {{name}} is the name of the source")]
    Empty,
    /// Too long.
    #[error("the name of results is longer than {LONGEST} characters")]
    TooLong,
    /// A token or brace is wrong.
    #[error("{0}; the tokens are {tokens}", tokens = tokens())]
    Token(#[from] TokenError),
    /// A character that no name can have everywhere.
    #[error("the name of results contains {0:?}, which Windows and disks that it uses do not allow")]
    Forbidden(char),
    /// It would lead out of the output folder, or nowhere.
    #[error("{0:?} is no folder below the output folder; write folders as in {{date:%Y}}/{{name}}")]
    Folder(String),
}

/// A token with what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHelp {
    /// As it is written, braces included.
    pub token: &'static str,
    /// What it stands for, in a few words.
    pub help: &'static str,
}

/// Every token of a template, for menus and help.
pub const TOKENS: &[TokenHelp] = &[
    TokenHelp { token: "{name}", help: "name of the source without extension" },
    TokenHelp { token: "{ext}", help: "extension of the source" },
    TokenHelp { token: "{parent}", help: "name of the folder that contains the source" },
    TokenHelp { token: "{relpath}", help: "folders between the one that was added and the source" },
    TokenHelp { token: "{seq:4}", help: "number in the batch, here with at least four digits" },
    TokenHelp { token: "{date:%Y-%m-%d}", help: "when the picture was taken, or else its file last modified" },
    TokenHelp { token: "{camera}", help: "the camera that took it" },
    TokenHelp { token: "{copyright}", help: "the copyright notice of the picture" },
    TokenHelp { token: "{width}", help: "width of the result in pixels" },
    TokenHelp { token: "{height}", help: "height of the result in pixels" },
    TokenHelp { token: "{recipe}", help: "name of the preset or recipe file" },
];

fn tokens() -> String {
    TOKENS.iter().map(|token| token.token).collect::<Vec<_>>().join(", ")
}

/// What the tokens of one name stand for.
pub(super) struct Values<'a> {
    pub subject: &'a Subject,
    /// The source's own name without extension, which need not be Unicode.
    pub stem: &'a OsStr,
    /// The folders between the one that was added and the source.
    pub below: &'a Path,
    /// The recipe's name.
    pub recipe: &'a str,
    /// Width and height of the result.
    pub size: Option<(u32, u32)>,
    /// Bytes that follow the name: the suffix of the output.
    pub reserve: usize,
}

/// A place below the folder for results.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// Folders, if any.
    pub folder: PathBuf,
    /// Name without suffix and extension.
    pub stem: OsString,
    /// What it would have been called, if that was changed to be legal.
    pub wanted: Option<String>,
}

impl Template {
    /// Checks a text that a person typed. A final `.{ext}` is dropped, since the extension of the result always follows.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let text = text.strip_suffix(".{ext}").unwrap_or(text);
        if text.trim().is_empty() {
            return Err(TemplateError::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(TemplateError::TooLong);
        }
        for piece in pieces(text)? {
            let typed = match piece {
                Piece::Plain(text) | Piece::Token(Token::Date(text), _) => text,
                _ => continue,
            };
            if let Some(c) = typed.chars().find(|c| *c != '/' && legal::is_forbidden(*c)) {
                return Err(TemplateError::Forbidden(c));
            }
        }
        // Slashes within a date are folders too.
        for folder in text.split('/') {
            if matches!(folder.trim(), "" | "." | "..") {
                return Err(TemplateError::Folder(folder.to_owned()));
            }
        }
        Ok(Self { text: text.to_owned() })
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn has(&self, wanted: impl Fn(&Token<'_>) -> bool) -> bool {
        let is = |piece: &Piece<'_>| matches!(piece, Piece::Token(token, _) if wanted(token));
        pieces(&self.text).is_ok_and(|pieces| pieces.iter().any(is))
    }

    /// Whether the header of each source has to be read before its results have names.
    pub fn needs_header(&self) -> bool {
        self.needs_size() || self.has(|token| matches!(token, Token::Date(_) | Token::Camera | Token::Copyright))
    }

    /// Whether the size of each result has to be known before it has a name.
    pub fn needs_size(&self) -> bool {
        self.has(|token| matches!(token, Token::Width | Token::Height))
    }

    /// Fills in the tokens.
    pub(super) fn fill(&self, values: &Values<'_>) -> Place {
        let reserve = values.reserve + ROOM;
        if self.text == "{name}" && values.stem.to_str().is_none() {
            // No system that has such a name can tell what it should be instead.
            return Place { stem: values.stem.to_owned(), ..Place::default() };
        }
        // As the values say it: a folder per element, the name last.
        let mut wanted = vec![String::new()];
        for piece in pieces(&self.text).unwrap_or_default() {
            let (text, makes_folders) = match piece {
                Piece::Plain(text) => (text.to_owned(), true),
                Piece::Brace(text) => (text.to_owned(), false),
                Piece::Token(token @ (Token::Date(_) | Token::RelativePath), _) => (values.text(token), true),
                // A slash in a value is part of a name.
                Piece::Token(token, _) => (values.text(token), false),
            };
            let mut parts = text.split(|c| makes_folders && c == '/');
            let first = parts.next().unwrap_or_default();
            wanted.last_mut().into_iter().for_each(|last| last.push_str(first));
            wanted.extend(parts.map(str::to_owned));
        }
        let name = wanted.pop().unwrap_or_default();
        wanted.retain(|folder| !folder.is_empty());
        let stem = legal::component(&name, reserve);
        let folders: Vec<String> = wanted.iter().map(|folder| legal::component(folder, 0)).collect();
        let is_changed = stem != name || folders != wanted;
        wanted.push(name);
        Place { folder: folders.iter().collect(), stem: stem.into(), wanted: is_changed.then(|| wanted.join("/")) }
    }
}

impl Values<'_> {
    fn text(&self, token: Token<'_>) -> String {
        let text = match token {
            Token::RelativePath => return self.below.to_string_lossy().replace('\\', "/"),
            Token::Recipe => self.recipe.to_owned(),
            Token::Width => self.size.map(|(width, _)| width.to_string()).unwrap_or_default(),
            Token::Height => self.size.map(|(_, height)| height.to_string()).unwrap_or_default(),
            token => self.subject.value(token).unwrap_or_default().into_owned(),
        };
        if text.trim().is_empty() { UNKNOWN.to_owned() } else { text }
    }
}

impl TryFrom<String> for Template {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        Self::parse(&text)
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_filter::tokens::Moment;

    fn subject() -> Subject {
        Subject {
            number: Some(7),
            name: "a.b".into(),
            extension: "JPG".into(),
            parent: "day 1".into(),
            date: Moment::from_exif("2024:02:29 12:34:56"),
            camera: "Canon EOS R5".into(),
            ..Subject::default()
        }
    }

    fn filled(text: &str, subject: &Subject) -> Place {
        let values = Values {
            subject,
            stem: OsStr::new(&subject.name),
            below: Path::new("trip/day 1"),
            recipe: "Web",
            size: Some((640, 480)),
            reserve: 4,
        };
        Template::parse(text).unwrap().fill(&values)
    }

    fn path(text: &str) -> String {
        let place = filled(text, &subject());
        place.folder.join(place.stem).to_string_lossy().into_owned()
    }

    #[test]
    fn tokens_make_names_and_folders() {
        for (text, expected) in [
            ("{name}", "a.b"),
            ("{name}.{ext}", "a.b"),
            ("{name}_{ext}", "a.b_JPG"),
            ("{date:%Y}/{camera}/{name}-{seq:4}", "2024/Canon EOS R5/a.b-0007"),
            ("{date:%Y/%m}/{relpath}/{name}", "2024/02/trip/day 1/a.b"),
            ("{{{name}}} {width}x{height} {recipe}", "{a.b} 640x480 Web"),
            ("{parent}-{copyright}", "day 1-unknown"),
        ] {
            assert_eq!(path(text), expected, "{text}");
            assert_eq!(filled(text, &subject()).wanted, None, "{text}");
        }
        let values = Values {
            subject: &subject(),
            stem: OsStr::new("a"),
            below: Path::new(""),
            recipe: "",
            size: None,
            reserve: 0,
        };
        let place = Template::parse("{relpath}/{name}").unwrap().fill(&values);
        assert_eq!((place.folder, place.wanted), (PathBuf::new(), None), "no folder between");
    }

    #[test]
    fn no_value_leads_elsewhere() {
        for hostile in ["../../etc/passwd", "/etc/passwd", "..", "a/b", "C:\\x", "nul", "a\nb", "x."] {
            let subject = Subject { camera: hostile.into(), name: hostile.into(), ..subject() };
            for text in ["{camera}/{name}", "{name}", "{camera}{name}/x{camera}"] {
                let place = filled(text, &subject);
                let depth = text.matches('/').count();
                let normal = |part| matches!(part, std::path::Component::Normal(_));
                assert!(place.folder.components().all(normal), "{place:?}");
                assert_eq!(place.folder.components().count(), depth, "{place:?}");
                assert!(normal(Path::new(&place.stem).components().next().unwrap()), "{place:?}");
                // "nul" is legal as a part of a name
                assert!(place.wanted.is_some() || hostile == "nul", "it is said: {place:?}");
            }
        }
    }

    #[test]
    fn what_a_person_types_is_checked_at_once() {
        let error = |text: &str| Template::parse(text).unwrap_err();
        assert_eq!(error(" "), TemplateError::Empty);
        assert_eq!(error(".{ext}"), TemplateError::Empty);
        assert_eq!(error("{nmae}"), TemplateError::Token(TokenError::Unknown("nmae".into())));
        assert!(error("{nmae}").to_string().contains("{name}, {ext}"));
        assert_eq!(error("{name"), TemplateError::Token(TokenError::LoneBrace));
        assert_eq!(error("{date:%H:%M}-{name}"), TemplateError::Forbidden(':'));
        assert_eq!(error("a\\{name}"), TemplateError::Forbidden('\\'));
        for text in ["/{name}", "{name}/", "a//b", "../{name}", "./{name}", "a/../b"] {
            assert!(matches!(error(text), TemplateError::Folder(_)), "{text}");
        }
        assert_eq!(error(&"a".repeat(501)), TemplateError::TooLong);
    }

    #[test]
    fn what_has_to_be_read_first_is_known() {
        let needs = |text: &str| {
            let template = Template::parse(text).unwrap();
            (template.needs_header(), template.needs_size())
        };
        assert_eq!(needs("{name}-{seq}-{parent}-{relpath}"), (false, false));
        assert_eq!(needs("{date}"), (true, false));
        assert_eq!(needs("{camera}"), (true, false));
        assert_eq!(needs("{width}"), (true, true));
    }

    #[test]
    fn templates_survive_being_saved() {
        let template = Template::parse("{date:%Y}/{name}").unwrap();
        let json = serde_json::to_string(&template).unwrap();
        assert_eq!(serde_json::from_str::<Template>(&json).unwrap(), template);
        assert!(serde_json::from_str::<Template>("\"../{name}\"").is_err());
    }
}
