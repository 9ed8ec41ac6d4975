//! What the options of writing are, as data: recipes, the command line and the window iterate [`OPTIONS`].

use std::fmt;

use thiserror::Error;

use super::options::{ChromaSubsampling, DepthChoice, EncodeOptions, PngCompression, TiffCompression, Word};
use super::{Codec, Depth, Layout};

/// Describes one option to every front end.
pub struct OptionSpec {
    /// Name in recipes and on the command line.
    pub key: &'static str,
    /// Name that a person reads.
    pub label: &'static str,
    /// What it does, in one sentence without the final stop.
    pub help: &'static str,
    /// Which values it takes.
    pub kind: OptionKind,
    /// Whether a format that is written heeds it.
    applies: fn(&Codec) -> bool,
    get: fn(&EncodeOptions) -> OptionValue,
    /// Only called with a value that the kind accepts.
    set: fn(&mut EncodeOptions, OptionValue),
}

/// Which values an option takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptionKind {
    /// A whole number from the first to the second.
    Integer {
        /// Smallest value.
        min: u32,
        /// Largest value.
        max: u32,
        /// Unit behind the number; empty where there is none.
        unit: &'static str,
        /// Whether 0 stands for "no limit".
        zero_is_off: bool,
    },
    /// One of some words, each with what a person reads.
    Choice(&'static [(&'static str, &'static str)]),
    /// Yes or no.
    Toggle,
    /// A colour without transparency, `#rrggbb`.
    Colour,
}

/// The value of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OptionValue {
    /// For [`OptionKind::Integer`].
    Integer(u32),
    /// For [`OptionKind::Choice`].
    Word(&'static str),
    /// For [`OptionKind::Toggle`].
    Toggle(bool),
    /// For [`OptionKind::Colour`].
    Colour([u8; 3]),
}

/// Why an option cannot be set as asked.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum OptionError {
    /// No option has this key.
    #[error("there is no option '{key}'; there are: {known}")]
    Unknown {
        /// What was asked for.
        key: String,
        /// All keys.
        known: String,
    },
    /// The value is none that the option takes.
    #[error("{key} = {value} is not allowed; {key} must be {allowed}")]
    BadValue {
        /// The option's key.
        key: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        allowed: String,
    },
}

/// Every option, in the order in which a person sees them.
pub static OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        key: "quality",
        label: "Quality",
        help: "100 keeps the most and takes the most room; 80 to 92 suits photographs",
        kind: whole(1, 100),
        applies: |codec| codec.lossy,
        get: |o| OptionValue::Integer(o.quality.into()),
        set: |o, value| {
            if let OptionValue::Integer(n) = value {
                o.quality = n as u8;
            }
        },
    },
    OptionSpec {
        key: "max_kib",
        label: "At most",
        help: "Lowers the quality of each picture until its file is no larger than this; 0 for any size",
        kind: OptionKind::Integer { min: 0, max: 1 << 20, unit: "KiB", zero_is_off: true },
        applies: |codec| codec.lossy,
        get: |o| OptionValue::Integer(o.max_kib),
        set: |o, value| {
            if let OptionValue::Integer(n) = value {
                o.max_kib = n;
            }
        },
    },
    OptionSpec {
        key: "subsampling",
        label: "Colour detail",
        help: "Resolution of colour beside that of brightness; automatic is 4:2:0 up to quality 90 and 4:4:4 above",
        kind: OptionKind::Choice(ChromaSubsampling::WORDS),
        applies: |codec| codec.id == "jpeg",
        get: |o| OptionValue::Word(o.subsampling.word()),
        set: |o, value| set_word(&mut o.subsampling, value),
    },
    OptionSpec {
        key: "progressive",
        label: "Progressive",
        help: "The file comes in scans from coarse to fine, and is usually a little smaller",
        kind: OptionKind::Toggle,
        applies: |codec| codec.id == "jpeg",
        get: |o| OptionValue::Toggle(o.progressive),
        set: |o, value| set_toggle(&mut o.progressive, value),
    },
    OptionSpec {
        key: "smallest",
        label: "Smallest file",
        help: "Spends more time on a smaller file of the same pixels: optimised Huffman tables, and scans where they help",
        kind: OptionKind::Toggle,
        applies: |codec| codec.id == "jpeg",
        get: |o| OptionValue::Toggle(o.smallest),
        set: |o, value| set_toggle(&mut o.smallest, value),
    },
    OptionSpec {
        key: "lossless",
        label: "Lossless",
        help: "Keeps every sample of 8 bits; quality and the largest size then count for nothing",
        kind: OptionKind::Toggle,
        applies: |codec| codec.id == "webp",
        get: |o| OptionValue::Toggle(o.lossless),
        set: |o, value| set_toggle(&mut o.lossless, value),
    },
    OptionSpec {
        key: "method",
        label: "Effort",
        help: "0 is quick, 6 takes the most time for the smallest file",
        kind: whole(0, 6),
        applies: |codec| codec.id == "webp",
        get: |o| OptionValue::Integer(o.method.into()),
        set: |o, value| {
            if let OptionValue::Integer(n) = value {
                o.method = n as u8;
            }
        },
    },
    OptionSpec {
        key: "depth",
        label: "Depth",
        help: "Bits of each sample; the same as the source means the nearest that the format holds. AVIF keeps 10 of 16",
        kind: OptionKind::Choice(DepthChoice::WORDS),
        applies: |codec| codec.written_depths().count() > 1,
        get: |o| OptionValue::Word(o.depth.word()),
        set: |o, value| set_word(&mut o.depth, value),
    },
    OptionSpec {
        key: "png_compression",
        label: "Compression",
        help: "Time for a smaller file; every choice keeps every sample",
        kind: OptionKind::Choice(PngCompression::WORDS),
        applies: |codec| codec.id == "png",
        get: |o| OptionValue::Word(o.png_compression.word()),
        set: |o, value| set_word(&mut o.png_compression, value),
    },
    OptionSpec {
        key: "palette",
        label: "Palette",
        help: "Reduces the picture to a few colours, which makes drawings and screenshots much smaller",
        kind: OptionKind::Toggle,
        applies: |codec| codec.id == "png",
        get: |o| OptionValue::Toggle(o.palette),
        set: |o, value| set_toggle(&mut o.palette, value),
    },
    OptionSpec {
        key: "colours",
        label: "Colours",
        help: "Most colours of a palette, transparency counted as one",
        kind: whole(2, 256),
        applies: has_palette,
        get: |o| OptionValue::Integer(o.colours.into()),
        set: |o, value| {
            if let OptionValue::Integer(n) = value {
                o.colours = n as u16;
            }
        },
    },
    OptionSpec {
        key: "dither",
        label: "Dither",
        help: "Mixes colours that the palette lacks from their neighbours (error diffusion)",
        kind: OptionKind::Toggle,
        applies: has_palette,
        get: |o| OptionValue::Toggle(o.dither),
        set: |o, value| set_toggle(&mut o.dither, value),
    },
    OptionSpec {
        key: "tiff_compression",
        label: "Compression",
        help: "How the file is compressed; every choice keeps every sample",
        kind: OptionKind::Choice(TiffCompression::WORDS),
        applies: |codec| codec.id == "tiff",
        get: |o| OptionValue::Word(o.tiff_compression.word()),
        set: |o, value| set_word(&mut o.tiff_compression, value),
    },
    OptionSpec {
        key: "background",
        label: "Background",
        help: "Colour under transparent pixels, since the format holds no transparency",
        kind: OptionKind::Colour,
        applies: |codec| codec.write.as_ref().is_some_and(|w| !(w.fit)(Layout::Rgba, Depth::U8).0.has_alpha()),
        get: |o| OptionValue::Colour(o.background),
        set: |o, value| {
            if let OptionValue::Colour(colour) = value {
                o.background = colour;
            }
        },
    },
];

const fn whole(min: u32, max: u32) -> OptionKind {
    OptionKind::Integer { min, max, unit: "", zero_is_off: false }
}

fn has_palette(codec: &Codec) -> bool {
    ["png", "gif"].contains(&codec.id)
}

fn set_word<W: Word>(place: &mut W, value: OptionValue) {
    if let OptionValue::Word(word) = value
        && let Some(known) = W::from_word(word)
    {
        *place = known;
    }
}

fn set_toggle(place: &mut bool, value: OptionValue) {
    if let OptionValue::Toggle(on) = value {
        *place = on;
    }
}

impl fmt::Debug for OptionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OptionSpec({})", self.key)
    }
}

impl OptionSpec {
    /// Whether writing this format heeds it.
    pub fn applies_to(&self, codec: &Codec) -> bool {
        codec.writes() && (self.applies)(codec)
    }

    /// Its value.
    pub fn get(&self, options: &EncodeOptions) -> OptionValue {
        (self.get)(options)
    }

    /// The allowed values in words.
    pub fn allowed(&self) -> String {
        match self.kind {
            OptionKind::Integer { min, max, .. } => format!("a whole number from {min} to {max}"),
            OptionKind::Choice(words) => {
                format!("one of {}", words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", "))
            }
            OptionKind::Toggle => "true or false".to_owned(),
            OptionKind::Colour => "a colour such as #ffffff".to_owned(),
        }
    }

    /// Reads a value as it is written in recipes and on the command line; `None` if it is not allowed.
    pub fn parse(&self, text: &str) -> Option<OptionValue> {
        let text = text.trim();
        let value = match self.kind {
            OptionKind::Integer { .. } => OptionValue::Integer(text.parse().ok()?),
            OptionKind::Choice(words) => OptionValue::Word(words.iter().find(|(word, _)| *word == text)?.0),
            OptionKind::Toggle => match text {
                "true" | "yes" | "on" | "1" => OptionValue::Toggle(true),
                "false" | "no" | "off" | "0" => OptionValue::Toggle(false),
                _ => return None,
            },
            OptionKind::Colour => OptionValue::Colour(colour(text)?),
        };
        self.accepts(value).then_some(value)
    }

    fn accepts(&self, value: OptionValue) -> bool {
        match (self.kind, value) {
            (OptionKind::Integer { min, max, .. }, OptionValue::Integer(n)) => (min..=max).contains(&n),
            (OptionKind::Choice(words), OptionValue::Word(word)) => words.iter().any(|(known, _)| *known == word),
            (OptionKind::Toggle, OptionValue::Toggle(_)) | (OptionKind::Colour, OptionValue::Colour(_)) => true,
            _ => false,
        }
    }
}

/// `#rrggbb` or `rrggbb`.
fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6 && !digits.starts_with('+'))?;
    let [_, r, g, b] = number.to_be_bytes();
    Some([r, g, b])
}

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(n) => write!(f, "{n}"),
            Self::Word(word) => f.write_str(word),
            Self::Toggle(on) => write!(f, "{on}"),
            Self::Colour([r, g, b]) => write!(f, "#{r:02x}{g:02x}{b:02x}"),
        }
    }
}

impl EncodeOptions {
    /// Sets the option `key` to a value as it is written in recipes and on the command line.
    ///
    /// # Errors
    /// If there is no such option, or the value is not allowed.
    pub fn set_text(&mut self, key: &str, text: &str) -> Result<(), OptionError> {
        let spec = OPTIONS.iter().find(|spec| spec.key == key).ok_or_else(|| OptionError::Unknown {
            key: key.to_owned(),
            known: OPTIONS.iter().map(|spec| spec.key).collect::<Vec<_>>().join(", "),
        })?;
        let value = spec.parse(text).ok_or_else(|| OptionError::BadValue {
            key: spec.key,
            value: text.to_owned(),
            allowed: spec.allowed(),
        })?;
        (spec.set)(self, value);
        Ok(())
    }

    /// Sets an option; a value that it does not take changes nothing.
    pub fn set(&mut self, spec: &OptionSpec, value: OptionValue) {
        if spec.accepts(value) {
            (spec.set)(self, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CODECS;

    /// Every value of small ranges, both ends of large ones.
    fn samples(kind: OptionKind) -> Vec<OptionValue> {
        match kind {
            OptionKind::Integer { min, max, .. } => vec![OptionValue::Integer(min), OptionValue::Integer(max)],
            OptionKind::Choice(words) => words.iter().map(|(word, _)| OptionValue::Word(word)).collect(),
            OptionKind::Toggle => vec![OptionValue::Toggle(true), OptionValue::Toggle(false)],
            OptionKind::Colour => vec![OptionValue::Colour([1, 2, 253])],
        }
    }

    #[test]
    fn every_value_of_every_option_is_read_as_it_is_written() {
        for spec in OPTIONS {
            for value in samples(spec.kind) {
                let mut options = EncodeOptions::default();
                options.set_text(spec.key, &value.to_string()).unwrap();
                assert_eq!(spec.get(&options), value, "{}", spec.key);
                for other in OPTIONS.iter().filter(|o| o.key != spec.key) {
                    assert_eq!(
                        other.get(&options),
                        other.get(&EncodeOptions::default()),
                        "{} moves {}",
                        spec.key,
                        other.key
                    );
                }
            }
        }
    }

    #[test]
    fn keys_are_distinct_and_every_option_has_a_format() {
        for (i, spec) in OPTIONS.iter().enumerate() {
            assert!(OPTIONS[..i].iter().all(|o| o.key != spec.key), "{} is there twice", spec.key);
            assert!(CODECS.iter().any(|c| spec.applies_to(c)), "no format heeds {}", spec.key);
            assert!(!spec.help.ends_with('.'), "{}", spec.key);
        }
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        let mut options = EncodeOptions::default();
        let mut error = |key: &str, text: &str| options.set_text(key, text).unwrap_err().to_string();
        assert!(error("qualty", "1").contains("max_kib"));
        assert!(error("quality", "0").contains("1 to 100"));
        assert!(error("quality", "high").contains("1 to 100"));
        assert!(error("quality", "-3").contains("1 to 100"));
        assert!(error("subsampling", "411").contains("auto, 444, 422, 420"));
        assert!(error("progressive", "maybe").contains("true or false"));
        assert!(error("background", "#+fffff").contains("#ffffff"));
        assert!(error("background", "white").contains("#ffffff"));
        assert_eq!(options, EncodeOptions::default());
    }
}
