//! Jobs: which source goes where, decided for the whole run before it begins, so that names do not depend on timing.
//!
//! For the same reason a part of a batch, such as the lab's sample, is planned over the whole list and then picked.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Conflict, Source, SourceEntry};
use lightloom_filter::FilterError;
use lightloom_recipe::{Output, Overrides, Recipe};

/// Name of the folder for results where the person chose none.
pub const RESULT_FOLDER: &str = "lightloom";

/// Where results go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSettings {
    /// The folder; `None` for a folder `lightloom` beside each source folder.
    pub folder: Option<PathBuf>,
    /// Whether the folders below the source folder are made again below the output folder.
    pub keep_tree: bool,
    /// What happens where a result's name is taken.
    pub conflict: Conflict,
}

impl Default for OutputSettings {
    fn default() -> Self {
        Self { folder: None, keep_tree: true, conflict: Conflict::default() }
    }
}

/// One picture of a batch: where it comes from and where its results go.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Place in the run, from 0.
    pub index: usize,
    /// Number in the whole batch, from 1, which a run of a part of it keeps: for the token `{seq}`.
    pub number: usize,
    /// Where it comes from.
    pub source: Source,
    /// Where each output of the recipe goes, in its order.
    pub targets: Vec<Target>,
    /// What is different for this picture.
    pub overrides: Option<Arc<Overrides>>,
}

/// A file to write, its extension aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The folder to write into.
    pub folder: PathBuf,
    /// The name to write, without suffix and extension.
    pub stem: OsString,
    /// What the output appends to the name.
    pub suffix: String,
}

impl Target {
    /// The file without its extension.
    pub fn path(&self) -> PathBuf {
        self.folder.join(self.name(1))
    }

    /// The name without its extension, the `number`th of its kind: `name-suffix`, `name-2-suffix`, …
    pub(super) fn name(&self, number: u32) -> OsString {
        let mut name = numbered(&self.stem, number);
        name.push(&self.suffix);
        name
    }
}

impl Job {
    /// The recipe as it is for this picture.
    ///
    /// # Errors
    /// If an override is out of its range.
    pub fn recipe<'a>(&self, recipe: &'a Recipe) -> Result<Cow<'a, Recipe>, FilterError> {
        self.overrides.as_ref().map_or(Ok(Cow::Borrowed(recipe)), |overrides| overrides.apply(recipe))
    }

    /// The folders to write into.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.targets.iter().map(|target| target.folder.as_path())
    }
}

fn numbered(stem: &OsStr, number: u32) -> OsString {
    let mut name = stem.to_owned();
    if number > 1 {
        name.push(format!("-{number}"));
    }
    name
}

/// Decides distinct targets for every source and every output of the recipe.
///
/// With `keep_tree` the folders below a source folder are kept; where there are several source folders, or results go
/// beside the source, the source folder's own name comes first. Pictures that would get the same name get `-2`, `-3`, …
/// in the order of `sources`, the same number for all their outputs; names that differ only in case count as the same,
/// since some disks cannot tell them apart. A source that lies nowhere has its results in the folder of the program,
/// unless `output` names another.
pub fn plan_jobs(sources: &[SourceEntry], recipe: &Recipe, output: &OutputSettings) -> Vec<Job> {
    let roots: HashSet<&Path> = sources.iter().filter_map(|entry| entry.root.as_deref()).collect();
    let outputs = recipe.all_outputs();
    let mut taken = HashSet::new();
    let mut jobs = Vec::with_capacity(sources.len());
    for (index, entry) in sources.iter().enumerate() {
        let folder = folder_for(entry, output, roots.len() > 1);
        let SourceEntry { source, .. } = entry;
        let target = |output: &Output, number: u32| Target {
            folder: if output.folder.is_empty() { folder.clone() } else { folder.join(&output.folder) },
            stem: numbered(source.stem(), number),
            suffix: output.suffix.clone(),
        };
        let key = |output: &Output, number: u32| {
            let target = target(output, number);
            let extension = output.export.format.extension(source.name());
            (fold_case(target.folder.as_os_str()), fold_case(&target.name(1)), extension)
        };
        // Outputs of one picture that are alike in all get numbers of their own.
        let mut number = 1;
        while outputs.iter().any(|output| taken.contains(&key(output, number))) {
            number += 1;
        }
        let claim = |output: &Output| {
            let mut own = number;
            while !taken.insert(key(output, own)) {
                own += 1;
            }
            target(output, own)
        };
        let targets = outputs.iter().map(claim).collect();
        jobs.push(Job { index, number: index + 1, source: source.clone(), targets, overrides: None });
    }
    jobs
}

/// What is different for single pictures, by their sources.
pub type OverridesBySource = BTreeMap<Source, Overrides>;

/// Sets what is different for each picture.
pub fn set_overrides(jobs: &mut [Job], overrides: &OverridesBySource) {
    for job in jobs {
        job.overrides = overrides.get(&job.source).and_then(Overrides::shared);
    }
}

/// The deepest folder that holds all results of these jobs: what to open to see them.
pub fn common_folder(jobs: &[Job]) -> Option<PathBuf> {
    let mut folders = jobs.iter().flat_map(Job::folders);
    let mut common = folders.next()?;
    for folder in folders {
        common = common.ancestors().find(|a| folder.starts_with(a))?;
    }
    // Without a tail of `/.`.
    Some(common.components().collect())
}

fn fold_case(name: &OsStr) -> OsString {
    name.to_str().map_or_else(|| name.to_owned(), |n| n.to_lowercase().into())
}

fn folder_for(entry: &SourceEntry, output: &OutputSettings, several_roots: bool) -> PathBuf {
    let parent = |path: &Path| path.parent().map(Path::to_path_buf).unwrap_or_default();
    let root_name = entry.root.as_deref().and_then(Path::file_name);
    let (mut folder, name_first) = match &output.folder {
        Some(folder) => (folder.clone(), several_roots),
        None => (parent(entry.root.as_deref().unwrap_or(entry.source.name())).join(RESULT_FOLDER), true),
    };
    if let (true, Some(root)) = (output.keep_tree, &entry.root) {
        if let (true, Some(name)) = (name_first, root_name) {
            folder.push(name);
        }
        if let Ok(below) = parent(entry.source.name()).strip_prefix(root) {
            folder.push(below);
        }
    }
    folder
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_recipe::{ExportSettings, FormatChoice};

    fn file(path: &str, root: Option<&str>) -> SourceEntry {
        SourceEntry { source: path.into(), root: root.map(Into::into) }
    }

    fn targets(files: &[SourceEntry], output: &OutputSettings) -> Vec<String> {
        let jpeg = ExportSettings { format: FormatChoice::from_id("jpeg").unwrap(), ..ExportSettings::default() };
        all_targets(files, &Recipe { export: jpeg, ..Recipe::default() }, output)
    }

    fn all_targets(files: &[SourceEntry], recipe: &Recipe, output: &OutputSettings) -> Vec<String> {
        let jobs = plan_jobs(files, recipe, output);
        jobs.iter().flat_map(|j| &j.targets).map(|t| t.path().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn each_output_has_a_name_of_its_own() {
        let output = |name: &str, suffix: &str, folder: &str| Output {
            suffix: suffix.into(),
            folder: folder.into(),
            ..Output::named(name)
        };
        let outputs = vec![output("web", "", ""), output("small", "-256", ""), output("thumb", "", "thumbs")];
        let recipe = Recipe { outputs, ..Recipe::default() };
        let flat = OutputSettings { folder: Some("/out".into()), keep_tree: false, ..OutputSettings::default() };
        let files = ["/p/a.jpg", "/q/a.jpg", "/p/a-256.jpg", "/p/b.jpg"].map(|p| file(p, None));
        let expected = [
            ["/out/a", "/out/a-256", "/out/thumbs/a"],
            ["/out/a-2", "/out/a-2-256", "/out/thumbs/a-2"],
            ["/out/a-256-2", "/out/a-256-2-256", "/out/thumbs/a-256-2"],
            ["/out/b", "/out/b-256", "/out/thumbs/b"],
        ];
        assert_eq!(all_targets(&files, &recipe, &flat), expected.concat());
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
        let chosen = targets(&files, &OutputSettings { folder: Some("/out".into()), ..OutputSettings::default() });
        assert_eq!(chosen, ["/out/a", "/out/day/b", "/out/c"]);
        let flat = targets(
            &files,
            &OutputSettings { folder: Some("/out".into()), keep_tree: false, ..OutputSettings::default() },
        );
        assert_eq!(flat, ["/out/a", "/out/b", "/out/c"]);
    }

    #[test]
    fn all_results_are_below_the_common_folder() {
        let target = |folder: &str| Target { folder: folder.into(), stem: "s".into(), suffix: String::new() };
        let job = |folder: &str| Job {
            index: 0,
            number: 1,
            source: "s".into(),
            targets: vec![target(folder)],
            overrides: None,
        };
        let common = |folders: &[&str]| common_folder(&folders.iter().map(|f| job(f)).collect::<Vec<_>>());
        assert_eq!(common(&[]), None);
        assert_eq!(common(&["/out/a/"]), Some("/out/a".into()));
        assert_eq!(common(&["/out/trip/day", "/out/trip", "/out/trip/night"]), Some("/out/trip".into()));
        assert_eq!(common(&["/out/trip", "/out/tripod"]), Some("/out".into()));
    }

    #[test]
    fn several_folders_do_not_mix() {
        let files = [file("/p/trip/a.jpg", Some("/p/trip")), file("/q/home/a.jpg", Some("/q/home"))];
        let out = OutputSettings { folder: Some("/out".into()), ..OutputSettings::default() };
        assert_eq!(targets(&files, &out), ["/out/trip/a", "/out/home/a"]);
    }

    #[test]
    fn a_source_in_memory_is_named_as_a_file_would_be() {
        let sources = ["/p/a.jpg".into(), SourceEntry::from(Source::memory("a.jpg", *b"x"))];
        let out = OutputSettings { folder: Some("/out".into()), ..OutputSettings::default() };
        assert_eq!(targets(&sources, &out), ["/out/a", "/out/a-2"]);
        assert_eq!(targets(&sources[1..], &OutputSettings::default()), ["lightloom/a"]);
    }

    #[test]
    fn no_two_jobs_share_a_target() {
        let files = ["/p/a.jpg", "/p/a.png", "/p/A.gif", "/p/a-2.bmp"].map(|p| file(p, Some("/p")));
        let flat = OutputSettings { folder: Some("/out".into()), keep_tree: false, ..OutputSettings::default() };
        assert_eq!(targets(&files, &flat), ["/out/a", "/out/a-2", "/out/A-3", "/out/a-2-2"]);
    }
}
