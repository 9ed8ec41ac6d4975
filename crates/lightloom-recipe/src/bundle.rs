//! A recipe as one file that contains what it refers to: look-up tables, watermark pictures and fonts are embedded.
//!
//! The file is a recipe that any editor shows, with an `[[asset]]` table at its end for each file: its name, its BLAKE3
//! hash, and its bytes in Base64 (RFC 4648). The recipe refers to it as `asset:HASH/NAME`, so that files of the same name
//! stay apart.
//!
//! A bundle may come from a stranger: before anything is unpacked, each file's name, size, hash and kind are checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::{Table, Value as Toml};

use super::text::{Parsed, RecipeError, form, parse};
use super::{Recipe, asset};
use lightloom_filter::FileKind;

/// How references to embedded files begin.
const SCHEME: &str = "asset:";

/// Most bytes of one embedded file.
pub const LARGEST_ASSET: u64 = 64 << 20;

/// Characters of a line of Base64, as in mails.
const LINE: usize = 76;

/// An embedded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetFile {
    /// Its name, without folders.
    pub name: String,
    /// BLAKE3 hash of its bytes, 64 hexadecimal digits.
    pub hash: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl AssetFile {
    /// A file with this content. What a name may not hold is replaced by `_`.
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        let safe: String = name.chars().map(|c| if is_allowed(c) { c } else { '_' }).collect();
        let name = if name_is_safe(&safe) { safe } else { format!("file-{}", safe.trim_start_matches('.')) };
        Self { name, hash: blake3::hash(&bytes).to_hex().to_string(), bytes }
    }

    /// How a recipe refers to it.
    pub fn reference(&self) -> String {
        format!("{SCHEME}{}/{}", self.hash, self.name)
    }
}

/// A recipe with its embedded files.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// The recipe; its references are still those of [`AssetFile::reference`].
    pub recipe: Recipe,
    /// The files, each once.
    pub assets: Vec<AssetFile>,
}

impl Bundle {
    /// Reads a recipe file, with or without files in it. Every file is whole, usable for what the recipe wants of it, and
    /// has a name that cannot lead out of a folder.
    ///
    /// # Errors
    /// If it is no recipe, or one of its files is damaged, missing or of the wrong kind.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let Parsed { mut recipe, assets } = parse(text)?;
        let assets = match assets {
            Some(value) => read_assets(&value).map_err(|error| error.located(text))?,
            None => Vec::new(),
        };
        let mut problem = None;
        for (kind, file) in recipe.steps_mut().flat_map(|step| step.params.files_mut()) {
            if !file.path().starts_with(SCHEME) {
                continue;
            }
            let found = assets.iter().position(|asset| asset.reference() == file.path());
            let checked = match found {
                Some(index) => check(kind, &assets[index]).map_err(|problem| (index, problem)),
                None => {
                    let reference = file.path().to_owned();
                    problem = Some(form("asset", format!("the recipe refers to {reference}, which it does not carry")));
                    break;
                }
            };
            if let Err((index, reason)) = checked {
                let place = format!("asset {}", index + 1);
                problem = Some(form(place, format!("{} cannot be used: {reason}", assets[index].name)).located(text));
                break;
            }
        }
        problem.map_or(Ok(Self { recipe, assets }), Err)
    }

    /// Writes it so that [`Self::from_toml`] reads it back unchanged.
    pub fn to_toml(&self) -> String {
        let mut out = self.recipe.to_toml();
        for AssetFile { name, hash, bytes } in &self.assets {
            let encoded = STANDARD.encode(bytes);
            let name = Toml::String(name.clone());
            out.push_str(&format!("\n[[asset]]\nname = {name}\nblake3 = \"{hash}\"\ndata = '''\n"));
            let mut rest = encoded.as_str();
            while !rest.is_empty() {
                let (line, next) = rest.split_at(rest.len().min(LINE));
                out.push_str(line);
                out.push('\n');
                rest = next;
            }
            out.push_str("'''\n");
        }
        out
    }
}

impl Recipe {
    /// Changes the files that the recipe names: `change` gets the kind and path of each, and returns its new path, or
    /// `None` to leave it.
    ///
    /// # Errors
    /// The first error of `change`.
    pub fn change_files<E>(
        &mut self,
        mut change: impl FnMut(FileKind, &str) -> Result<Option<String>, E>,
    ) -> Result<(), E> {
        for (kind, file) in self.steps_mut().flat_map(|step| step.params.files_mut()) {
            if !file.path().is_empty()
                && let Some(path) = change(kind, file.path())?
            {
                *file = lightloom_filter::FileValue::new(&path);
            }
        }
        Ok(())
    }
}

/// Whether the bytes are what the filter needs.
fn check(kind: FileKind, file: &AssetFile) -> Result<(), String> {
    asset(kind, &file.name, &file.bytes).map(drop)
}

fn read_assets(value: &Toml) -> Result<Vec<AssetFile>, RecipeError> {
    let list = value.as_array().ok_or_else(|| form("asset", "must be a list of tables: [[asset]]"))?;
    list.iter().enumerate().map(|(i, entry)| read_asset(&format!("asset {}", i + 1), entry)).collect()
}

fn read_asset(place: &str, entry: &Toml) -> Result<AssetFile, RecipeError> {
    let table: &Table = entry.as_table().ok_or_else(|| form(place, "must be a table"))?;
    if let Some(other) = table.keys().find(|key| !["name", "blake3", "data"].contains(&key.as_str())) {
        return Err(form(format!("{place}: {other}"), "unknown; an asset has name, blake3 and data"));
    }
    let text = |key: &str| {
        let value = table.get(key).ok_or_else(|| form(place, format!("has no {key}")))?;
        value.as_str().ok_or_else(|| form(format!("{place}: {key}"), "must be a text"))
    };
    let (name, hash) = (text("name")?, text("blake3")?);
    if !name_is_safe(name) {
        let problem = format!("'{}' is no plain file name of at most 120 characters", name.escape_debug());
        return Err(form(format!("{place}: name"), problem));
    }
    let packed: Vec<u8> = text("data")?.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if packed.len() as u64 / 4 * 3 > LARGEST_ASSET {
        return Err(form(format!("{place}: data"), format!("{name} is larger than {} MiB", LARGEST_ASSET >> 20)));
    }
    let bytes = STANDARD.decode(packed).map_err(|e| form(format!("{place}: data"), format!("no Base64: {e}")))?;
    let found = blake3::hash(&bytes).to_hex().to_string();
    if !found.eq_ignore_ascii_case(hash) {
        let problem = format!("{name} is damaged: its content does not have the BLAKE3 hash {hash}");
        return Err(form(format!("{place}: blake3"), problem));
    }
    Ok(AssetFile { name: name.to_owned(), hash: found, bytes })
}

fn is_allowed(c: char) -> bool {
    !c.is_control() && !"/\\:*?\"<>|".contains(c)
}

/// Whether a name stays in its folder on every system.
fn name_is_safe(name: &str) -> bool {
    let plain = !name.starts_with('.') && !name.ends_with(['.', ' ']) && name.chars().all(is_allowed);
    plain && (1..=120).contains(&name.chars().count()) && name.len() <= 240
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Step;

    const TABLE: &[u8] = b"LUT_1D_SIZE 2\n0 0 0\n1 1 0.5\n";

    fn bundle(name: &str, bytes: &[u8]) -> Bundle {
        let asset = AssetFile::new(name, bytes.to_vec());
        let mut step = Step::new("lut3d").unwrap();
        step.params.set_text("file", &asset.reference()).unwrap();
        Bundle { recipe: Recipe { filters: vec![step], ..Recipe::default() }, assets: vec![asset] }
    }

    #[test]
    fn a_recipe_and_its_files_survive_the_round_trip() {
        let whole = bundle("Wärme \"1\".cube", TABLE);
        assert_eq!(whole.assets[0].name, "Wärme _1_.cube", "what some disks refuse is replaced");
        let text = whole.to_toml();
        assert!(text.lines().all(|line| line.len() <= 120), "{text}");
        assert_eq!(Bundle::from_toml(&text), Ok(whole.clone()));
        assert_eq!(Recipe::from_toml(&text), Ok(whole.recipe), "who reads only the recipe finds it");
    }

    #[test]
    fn what_is_broken_is_refused_with_its_line() {
        let error = |text: &str| Bundle::from_toml(text).unwrap_err().to_string();
        let text = bundle("a.cube", TABLE).to_toml();
        let line = |what: &str| 1 + text.lines().position(|l| l.starts_with(what)).unwrap();
        let damaged = error(&text.replace("TFVUXz", "TFVUXy"));
        assert!(damaged.starts_with(&format!("line {}:", line("blake3"))), "{damaged}");
        assert!(damaged.contains("a.cube is damaged"), "{damaged}");
        assert!(error(&text.replace("TFVUXz", "T!VUXz")).contains("no Base64"));
        let cut: String = text.split("\n[[asset]]").next().unwrap().to_owned();
        assert!(error(&cut).contains("does not carry"));
        let useless = error(&bundle("a.cube", b"not a table").to_toml());
        assert!(useless.contains("asset 1: a.cube cannot be used"), "{useless}");
        for name in ["../a.cube", "/etc/a.cube", "..", ".a", "a\\\\b.cube", "C:a.cube", "", "a\\u0000.cube"] {
            let evil = error(&text.replace("name = \"a.cube\"", &format!("name = \"{name}\"")));
            assert!(evil.contains("no plain file name"), "{name}: {evil}");
        }
        assert!(error(&text.replace("blake3 =", "md5 =")).contains("md5"));
        assert!(error(&text.replace("version = 3", "version = 1")).contains("version = 3"));
    }
}
