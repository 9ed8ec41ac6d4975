//! Older recipes: one function for each step from one version of the format to the next.

use toml::{Table, Value as Toml};

use super::text::{RecipeError, form};

/// Version of the format that this program writes.
pub(super) const VERSION: i64 = 2;

/// From one version to the next.
type Step = fn(&mut Table) -> Result<(), RecipeError>;

/// The step from version 1 + its place to the next.
const STEPS: [Step; VERSION as usize - 1] = [from_1];

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
        Some(key) => Err(form(key, "unknown in version 1 of the format; write 'version = 2'")),
        None => Ok(()),
    }
}
