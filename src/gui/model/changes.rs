//! What a change of the recipe is called: found by comparing the recipe before with the one after, so that every change
//! has a name, whatever made it.

use crate::batch::{OverridesBySource, Source};
use crate::filter::Value;
use crate::gui::model::stack::Stack;
use crate::gui::text;
use crate::recipe::{ExportSettings, Overrides, Recipe, Step};

/// Most characters of a value that a name quotes.
const LONGEST_VALUE: usize = 24;

/// What was done, as the user reads it: “Add Exposure”, “Gamma 1 → 1.2”. The most telling of several differences.
pub fn name_of_change(before: (&Recipe, &OverridesBySource), after: (&Recipe, &OverridesBySource)) -> String {
    let ((recipe_before, overrides_before), (recipe_after, overrides_after)) = (before, after);
    of_recipe(recipe_before, recipe_after)
        .or_else(|| of_overrides(overrides_before, overrides_after))
        .unwrap_or_else(|| "Change the recipe".to_owned())
}

fn of_recipe(before: &Recipe, after: &Recipe) -> Option<String> {
    if before == after {
        return None;
    }
    if before.outputs.len() != after.outputs.len() {
        return Some(of_number_of_outputs(before, after));
    }
    let changed = Stack::changed(before, after);
    match changed.as_slice() {
        [] => Some(of_exports(before, after)),
        [stack] => Some(of_stack(stack.steps(before), stack.steps(after))),
        [a, b] => Some(moved_between(before, after, *a, *b).unwrap_or_else(|| "Replace the filters".to_owned())),
        _ => Some("Replace the filters".to_owned()),
    }
}

fn of_number_of_outputs(before: &Recipe, after: &Recipe) -> String {
    let only_in = |one: &Recipe, other: &Recipe| {
        let mut own = one.outputs.iter().filter(|output| other.outputs.iter().all(|o| o.name != output.name));
        own.next().filter(|_| own.next().is_none()).map(|output| output.name.clone())
    };
    match after.outputs.len() as isize - before.outputs.len() as isize {
        1 => only_in(after, before).map_or_else(|| "Add an output".to_owned(), |name| format!("Add output {name}")),
        -1 => {
            only_in(before, after).map_or_else(|| "Remove an output".to_owned(), |name| format!("Remove output {name}"))
        }
        _ => "Change the outputs".to_owned(),
    }
}

fn moved_between(before: &Recipe, after: &Recipe, a: Stack, b: Stack) -> Option<String> {
    let (from, to) = if a.steps(after).len() < a.steps(before).len() { (a, b) } else { (b, a) };
    let gone = odd_one(from.steps(before), from.steps(after))?;
    let come = odd_one(to.steps(after), to.steps(before))?;
    let step = &from.steps(before)[gone];
    (*step == to.steps(after)[come]).then(|| format!("Move {} to {}", title(step), to.owner(after)))
}

fn of_stack(before: &[Step], after: &[Step]) -> String {
    if before.len() == after.len() {
        return of_equal_length(before, after);
    }
    let few = |n: usize| text::plural(n, "filter");
    if after.is_empty() && before.len() > 1 {
        return "Remove all filters".to_owned();
    }
    if let Some(place) = odd_one(before, after) {
        return format!("Remove {}", title(&before[place]));
    }
    if let Some(place) = odd_one(after, before) {
        let (is_copy, title) = (place > 0 && after[place - 1] == after[place], title(&after[place]));
        return if is_copy { format!("Duplicate {title}") } else { format!("Add {title}") };
    }
    if after.starts_with(before) {
        return format!("Add {}", few(after.len() - before.len()));
    }
    if before.starts_with(after) {
        return format!("Remove {}", few(before.len() - after.len()));
    }
    "Replace the filters".to_owned()
}

fn of_equal_length(before: &[Step], after: &[Step]) -> String {
    let differing: Vec<usize> = (0..before.len()).filter(|&i| before[i] != after[i]).collect();
    let (Some(&first), Some(&last)) = (differing.first(), differing.last()) else {
        return "Change a filter".to_owned();
    };
    if first == last {
        return of_step(&before[first], &after[first]);
    }
    if last == first + 1 && before[first] == after[last] && before[last] == after[first] {
        return format!("Swap {} and {}", title(&before[first]), title(&before[last]));
    }
    if before[first] == after[last] && before[first + 1..=last] == after[first..last] {
        return format!("Move {} down", title(&before[first]));
    }
    if before[last] == after[first] && before[first..last] == after[first + 1..=last] {
        return format!("Move {} up", title(&before[last]));
    }
    let same_filters = (first..=last).all(|i| before[i].params.spec() == after[i].params.spec());
    (if same_filters { "Change filters" } else { "Replace the filters" }).to_owned()
}

fn of_step(before: &Step, after: &Step) -> String {
    let name = title(after);
    if before.params.spec() != after.params.spec() {
        return format!("Replace {} with {name}", title(before));
    }
    if before.params == after.params {
        return if after.enabled { format!("Turn {name} on") } else { format!("Turn {name} off") };
    }
    let edited: Vec<_> = before
        .params
        .iter()
        .zip(after.params.iter())
        .filter(|((_, b), (_, a))| b != a)
        .map(|(b, a)| (b, a.1))
        .collect();
    match edited.as_slice() {
        [((spec, was), is)] => {
            let is_only = after.params.spec().params.len() == 1 || spec.label == name;
            let what = if is_only { name.to_owned() } else { format!("{name}: {}", spec.label) };
            format!("{what} {} → {}", shown(was, spec.unit), shown(is, spec.unit))
        }
        _ if Step::start(after.params.spec().id).is_ok_and(|start| start.params == after.params) => {
            format!("Reset {name}")
        }
        _ => format!("Change {name}"),
    }
}

/// A value with its unit, shortened.
fn shown(value: &Value, unit: &str) -> String {
    let words = match value {
        // What a slider sets has a few decimals only, but is computed.
        Value::Number(number) => format!("{}", (number * 1e4).round() / 1e4),
        Value::Choice(word) => text::choice(word),
        Value::Toggle(on) => (if *on { "on" } else { "off" }).to_owned(),
        Value::File(file) if file.path().is_empty() => "none".to_owned(),
        Value::File(file) => text::file_name(std::path::Path::new(file.path())),
        other => other.to_string(),
    };
    let words = if words.is_empty() { "none".to_owned() } else { lightloom_param::shown_text(&words).into_owned() };
    let short = match words.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    };
    match (value, unit) {
        (Value::Number(_) | Value::Integer(_), unit) if !unit.is_empty() => format!("{short} {unit}"),
        _ => short,
    }
}

fn of_exports(before: &Recipe, after: &Recipe) -> String {
    let of = |recipe: &Recipe, index: Option<usize>| match index {
        None => Some(recipe.export.clone()),
        Some(index) => recipe.outputs.get(index).map(|output| output.export.clone()),
    };
    let places = std::iter::once(None).chain((0..before.outputs.len()).map(Some));
    for place in places {
        let (Some(was), Some(is)) = (of(before, place), of(after, place)) else { continue };
        if was != is {
            let change = of_export(&was, &is);
            return match place {
                None => change,
                Some(index) => format!("{}: {change}", after.outputs[index].name),
            };
        }
    }
    "Change the outputs".to_owned()
}

fn of_export(before: &ExportSettings, after: &ExportSettings) -> String {
    if before.format != after.format {
        return format!("Format {} → {}", format_title(before), format_title(after));
    }
    let mut as_before = after.options.clone();
    as_before.set_quality(before.options.quality());
    if before.options != after.options && as_before == before.options {
        return format!("Quality {} → {}", before.options.quality(), after.options.quality());
    }
    match () {
        () if before.options != after.options => format!("Change the options of {}", format_title(after)),
        () if before.metadata != after.metadata => "Change the metadata of results".to_owned(),
        () if before.colour != after.colour => "Change the colours of results".to_owned(),
        () => "Change the export settings".to_owned(),
    }
}

fn format_title(export: &ExportSettings) -> &'static str {
    match export.format {
        crate::recipe::FormatChoice::Same => "as it is",
        crate::recipe::FormatChoice::To(codec) => codec.title,
    }
}

fn of_overrides(before: &OverridesBySource, after: &OverridesBySource) -> Option<String> {
    let none = Overrides::default();
    let of = |all: &OverridesBySource, source: &Source| all.get(source).copied().unwrap_or_default();
    let mut changed: Vec<_> = after.keys().filter(|source| of(before, source) != of(after, source)).collect();
    changed.extend(before.keys().filter(|source| !after.contains_key(*source) && of(before, source) != none));
    match changed.as_slice() {
        [] => None,
        [source] => {
            let name = text::file_name(source.name());
            let reset = of(after, source).is_none();
            Some(if reset { format!("Reset {name}") } else { format!("Adjust {name}") })
        }
        all => Some(format!("Adjust {}", text::pictures(all.len()))),
    }
}

fn title(step: &Step) -> &'static str {
    step.params.spec().title
}

/// The place of the one step that `longer` has and `shorter` lacks, if nothing else differs.
fn odd_one(longer: &[Step], shorter: &[Step]) -> Option<usize> {
    if longer.len() != shorter.len() + 1 {
        return None;
    }
    let place = longer.iter().zip(shorter).take_while(|(a, b)| a == b).count();
    (longer[place + 1..] == shorter[place..]).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(steps: &[&str]) -> Recipe {
        Recipe { filters: steps.iter().map(|step| Step::parse(step).unwrap()).collect(), ..Recipe::default() }
    }

    fn name(before: &[&str], after: &[&str]) -> String {
        let none = OverridesBySource::new();
        name_of_change((&recipe(before), &none), (&recipe(after), &none))
    }

    #[test]
    fn changes_of_filters_are_named() {
        let cases: [(&[&str], &[&str], &str); 12] = [
            (&["invert", "sepia"], &["sepia", "invert"], "Swap Invert and Sepia"),
            (&[], &["invert"], "Add Invert"),
            (&["invert"], &["invert", "sepia"], "Add Sepia"),
            (&["sepia"], &["sepia", "sepia"], "Duplicate Sepia"),
            (&["invert", "sepia"], &["sepia"], "Remove Invert"),
            (&["invert", "sepia"], &[], "Remove all filters"),
            (&["invert"], &["invert", "sepia", "gamma"], "Add 2 filters"),
            (&["invert", "sepia", "gamma"], &["gamma", "invert", "sepia"], "Move Gamma up"),
            (&["invert", "sepia", "gamma"], &["sepia", "gamma", "invert"], "Move Invert down"),
            (&["gamma:gamma=1.2"], &["gamma:gamma=1.5"], "Gamma 1.2 → 1.5"),
            (&["exposure:stops=0.5"], &["exposure:stops=1.2"], "Exposure 0.5 EV → 1.2 EV"),
            (&["invert", "sepia"], &["gamma", "crop", "hue"], "Replace the filters"),
        ];
        for (before, after, expected) in cases {
            assert_eq!(name(before, after), expected);
        }
        let (none, on) = (OverridesBySource::new(), recipe(&["invert"]));
        let mut off = on.clone();
        off.filters[0].enabled = false;
        assert_eq!(name_of_change((&on, &none), (&off, &none)), "Turn Invert off");
        assert_eq!(name_of_change((&off, &none), (&on, &none)), "Turn Invert on");
    }

    #[test]
    fn every_filter_has_names_for_each_of_its_parameters() {
        let none = OverridesBySource::new();
        for spec in crate::filter::FILTERS {
            let before = Recipe { filters: vec![Step::new(spec.id).unwrap()], ..Recipe::default() };
            for (key, value) in spec.example.values {
                let mut after = before.clone();
                if after.filters[0].params.set_text(key, value).is_err() || after == before {
                    continue;
                }
                let name = name_of_change((&before, &none), (&after, &none));
                assert!(name.starts_with(spec.title) && name.contains(" → "), "{}: {name}", spec.id);
            }
        }
    }

    #[test]
    fn changes_of_results_and_of_single_pictures_are_named() {
        let none = OverridesBySource::new();
        let before = Recipe::default();
        let mut after = before.clone();
        after.export.options.set_quality(70);
        let quality = before.export.options.quality();
        assert_eq!(name_of_change((&before, &none), (&after, &none)), format!("Quality {quality} → 70"));
        let mut outputs = before.clone();
        outputs.outputs.push(crate::recipe::Output::named("web"));
        assert_eq!(name_of_change((&before, &none), (&outputs, &none)), "Add output web");
        assert_eq!(name_of_change((&outputs, &none), (&before, &none)), "Remove output web");
        let brighter = Overrides { exposure: 1.0, ..Overrides::default() };
        let own = OverridesBySource::from([("/a/b.jpg".into(), brighter)]);
        assert_eq!(name_of_change((&before, &none), (&before, &own)), "Adjust b.jpg");
        assert_eq!(name_of_change((&before, &own), (&before, &none)), "Reset b.jpg");
    }
}
