//! How pictures are written: options as data. Each format declares its own in its own file, as a struct of typed fields;
//! what several formats share is declared here once, so that the same key always means the same.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use lightloom_param::{Colour, Field, ParamSpec, Parameters, Value, choice, colour, integer, parameters, toggle};
use lightloom_picture::Depth;
use thiserror::Error;

use crate::CODECS;

choice! {
    /// Bits of a written sample. What a format does not hold becomes the nearest that it does.
    pub(crate) enum DepthChoice {
        Same = "same" "Same as the source",
        U8 = "8" "8 bits",
        U16 = "16" "16 bits",
        F32 = "32f" "32-bit float",
    }
}

pub(crate) const QUALITY: Field<u8> =
    integer("Quality", "100 keeps the most and takes the most room; 80 to 92 suits photographs", "", (1, 100), 90);

pub(crate) const MAX_KIB: Field<u32> = integer(
    "At most",
    "Lowers the quality of each picture until its file is no larger than this; 0 for any size",
    "KiB",
    (0, 1 << 20),
    0,
)
.zero_is("any size");

pub(crate) const DEPTH: Field<DepthChoice> = choice(
    "Depth",
    "Bits of each sample; the same as the source means the nearest that the format holds. AVIF keeps 10 of 16",
);

pub(crate) const COLOURS: Field<u16> =
    integer("Colours", "Most colours of a palette, transparency counted as one", "", (2, 256), 256);

pub(crate) const DITHER: Field<bool> =
    toggle("Dither", "Mixes colours that the palette lacks from their neighbours (error diffusion)", true);

pub(crate) const BACKGROUND: Field<Colour> =
    colour("Background", "Colour under transparent pixels, since the format holds no transparency", Colour::WHITE)
        .opaque();

const QUALITY_SPEC: ParamSpec = QUALITY.with_key("quality");

parameters! {
    /// What every format is written by before its own encoder is called.
    pub(crate) struct CommonOptions {
        pub(crate) quality: u8 = QUALITY,
        pub(crate) max_kib: u32 = MAX_KIB,
        pub(crate) depth: DepthChoice = DEPTH,
        pub(crate) background: Colour = BACKGROUND,
    }
}

impl CommonOptions {
    /// The depth to write a picture of this depth in, as far as the format holds it.
    pub(crate) const fn depth_for(&self, source: Depth) -> Depth {
        match self.depth {
            DepthChoice::Same => source,
            DepthChoice::U8 => Depth::U8,
            DepthChoice::U16 => Depth::U16,
            DepthChoice::F32 => Depth::F32,
        }
    }

    /// The background as a person reads it.
    pub(crate) fn background_name(&self) -> String {
        match self.background {
            Colour::WHITE => "white".to_owned(),
            Colour::BLACK => "black".to_owned(),
            colour => colour.to_string(),
        }
    }
}

/// The order in which a person sees options, whichever formats they are of. One that is not listed comes last.
const ORDER: &[&str] = &[
    "quality",
    "max_kib",
    "subsampling",
    "progressive",
    "smallest",
    "lossless",
    "method",
    "depth",
    "png_compression",
    "palette",
    "colours",
    "dither",
    "tiff_compression",
    "background",
];

/// The options of all formats, each once, in the order in which a person sees them.
pub static OPTIONS: LazyLock<Vec<&'static ParamSpec>> = LazyLock::new(|| {
    let mut all: Vec<&ParamSpec> = Vec::new();
    for option in CODECS.iter().flat_map(|codec| codec.options()) {
        if all.iter().all(|known| known.key != option.key) {
            all.push(option);
        }
    }
    all.sort_by_key(|option| ORDER.iter().position(|key| *key == option.key).unwrap_or(ORDER.len()));
    all
});

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

/// Values of options by key, whatever the format: one that a format does not have is kept for others and does nothing.
/// An encoder reads them as its own struct.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EncodeOptions {
    /// Those that differ from the default.
    chosen: BTreeMap<&'static str, Value>,
}

impl EncodeOptions {
    /// The default values with this quality, 1–100.
    pub fn with_quality(quality: u8) -> Self {
        Self::default().quality_of(quality)
    }

    /// Quality of lossy formats, 1–100.
    pub fn quality(&self) -> u8 {
        self.read::<CommonOptions>().quality
    }

    /// Sets the quality of lossy formats; one outside 1–100 changes nothing.
    pub fn set_quality(&mut self, quality: u8) {
        self.set(&QUALITY_SPEC, Value::Integer(quality.into()));
    }

    /// The same options with this quality.
    pub(crate) fn quality_of(mut self, quality: u8) -> Self {
        self.set_quality(quality);
        self
    }

    /// The value of an option.
    pub fn get(&self, option: &ParamSpec) -> Value {
        self.chosen.get(option.key).cloned().unwrap_or_else(|| option.kind.default())
    }

    /// Sets an option; a value that it does not take changes nothing.
    pub fn set(&mut self, option: &ParamSpec, value: Value) {
        if value == option.kind.default() {
            self.chosen.remove(option.key);
        } else if option.kind.accepts(&value) {
            self.chosen.insert(option.key, value);
        }
    }

    /// Sets the option `key` to a value as it is written in recipes and on the command line.
    ///
    /// # Errors
    /// If there is no such option, or the value is not allowed.
    pub fn set_text(&mut self, key: &str, text: &str) -> Result<(), OptionError> {
        let option = OPTIONS.iter().find(|option| option.key == key).ok_or_else(|| OptionError::Unknown {
            key: key.to_owned(),
            known: OPTIONS.iter().map(|option| option.key).collect::<Vec<_>>().join(", "),
        })?;
        let value = option.kind.parse(text).filter(|value| option.kind.accepts(value));
        let value = value.ok_or_else(|| OptionError::BadValue {
            key: option.key,
            value: text.to_owned(),
            allowed: option.kind.allowed(),
        })?;
        self.set(option, value);
        Ok(())
    }

    /// The options of one format.
    pub(crate) fn read<P: Parameters>(&self) -> P {
        P::read(&self.values(P::SPECS))
    }

    /// Whether an option among those of its format does something with the values of the others.
    pub(crate) fn applies(&self, option: &ParamSpec, among: &[ParamSpec]) -> bool {
        option.condition.is_none_or(|condition| condition.is_met(among, &self.values(among)))
    }

    fn values(&self, options: &[ParamSpec]) -> Vec<Value> {
        options.iter().map(|option| self.get(option)).collect()
    }
}

/// Whether quality is among the options of a format and does something.
pub(crate) fn quality_applies(options: &EncodeOptions, among: &[ParamSpec]) -> bool {
    among.iter().any(|option| option.key == QUALITY_SPEC.key && options.applies(option, among))
}

#[cfg(test)]
mod tests {
    use lightloom_param::ParamKind;
    use lightloom_picture::Layout;

    use super::*;

    /// Both ends of ranges, every word.
    fn samples(kind: ParamKind) -> Vec<Value> {
        match kind {
            ParamKind::Integer { min, max, .. } => vec![Value::Integer(min), Value::Integer(max)],
            ParamKind::Choice { options, .. } => options.iter().map(|word| Value::Choice(word)).collect(),
            ParamKind::Toggle { .. } => vec![Value::Toggle(true), Value::Toggle(false)],
            ParamKind::Colour { .. } => vec![Value::Colour(Colour([1, 2, 253, 255]))],
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn every_value_of_every_option_is_read_as_it_is_written() {
        for spec in OPTIONS.iter() {
            for value in samples(spec.kind) {
                let mut options = EncodeOptions::default();
                options.set_text(spec.key, &value.to_string()).unwrap();
                assert_eq!(options.get(spec), value, "{}", spec.key);
                for other in OPTIONS.iter().filter(|o| o.key != spec.key) {
                    assert_eq!(options.get(other), other.kind.default(), "{} moves {}", spec.key, other.key);
                }
                options.set(spec, spec.kind.default());
                assert_eq!(options, EncodeOptions::default(), "{}", spec.key);
            }
        }
    }

    #[test]
    fn keys_are_distinct_and_every_option_has_a_format() {
        for (i, spec) in OPTIONS.iter().enumerate() {
            assert!(OPTIONS[..i].iter().all(|o| o.key != spec.key), "{} is there twice", spec.key);
            assert!(CODECS.iter().any(|c| c.has_option(spec)), "no format heeds {}", spec.key);
            assert!(!spec.help.ends_with('.'), "{}", spec.key);
        }
        assert_eq!(OPTIONS.iter().map(|spec| spec.key).collect::<Vec<_>>(), ORDER);
    }

    #[test]
    fn a_key_means_the_same_in_every_format() {
        for (codec, option) in CODECS.iter().flat_map(|codec| codec.options().iter().map(move |o| (codec, o))) {
            let shown = OPTIONS.iter().find(|shown| shown.key == option.key).unwrap();
            let text = |spec: &ParamSpec| (spec.label, spec.help, spec.unit, spec.zero);
            assert_eq!((text(option), option.kind), (text(shown), shown.kind), "{} of {}", option.key, codec.id);
        }
    }

    #[test]
    fn formats_have_the_options_that_what_they_hold_asks_for() {
        for codec in CODECS.iter().filter(|codec| codec.writes()) {
            let has = |key: &str| codec.options().iter().any(|option| option.key == key);
            assert_eq!(has("quality"), codec.lossy, "{}", codec.id);
            assert_eq!(has("max_kib"), codec.lossy, "{}", codec.id);
            assert_eq!(has("depth"), codec.written_depths().count() > 1, "{}", codec.id);
            let keeps_alpha = codec.fitted(Layout::Rgba, Depth::U8).0.has_alpha();
            assert_eq!(has("background"), !keeps_alpha, "{}", codec.id);
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
        for transparent_or_short in ["#ffffff80", "#ffffffff", "#fff"] {
            let text = format!(
                "background = {transparent_or_short} is not allowed; background must be a colour such as #ffffff"
            );
            assert_eq!(error("background", transparent_or_short), text);
        }
        assert_eq!(options, EncodeOptions::default());
    }
}
