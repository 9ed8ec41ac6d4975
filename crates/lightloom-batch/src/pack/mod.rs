//! The results of a run as an archive, or as several of about a size (shards): each written whole or not at all.
//!
//! One idea: an archive is a folder that waits. For whoever plans, reports or keeps a journal, results go to a folder that
//! is called `photos.zip`. The run writes them to a folder beside it ([`Scratch`]), by the means that write any result, and
//! packs them once all are there: in the order of the pictures, whoever finished first, so that the bytes of an archive
//! depend on the pictures and the recipe alone. A run that is stopped or killed leaves the folder to its journal, and
//! whoever resumes it finds there what was done.
//!
//! What an earlier run has made ([`EarlierResults`]) is taken over from where it is: from the folder, or from the archive
//! that this run is to replace.

mod publish;
mod scratch;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use thiserror::Error;

use super::source::plain;
use super::{
    Conflict, Control, Event, ImageReport, Job, Member, OutputReport, OutputSettings, OutputState, Source, stage,
};
use lightloom_archive::{Format, Writer};
use lightloom_codec::Limits;
use lightloom_param::shown;
use lightloom_recipe::Recipe;
use publish::{Hashing, Whole};
use scratch::Scratch;
pub use scratch::{RESULTS as RESULTS_WAIT_IN, remove_scratch};

/// Why an archive cannot be written.
#[derive(Debug, Error)]
pub enum PackError {
    /// The format is only read.
    #[error("{} cannot be written: name a .zip or .tar", shown(.0))]
    Format(PathBuf),
    /// The policy keeps what is there.
    #[error("{} is there and is kept", shown(.0))]
    IsThere(PathBuf),
    /// It is where a source lies.
    #[error("{} holds originals of this batch, which are never overwritten; name another archive", shown(.0))]
    Original(PathBuf),
    /// The run was stopped.
    #[error("no archive was written, since the run was stopped")]
    Stopped,
    /// The system refused.
    #[error("the archive {} cannot be written: {}", shown(.path), plain(.error))]
    System {
        /// The archive.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// An archive that holds results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedArchive {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its BLAKE3 hash.
    pub hash: String,
    /// The number of its first picture in the batch.
    pub first: usize,
    /// And of its last.
    pub last: usize,
    /// What became of it.
    pub state: OutputState,
}

/// What earlier runs have made of what is to be in the archive.
#[derive(Debug, Clone, Default)]
pub struct EarlierResults {
    /// Pictures with their results, by their numbers in the batch. Paths of results begin with that of the archive that is
    /// to be written.
    pub pictures: BTreeMap<usize, ImageReport>,
    /// Archives in which these results are, unless they still wait in the folder. They may be replaced.
    pub archives: Vec<PathBuf>,
}

/// Archives that are to hold the results of a run.
#[derive(Debug)]
pub struct Packing {
    path: PathBuf,
    format: Format,
    conflict: Conflict,
    /// Bytes after which a new archive is begun.
    shard_bytes: Option<u64>,
    scratch: Scratch,
    earlier: EarlierResults,
    /// Whether an archive with exactly the same bytes counts as that of this run.
    adopts: bool,
}

/// A file that goes into the archive.
struct Entry {
    path: String,
    content: Content,
    modified: Option<SystemTime>,
}

enum Content {
    Result(PathBuf),
    /// What is in another archive: of an earlier run, or what belongs to the picture there.
    Of(Source),
}

/// A picture with results.
struct Picture<'a> {
    source: &'a Source,
    outputs: Cow<'a, [OutputReport]>,
}

impl Packing {
    /// Whether results that go to this path are to be packed: it is called like an archive and is no folder.
    pub fn is_wanted(path: &Path) -> bool {
        Format::of_name(path).is_some() && !path.is_dir()
    }

    /// Begins the archive to which these settings lead; `None` if they lead to a folder. It is written when the run has
    /// ended. What killed runs left beside it is removed.
    ///
    /// # Errors
    /// If it is of a format that is only read, or is there and is to be kept, or is that of a source, or nothing can be
    /// written beside it.
    pub fn begin(
        output: &OutputSettings,
        jobs: &[Job],
        earlier: EarlierResults,
    ) -> Result<Option<Arc<Self>>, PackError> {
        let Some(path) = output.folder.as_deref().filter(|folder| Self::is_wanted(folder)) else { return Ok(None) };
        let new = Self::new(path, output, earlier, |folder| Scratch::create(folder))?;
        let first = new.place(1, 0);
        if new.conflict == Conflict::Skip && first.exists() && new.earlier.archives.is_empty() {
            return Err(PackError::IsThere(first));
        }
        let replaces =
            new.conflict.replaces() && fs::canonicalize(&first).is_ok_and(|path| originals(jobs).contains(&path));
        if replaces { Err(PackError::Original(first)) } else { Ok(Some(Arc::new(new))) }
    }

    /// Goes on with an archive whose results wait in `scratch`, or in a new folder if that is not there any more.
    ///
    /// # Errors
    /// If another run writes it, or nothing can be written beside it.
    pub fn resume(
        path: &Path,
        output: &OutputSettings,
        scratch: &Path,
        earlier: EarlierResults,
    ) -> Result<Arc<Self>, PackError> {
        let reopen = |folder: &Path| match Scratch::reopen(scratch) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Scratch::create(folder),
            reopened => reopened,
        };
        Ok(Arc::new(Self { adopts: true, ..Self::new(path, output, earlier, reopen)? }))
    }

    fn new(
        path: &Path,
        output: &OutputSettings,
        earlier: EarlierResults,
        scratch: impl FnOnce(&Path) -> io::Result<Scratch>,
    ) -> Result<Self, PackError> {
        let format = Format::of_name(path).filter(|format| Writer::new(*format, io::sink()).is_some());
        let format = format.ok_or_else(|| PackError::Format(path.to_path_buf()))?;
        let scratch = scratch(folder_of(path));
        let scratch = scratch.map_err(|error| PackError::System { path: path.to_path_buf(), error })?;
        let OutputSettings { conflict, shard_bytes, .. } = *output;
        Ok(Self { path: path.to_path_buf(), format, conflict, shard_bytes, scratch, earlier, adopts: false })
    }

    /// The folder in which results wait, with all that belongs to it.
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }

    /// Keeps results that wait for as long as this journal is there, if the run does not come to its end.
    ///
    /// # Errors
    /// If that cannot be written down.
    pub fn keep_for(&self, journal: &Path) -> io::Result<()> {
        self.scratch.keep_for(journal)
    }

    /// Has results wait that are to go into the archive.
    pub(super) fn redirect(&self, jobs: &mut [Job]) {
        let root: Arc<Path> = self.scratch.results().into();
        for target in jobs.iter_mut().flat_map(|job| &mut job.targets) {
            if let Ok(below) = target.folder.strip_prefix(&self.path) {
                target.folder = root.join(below);
                target.root = Arc::clone(&root);
            }
        }
    }

    /// What a result is called that waits: as if the archive were a folder.
    pub(super) fn name_of(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.scratch.results()).map_or_else(|_| path.to_path_buf(), |below| self.path.join(below))
    }

    /// Where a result of this name waits.
    pub(super) fn place_of(&self, name: &Path) -> PathBuf {
        name.strip_prefix(&self.path).map_or_else(|_| name.to_path_buf(), |below| self.scratch.results().join(below))
    }

    /// The report of a picture that is skipped, with the results that an earlier run has made of it.
    pub(super) fn with_kept(&self, report: ImageReport, job: &Job) -> ImageReport {
        let Some(earlier) = self.earlier.pictures.get(&job.number) else { return report };
        let kept = earlier.outputs.iter().map(|output| OutputReport { state: OutputState::Kept, ..output.clone() });
        ImageReport { outputs: kept.collect(), source_hash: earlier.source_hash.clone(), ..report }
    }

    /// Writes the archives of a run that has ended, and has `images` say where their results are. `tell` hears of each
    /// archive before it gets its name, and of all of them afterwards.
    ///
    /// # Errors
    /// If one cannot be written, or a source lies in its place, or the run is stopped.
    pub(super) fn pack(
        &self,
        images: &mut [ImageReport],
        jobs: &[Job],
        recipe: &Recipe,
        control: &Control,
        tell: &dyn Fn(Event),
    ) -> Result<Vec<PackedArchive>, PackError> {
        let archives = self.write(&self.pictures(images, jobs), recipe, control)?;
        let packed = if archives.is_empty() { Vec::new() } else { self.publish(archives, &originals(jobs), tell)? };
        for image in images {
            let number = jobs.get(image.job).map_or(0, |job| job.number);
            let Some(archive) = packed.iter().find(|archive| (archive.first..=archive.last).contains(&number)) else {
                continue;
            };
            for output in &mut image.outputs {
                if let Ok(below) = output.path.strip_prefix(&self.path) {
                    output.path = archive.path.join(below);
                    output.state = if archive.state == OutputState::Kept { OutputState::Kept } else { output.state };
                }
            }
        }
        tell(Event::Packed(packed.clone()));
        Ok(packed)
    }

    /// The pictures that have results, by their numbers: of this run, and where it made none of earlier ones.
    fn pictures<'a>(&'a self, images: &'a [ImageReport], jobs: &[Job]) -> BTreeMap<usize, Picture<'a>> {
        let earlier = self.earlier.pictures.iter();
        let earlier = earlier
            .map(|(number, image)| (*number, Picture { source: &image.source, outputs: (&*image.outputs).into() }));
        let made = images.iter().filter_map(|image| {
            let is_made = |output: &&OutputReport| output.state != OutputState::Kept;
            let outputs: Vec<OutputReport> = image.outputs.iter().filter(is_made).cloned().collect();
            let number = jobs.get(image.job)?.number;
            (!outputs.is_empty()).then(|| (number, Picture { source: &image.source, outputs: outputs.into() }))
        });
        earlier.chain(made).collect()
    }

    /// Writes the archives without their names.
    fn write(
        &self,
        pictures: &BTreeMap<usize, Picture<'_>>,
        recipe: &Recipe,
        control: &Control,
    ) -> Result<Vec<Whole>, PackError> {
        let failed = |error| PackError::System { path: self.path.clone(), error };
        let (mut archives, mut pictures) = (Vec::new(), pictures.iter().peekable());
        while let Some((first, _)) = pictures.peek() {
            let first = **first;
            let file = NamedTempFile::new_in(self.scratch.path()).map_err(failed)?;
            let Some(mut writer) = Writer::new(self.format, Hashing::new(BufWriter::new(file))) else { break };
            let mut last = first;
            while let Some((number, picture)) =
                pictures.next_if(|_| self.shard_bytes.is_none_or(|most| writer.length() < most))
            {
                for entry in self.entries(picture, recipe) {
                    if control.is_stopped() {
                        return Err(PackError::Stopped);
                    }
                    let content = entry.content.read().map_err(failed)?;
                    writer.add(&entry.path, &content, entry.modified).map_err(failed)?;
                }
                last = *number;
            }
            let (file, bytes, hash) = writer.finish().map_err(failed)?.finish();
            let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
            file.as_file().sync_all().map_err(failed)?;
            archives.push(Whole { file, bytes, hash, pictures: (first, last) });
        }
        Ok(archives)
    }

    /// What a picture adds to the archive: its results, and in a tar what belonged to it in the tar that it comes from.
    fn entries(&self, picture: &Picture<'_>, recipe: &Recipe) -> Vec<Entry> {
        let outputs = recipe.all_outputs();
        let keeps_time = |name: &str| outputs.iter().any(|o| o.name == name && o.export.metadata.file_times);
        let mut entries = Vec::new();
        for output in picture.outputs.iter() {
            let Ok(below) = output.path.strip_prefix(&self.path) else { continue };
            let path = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            let content = self.content(below);
            let modified = keeps_time(&output.name).then(|| content.modified()).flatten();
            entries.push(Entry { path, content, modified });
        }
        if let (Format::Tar, Source::Member(member), Some(first)) = (self.format, picture.source, entries.first()) {
            let key = key_of(&first.path).to_owned();
            let companion = |(extension, source): (String, Source)| Entry {
                path: format!("{key}.{extension}"),
                modified: source.modified(),
                content: Content::Of(source),
            };
            let companions: Vec<Entry> = member.companions().into_iter().map(companion).collect();
            entries.extend(companions);
        }
        entries
    }

    /// A result where it is: it waits, or an earlier archive holds it.
    fn content(&self, below: &Path) -> Content {
        let waiting = self.scratch.results().join(below);
        let members = self.earlier.archives.iter().map(|archive| Source::Member(Member::new(archive, below)));
        let mut held = members.filter(|member| !waiting.exists() && member.length().is_some());
        held.next().map_or(Content::Result(waiting), Content::Of)
    }

    /// Removes what waited, if it is packed or nobody can go on with it.
    pub(super) fn end(&self, is_packed: bool) {
        self.scratch.leave(!is_packed);
    }

    /// The name of one of the archives, the `number`th of its kind.
    fn place(&self, number: u32, index: usize) -> PathBuf {
        let (stem, extension) = ending_of(&self.path);
        let number = if number > 1 { format!("-{number}") } else { String::new() };
        let index = if self.shard_bytes.is_some() { format!("-{index:06}") } else { String::new() };
        self.path.with_file_name(format!("{stem}{number}{index}.{extension}"))
    }
}

impl Content {
    fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Result(path) => fs::read(path),
            Self::Of(source) => {
                let limits = Limits { file_bytes: u64::MAX, ..Limits::default() };
                stage::read_source(source, &limits).map_err(|error| io::Error::other(error.to_string()))
            }
        }
    }

    fn modified(&self) -> Option<SystemTime> {
        match self {
            Self::Result(path) => fs::metadata(path).and_then(|meta| meta.modified()).ok(),
            Self::Of(source) => source.modified(),
        }
    }
}

/// The files that are sources, or hold some.
fn originals(jobs: &[Job]) -> HashSet<PathBuf> {
    let places: HashSet<&Path> = jobs.iter().filter_map(|job| job.source.place()).collect();
    places.into_iter().filter_map(|place| fs::canonicalize(place).ok()).collect()
}

/// The folder that an archive lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What files of one sample of a WebDataset have in common: the path up to the first dot of the name.
fn key_of(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |slash| slash + 1);
    path[name..].find('.').map_or(path, |dot| &path[..name + dot])
}

fn ending_of(path: &Path) -> (String, String) {
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_at_the_first_dot_of_the_name() {
        assert_eq!(key_of("a.b/c.d.jpg"), "a.b/c");
        assert_eq!(key_of("000123.jpg"), "000123");
        assert_eq!(key_of("a/none"), "a/none");
    }

    #[test]
    fn an_archive_that_cannot_be_written_is_refused_before_anything_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let begin = |name: &str, conflict| {
            let output = OutputSettings { folder: Some(dir.path().join(name)), conflict, ..OutputSettings::default() };
            let source: Source = dir.path().join("in.zip").into();
            Packing::begin(&output, &[Job::new(0, source)], EarlierResults::default())
        };
        for there in ["a.zip", "in.zip"] {
            fs::write(dir.path().join(there), "there").unwrap();
        }
        assert!(matches!(begin("a.tar.gz", Conflict::Unique), Err(PackError::Format(_))));
        assert!(matches!(begin("a.zip", Conflict::Skip), Err(PackError::IsThere(_))));
        assert!(matches!(begin("in.zip", Conflict::Overwrite), Err(PackError::Original(_))));
        assert!(begin("folder", Conflict::Unique).unwrap().is_none());
        assert!(begin("a.zip", Conflict::Unique).unwrap().is_some());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "what waits for nothing is removed");
    }
}
