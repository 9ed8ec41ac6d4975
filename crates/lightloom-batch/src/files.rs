//! Reads the files that a recipe refers to, each once as long as it stays the same.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::regular::{open_regular, read_opened, read_regular};
use super::source::plain;
use lightloom_filter::{Asset, FileKind};
use lightloom_recipe as recipe;
use lightloom_recipe::Recipe;

/// Files kept: enough for the recipe at hand and what was tried before it.
const KEPT: usize = 8;

/// Most bytes of a table, watermark or font.
const LARGEST: u64 = 256 << 20;

/// Most bytes of a colour profile; those of printers have a few MiB.
const LARGEST_PROFILE: u64 = 64 << 20;

#[derive(PartialEq, Clone)]
struct Key {
    path: PathBuf,
    kind: FileKind,
    length: u64,
    modified: Option<SystemTime>,
}

static CACHE: Mutex<Vec<(Key, Arc<Asset>)>> = Mutex::new(Vec::new());

/// Loads what the recipe refers to: the files of its filters, and the profiles of all its outputs. A file that cannot be
/// used makes its filter or output fail with the reason; nothing is reported here.
pub fn load_files(recipe: &mut Recipe) {
    recipe.load_files(load);
    for export in recipe.exports_mut() {
        export.colour.load(|path| read_regular(path, LARGEST_PROFILE));
    }
}

fn load(kind: FileKind, path: &str) -> Result<Arc<Asset>, String> {
    let (file, meta) = open_regular(Path::new(path)).map_err(|e| plain(&e))?;
    let key = Key { path: path.into(), kind, length: meta.len(), modified: meta.modified().ok() };
    let cache = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, asset)) = cache().iter().find(|(k, _)| *k == key) {
        return Ok(Arc::clone(asset));
    }
    let bytes = read_opened(file, &meta, LARGEST)?;
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
    use std::fs;

    fn compiled(path: &Path) -> Result<(), FilterError> {
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
        assert!(compiled(folder.path()).unwrap_err().to_string().contains("it is a folder"));
    }

    #[test]
    fn every_output_has_its_profile() {
        use lightloom_picture::colour::{Profile, Space};
        use lightloom_recipe::Output;
        use lightloom_recipe::export::{ColourTarget, ProfileFile};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p3.icc");
        fs::write(&path, Profile::named(Space::DisplayP3).bytes()).unwrap();
        let target = |path: &Path| ColourTarget::File(ProfileFile::new(path.to_str().unwrap()));
        let mut recipe = Recipe { outputs: vec![Output::named("a"), Output::named("b")], ..Recipe::default() };
        recipe.outputs[1].export.colour.target = target(&path);
        load_files(&mut recipe);
        let profile = recipe.outputs[1].export.colour.profile();
        assert_eq!(profile.unwrap().unwrap().title(), Profile::named(Space::DisplayP3).title());
        recipe.outputs[0].export.colour.target = target(Path::new("/dev/zero"));
        load_files(&mut recipe);
        let refused = recipe.outputs[0].export.colour.profile().unwrap_err();
        assert!(!cfg!(unix) || refused.contains("no regular file"), "{refused}");
    }
}
