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
    unpack(&SAMPLES, folder)?;
    let mut sources = Vec::new();
    discover(&[folder.to_path_buf()], &Search::default(), |discovered| {
        if let Discovered::Source(entry) = discovered {
            sources.push(entry);
        }
        true
    });
    Ok(sources)
}

fn unpack(from: &Dir<'_>, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    // Where they are from is for those who read the sources of the program.
    for file in from.files().filter(|file| !file.path().ends_with("SOURCES.tsv")) {
        std::fs::write(folder.join(file.path().file_name().unwrap_or_default()), file.contents())?;
    }
    from.dirs().try_for_each(|dir| unpack(dir, &folder.join(dir.path().file_name().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(unpack_samples(folder.path()).unwrap().len(), 12);
        let mut left_out = 0;
        discover(&[folder.path().to_path_buf()], &Search::default(), |discovered| {
            left_out += usize::from(!matches!(discovered, Discovered::Source(_)));
            true
        });
        assert_eq!(left_out, 0, "there is nothing else");
    }
}
