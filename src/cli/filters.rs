//! `lightloom filters`: the registry as text, JSON, or the table in the README.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::filter::{FILTERS, FilterSpec, Group, ParamKind, ParamSpec, Value};

/// Every filter with id, group, parameters, units, ranges and defaults.
pub fn list(as_json: bool) -> String {
    if as_json {
        let filters: Vec<Json> = FILTERS.iter().map(|f| filter_json(f)).collect();
        return json!({ "filters": filters }).to_string();
    }
    let mut out = String::new();
    for group in Group::ALL {
        let _ = writeln!(out, "{}", group.title());
        for filter in FILTERS.iter().filter(|f| f.group == group) {
            let _ = writeln!(out, "  {:<20}{}", filter.id, filter.help);
            for param in filter.params {
                let _ = writeln!(
                    out,
                    "    {:<18}{}: {}, default {}",
                    param.key,
                    param.help,
                    allowed(param),
                    param.kind.default()
                );
            }
        }
    }
    out
}

pub(super) fn allowed(param: &ParamSpec) -> String {
    match param.unit {
        "" => param.kind.allowed(),
        unit => format!("{} {unit}", param.kind.allowed()),
    }
}

fn filter_json(filter: &FilterSpec) -> Json {
    json!({
        "id": filter.id,
        "title": filter.title,
        "group": filter.group,
        "help": filter.help,
        "version": filter.version,
        "parameters": filter.params.iter().map(param_json).collect::<Vec<_>>(),
    })
}

fn param_json(param: &ParamSpec) -> Json {
    let mut out = json!({ "key": param.key, "label": param.label, "help": param.help, "unit": param.unit });
    let extra = match param.kind {
        ParamKind::Number { min, max, default, step, .. } => {
            json!({ "type": "number", "min": min, "max": max, "default": default, "step": step })
        }
        ParamKind::Integer { min, max, default, .. } => {
            json!({ "type": "integer", "min": min, "max": max, "default": default })
        }
        ParamKind::Choice { options, default } => json!({ "type": "choice", "options": options, "default": default }),
        ParamKind::Toggle { default } => json!({ "type": "toggle", "default": default }),
        ParamKind::Ratio { min, max, .. } => {
            json!({ "type": "ratio", "min": min, "max": max, "default": param.kind.default().to_string() })
        }
        ParamKind::Text { form, default } => json!({ "type": "text", "allowed": form.allowed, "default": default }),
        ParamKind::Colour { default } => json!({ "type": "colour", "default": default.to_string() }),
        ParamKind::File { holds } => json!({ "type": "file", "allowed": holds.allowed(), "default": "" }),
    };
    if let (Json::Object(out), Json::Object(extra)) = (&mut out, extra) {
        out.extend(extra);
    }
    out
}

/// The table of filters that stands in the README.
pub fn filter_table() -> String {
    let mut out = String::from("| group | filter | what it does | parameters |\n| --- | --- | --- | --- |\n");
    for filter in FILTERS {
        let params: Vec<String> = filter.params.iter().map(readme_param).collect();
        let params = if params.is_empty() { "none".to_owned() } else { params.join("<br>") };
        let _ = writeln!(out, "| {} | `{}` | {} | {params} |", filter.group.title(), filter.id, filter.help);
    }
    out
}

fn readme_param(param: &ParamSpec) -> String {
    let range = match param.kind {
        ParamKind::Number { min, max, .. } => format!("{min} to {max}"),
        ParamKind::Integer { min, max, .. } => format!("{min} to {max}"),
        ParamKind::Choice { options, .. } => options.join(", "),
        ParamKind::Toggle { .. } => "true, false".to_owned(),
        ParamKind::Ratio { .. } => "width:height".to_owned(),
        ParamKind::Text { form, .. } => form.allowed.to_owned(),
        ParamKind::Colour { .. } => "#rrggbb or #rrggbbaa".to_owned(),
        ParamKind::File { holds } => holds.allowed().to_owned(),
    };
    let unit = if param.unit.is_empty() { String::new() } else { format!(" {}", param.unit) };
    let default: Value = param.kind.default();
    let default = match default.to_string() {
        none if none.is_empty() => "none".to_owned(),
        default => default,
    };
    format!("`{}` {range}{unit} ({default})", param.key)
}
