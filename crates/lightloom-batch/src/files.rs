//! Reads the files that a recipe refers to, each once as long as it stays the same.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::source::plain;
use lightloom_filter::{Asset, FileKind};
use lightloom_recipe as recipe;
use lightloom_recipe::Recipe;

/// Files kept: enough for the recipe at hand and what was tried before it.
const KEPT: usize = 8;

/// No table and no watermark is larger than this.
const LARGEST: u64 = 256 << 20;

#[derive(PartialEq, Clone)]
struct Key {
    path: PathBuf,
    kind: FileKind,
    length: u64,
    modified: Option<SystemTime>,
}

static CACHE: Mutex<Vec<(Key, Arc<Asset>)>> = Mutex::new(Vec::new());

/// Loads what the recipe's filters refer to. A file that cannot be used makes its filter fail with the reason where
/// the recipe is compiled; nothing is reported here.
pub fn load_files(recipe: &mut Recipe) {
    recipe.load_files(load);
    recipe.export.colour.load(|path| fs::read(path).map_err(|e| plain(&e)));
}

fn load(kind: FileKind, path: &str) -> Result<Arc<Asset>, String> {
    let meta = fs::metadata(path).map_err(|e| plain(&e))?;
    if !meta.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if meta.len() > LARGEST {
        return Err(format!("it is larger than {} MiB", LARGEST >> 20));
    }
    let key = Key { path: path.into(), kind, length: meta.len(), modified: meta.modified().ok() };
    let cache = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, asset)) = cache().iter().find(|(k, _)| *k == key) {
        return Ok(Arc::clone(asset));
    }
    let bytes = fs::read(path).map_err(|e| plain(&e))?;
    let asset = Arc::new(recipe::asset(kind, path, &bytes)?);
    let mut cache = cache();
    if cache.len() >= KEPT {
        cache.remove(0);
    }
    cache.push((key, Arc::clone(&asset)));
    Ok(asset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_filter::{FilterContext, FilterError};
    use lightloom_picture::{Depth, Layout, Shape};
    use lightloom_recipe::Step;

    fn compiled(path: &std::path::Path) -> Result<(), FilterError> {
        let mut recipe = Recipe { filters: vec![Step::new("lut3d").unwrap()], ..Recipe::default() };
        recipe.filters[0].params.set_text("file", path.to_str().unwrap()).unwrap();
        load_files(&mut recipe);
        let shape = Shape { width: 4, height: 4, layout: Layout::Rgb, depth: Depth::U8 };
        recipe.filters[0].params.compile(&FilterContext { shape, scale: 1.0 }).map(drop)
    }

    #[test]
    fn files_are_read_and_failures_have_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("look.cube");
        let missing = compiled(&path).unwrap_err().to_string();
        assert!(missing.contains("look.cube") && missing.contains("lut3d"), "{missing}");
        fs::write(&path, "LUT_1D_SIZE 2\n0 0 0\n1 1").unwrap();
        assert!(compiled(&path).unwrap_err().to_string().contains("line 3"));
        fs::write(&path, "LUT_1D_SIZE 2\n0 0 0\n1 1 0.5\n").unwrap();
        assert_eq!(compiled(&path), Ok(()));
        let other = folder.path().join("look.png");
        fs::write(&other, "no picture").unwrap();
        assert!(compiled(&other).is_err());
        assert!(compiled(folder.path()).unwrap_err().to_string().contains("regular file"));
    }
}
