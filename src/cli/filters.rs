//! `lightloom filters`: the registry as text, JSON, or the table in `docs/filters.md`.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::filter::{FILTERS, FilterError, FilterSpec, Group, ParamKind, ParamSpec, Value, find};

/// Every filter with id, group, parameters, units, ranges and defaults; or only those with these ids.
///
/// # Errors
/// If there is no filter with one of the ids.
pub fn list(ids: &[String], as_json: bool) -> Result<String, FilterError> {
    let named: Vec<&FilterSpec> = ids.iter().map(|id| find(id)).collect::<Result<_, _>>()?;
    let filters = if ids.is_empty() { FILTERS } else { &named };
    if as_json {
        let filters: Vec<Json> = filters.iter().map(|f| filter_json(f)).collect();
        return Ok(json!({ "filters": filters }).to_string());
    }
    let mut out = String::new();
    for group in Group::ALL {
        let mut filters = filters.iter().filter(|f| f.group == group).peekable();
        if filters.peek().is_some() {
            let _ = writeln!(out, "{}", group.title());
        }
        for filter in filters {
            let _ = writeln!(out, "  {:<20}{}", filter.id, filter.help);
            for param in filter.params {
                let (allowed, default, only) = (allowed(param), param.kind.default(), only(param));
                let _ = writeln!(out, "    {:<18}{}: {allowed}, default {default}{only}", param.key, param.help);
            }
        }
    }
    Ok(out)
}

/// When a parameter applies, if not always; appended to its description.
pub(super) fn only(param: &ParamSpec) -> String {
    param.condition.map_or_else(String::new, |condition| format!("; only with {condition}"))
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
        ParamKind::Choice { options, default, .. } => {
            json!({ "type": "choice", "options": options, "default": default })
        }
        ParamKind::Toggle { default } => json!({ "type": "toggle", "default": default }),
        ParamKind::Ratio { min, max, .. } => {
            json!({ "type": "ratio", "min": min, "max": max, "default": param.kind.default().to_string() })
        }
        ParamKind::Text { form, default } => json!({ "type": "text", "allowed": form.allowed, "default": default }),
        ParamKind::Colour { default, .. } => json!({ "type": "colour", "default": default.to_string() }),
        ParamKind::File { holds } => json!({ "type": "file", "allowed": holds.allowed(), "default": "" }),
    };
    if let (Json::Object(out), Json::Object(extra)) = (&mut out, extra) {
        out.extend(extra);
        if let Some(condition) = param.condition {
            let with = if condition.with { "with" } else { "without" };
            out.insert("only".to_owned(), json!({ "key": condition.on, with: condition.values }));
        }
    }
    out
}

/// The table of filters in `docs/filters.md`.
pub fn filter_table() -> String {
    let mut out = String::from("| group | filter | what it does | parameters |\n| --- | --- | --- | --- |\n");
    for filter in FILTERS {
        let params: Vec<String> = filter.params.iter().map(table_param).collect();
        let params = if params.is_empty() { "none".to_owned() } else { params.join("<br>") };
        let _ = writeln!(out, "| {} | `{}` | {} | {params} |", filter.group.title(), filter.id, filter.help);
    }
    out
}

fn table_param(param: &ParamSpec) -> String {
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
    format!("`{}` {range}{unit} ({default}{})", param.key, only(param))
}
