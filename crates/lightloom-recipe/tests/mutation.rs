//! Damaged recipes, presets and look-up tables: each must end in a value or an error, and what is accepted must be read
//! back as it is written. Deterministic: a case's number is its seed.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../lightloom-codec/tests/damage/mod.rs"]
mod damage;

use damage::damaged;
use lightloom_filter::Lut;
use lightloom_recipe::{AssetFile, Bundle, PRESETS, Recipe, Step};

const CASES: u64 = 4000;

const CUBE: &str = "TITLE \"warm\"\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n\
    0 0 0\n1 0 0\n0 1 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 0.9\n";

fn presets() -> Vec<(String, Vec<u8>)> {
    PRESETS.iter().map(|preset| (preset.id.to_owned(), preset.recipe().unwrap().to_toml().into_bytes())).collect()
}

/// Runs `check` on damaged texts; returns how many it found to be accepted.
fn accepted(seeds: &[(String, Vec<u8>)], check: impl Fn(&str, &str) -> bool) -> usize {
    let damaged = (0..CASES).map(|case| {
        let (name, bytes) = damaged(seeds, case);
        (format!("case {case} of {name}"), String::from_utf8_lossy(&bytes).into_owned())
    });
    damaged.filter(|(case, text)| check(case, text)).count()
}

#[test]
fn damaged_recipes_are_refused_or_read_back() {
    let count = accepted(&presets(), |case, text| {
        let Ok(recipe) = Recipe::from_toml(text) else { return false };
        assert_eq!(Recipe::from_toml(&recipe.to_toml()).as_ref(), Ok(&recipe), "{case}");
        true
    });
    assert!(count > 0 && count < CASES as usize, "{count} of {CASES} were accepted");
}

#[test]
fn damaged_bundles_are_refused_or_read_back() {
    let asset = AssetFile::new("warm.cube", CUBE.into());
    let mut recipe = Recipe::default();
    recipe.filters.push(Step::parse(&format!("lut3d:file={}", asset.reference())).unwrap());
    let bundle = Bundle { recipe, assets: vec![asset] };
    assert_eq!(Bundle::from_toml(&bundle.to_toml()).as_ref(), Ok(&bundle));
    let count = accepted(&[("bundle".to_owned(), bundle.to_toml().into_bytes())], |case, text| {
        let Ok(bundle) = Bundle::from_toml(text) else { return false };
        assert_eq!(Bundle::from_toml(&bundle.to_toml()).as_ref(), Ok(&bundle), "{case}");
        true
    });
    assert!(count > 0 && count < CASES as usize, "{count} of {CASES} were accepted");
}

#[test]
fn damaged_look_up_tables_are_refused_or_used() {
    assert!(Lut::from_cube(CUBE).is_ok());
    let count = accepted(&[("cube".to_owned(), CUBE.into())], |_, text| Lut::from_cube(text).is_ok());
    assert!(count > 0 && count < CASES as usize, "{count} of {CASES} were accepted");
}
