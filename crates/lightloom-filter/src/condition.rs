//! Parameters that apply only sometimes, as data: front ends hide them or say so. Values stay what they are and may be
//! set at any time; the filter does not look at them.

use std::fmt;

use crate::Params;

/// Some parameters of a filter apply only while another one has certain values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The parameters that apply only sometimes.
    pub keys: &'static [&'static str],
    /// The parameter that decides.
    pub on: &'static str,
    /// Values of it, as on the command line.
    pub values: &'static [&'static str],
    /// Whether they apply with these values; else with all others.
    pub with: bool,
}

impl Condition {
    /// `keys` apply while `on` has one of `values`.
    pub(crate) const fn when(keys: &'static [&'static str], on: &'static str, values: &'static [&'static str]) -> Self {
        Self { keys, on, values, with: true }
    }

    /// `keys` apply while `on` has another value than this.
    pub(crate) const fn unless(
        keys: &'static [&'static str],
        on: &'static str,
        values: &'static [&'static str; 1],
    ) -> Self {
        Self { keys, on, values, with: false }
    }

    /// Whether it is met by these values.
    pub(crate) fn is_met(&self, params: &Params) -> bool {
        let now = params.iter().find(|(about, _)| about.key == self.on);
        let has = |text: &&str| now.is_some_and(|(about, value)| about.kind.parse(text).as_ref() == Some(value));
        self.values.iter().any(has) == self.with
    }
}

/// The condition in words, to stand behind `only with`: `mode fit or exact`, `outline other than 0`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let other = if self.with { "" } else { "other than " };
        write!(f, "{} {other}{}", self.on, self.values.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::tests::{apply, ends, noisy};
    use crate::{FILTERS, FilterSpec, find};
    use lightloom_picture::{Depth, Layout};

    fn conditions() -> impl Iterator<Item = (&'static FilterSpec, &'static Condition)> {
        FILTERS.iter().flat_map(|filter| filter.conditions.iter().map(|condition| (*filter, condition)))
    }

    #[test]
    fn parameters_and_values_exist() {
        assert!(conditions().count() > 0);
        for (filter, condition) in conditions() {
            let on = filter.param(condition.on).unwrap_or_else(|| panic!("{}: {condition:?}", filter.id));
            for text in condition.values {
                let value = on.kind.parse(text);
                assert!(value.is_some_and(|value| on.kind.accepts(&value)), "{}: {condition:?}", filter.id);
            }
            assert!(!condition.values.is_empty() && !condition.keys.is_empty(), "{}: {condition:?}", filter.id);
            for key in condition.keys {
                assert!(filter.param(key).is_some() && *key != condition.on, "{}: {key}", filter.id);
            }
            assert!(filter.condition(condition.on).is_none(), "{}: {} always decides", filter.id, condition.on);
        }
        for filter in FILTERS {
            let keys: Vec<&str> = filter.conditions.iter().flat_map(|condition| condition.keys).copied().collect();
            assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len(), "{}: one condition each", filter.id);
        }
    }

    #[test]
    fn what_does_not_apply_changes_nothing_and_what_applies_does() {
        let picture = noisy(23, 17, Layout::Rgb, Depth::U8);
        for (filter, condition) in conditions() {
            for key in condition.keys {
                let mut seen = [false; 2];
                for deciding in ends(filter.param(condition.on).unwrap()) {
                    let mut params = Params::defaults(filter);
                    // a neutral filter would show nothing
                    for (key, text) in filter.example.values {
                        params.set_text(key, text).unwrap();
                    }
                    params.set(condition.on, deciding.clone()).unwrap();
                    let about = filter.param(key).unwrap();
                    let applies = params.applies(about);
                    let values = ends(about).into_iter().chain([about.kind.default()]);
                    let mut results = values.map(|value| {
                        params.set(key, value).unwrap();
                        apply(&params, picture.clone())
                    });
                    // that a filter does not fit is a difference too
                    let first = results.next().unwrap();
                    let differs = results.any(|result| result != first);
                    if !applies {
                        assert!(!differs, "{}: {key} changes something with {} = {deciding}", filter.id, condition.on);
                    }
                    seen[usize::from(applies)] |= !applies || differs;
                }
                assert_eq!(seen, [true; 2], "{}: {key}: does nothing where it applies, or always applies", filter.id);
            }
        }
    }

    #[test]
    fn conditions_compare_values_and_read_well() {
        let mut params = Params::defaults(find("text_watermark").unwrap());
        let about = params.spec().param("outline_colour").unwrap();
        assert!(!params.applies(about), "0 as a number is 0 as a text");
        params.set_text("outline", "0.5").unwrap();
        assert!(params.applies(about));
        let words = |filter: &str, key: &str| find(filter).unwrap().condition(key).map(ToString::to_string);
        assert_eq!(words("text_watermark", "outline_colour").unwrap(), "outline other than 0");
        assert_eq!(words("resize", "width").unwrap(), "mode fit or exact");
        assert_eq!(words("resize", "kernel"), None);
    }
}
