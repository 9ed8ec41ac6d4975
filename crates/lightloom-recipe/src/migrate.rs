//! Older recipes: one function for each step from one version of the format to the next.

use toml::{Table, Value as Toml};

use super::text::{RecipeError, form};

/// Version of the format that this program writes.
pub(super) const VERSION: i64 = 3;

/// From one version to the next.
type Step = fn(&mut Table) -> Result<(), RecipeError>;

/// The step from version 1 + its place to the next.
const STEPS: [Step; VERSION as usize - 1] = [from_1, from_2];

/// Brings a recipe of any version that there has been to the present one.
pub(super) fn migrate(table: &mut Table) -> Result<(), RecipeError> {
    let version = match table.get("version") {
        Some(Toml::Integer(version)) if (1..=VERSION).contains(version) => *version,
        Some(Toml::Integer(newer)) => {
            let problem = format!("{newer} is not known to this program, which reads versions 1 to {VERSION}");
            return Err(form("version", problem));
        }
        Some(other) => {
            return Err(form("version", format!("{other} is not a whole number; write 'version = {VERSION}'")));
        }
        None => return Err(form("version", format!("missing; a recipe begins with 'version = {VERSION}'"))),
    };
    for step in &STEPS[(version - 1) as usize..] {
        step(table)?;
    }
    table.insert("version".to_owned(), Toml::Integer(VERSION));
    Ok(())
}

/// Version 1 had one output, saved as `[export]` says, and no files of its own; both mean the same in version 2.
fn from_1(table: &mut Table) -> Result<(), RecipeError> {
    match ["output", "asset"].into_iter().find(|key| table.contains_key(*key)) {
        Some(key) => Err(form(key, format!("unknown in version 1 of the format; write 'version = {VERSION}'"))),
        None => Ok(()),
    }
}

/// Version 2 fitted into 1920 × 1920 pixels where a resize did not say otherwise; in version 3 a side that is not given
/// does not limit.
fn from_2(table: &mut Table) -> Result<(), RecipeError> {
    fn state_sides(filters: Option<&mut Toml>) {
        for filter in filters.and_then(Toml::as_array_mut).into_iter().flatten().filter_map(Toml::as_table_mut) {
            if filter.get("id").and_then(Toml::as_str) == Some("resize") {
                for side in ["width", "height"] {
                    filter.entry(side).or_insert(Toml::Integer(1920));
                }
            }
        }
    }
    state_sides(table.get_mut("filter"));
    let outputs = table.get_mut("output").and_then(Toml::as_array_mut);
    for output in outputs.into_iter().flatten().filter_map(Toml::as_table_mut) {
        state_sides(output.get_mut("filter"));
    }
    Ok(())
}
