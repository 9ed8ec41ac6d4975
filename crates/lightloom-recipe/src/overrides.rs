//! What is different for one picture of a batch: turned, straightened, cropped and exposed before the recipe begins.
//!
//! The declaration of [`Overrides`] is the only place that states ranges, units and words: the command line, saved files,
//! error messages and the window's controls derive from it.
//!
//! They become filters at the head of the recipe before it is compiled; nothing after that knows of them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Recipe, Step};
use lightloom_filter::FilterError;
use lightloom_param::{Choice as _, Field, ParamSpec, Parameter as _, Parameters, Value, choice, number, parameters};

choice! {
    /// Quarter turns.
    pub enum Turn { None = "none", Right = "right", Half = "half", Left = "left" }
}

impl Turn {
    /// This and so many more quarter turns to the right.
    #[must_use]
    pub fn turned(self, quarters: usize) -> Self {
        Self::ALL[(self as usize + quarters) % Self::ALL.len()]
    }
}

const fn side(label: &'static str, help: &'static str) -> Field<f32> {
    number(label, help, "%", (0.0, 99.0), 0.0).step(0.1)
}

parameters! {
    /// What is different for one picture. It comes before the recipe's filters, in the order of the fields. Opposite
    /// sides of a crop leave something: together they are less than 100 %.
    #[derive(Copy, Default, Serialize, Deserialize)]
    #[serde(from = "SavedOverrides", into = "SavedOverrides")]
    pub struct Overrides {
        pub rotate: Turn = choice("Rotate", "Quarter turns of this picture"),
        /// The empty corners are cut off.
        pub straighten: f32 =
            number("Straighten", "Rotates this picture; positive is clockwise", "°", (-45.0, 45.0), 0.0).step(0.1),
        pub left: f32 = side("Crop left", "Share of this picture's width cut off on the left"),
        pub top: f32 = side("Crop top", "Share of this picture's height cut off at the top"),
        pub right: f32 = side("Crop right", "Share of this picture's width cut off on the right"),
        pub bottom: f32 = side("Crop bottom", "Share of this picture's height cut off at the bottom"),
        pub exposure: f32 =
            number("Exposure of this picture", "Each stop doubles the light of this picture", "EV", (-10.0, 10.0), 0.0).step(0.05),
    }
}

/// The keys of a crop's sides; on the command line they are one: `crop=LEFT:TOP:RIGHT:BOTTOM`.
const SIDES: [&str; 4] = ["left", "top", "right", "bottom"];

/// Index of the first of them among the parameters.
const FIRST_SIDE: usize = 2;

/// The form in which overrides have been saved since version 0.1.0.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct SavedOverrides {
    turns: u8,
    straighten: f64,
    crop: [f64; 4],
    exposure: f64,
}

impl From<SavedOverrides> for Overrides {
    fn from(saved: SavedOverrides) -> Self {
        let [left, top, right, bottom] = saved.crop.map(|side| side as f32);
        let rotate = Turn::ALL[usize::from(saved.turns % 4)];
        let (straighten, exposure) = (saved.straighten as f32, saved.exposure as f32);
        Self { rotate, straighten, left, top, right, bottom, exposure }
    }
}

impl From<Overrides> for SavedOverrides {
    fn from(own: Overrides) -> Self {
        Self {
            turns: own.rotate as u8,
            straighten: decimal(own.straighten),
            crop: own.crop().map(decimal),
            exposure: decimal(own.exposure),
        }
    }
}

/// Why a text names no overrides.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum OverridesError {
    /// A word that is no override.
    #[error("there is no '{0}' for one picture; there are: {keys}", keys = Overrides::KEYS.join(", "))]
    UnknownKey(String),
    /// A value that is not allowed.
    #[error("{key} = {value} is not allowed; it is {allowed}")]
    BadValue {
        /// Which.
        key: &'static str,
        /// As it was given.
        value: String,
        /// What would be.
        allowed: String,
    },
    /// A filter says no.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

impl Overrides {
    /// Its parameters in the order of the fields, for controls and help.
    pub const SPECS: &'static [ParamSpec] = <Self as Parameters>::SPECS;

    /// The keys of [`Self::parse`].
    pub const KEYS: [&str; 4] = ["rotate", "straighten", "crop", "exposure"];

    /// Whether nothing is different.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The shares that are cut off, in per cent: left, top, right, bottom.
    const fn crop(&self) -> [f32; 4] {
        [self.left, self.top, self.right, self.bottom]
    }

    /// The values in the order of their [`Self::SPECS`].
    pub fn values(&self) -> [Value; 7] {
        let number = |n: f32| Value::Number(decimal(n));
        let [left, top, right, bottom] = self.crop().map(number);
        let rotate = Value::Choice(self.rotate.word());
        [rotate, number(self.straighten), left, top, right, bottom, number(self.exposure)]
    }

    /// The same with another value for the parameter at `index` of [`Self::SPECS`]. A value
    /// that is not allowed changes nothing; a side of a crop is kept so small that the opposite one leaves something.
    #[must_use]
    pub fn with(&self, index: usize, value: Value) -> Self {
        let mut values = self.values();
        match Self::SPECS.get(index) {
            Some(spec) if spec.kind.accepts(&value) => values[index] = value,
            _ => return *self,
        }
        let mut changed = Self::read(&values);
        let sides = [&mut changed.left, &mut changed.top, &mut changed.right, &mut changed.bottom];
        if let Some(side) = index.checked_sub(FIRST_SIDE).filter(|side| *side < sides.len()) {
            let opposite = self.crop()[(side + 2) % 4];
            *sides[side] = sides[side].min(99.0 - opposite);
        }
        changed
    }

    /// Reads `exposure=0.5,rotate=right,straighten=-1.2,crop=5:0:5:10`, in any order, each at most once.
    ///
    /// # Errors
    /// On an unknown key or a value that is not allowed.
    pub fn parse(text: &str) -> Result<Self, OverridesError> {
        let mut overrides = Self::default();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (key, value) = (key.trim(), value.trim());
            overrides = match Self::KEYS.into_iter().find(|known| *known == key) {
                Some("crop") => overrides.with_crop(value)?,
                Some(key) => overrides.with_text(key, value)?,
                None => return Err(OverridesError::UnknownKey(key.to_owned())),
            };
        }
        Ok(overrides)
    }

    fn with_text(&self, key: &'static str, text: &str) -> Result<Self, OverridesError> {
        let bad = |allowed| OverridesError::BadValue { key, value: text.to_owned(), allowed };
        let Some((index, spec)) = Self::SPECS.iter().enumerate().find(|(_, spec)| spec.key == key) else {
            return Err(OverridesError::UnknownKey(key.to_owned()));
        };
        let value = spec.kind.parse(text).filter(|value| spec.kind.accepts(value));
        Ok(self.with(index, value.ok_or_else(|| bad(allowed(spec)))?))
    }

    fn with_crop(&self, text: &str) -> Result<Self, OverridesError> {
        let kind = &Self::SPECS[FIRST_SIDE].kind;
        let side = |text: &str| kind.parse(text).filter(|value| kind.accepts(value)).map(|value| f32::read(&value));
        let sides: Option<Vec<f32>> = text.split(':').map(side).collect();
        match sides.as_deref() {
            Some(&[left, top, right, bottom]) if left + right < 100.0 && top + bottom < 100.0 => {
                Ok(Self { left, top, right, bottom, ..*self })
            }
            _ => Err(OverridesError::BadValue {
                key: "crop",
                value: text.to_owned(),
                allowed: format!(
                    "what is cut off in per cent, LEFT:TOP:RIGHT:BOTTOM, each {}, opposite sides together less than 100",
                    kind.allowed()
                ),
            }),
        }
    }

    /// The filters that do it.
    ///
    /// # Errors
    /// If a value is out of its range.
    pub fn steps(&self) -> Result<Vec<Step>, FilterError> {
        let mut steps = Vec::new();
        let mut add = |id: &str, values: &[(&str, String)]| -> Result<(), FilterError> {
            let mut step = Step::new(id)?;
            for (key, value) in values {
                step.params.set_text(key, value)?;
            }
            steps.push(step);
            Ok(())
        };
        if self.rotate != Turn::None {
            add("rotate", &[("turns", self.rotate.word().to_owned())])?;
        }
        if self.straighten != 0.0 {
            add("straighten", &[("angle", self.straighten.to_string())])?;
        }
        if self.crop() != [0.0; 4] {
            let sides = self.crop();
            add("crop_margins", &[0, 1, 2, 3].map(|i| (SIDES[i], sides[i].to_string())))?;
        }
        if self.exposure != 0.0 {
            add("exposure", &[("stops", self.exposure.to_string())])?;
        }
        Ok(steps)
    }

    /// The recipe for this picture.
    ///
    /// # Errors
    /// As [`Self::steps`].
    pub fn apply<'a>(&self, recipe: &'a Recipe) -> Result<Cow<'a, Recipe>, FilterError> {
        if self.is_none() {
            return Ok(Cow::Borrowed(recipe));
        }
        let mut recipe = recipe.clone();
        recipe.filters.splice(0..0, self.steps()?);
        Ok(Cow::Owned(recipe))
    }

    /// For a job; `None` where nothing is different.
    pub fn shared(&self) -> Option<Arc<Self>> {
        (!self.is_none()).then(|| Arc::new(*self))
    }
}

/// The allowed values in words, with their unit.
fn allowed(spec: &ParamSpec) -> String {
    format!("{} {}", spec.kind.allowed(), spec.unit).trim_end().to_owned()
}

/// The number with the decimal digits that a person reads and writes, rather than those of its 32 bits.
fn decimal(n: f32) -> f64 {
    n.to_string().parse().unwrap_or_else(|_| f64::from(n))
}

impl fmt::Display for Overrides {
    /// The form that [`Overrides::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.rotate != Turn::None {
            parts.push(format!("rotate={}", self.rotate.word()));
        }
        if self.straighten != 0.0 {
            parts.push(format!("straighten={}", self.straighten));
        }
        if self.crop() != [0.0; 4] {
            parts.push(format!("crop={}", self.crop().map(|side| side.to_string()).join(":")));
        }
        if self.exposure != 0.0 {
            parts.push(format!("exposure={}", self.exposure));
        }
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_filter::find;

    #[test]
    fn overrides_are_read_as_they_are_written() {
        for text in ["", "rotate=left", "exposure=-0.35", "rotate=half,straighten=1.5,crop=5:0:10.5:0,exposure=2"] {
            assert_eq!(Overrides::parse(text).unwrap().to_string(), text);
        }
        let every = Overrides::parse("exposure=1, crop=1:2:3:4, straighten=2, rotate=right").unwrap();
        let ids: Vec<_> = every.steps().unwrap().iter().map(|s| s.params.spec().id).collect();
        assert_eq!(ids, ["rotate", "straighten", "crop_margins", "exposure"]);
        assert!(ids.iter().all(|id| find(id).is_ok()));
        assert!(Overrides::parse("").unwrap().is_none());
    }

    #[test]
    fn every_value_reaches_its_field_and_its_filter() {
        let defaults: Vec<_> = Overrides::SPECS.iter().map(|spec| spec.kind.default()).collect();
        assert_eq!(defaults, Overrides::default().values());
        let mut own = Overrides::default();
        for index in 1..Overrides::SPECS.len() {
            own = own.with(index, Value::Number(index as f64 + 0.1));
        }
        own = own.with(0, Value::Choice("left"));
        assert_eq!(own.to_string(), "rotate=left,straighten=1.1,crop=2.1:3.1:4.1:5.1,exposure=6.1");
        assert_eq!(own.values()[5], Value::Number(5.1), "with the digits that were typed");
        assert_eq!(
            own.steps().unwrap()[2].params.iter().map(|(_, v)| v.to_string()).collect::<Vec<_>>(),
            ["2.1", "3.1", "4.1", "5.1"]
        );
        assert_eq!(own.with(6, Value::Number(11.0)), own, "out of range");
        assert_eq!(own.with(6, Value::Toggle(true)), own);
    }

    #[test]
    fn opposite_sides_leave_something() {
        let (left, right) = (FIRST_SIDE, FIRST_SIDE + 2);
        assert_eq!([0, 1, 2, 3].map(|side| Overrides::SPECS[FIRST_SIDE + side].key), SIDES);
        let own = Overrides::default().with(left, Value::Number(60.0)).with(right, Value::Number(60.0));
        assert_eq!((own.left, own.right), (60.0, 39.0));
        assert_eq!(Overrides::parse("crop=1:2:3:4,crop=99:0:0:0").unwrap().left, 99.0);
    }

    #[test]
    fn what_version_0_1_saved_is_read_and_written_again() {
        let saved = r#"{"turns":3,"straighten":-1.2,"crop":[5.0,0.0,10.5,0.0],"exposure":0.35}"#;
        let own: Overrides = serde_json::from_str(saved).unwrap();
        assert_eq!(own.to_string(), "rotate=left,straighten=-1.2,crop=5:0:10.5:0,exposure=0.35");
        assert_eq!(serde_json::to_string(&own).unwrap(), saved);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| Overrides::parse(text).unwrap_err().to_string();
        assert!(error("zoom=2").contains("rotate, straighten, crop, exposure"));
        assert_eq!(error("exposure=11"), "exposure = 11 is not allowed; it is a number from -10 to 10 EV");
        assert!(error("exposure=NaN").contains("-10 to 10"));
        assert!(error("straighten").contains("-45 to 45"));
        assert!(error("rotate=up").contains("right"));
        for crop in ["1:2:3", "1:2:3:4:5", "60:0:40:0", "-1:0:0:0", "a:0:0:0", "", "nan:0:0:0"] {
            assert!(error(&format!("crop={crop}")).contains("per cent"), "{crop}");
        }
        assert!(error("crop=1:2:3").contains("from 0 to 99"));
    }
}
