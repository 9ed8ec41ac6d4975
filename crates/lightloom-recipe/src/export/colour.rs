//! In which colour space results are saved, and how colours are converted into it.

use std::fmt::Write as _;
use std::sync::Arc;

use toml::Value as Toml;

use super::KeyError;
use lightloom_param::shown_text;
use lightloom_picture::colour::{Dither, Intent, Profile, Space};

/// The colour space of results.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum ColourTarget {
    /// That of each source: its profile is kept and embedded.
    #[default]
    Keep,
    /// One that has a name.
    Space(Space),
    /// That of a profile in a file.
    File(ProfileFile),
}

impl ColourTarget {
    /// Name in recipes and on the command line.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Space(space) => space.id(),
            Self::File(_) => "file",
        }
    }
}

/// A profile's file, with its profile once it has been read. Files are equal if their paths are.
#[derive(Debug, Clone, Default)]
pub struct ProfileFile {
    /// Where it lies.
    pub path: String,
    loaded: Option<Result<Arc<Profile>, String>>,
}

impl PartialEq for ProfileFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl ProfileFile {
    /// A file that has not been read yet.
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), loaded: None }
    }
}

/// How results get their colours.
#[derive(Debug, Clone, PartialEq)]
pub struct ColourChoice {
    /// The space of results. Default: that of each source.
    pub target: ColourTarget,
    /// What happens to colours that it cannot show. Default: relative.
    pub intent: Intent,
    /// Whether black becomes black. Only table-based profiles have a black that is not 0. Default: yes.
    pub black_point: bool,
    /// How samples lose bits where the format holds fewer. Default: by rounding.
    pub dither: Dither,
}

impl Default for ColourChoice {
    fn default() -> Self {
        Self { target: ColourTarget::Keep, intent: Intent::Relative, black_point: true, dither: Dither::Round }
    }
}

impl ColourChoice {
    /// Reads the profile's file, if the target is one.
    pub fn load(&mut self, read: impl FnOnce(&str) -> Result<Vec<u8>, String>) {
        if let ColourTarget::File(file) = &mut self.target {
            let parsed = read(&file.path).and_then(|bytes| Profile::parse(&bytes).map_err(|e| e.to_string()));
            let usable = parsed.and_then(|profile| {
                if profile.is_cmyk() {
                    return Err("it is for CMYK, which no result can be; choose an RGB or grey profile".to_owned());
                }
                Ok(Arc::new(profile))
            });
            file.loaded = Some(usable);
        }
    }

    /// Takes a relative path of the profile as relative to `folder`.
    pub fn anchor(&mut self, folder: &std::path::Path) {
        if let ColourTarget::File(file) = &mut self.target
            && std::path::Path::new(&file.path).is_relative()
        {
            *file = ProfileFile::new(&folder.join(&file.path).to_string_lossy());
        }
    }

    /// What happens to the colours of a picture with this profile, in words.
    pub fn explain(&self, icc: Option<&[u8]>) -> String {
        let own = match icc.map(Profile::parse) {
            None => "sRGB, since it has no profile".to_owned(),
            Some(Ok(profile)) => profile.title(),
            Some(Err(_)) => "sRGB, since its profile is damaged".to_owned(),
        };
        if self.target == ColourTarget::Keep {
            return format!("kept ({own})");
        }
        let black =
            if self.black_point && self.intent != Intent::Absolute { ", with black-point compensation" } else { "" };
        format!("{own} → {} ({}{black})", self.title(), self.intent.id())
    }

    /// The target's profile; none if that of the source is kept.
    ///
    /// # Errors
    /// If its file could not be read or is no usable profile.
    pub fn profile(&self) -> Result<Option<Arc<Profile>>, String> {
        match &self.target {
            ColourTarget::Keep => Ok(None),
            ColourTarget::Space(space) => Ok(Some(Arc::new(Profile::named(*space)))),
            ColourTarget::File(file) => match &file.loaded {
                Some(Ok(profile)) => Ok(Some(Arc::clone(profile))),
                Some(Err(reason)) => Err(format!("the colour profile {}: {reason}", shown_text(&file.path))),
                None => Err(format!("the colour profile {} has not been read", shown_text(&file.path))),
            },
        }
    }

    /// The space of results in words.
    pub fn title(&self) -> String {
        match &self.target {
            ColourTarget::Keep => "as in the source".to_owned(),
            ColourTarget::Space(space) => space.title().to_owned(),
            ColourTarget::File(file) => match &file.loaded {
                Some(Ok(profile)) => profile.title(),
                _ => shown_text(&file.path).into_owned(),
            },
        }
    }

    /// The table of a recipe; empty if nothing differs from the default.
    pub fn to_toml(&self, header: &str) -> String {
        let usual = Self::default();
        if *self == usual {
            return String::new();
        }
        let mut out = format!("\n[{header}]\nspace = \"{}\"\n", self.target.id());
        if let ColourTarget::File(file) = &self.target {
            let _ = writeln!(out, "profile = {}", Toml::String(file.path.clone()));
        }
        if self.intent != usual.intent {
            let _ = writeln!(out, "intent = \"{}\"", self.intent.id());
        }
        if self.black_point != usual.black_point {
            let _ = writeln!(out, "black_point = {}", self.black_point);
        }
        if self.dither != usual.dither {
            let _ = writeln!(out, "dither = \"{}\"", self.dither.id());
        }
        out
    }

    /// Reads what [`Self::to_toml`] writes.
    ///
    /// # Errors
    /// On anything that is not exactly that.
    pub fn from_toml(value: &Toml) -> Result<Self, KeyError> {
        let table = value.as_table().ok_or_else(|| KeyError::new("colour", "must be a table: [export.colour]"))?;
        let mut choice = Self::default();
        let path = match table.get("profile") {
            Some(path) => {
                Some(path.as_str().ok_or_else(|| KeyError::new("colour: profile", "must be the path of a file"))?)
            }
            None => None,
        };
        for (key, value) in table {
            let word = value.as_str().unwrap_or_default();
            match key.as_str() {
                "space" => choice.target = target(word, path).map_err(|e| KeyError::new("colour: space", e))?,
                "profile" => {}
                "intent" => choice.intent = intent(word).map_err(|e| KeyError::new("colour: intent", e))?,
                "dither" => choice.dither = dither(word).map_err(|e| KeyError::new("colour: dither", e))?,
                "black_point" => {
                    choice.black_point =
                        value.as_bool().ok_or_else(|| KeyError::new("colour: black_point", "must be true or false"))?;
                }
                other => {
                    let known = "unknown; colour has space, profile, intent, black_point and dither";
                    return Err(KeyError::new(&format!("colour: {other}"), known));
                }
            }
        }
        if path.is_some() && !matches!(choice.target, ColourTarget::File(_)) {
            return Err(KeyError::new("colour: profile", "is used with space = \"file\" only"));
        }
        Ok(choice)
    }
}

/// Reads the name of a space; a file needs its path.
///
/// # Errors
/// With the names that there are.
pub fn target(word: &str, path: Option<&str>) -> Result<ColourTarget, String> {
    match (word, path) {
        ("keep", _) => Ok(ColourTarget::Keep),
        ("file", Some(path)) => Ok(ColourTarget::File(ProfileFile::new(path))),
        ("file", None) => Err("\"file\" needs the path of a profile".to_owned()),
        _ => Space::ALL.into_iter().find(|space| space.id() == word).map(ColourTarget::Space).ok_or_else(|| {
            let known: Vec<&str> = Space::ALL.iter().map(|s| s.id()).collect();
            format!("'{word}' is not one of keep, {}, file", known.join(", "))
        }),
    }
}

/// Reads the name of an intent.
///
/// # Errors
/// With the names that there are.
pub fn intent(word: &str) -> Result<Intent, String> {
    named(word, &Intent::ALL, Intent::id)
}

/// Reads the name of a dithering.
///
/// # Errors
/// With the names that there are.
pub fn dither(word: &str) -> Result<Dither, String> {
    named(word, &Dither::ALL, Dither::id)
}

pub(super) fn named<T: Copy>(word: &str, all: &[T], id: fn(T) -> &'static str) -> Result<T, String> {
    let found = all.iter().copied().find(|one| id(*one) == word);
    found.ok_or_else(|| {
        format!("'{word}' is not one of {}", all.iter().map(|one| id(*one)).collect::<Vec<_>>().join(", "))
    })
}

impl std::str::FromStr for ColourWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        // Anything that looks like a file is one.
        let is_path = word.contains(['/', '\\', '.']);
        if is_path { Ok(Self(ColourTarget::File(ProfileFile::new(word)))) } else { target(word, None).map(Self) }
    }
}

/// A target as it is named on the command line: a space, or the path of a profile.
#[derive(Debug, Clone, PartialEq)]
pub struct ColourWord(pub ColourTarget);

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<ColourChoice, KeyError> {
        ColourChoice::from_toml(&Toml::Table(text.parse().unwrap()))
    }

    #[test]
    fn every_choice_survives_the_round_trip() {
        assert_eq!(ColourChoice::default().to_toml("c"), "");
        for target in [
            ColourTarget::Keep,
            ColourTarget::Space(Space::DisplayP3),
            ColourTarget::File(ProfileFile::new("a \"b\".icc")),
        ] {
            for intent in Intent::ALL {
                for dither in Dither::ALL {
                    let choice = ColourChoice { target: target.clone(), intent, dither, black_point: false };
                    let text = choice.to_toml("c").replace("[c]", "");
                    assert_eq!(parsed(&text), Ok(choice));
                }
            }
        }
    }

    #[test]
    fn mistakes_are_named() {
        let problem = |text: &str| parsed(text).map_err(|e| format!("{}: {}", e.key, e.problem)).unwrap_err();
        assert!(problem("space = 'p3'").contains("display-p3"));
        assert!(problem("space = 'file'").contains("path"));
        assert!(problem("profile = 'x.icc'").contains("file"));
        assert!(problem("intent = 3").contains("perceptual"));
        assert!(problem("dither = 'yes'").contains("blue-noise"));
        assert!(problem("blackpoint = true").contains("black_point"));
        let mut choice = parsed("space = 'file'\nprofile = 'no.icc'").unwrap();
        assert!(choice.profile().unwrap_err().contains("not been read"));
        choice.load(|_| Ok(b"nothing".to_vec()));
        assert!(choice.profile().unwrap_err().contains("no.icc"));
    }
}
