//! What is different for one picture of a batch: turned, straightened, cut and exposed before the recipe begins.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Recipe, Step};
use lightloom_filter::{FilterError, Value};

/// What is different for one picture. It comes before the recipe's filters, in the order of the fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Overrides {
    /// Quarter turns to the right, 0 to 3.
    pub turns: u8,
    /// Degrees to the right, -45 to 45; the empty corners are cut off.
    pub straighten: f64,
    /// Per cent of width and height that are cut off: left, top, right, bottom; each 0 to 99, and less than 100 together
    /// with its opposite.
    pub crop: [f64; 4],
    /// Stops, -10 to 10.
    pub exposure: f64,
}

/// Why a text names no overrides.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum OverridesError {
    /// A word that is no override.
    #[error("there is no '{0}' for one picture; there are: rotate, straighten, crop, exposure")]
    UnknownKey(String),
    /// A value that is not allowed.
    #[error("{key} = {value} is not allowed; {allowed}")]
    BadValue {
        /// Which.
        key: &'static str,
        /// As it was given.
        value: String,
        /// What would be.
        allowed: &'static str,
    },
    /// A filter says no.
    #[error(transparent)]
    Filter(#[from] FilterError),
}

/// Names of the turns, by their number.
const TURNS: [&str; 4] = ["none", "right", "half", "left"];

/// Sides of a crop as the filter names them.
const SIDES: [&str; 4] = ["left", "top", "right", "bottom"];

impl Overrides {
    /// The keys of [`Self::parse`].
    pub const KEYS: [&str; 4] = ["rotate", "straighten", "crop", "exposure"];

    /// Whether nothing is different.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
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
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
            let bad = |key, allowed| OverridesError::BadValue { key, value: value.to_owned(), allowed };
            match key {
                "rotate" => {
                    let turns = TURNS.iter().position(|word| *word == value);
                    overrides.turns = turns.ok_or_else(|| bad("rotate", "it is none, right, half or left"))? as u8;
                }
                "straighten" => {
                    let angle = number(value).filter(|n| (-45.0..=45.0).contains(n));
                    overrides.straighten =
                        angle.ok_or_else(|| bad("straighten", "it is a number of degrees from -45 to 45"))?;
                }
                "crop" => {
                    let sides: Vec<f64> = value.split(':').map_while(number).collect();
                    let crop = <[f64; 4]>::try_from(sides).ok().filter(|_| value.split(':').count() == 4);
                    let allowed = "it is what is cut off in per cent, LEFT:TOP:RIGHT:BOTTOM, each from 0 to 99, \
                                   opposite sides together less than 100";
                    overrides.crop = crop.filter(crop_is_allowed).ok_or_else(|| bad("crop", allowed))?;
                }
                "exposure" => {
                    let stops = number(value).filter(|n| (-10.0..=10.0).contains(n));
                    overrides.exposure =
                        stops.ok_or_else(|| bad("exposure", "it is a number of stops from -10 to 10"))?;
                }
                other => return Err(OverridesError::UnknownKey(other.to_owned())),
            }
        }
        Ok(overrides)
    }

    /// The filters that do it.
    ///
    /// # Errors
    /// If a value is out of its range.
    pub fn steps(&self) -> Result<Vec<Step>, FilterError> {
        let mut steps = Vec::new();
        let mut add = |id: &str, values: &[(&str, Value)]| -> Result<(), FilterError> {
            let mut step = Step::new(id)?;
            for (key, value) in values {
                step.params.set(key, value.clone())?;
            }
            steps.push(step);
            Ok(())
        };
        let turn = TURNS[usize::from(self.turns % 4)];
        if turn != "none" {
            add("rotate", &[("turns", Value::Choice(turn))])?;
        }
        if self.straighten != 0.0 {
            add("straighten", &[("angle", Value::Number(self.straighten))])?;
        }
        if self.crop != [0.0; 4] {
            add("crop_margins", &[0, 1, 2, 3].map(|i| (SIDES[i], Value::Number(self.crop[i]))))?;
        }
        if self.exposure != 0.0 {
            add("exposure", &[("stops", Value::Number(self.exposure))])?;
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

    /// As something that pictures carry; nothing where nothing is different.
    pub fn shared(self) -> Option<Arc<Self>> {
        (!self.is_none()).then(|| Arc::new(self))
    }
}

/// Whether a crop leaves something.
fn crop_is_allowed(crop: &[f64; 4]) -> bool {
    crop.iter().all(|side| (0.0..=99.0).contains(side)) && crop[0] + crop[2] < 100.0 && crop[1] + crop[3] < 100.0
}

impl fmt::Display for Overrides {
    /// The form that [`Overrides::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.turns.is_multiple_of(4) {
            parts.push(format!("rotate={}", TURNS[usize::from(self.turns % 4)]));
        }
        if self.straighten != 0.0 {
            parts.push(format!("straighten={}", self.straighten));
        }
        if self.crop != [0.0; 4] {
            let [left, top, right, bottom] = self.crop;
            parts.push(format!("crop={left}:{top}:{right}:{bottom}"));
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
    fn mistakes_are_named() {
        let error = |text: &str| Overrides::parse(text).unwrap_err().to_string();
        assert!(error("zoom=2").contains("rotate, straighten, crop, exposure"));
        assert!(error("exposure=11").contains("-10 to 10"));
        assert!(error("exposure=NaN").contains("-10 to 10"));
        assert!(error("straighten").contains("-45 to 45"));
        assert!(error("rotate=up").contains("right"));
        for crop in ["1:2:3", "1:2:3:4:5", "60:0:40:0", "-1:0:0:0", "a:0:0:0", "", "nan:0:0:0"] {
            assert!(error(&format!("crop={crop}")).contains("per cent"), "{crop}");
        }
    }
}
