//! Conditions of parameters: held to what the filter does.

use super::{apply, ends, noisy};
use crate::{Condition, FILTERS, FilterSpec, ParamSpec, Params, find};
use lightloom_picture::{Depth, Layout};

/// Every parameter that applies only sometimes.
fn conditions() -> impl Iterator<Item = (&'static FilterSpec, &'static ParamSpec, Condition)> {
    FILTERS.iter().flat_map(|filter| {
        filter.params.iter().filter_map(|param| param.condition.map(|condition| (*filter, param, condition)))
    })
}

#[test]
fn parameters_and_values_exist() {
    assert!(conditions().count() > 0);
    for (filter, param, condition) in conditions() {
        let on = filter.param(condition.on).unwrap_or_else(|| panic!("{}: {condition:?}", filter.id));
        for text in condition.values {
            let value = on.kind.parse(text);
            assert!(value.is_some_and(|value| on.kind.accepts(&value)), "{}: {condition:?}", filter.id);
        }
        assert!(!condition.values.is_empty() && param.key != condition.on, "{}: {condition:?}", filter.id);
        assert!(on.condition.is_none(), "{}: {} always decides", filter.id, condition.on);
    }
}

#[test]
fn what_does_not_apply_changes_nothing_and_what_applies_does() {
    let picture = noisy(23, 17, Layout::Rgb, Depth::U8);
    for (filter, param, condition) in conditions() {
        let key = param.key;
        let mut seen = [false; 2];
        for deciding in ends(filter.param(condition.on).unwrap()) {
            let mut params = Params::defaults(filter);
            // a neutral filter would show nothing
            for (key, text) in filter.example.values {
                params.set_text(key, text).unwrap();
            }
            params.set(condition.on, deciding.clone()).unwrap();
            let applies = params.applies(param);
            let values = ends(param).into_iter().chain([param.kind.default()]);
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

#[test]
fn conditions_compare_values_and_are_readable() {
    let mut params = Params::defaults(find("text_watermark").unwrap());
    let param = params.spec().param("outline_colour").unwrap();
    assert!(!params.applies(param), "0 as a number is 0 as a text");
    params.set_text("outline", "0.5").unwrap();
    assert!(params.applies(param));
    let words = |filter: &str, key: &str| {
        let param = find(filter).unwrap().param(key).unwrap();
        param.condition.as_ref().map(ToString::to_string)
    };
    assert_eq!(words("text_watermark", "outline_colour").unwrap(), "outline other than 0");
    assert_eq!(words("resize", "width").unwrap(), "mode fit or fill or pad or exact");
    assert_eq!(words("resize", "kernel"), None);
}
