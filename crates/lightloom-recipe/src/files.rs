//! Files that a recipe refers to: whoever runs the recipe reads them; this crate turns their bytes into what filters use.
//!
//! Filters refer to lookup tables, watermarks and fonts by parameters that hold a path. After [`Recipe::load_files`]
//! the parameter holds the decoded [`Asset`] behind an [`Arc`] as well, or the reason why the file cannot be used, with
//! which the filter fails when the recipe is compiled.

use std::path::Path;
use std::sync::Arc;

use super::Recipe;
use lightloom_codec as codec;
use lightloom_codec::Limits;
use lightloom_filter::{Asset, FileContent, FileKind, FileValue, FilterError, Font, Lut};
use lightloom_picture::{Buffers, Pixels};

/// Turns the bytes of a file into what a parameter of this kind needs. `path` only tells `.cube` files from pictures.
///
/// # Errors
/// If the bytes are nothing of that kind, in words for the person who chose the file.
pub fn asset(kind: FileKind, path: &str, bytes: &[u8]) -> Result<Asset, String> {
    match kind {
        FileKind::Picture => decoded(bytes).map(Asset::Picture),
        FileKind::Font => Font::from_bytes(bytes.to_vec()).map(|font| Asset::Font(font.into())),
        FileKind::Lut if Path::new(path).extension().is_some_and(|e| e.eq_ignore_ascii_case("cube")) => {
            // titles may be in any encoding; everything else is ASCII
            Lut::from_cube(&String::from_utf8_lossy(bytes)).map(Asset::Lut)
        }
        FileKind::Lut => Lut::from_hald(&decoded(bytes)?).map(Asset::Lut),
    }
}

fn decoded(bytes: &[u8]) -> Result<Pixels, String> {
    let limits = Limits::default();
    let (format, header) = codec::header(bytes, &limits).map_err(|e| e.to_string())?;
    let decoded =
        codec::decode(format, bytes, &header, 1, &limits, &mut Buffers::default()).map_err(|e| e.to_string())?;
    match decoded.partial {
        None => Ok(decoded.pixels),
        Some(_) => Err("the picture is damaged".to_owned()),
    }
}

impl Recipe {
    /// Loads what the filters' file parameters refer to; `load` is called once for each that names a file. Failures are
    /// remembered too: compiling the filter reports them.
    pub fn load_files(&mut self, mut load: impl FnMut(FileKind, &str) -> Result<Arc<Asset>, String>) {
        for (kind, file) in self.steps_mut().filter(|s| s.enabled).flat_map(|s| s.params.files_mut()) {
            if !file.path().is_empty() {
                let loaded = load(kind, file.path());
                file.set_loaded(loaded.map(|asset| asset as FileContent));
            }
        }
    }

    /// Why a file that has been asked for cannot be used, if one cannot.
    pub fn unusable_file(&self) -> Option<FilterError> {
        self.steps().filter(|s| s.enabled).find_map(|step| step.params.unusable_file())
    }

    /// Takes relative paths of files as relative to `folder`, where the recipe stands.
    pub fn anchor_files(&mut self, folder: &Path) {
        for export in self.exports_mut() {
            export.colour.anchor(folder);
        }
        for (_, file) in self.steps_mut().flat_map(|s| s.params.files_mut()) {
            if !file.path().is_empty() && Path::new(file.path()).is_relative() {
                *file = FileValue::new(&folder.join(file.path()).to_string_lossy());
            }
        }
    }
}
