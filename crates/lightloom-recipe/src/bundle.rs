//! A recipe as one file that contains what it refers to: look-up tables, watermark pictures and fonts are embedded.
//!
//! The file is a recipe that any editor shows, with an `[[asset]]` table at its end for each file: its name, its BLAKE3
//! hash, and its bytes in Base64 (RFC 4648). The recipe refers to it as `asset:HASH/NAME`, so that files of the same name
//! stay apart.
//!
//! A bundle may come from a stranger: before anything is unpacked, each file's name, size, hash and kind are checked.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use toml::{Table, Value as Toml};

use super::text::{Parsed, RecipeError, form, parse};
use super::{Recipe, asset};
use lightloom_filter::{FileKind, Value};
use lightloom_param::{is_active, shown_text};

/// How references to embedded files begin.
const SCHEME: &str = "asset:";

/// Most bytes of one embedded file.
pub const LARGEST_ASSET: u64 = 64 << 20;

/// Most bytes of all embedded files that a recipe refers to.
const LARGEST_ASSETS: u64 = 256 << 20;

/// Most embedded files that a recipe refers to.
const MOST_ASSETS: usize = 64;

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
    /// Reads a recipe file, with or without files in it. Every file that the recipe refers to is whole, usable for what it
    /// wants of it, and has a name that cannot lead out of a folder. Other files in it are left out.
    ///
    /// # Errors
    /// If it is no recipe, or one of its files is damaged, missing, too large or of the wrong kind.
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        let Parsed { mut recipe, assets } = parse(text)?;
        let mut wanted: BTreeMap<String, FileKind> = BTreeMap::new();
        for (kind, file) in recipe.steps_mut().flat_map(|step| step.params.files_mut()) {
            if file.path().starts_with(SCHEME) {
                wanted.insert(file.path().to_owned(), kind);
            }
        }
        if wanted.len() > MOST_ASSETS {
            let problem =
                format!("the recipe refers to {} files in it; at most {MOST_ASSETS} are allowed", wanted.len());
            return Err(form("asset", problem));
        }
        let assets = match assets {
            Some(value) => read_assets(&value, &mut wanted).map_err(|error| error.located(text))?,
            None => Vec::new(),
        };
        match wanted.keys().next() {
            Some(missing) => {
                let missing = shown_text(missing);
                Err(form("asset", format!("the recipe refers to {missing}, which it does not carry")))
            }
            None => Ok(Self { recipe, assets }),
        }
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
    /// Paths of the files that the filters name and that are not embedded, each once, in order.
    pub fn files_named(&self) -> Vec<String> {
        let mut named: Vec<String> = Vec::new();
        for (_, value) in self.steps().flat_map(|step| step.params.iter()) {
            if let Value::File(file) = value
                && !file.path().is_empty()
                && !file.path().starts_with(SCHEME)
                && !named.iter().any(|other| other == file.path())
            {
                named.push(file.path().to_owned());
            }
        }
        named
    }

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

/// Reads the files that are `wanted`, each once, and takes them from there.
fn read_assets(value: &Toml, wanted: &mut BTreeMap<String, FileKind>) -> Result<Vec<AssetFile>, RecipeError> {
    let list = value.as_array().ok_or_else(|| form("asset", "must be a list of tables: [[asset]]"))?;
    let mut assets = Vec::new();
    let mut total = 0;
    for (i, entry) in list.iter().enumerate() {
        let place = format!("asset {}", i + 1);
        let entry = Entry::of(&place, entry)?;
        let reference = format!("{SCHEME}{}/{}", entry.hash.to_ascii_lowercase(), entry.name);
        let Some(kind) = wanted.remove(&reference) else { continue };
        let asset = entry.read(&place)?;
        total += asset.bytes.len() as u64;
        if total > LARGEST_ASSETS {
            let problem = format!("all files together are larger than {} MiB", LARGEST_ASSETS >> 20);
            return Err(form(format!("{place}: data"), problem));
        }
        check(kind, &asset).map_err(|reason| form(&place, format!("{} cannot be used: {reason}", asset.name)))?;
        assets.push(asset);
    }
    Ok(assets)
}

/// The table of an embedded file, not yet decoded.
struct Entry<'a> {
    name: &'a str,
    hash: &'a str,
    data: &'a str,
}

impl<'a> Entry<'a> {
    fn of(place: &str, entry: &'a Toml) -> Result<Self, RecipeError> {
        let table: &Table = entry.as_table().ok_or_else(|| form(place, "must be a table"))?;
        if let Some(other) = table.keys().find(|key| !["name", "blake3", "data"].contains(&key.as_str())) {
            return Err(form(format!("{place}: {other}"), "unknown; an asset has name, blake3 and data"));
        }
        let text = |key: &str| {
            let value = table.get(key).ok_or_else(|| form(place, format!("has no {key}")))?;
            value.as_str().ok_or_else(|| form(format!("{place}: {key}"), "must be a text"))
        };
        let name = text("name")?;
        if !name_is_safe(name) {
            let problem = format!("'{}' is no plain file name of at most 120 characters", shown_text(name));
            return Err(form(format!("{place}: name"), problem));
        }
        Ok(Self { name, hash: text("blake3")?, data: text("data")? })
    }

    fn read(self, place: &str) -> Result<AssetFile, RecipeError> {
        let Self { name, hash, data } = self;
        let packed: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        if packed.len() as u64 / 4 * 3 > LARGEST_ASSET {
            return Err(form(format!("{place}: data"), format!("{name} is larger than {} MiB", LARGEST_ASSET >> 20)));
        }
        let bytes = STANDARD.decode(packed).map_err(|e| form(format!("{place}: data"), format!("no Base64: {e}")))?;
        let found = blake3::hash(&bytes).to_hex().to_string();
        if !found.eq_ignore_ascii_case(hash) {
            let hash = shown_text(hash);
            let problem = format!("{name} is damaged: its content does not have the BLAKE3 hash {hash}");
            return Err(form(format!("{place}: blake3"), problem));
        }
        Ok(AssetFile { name: name.to_owned(), hash: found, bytes })
    }
}

fn is_allowed(c: char) -> bool {
    !is_active(c) && !"/\\:*?\"<>|".contains(c)
}

/// Whether a name stays in its folder on every system.
fn name_is_safe(name: &str) -> bool {
    let plain = !name.starts_with('.') && !name.ends_with(['.', ' ']) && name.chars().all(is_allowed);
    // Devices of Windows, whatever extension follows.
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |device: &str| stem.strip_prefix(device).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
    let reserved = ["CON", "PRN", "AUX", "NUL"].contains(&&*stem) || numbered("COM") || numbered("LPT");
    plain && !reserved && (1..=120).contains(&name.chars().count()) && name.len() <= 240
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
    fn what_the_recipe_does_not_refer_to_is_left_out() {
        let mut whole = bundle("a.cube", TABLE);
        whole.assets.push(AssetFile::new("junk.bin", vec![1; 1000]));
        whole.assets.push(whole.assets[0].clone());
        let read = Bundle::from_toml(&whole.to_toml()).unwrap();
        assert_eq!(read.assets, whole.assets[..1]);
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
        for name in [
            "../a.cube",
            "/etc/a.cube",
            "..",
            ".a",
            "a\\\\b.cube",
            "C:a.cube",
            "",
            "a\\u0000.cube",
            "con.cube",
            "LPT1",
            "a\\u202e.cube",
        ] {
            let evil = error(&text.replace("name = \"a.cube\"", &format!("name = \"{name}\"")));
            assert!(evil.contains("no plain file name"), "{name}: {evil}");
        }
        assert!(error(&text.replace("blake3 =", "md5 =")).contains("md5"));
        let many: Vec<Step> = (0..65).map(|i| bundle(&format!("{i}.cube"), TABLE).recipe.filters.remove(0)).collect();
        let refused = error(&Recipe { filters: many, ..Recipe::default() }.to_toml());
        assert!(refused.contains("refers to 65 files"), "{refused}");
        assert!(error(&text.replace("version = 3", "version = 1")).contains("version = 3"));
    }
}
