//! Names: where the results of each picture go, decided for the whole run before it begins, so that they do not depend on
//! timing.
//!
//! A [`Template`] with what is known of a picture makes a name; `legal` makes it one that every disk can hold; `taken`
//! keeps two results of a batch from having the same. For the same reason a part of a batch, such as the lab's sample, is
//! planned over the whole list and then picked.

mod facts;
mod legal;
mod taken;
mod template;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::job::{Action, Job, OverridesBySource, Target, numbered, set_overrides};
use super::{Conflict, Decoders, Source, SourceEntry};
use facts::{Facts, facts};
use lightloom_archive::Format;
use lightloom_codec::Limits;
use lightloom_param::shown;
use lightloom_recipe::{Output, Recipe};
use taken::Taken;
use template::Values;
pub use template::{TOKENS, Template, TemplateError, TokenHelp};

/// Name of the folder for results where the person chose none.
pub const RESULT_FOLDER: &str = "lightloom";

/// Where results go and how they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputSettings {
    /// The folder, or an archive if it is called like one; `None` for a folder `lightloom` beside each source folder.
    pub folder: Option<PathBuf>,
    /// Whether the folders below the source folder are made again below the output folder.
    pub keep_tree: bool,
    /// How results are called, and in which folders below those they lie.
    pub names: Template,
    /// What `{recipe}` stands for in names.
    pub recipe_name: String,
    /// What happens where a name is taken by a file that is there.
    pub conflict: Conflict,
    /// Where `folder` is called like an archive: bytes after which a new one is begun; `None` for a single one.
    pub shard_bytes: Option<u64>,
}

impl Default for OutputSettings {
    fn default() -> Self {
        Self {
            folder: None,
            keep_tree: true,
            names: Template::default(),
            recipe_name: String::new(),
            conflict: Conflict::default(),
            shard_bytes: None,
        }
    }
}

/// What the names of a batch are decided from.
#[derive(Debug, Clone, Copy)]
pub struct Planning<'a> {
    /// The pictures, in order.
    pub sources: &'a [SourceEntry],
    /// What is done to them.
    pub recipe: &'a Recipe,
    /// Where results go.
    pub output: &'a OutputSettings,
    /// What is different for single pictures.
    pub overrides: &'a OverridesBySource,
    /// Which files are refused, where headers are read for their names.
    pub limits: &'a Limits,
    /// Who reads headers of formats that are isolated.
    pub decoders: &'a Decoders,
    /// Whether names of files that are there are taken. If not, that is found out when results are written.
    pub looks_at_disk: bool,
    /// Headers that have been read so far, for progress.
    pub headers_read: &'a AtomicUsize,
}

/// Decides distinct targets for every source and every output of the recipe, without looking at files that are there.
///
/// With `keep_tree` the folders below a source folder are kept; where there are several source folders, or results go
/// beside the source, the source folder's own name comes first. Pictures that would get the same name get `-2`, `-3`, …
/// in the order of `sources`, the same number for all their outputs; names that some disks cannot tell apart, such as those
/// that differ only in case, count as the same. A source that lies nowhere has its results in the folder of the program,
/// unless `output` names another.
pub fn plan_jobs(sources: &[SourceEntry], recipe: &Recipe, output: &OutputSettings) -> Vec<Job> {
    Planning {
        sources,
        recipe,
        output,
        overrides: &OverridesBySource::new(),
        limits: &Limits::default(),
        decoders: &Decoders::default(),
        looks_at_disk: false,
        headers_read: &AtomicUsize::new(0),
    }
    .jobs()
}

impl Planning<'_> {
    /// Decides distinct targets for every source and every output of the recipe, as [`plan_jobs`] does, and what is to
    /// happen where a file is there.
    pub fn jobs(&self) -> Vec<Job> {
        let roots: HashSet<&Path> = self.sources.iter().filter_map(|entry| entry.root.as_deref()).collect();
        self.jobs_after(0, roots.len() > 1)
    }

    /// As [`Self::jobs`], for pictures that belong together with `before` others that came earlier: numbers go on, and
    /// `several_roots` says whether all of them come from several folders.
    pub fn jobs_after(&self, before: usize, several_roots: bool) -> Vec<Job> {
        let facts = facts(self, before);
        let mut names = Names {
            planning: self,
            outputs: &self.recipe.all_outputs(),
            before,
            several_roots,
            taken: Taken::new(self.looks_at_disk),
        };
        // Whatever a name may replace, it is no original.
        for path in self.sources.iter().filter_map(|entry| entry.source.place()) {
            names.taken.claim(&parent(path), path.file_name().unwrap_or_default());
        }
        let mut jobs: Vec<Job> =
            facts.iter().enumerate().map(|(index, facts)| names.job(index, &self.sources[index], facts)).collect();
        set_overrides(&mut jobs, self.overrides);
        jobs
    }
}

/// Finds names for one picture after the other.
struct Names<'a> {
    planning: &'a Planning<'a>,
    outputs: &'a [Output],
    /// Pictures that came before this batch.
    before: usize,
    several_roots: bool,
    taken: Taken,
}

/// Where an output of a picture would go if no name were taken.
struct Wish {
    root: Arc<Path>,
    folder: PathBuf,
    stem: OsString,
    suffix: String,
    extension: OsString,
    /// The size that its name says, if it says one.
    size: Option<(u32, u32)>,
    /// What was changed to be legal, in one sentence.
    changed: Option<String>,
}

impl Wish {
    fn target(&self, number: u32) -> Target {
        Target {
            root: Arc::clone(&self.root),
            folder: self.folder.clone(),
            stem: numbered(&self.stem, number),
            number,
            suffix: self.suffix.clone(),
            extension: self.extension.clone(),
            action: Action::Create,
            size: self.size,
        }
    }

    fn file_name(&self, number: u32) -> OsString {
        self.target(number).file_name()
    }
}

impl Names<'_> {
    fn job(&mut self, index: usize, entry: &SourceEntry, facts: &Facts) -> Job {
        let wishes: Vec<Wish> = (0..self.outputs.len()).map(|output| self.wish(output, entry, facts)).collect();
        let number = self.number_for_all(&wishes);
        let mut targets = Vec::with_capacity(wishes.len());
        for wish in &wishes {
            // Outputs of one picture that are alike in all get numbers of their own.
            let mut own = number;
            while !self.taken.claim(&wish.folder, &wish.file_name(own)) {
                own += 1;
            }
            let target = wish.target(own);
            let action = self.action(&target);
            targets.push(Target { action, ..target });
        }
        let notes = wishes.into_iter().filter_map(|wish| wish.changed).collect();
        let number = self.before + index + 1;
        let root = entry.root.as_deref().map(Into::into);
        Job { number, root, targets, notes, ..Job::new(index, entry.source.clone()) }
    }

    fn wish(&self, index: usize, entry: &SourceEntry, facts: &Facts) -> Wish {
        let output = &self.outputs[index];
        let settings = self.planning.output;
        let size = facts.sizes.get(index).copied();
        let place = settings.names.fill(&Values {
            subject: &facts.subject,
            stem: entry.source.stem(),
            below: &below(entry),
            recipe: &settings.recipe_name,
            size,
            reserve: output.suffix.len(),
        });
        let (root, tree) = folders_for(entry, settings, self.several_roots);
        let legal_tree = legal::path(&tree);
        let wanted = (legal_tree != tree || place.wanted.is_some()).then(|| {
            let name =
                place.wanted.clone().unwrap_or_else(|| place.folder.join(&place.stem).to_string_lossy().into_owned());
            shown(&tree.join(&output.folder).join(name)).into_owned()
        });
        // The output's folder comes between; nothing is appended where there is none.
        let below: PathBuf = [&legal_tree, Path::new(&output.folder), &place.folder].into_iter().flatten().collect();
        let folder = if below.as_os_str().is_empty() { root.clone() } else { root.join(&below) };
        let changed = wanted.map(|wanted| {
            let named = below.join(&place.stem);
            format!("it is called '{}' and not '{wanted}', which not every system can hold", shown(&named))
        });
        let extension = output.export.format.extension(entry.source.name());
        let names_size = settings.names.needs_size();
        let size = size.filter(|_| names_size);
        Wish {
            root: root.as_path().into(),
            folder,
            stem: place.stem,
            suffix: output.suffix.clone(),
            extension,
            size,
            changed,
        }
    }

    /// The first number under which no output of a picture has a name that is taken.
    fn number_for_all(&mut self, wishes: &[Wish]) -> u32 {
        let Some(first) = wishes.first() else { return 1 };
        let taken = &mut self.taken;
        // Where all names of a kind are taken one after the other, none is tried twice.
        let mut number = *taken.next_number(&first.folder, &first.file_name(1));
        let replaces = self.planning.output.conflict != Conflict::Unique;
        while wishes.iter().any(|wish| {
            let name = wish.file_name(number);
            taken.is_claimed(&wish.folder, &name) || (!replaces && taken.is_there(&wish.folder, &name))
        }) {
            number += 1;
        }
        *taken.next_number(&first.folder, &first.file_name(1)) = number;
        number
    }

    /// What to do where `target` goes.
    fn action(&mut self, target: &Target) -> Action {
        if !self.taken.is_there(&target.folder, &target.file_name()) {
            return Action::Create;
        }
        match self.planning.output.conflict {
            Conflict::Unique => Action::Create,
            Conflict::Skip => Action::Skip("a file of this name is there".to_owned()),
            Conflict::Overwrite => Action::Replace,
            Conflict::OverwriteIfChanged => Action::ReplaceIfChanged,
            Conflict::OnlyIfSmaller => Action::ReplaceIfSmaller,
        }
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The folder of the person for pictures: nothing can be written beside those of the web.
fn home() -> PathBuf {
    let home = etcetera::home_dir().unwrap_or_default();
    let pictures = home.join("Pictures");
    if pictures.is_dir() { pictures } else { home }
}

/// The folder for all results of a source, and the folders of the source below it that are made again.
fn folders_for(entry: &SourceEntry, output: &OutputSettings, several_roots: bool) -> (PathBuf, PathBuf) {
    let (folder, name_first) = match &output.folder {
        Some(folder) => (folder.clone(), several_roots),
        None if matches!(entry.source, Source::Web(_)) => (home().join(RESULT_FOLDER), true),
        None => (parent(entry.root.as_deref().unwrap_or(entry.source.name())).join(RESULT_FOLDER), true),
    };
    let mut tree = PathBuf::new();
    if let (true, Some(root)) = (output.keep_tree, &entry.root) {
        let of_archive = || Some(OsString::from(Format::stem_of(root)?)).filter(|_| entry.source.path().is_none());
        let name = of_archive().or_else(|| root.file_name().map(OsStr::to_owned));
        if let (true, Some(name)) = (name_first, name) {
            tree.push(name);
        }
        tree.push(below(entry));
    }
    (folder, tree)
}

/// The folders between the one that was added and the source.
fn below(entry: &SourceEntry) -> PathBuf {
    let below = entry.root.as_deref().and_then(|root| entry.source.name().strip_prefix(root).ok());
    below.map(parent).unwrap_or_default()
}

#[cfg(test)]
mod tests;
