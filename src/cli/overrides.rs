//! `--override`: what is different for one picture of the batch.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::batch::{Job, Source};
use crate::recipe::Overrides;

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

/// Sets what is different for each job.
///
/// # Errors
/// If a file is none of the pictures, so that a typing mistake is never without effect.
pub(super) fn put(all: &[ForFile], jobs: &mut [Job]) -> Result<()> {
    let wanted: Vec<_> = all.iter().map(|one| (Source::from(one.file.as_path()).canonical(), one)).collect();
    let mut found = vec![false; wanted.len()];
    if wanted.is_empty() {
        return Ok(());
    }
    for job in jobs {
        let own = job.source.canonical();
        for (index, (source, one)) in wanted.iter().enumerate() {
            if *source == own {
                job.overrides = one.overrides.shared();
                found[index] = true;
            }
        }
    }
    if let Some((_, (_, missing))) = found.iter().zip(&wanted).find(|(found, _)| !**found) {
        bail!("--override: {} is none of the pictures; give its path as it is on disk", missing.file.display());
    }
    Ok(())
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
