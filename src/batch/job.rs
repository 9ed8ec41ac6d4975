//! Jobs: which file goes where, decided for the whole run before it begins, so that names do not depend on timing.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::SourceFile;
use crate::recipe::FormatChoice;

/// Name of the folder for results where the person chose none.
pub const RESULT_FOLDER: &str = "lightloom";

/// Where results go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSettings {
    /// The folder; `None` for a folder `lightloom` beside each source folder.
    pub folder: Option<PathBuf>,
    /// Whether the folders below the source folder are made again below the output folder.
    pub keep_tree: bool,
}

impl Default for OutputSettings {
    fn default() -> Self {
        Self { folder: None, keep_tree: true }
    }
}

/// One picture's way: from which file to which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Place in the run, from 0.
    pub index: usize,
    /// The file to read.
    pub source: PathBuf,
    /// The folder to write into.
    pub folder: PathBuf,
    /// The name to write, without extension.
    pub stem: OsString,
}

/// Decides a distinct target for every file.
///
/// With `keep_tree` the folders below a source folder are kept; where there are several source folders, or results go
/// beside the source, the source folder's own name comes first. Files that would get the same name get `-2`, `-3`, …
/// in the order of `files`; names that differ only in case count as the same, since some disks cannot tell them apart.
pub fn plan_jobs(files: &[SourceFile], format: FormatChoice, output: &OutputSettings) -> Vec<Job> {
    let roots: HashSet<&Path> = files.iter().filter_map(|f| f.root.as_deref()).collect();
    let mut taken = HashSet::new();
    let mut jobs = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        let folder = folder_for(file, output, roots.len() > 1);
        let stem = file.path.file_stem().unwrap_or_else(|| OsStr::new("image")).to_owned();
        let extension = format.extension(&file.path);
        let mut candidate = stem.clone();
        let mut number = 2;
        while !taken.insert((folder.clone(), fold(&candidate), extension.clone())) {
            candidate = stem.clone();
            candidate.push(format!("-{number}"));
            number += 1;
        }
        jobs.push(Job { index, source: file.path.clone(), folder, stem: candidate });
    }
    jobs
}

/// The deepest folder that holds all results of these jobs: what to open to see them.
pub fn common_folder(jobs: &[Job]) -> Option<PathBuf> {
    let mut folders = jobs.iter().map(|job| job.folder.as_path());
    let mut common = folders.next()?;
    for folder in folders {
        common = common.ancestors().find(|a| folder.starts_with(a))?;
    }
    // Without a tail of `/.`.
    Some(common.components().collect())
}

fn fold(name: &OsStr) -> OsString {
    name.to_str().map_or_else(|| name.to_owned(), |n| n.to_lowercase().into())
}

fn folder_for(file: &SourceFile, output: &OutputSettings, several_roots: bool) -> PathBuf {
    let parent = |path: &Path| path.parent().map(Path::to_path_buf).unwrap_or_default();
    let root_name = file.root.as_deref().and_then(Path::file_name);
    let (mut folder, name_first) = match &output.folder {
        Some(folder) => (folder.clone(), several_roots),
        None => (parent(file.root.as_deref().unwrap_or(&file.path)).join(RESULT_FOLDER), true),
    };
    if let (true, Some(root)) = (output.keep_tree, &file.root) {
        if let (true, Some(name)) = (name_first, root_name) {
            folder.push(name);
        }
        if let Ok(below) = parent(&file.path).strip_prefix(root) {
            folder.push(below);
        }
    }
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, root: Option<&str>) -> SourceFile {
        SourceFile { path: path.into(), root: root.map(Into::into) }
    }

    fn targets(files: &[SourceFile], output: &OutputSettings) -> Vec<String> {
        let jobs = plan_jobs(files, FormatChoice::from_id("jpeg").unwrap(), output);
        jobs.iter().map(|j| j.folder.join(&j.stem).to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn results_go_beside_the_source_and_keep_the_tree() {
        let files = [
            file("/p/trip/a.jpg", Some("/p/trip")),
            file("/p/trip/day/b.jpg", Some("/p/trip")),
            file("/q/c.png", None),
        ];
        let beside = targets(&files, &OutputSettings::default());
        assert_eq!(beside, ["/p/lightloom/trip/a", "/p/lightloom/trip/day/b", "/q/lightloom/c"]);
        let chosen = targets(&files, &OutputSettings { folder: Some("/out".into()), keep_tree: true });
        assert_eq!(chosen, ["/out/a", "/out/day/b", "/out/c"]);
        let flat = targets(&files, &OutputSettings { folder: Some("/out".into()), keep_tree: false });
        assert_eq!(flat, ["/out/a", "/out/b", "/out/c"]);
    }

    #[test]
    fn all_results_are_below_the_common_folder() {
        let job = |folder: &str| Job { index: 0, source: "s".into(), folder: folder.into(), stem: "s".into() };
        let common = |folders: &[&str]| common_folder(&folders.iter().map(|f| job(f)).collect::<Vec<_>>());
        assert_eq!(common(&[]), None);
        assert_eq!(common(&["/out/a/"]), Some("/out/a".into()));
        assert_eq!(common(&["/out/trip/day", "/out/trip", "/out/trip/night"]), Some("/out/trip".into()));
        assert_eq!(common(&["/out/trip", "/out/tripod"]), Some("/out".into()));
    }

    #[test]
    fn several_folders_do_not_mix() {
        let files = [file("/p/trip/a.jpg", Some("/p/trip")), file("/q/home/a.jpg", Some("/q/home"))];
        let out = OutputSettings { folder: Some("/out".into()), keep_tree: true };
        assert_eq!(targets(&files, &out), ["/out/trip/a", "/out/home/a"]);
    }

    #[test]
    fn no_two_jobs_share_a_target() {
        let files = ["/p/a.jpg", "/p/a.png", "/p/A.gif", "/p/a-2.bmp"].map(|p| file(p, Some("/p")));
        let flat = OutputSettings { folder: Some("/out".into()), keep_tree: false };
        assert_eq!(targets(&files, &flat), ["/out/a", "/out/a-2", "/out/A-3", "/out/a-2-2"]);
    }
}
