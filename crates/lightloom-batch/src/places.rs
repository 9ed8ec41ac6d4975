//! Whether results can be written where they are to go, asked before anything is computed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::output::WriteError;
use super::{Action, Job, Packing};
use lightloom_param::shown;

/// Most folders that are asked.
const MOST: usize = 32;

/// What the folders for results say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedPlaces {
    /// Why those that refuse a file do so.
    pub reasons: Vec<String>,
    /// Whether no folder takes a file.
    pub all_refuse: bool,
}

/// Makes and removes a file in each folder below which results are to lie, or where that is to be made. Reads and writes
/// the disk.
pub fn check_places(jobs: &[Job]) -> CheckedPlaces {
    let targets = jobs.iter().flat_map(|job| &job.targets);
    let written = targets.filter(|target| !matches!(target.action, Action::Skip(_)));
    // An archive is made in the folder that it lies in.
    let place = |root| if Packing::is_wanted(root) { root.parent().unwrap_or(root) } else { root };
    let folders: BTreeSet<&Path> = written.map(|target| place(&target.root)).collect();
    let refusal = |folder: &Path| {
        let error = WriteError::from(takes_a_file(folder).err()?);
        Some(format!("results cannot be written to {}: {}", shown(folder), error.advice()))
    };
    let reasons: Vec<String> = folders.iter().take(MOST).filter_map(|folder| refusal(folder)).collect();
    CheckedPlaces { all_refuse: !reasons.is_empty() && reasons.len() == folders.len(), reasons }
}

fn takes_a_file(folder: &Path) -> io::Result<()> {
    for above in folder.ancestors() {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        match fs::metadata(above) {
            Ok(meta) if meta.is_dir() => return tempfile::tempfile_in(above).map(drop),
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OutputSettings, SourceEntry, plan_jobs};
    use lightloom_recipe::Recipe;

    fn check(folder: &Path) -> CheckedPlaces {
        let sources = [SourceEntry::from("/p/a.png"), SourceEntry::from("/p/b.png")];
        let output = OutputSettings { folder: Some(folder.to_path_buf()), ..OutputSettings::default() };
        check_places(&plan_jobs(&sources, &Recipe::default(), &output))
    }

    #[test]
    fn a_folder_that_takes_no_file_is_said_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(check(dir.path()), CheckedPlaces::default());
        assert_eq!(check(&dir.path().join("new/and/below")), CheckedPlaces::default());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        fs::write(dir.path().join("file"), "").unwrap();
        for folder in ["file", "file/below", "file/deep/below"] {
            let checked = check(&dir.path().join(folder));
            assert!(checked.all_refuse && checked.reasons.len() == 1, "{checked:?}");
            assert!(checked.reasons[0].contains("a file stands where a folder is needed"), "{checked:?}");
        }
    }

    #[test]
    fn places_of_which_one_takes_files_do_not_all_refuse() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(dir.path().join("lightloom"), "in the way").unwrap();
        let sources = [SourceEntry::from(dir.path().join("a.png")), SourceEntry::from(other.path().join("b.png"))];
        let checked = check_places(&plan_jobs(&sources, &Recipe::default(), &OutputSettings::default()));
        assert!(!checked.all_refuse && checked.reasons.len() == 1, "{checked:?}");
    }
}
