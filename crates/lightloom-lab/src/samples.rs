//! The sample photos that are built into the program.

use std::path::Path;

use include_dir::{Dir, include_dir};

use lightloom_batch::{Discovered, Search, SourceEntry, discover};

static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../assets/samples");

/// The file of one sample photo, by its path among them.
pub fn sample(path: &str) -> Option<&'static [u8]> {
    SAMPLES.get_file(path).map(include_dir::File::contents)
}

/// Writes the sample photos into `folder` and lists them.
///
/// # Errors
/// If the disk refuses.
pub fn unpack_samples(folder: &Path) -> std::io::Result<Vec<SourceEntry>> {
    std::fs::create_dir_all(folder)?;
    SAMPLES.extract(folder)?;
    let mut sources = Vec::new();
    discover(&[folder.to_path_buf()], &Search::default(), |discovered| {
        if let Discovered::Source(entry) = discovered {
            sources.push(entry);
        }
        true
    });
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(unpack_samples(folder.path()).unwrap().len(), 12);
    }
}
