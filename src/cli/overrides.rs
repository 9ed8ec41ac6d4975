//! `--override`: what is different for one picture of the batch: a file, a member of an archive, or an address.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use lightloom_param::shown;

use crate::batch::{OverridesBySource, Source, SourceEntry};
use crate::recipe::Overrides;
use crate::web::Address;

/// What is different for one file.
#[derive(Debug, Clone, PartialEq)]
pub struct ForFile {
    /// As it was named.
    pub file: PathBuf,
    /// What is different.
    pub overrides: Overrides,
}

/// Reads `FILE:key=value,…`. A file's name may hold colons: the last one that a key follows counts.
pub(super) fn parse(text: &str) -> Result<ForFile, String> {
    let keys = Overrides::KEYS.map(|key| format!(":{key}="));
    let split = keys.iter().filter_map(|key| text.rfind(key.as_str())).max();
    let Some((file, pairs)) = split.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))) else {
        return Err(format!("it is FILE:key=value,… with the keys {}", Overrides::KEYS.join(", ")));
    };
    let overrides = Overrides::parse(pairs).map_err(|e| e.to_string())?;
    Ok(ForFile { file: file.into(), overrides })
}

/// What is different for each of the sources.
///
/// # Errors
/// If a file is none of the pictures, so that a typing mistake is never without effect.
pub(super) fn by_source(all: &[ForFile], sources: &[SourceEntry]) -> Result<OverridesBySource> {
    let mut found = OverridesBySource::new();
    if all.is_empty() {
        return Ok(found);
    }
    let known: HashMap<PathBuf, &Source> =
        sources.iter().map(|entry| (known_as(entry.source.title()), &entry.source)).collect();
    for one in all {
        match known.get(&known_as(&one.file)) {
            Some(source) => found.insert((*source).clone(), one.overrides),
            None => bail!(
                "--override: {} is none of the pictures; give its path as it is on disk, that of its archive with that in \
                 the archive, or its address",
                shown(&one.file)
            ),
        };
    }
    Ok(found)
}

/// An address as it is asked for, or a path without links as far as it is on disk: what follows is in an archive.
fn known_as(name: &Path) -> PathBuf {
    if let Some(address) = name.to_str().filter(|text| Address::is_meant(text)) {
        return Address::parse(address).map_or_else(|_| name.to_path_buf(), |address| address.as_str().into());
    }
    let absolute = std::path::absolute(name).unwrap_or_else(|_| name.to_path_buf());
    let on_disk = absolute.ancestors().find_map(|above| Some((above, std::fs::canonicalize(above).ok()?)));
    let known = on_disk.and_then(|(above, real)| Some(real.join(absolute.strip_prefix(above).ok()?)));
    // Without a separator at its end.
    known.unwrap_or(absolute).components().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_hold_colons() {
        let read = |text: &str| parse(text).map(|one| (one.file.display().to_string(), one.overrides.to_string()));
        assert_eq!(read("a.jpg:exposure=1"), Ok(("a.jpg".into(), "exposure=1".into())));
        assert_eq!(
            read("C:\\a:b.jpg:rotate=left,crop=1:2:3:4"),
            Ok(("C:\\a:b.jpg".into(), "rotate=left,crop=1:2:3:4".into()))
        );
        assert_eq!(
            read("x:crop=1:exposure=2.jpg:crop=0:0:5:5"),
            Ok(("x:crop=1:exposure=2.jpg".into(), "crop=0:0:5:5".into()))
        );
        assert!(read("a.jpg").unwrap_err().contains("rotate, straighten, crop, exposure"));
        assert!(read("a.jpg:exposure=99").unwrap_err().contains("-10 to 10"));
    }
}
