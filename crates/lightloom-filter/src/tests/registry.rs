//! The list of filters: names, defaults and refused values.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::{FILTERS, Group, ParamKind, Params, Value, find};

/// Stems of the source files in a folder of the crate's sources.
fn files_of(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn every_file_in_the_folder_of_a_group_is_in_the_list() {
    for group in Group::ALL {
        let mut files = files_of(&group.title().to_lowercase());
        files.sort();
        let mut ids: Vec<&str> = FILTERS.iter().filter(|f| f.group == group).map(|f| f.id).collect();
        ids.sort_unstable();
        assert_eq!(files, ids, "{group:?}");
    }
}

#[test]
fn names_are_unique_and_well_formed() {
    let snake = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let sentence = |text: &str| !text.trim().is_empty() && !text.ends_with('.') && text.trim() == text;
    let mut ids = HashSet::new();
    for filter in FILTERS {
        assert!(snake(filter.id) && ids.insert(filter.id), "{}", filter.id);
        assert!(sentence(filter.title) && sentence(filter.help) && filter.version >= 1, "{}", filter.id);
        assert_eq!(find(filter.id), Ok(*filter));
        let mut keys = HashSet::new();
        for param in filter.params {
            assert!(snake(param.key) && keys.insert(param.key), "{}: {}", filter.id, param.key);
            assert!(sentence(param.label) && sentence(param.help), "{}: {}", filter.id, param.key);
            if let ParamKind::Choice { options, .. } = param.kind {
                assert!(options.iter().all(|word| snake(word)), "{}: {options:?}", filter.id);
            }
        }
    }
}

#[test]
fn defaults_are_allowed_and_survive_text() {
    for filter in FILTERS {
        for (param, value) in Params::defaults(filter).iter() {
            assert!(param.kind.accepts(value), "{}: {} = {value}", filter.id, param.key);
            assert_eq!(param.kind.parse(&value.to_string()).as_ref(), Some(value), "{}: {}", filter.id, param.key);
        }
    }
}

#[test]
fn every_filter_can_be_added() {
    for filter in FILTERS {
        assert!(Params::start(filter).is_ok(), "{}: {:?}", filter.id, filter.start);
    }
}

#[test]
fn errors_name_the_key_the_value_and_the_range() {
    let unknown = find("sharpness").unwrap_err().to_string();
    assert!(unknown.contains("sharpness") && FILTERS.iter().all(|f| unknown.contains(f.id)), "{unknown}");
    for filter in FILTERS {
        let mut params = Params::defaults(filter);
        let error = params.set_text("no_such_key", "1").unwrap_err().to_string();
        assert!(error.contains("no_such_key") && error.contains(filter.id), "{error}");
        assert!(filter.params.iter().all(|p| error.contains(p.key)), "{error}");
        for param in filter.params {
            let (far, wrong) = match param.kind {
                ParamKind::Number { max, .. } => (format!("{}", max + 1.0), Value::Toggle(true)),
                ParamKind::Integer { max, .. } => (format!("{}", max + 1), Value::Number(1.5)),
                ParamKind::Choice { .. } => ("no_such_word".to_owned(), Value::Integer(1)),
                ParamKind::Toggle { .. } => ("perhaps".to_owned(), Value::Number(0.5)),
                ParamKind::Ratio { max, .. } => (format!("{}:1", max + 1.0), Value::Integer(1)),
                ParamKind::Colour { .. } => ("#12345".to_owned(), Value::Integer(1)),
                ParamKind::Text { form, .. } if !(form.check)("?!") => ("1:2:3".to_owned(), Value::Integer(1)),
                // every text is allowed
                ParamKind::Text { .. } | ParamKind::File { .. } => continue,
            };
            for (error, value) in [
                (params.set_text(param.key, &far), far.clone()),
                (params.set_text(param.key, "?!"), "?!".to_owned()),
                (params.set(param.key, wrong.clone()), wrong.to_string()),
            ] {
                let error = error.unwrap_err().to_string();
                for part in [filter.id, param.key, &value, &param.kind.allowed()] {
                    assert!(error.contains(part), "{error}: no {part}");
                }
            }
        }
        assert_eq!(params, Params::defaults(filter), "a refused value changed something");
    }
    for text in ["NaN", "inf", "-inf"] {
        assert!(Params::defaults(find("exposure").unwrap()).set_text("stops", text).is_err(), "{text}");
    }
}
