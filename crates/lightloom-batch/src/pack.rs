//! The results of a run as an archive: written whole or not at all.
//!
//! Results wait in a folder beside the archive until the run has ended. Then they are put into it in the order of the
//! pictures, whoever finished first, so that the bytes of the archive depend on the pictures and the recipe alone.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::{NamedTempFile, TempDir};
use thiserror::Error;

use super::source::plain;
use super::{Conflict, ImageReport, OutputState, Report, Source, stage};
use lightloom_archive::{Format, Writer};
use lightloom_codec::Limits;
use lightloom_param::shown;
use lightloom_recipe::Recipe;

/// How folders are called in which results wait, and the file that says whether their run still goes on.
const WAITING: &str = ".lightloom-archive-";
const LOCK: &str = "lock";

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
    /// The system refused.
    #[error("the archive {} cannot be written: {}", shown(.path), plain(.error))]
    System {
        /// The archive.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// An archive that is to hold the results of a run.
#[derive(Debug)]
pub struct Packing {
    path: PathBuf,
    format: Format,
    conflict: Conflict,
    /// Bytes after which a new archive is begun.
    shard_bytes: Option<u64>,
    waiting: TempDir,
    /// Locked as long as the run goes on.
    _lock: File,
}

/// A file that goes into the archive.
struct Entry {
    path: String,
    content: Content,
    modified: Option<SystemTime>,
}

enum Content {
    Result(PathBuf),
    /// What belongs to the picture in the archive that it comes from.
    Companion(Source),
}

impl Packing {
    /// Whether results that go to this path are to be packed: it is called like an archive and is no folder.
    pub fn is_wanted(path: &Path) -> bool {
        Format::of_name(path).is_some() && !path.is_dir()
    }

    /// Begins an archive at `path`, or several of about `shard_bytes`, none of which is written before the run has ended.
    /// What killed runs left beside it is removed.
    ///
    /// # Errors
    /// If it is of a format that is only read, or is there and is to be kept, or nothing can be written beside it.
    pub fn begin(path: &Path, conflict: Conflict, shard_bytes: Option<u64>) -> Result<Self, PackError> {
        let format = Format::of_name(path).filter(|format| matches!(format, Format::Zip | Format::Tar));
        let format = format.ok_or_else(|| PackError::Format(path.to_path_buf()))?;
        let first = shard_bytes.map_or_else(|| path.to_path_buf(), |_| shard(path, 0));
        if conflict == Conflict::Skip && first.exists() {
            return Err(PackError::IsThere(first));
        }
        let failed = |error| PackError::System { path: path.to_path_buf(), error };
        let begin = || -> io::Result<(TempDir, File)> {
            let folder = folder_of(path);
            fs::create_dir_all(folder)?;
            remove_leftovers(folder);
            let waiting = tempfile::Builder::new().prefix(WAITING).tempdir_in(folder)?;
            let lock = File::create(waiting.path().join(LOCK))?;
            lock.lock()?;
            fs::create_dir(waiting.path().join("results"))?;
            Ok((waiting, lock))
        };
        let (waiting, lock) = begin().map_err(failed)?;
        Ok(Self { path: path.to_path_buf(), format, conflict, shard_bytes, waiting, _lock: lock })
    }

    /// The folder in which results wait.
    pub fn folder(&self) -> PathBuf {
        self.waiting.path().join("results")
    }

    /// Writes the archives with the results of a run that has ended, and has `report` say where they are. Returns the
    /// archives.
    ///
    /// # Errors
    /// If one cannot be written, or a source lies in its place.
    pub fn pack(&self, report: &mut Report, recipe: &Recipe) -> Result<Vec<PathBuf>, PackError> {
        let (mut archives, mut next) = (Vec::new(), 0);
        let failed = |error| PackError::System { path: self.path.clone(), error };
        let folder = self.folder();
        while report.images[next..].iter().any(|image| !image.outputs.is_empty()) {
            let file = NamedTempFile::with_prefix_in(WAITING, folder_of(&self.path)).map_err(failed)?;
            let Some(mut writer) = Writer::new(self.format, BufWriter::new(file)) else { break };
            let first = next;
            while next < report.images.len() && self.shard_bytes.is_none_or(|most| writer.length() < most) {
                for entry in self.entries(&report.images[next], recipe) {
                    let content = entry.content.read().map_err(failed)?;
                    writer.add(&entry.path, &content, entry.modified).map_err(failed)?;
                }
                next += 1;
            }
            let file = writer.finish().and_then(|file| file.into_inner().map_err(Into::into)).map_err(failed)?;
            file.as_file().sync_all().map_err(failed)?;
            let place = if self.shard_bytes.is_some() { shard(&self.path, archives.len()) } else { self.path.clone() };
            let place = self.publish(file, &place, report)?;
            for output in report.images[first..next].iter_mut().flat_map(|image| &mut image.outputs) {
                if let Ok(below) = output.path.strip_prefix(&folder) {
                    output.path = place.join(below);
                }
            }
            archives.push(place);
        }
        Ok(archives)
    }

    /// What a picture adds to the archive: its results, and in a tar what belonged to it in the tar that it comes from.
    fn entries(&self, image: &ImageReport, recipe: &Recipe) -> Vec<Entry> {
        let outputs = recipe.all_outputs();
        let keeps_time = |name: &str| outputs.iter().any(|o| o.name == name && o.export.metadata.file_times);
        let folder = self.folder();
        let mut entries = Vec::new();
        for output in image.outputs.iter().filter(|output| output.state != OutputState::Kept) {
            let Ok(below) = output.path.strip_prefix(&folder) else { continue };
            let path = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            let modified =
                keeps_time(&output.name).then(|| fs::metadata(&output.path).and_then(|meta| meta.modified()));
            entries.push(Entry {
                path,
                content: Content::Result(output.path.clone()),
                modified: modified.and_then(Result::ok),
            });
        }
        if let (Format::Tar, Source::Member(member), Some(first)) = (self.format, &image.source, entries.first()) {
            let key = key_of(&first.path).to_owned();
            let companion = |(extension, source): (String, Source)| Entry {
                path: format!("{key}.{extension}"),
                modified: source.modified(),
                content: Content::Companion(source),
            };
            let companions: Vec<Entry> = member.companions().into_iter().map(companion).collect();
            entries.extend(companions);
        }
        entries
    }

    /// Gives an archive its name.
    fn publish(&self, mut file: NamedTempFile, path: &Path, report: &Report) -> Result<PathBuf, PackError> {
        let failed = |error| PackError::System { path: path.to_path_buf(), error };
        let canonical = |path: &Path| fs::canonicalize(path).ok();
        if self.conflict.replaces() {
            let place = canonical(path);
            let lies_there = |image: &ImageReport| image.source.place().is_some_and(|at| canonical(at) == place);
            if place.is_some() && report.images.iter().any(lies_there) {
                return Err(PackError::Original(path.to_path_buf()));
            }
            file.persist(path).map_err(|error| failed(error.error))?;
            return Ok(path.to_path_buf());
        }
        let mut number = 1;
        loop {
            let place = numbered(path, number);
            file = match file.persist_noclobber(&place) {
                Ok(_) => return Ok(place),
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => match self.conflict {
                    Conflict::Unique => error.file,
                    _ => return Err(PackError::IsThere(place)),
                },
                Err(error) => return Err(failed(error.error)),
            };
            number += 1;
        }
    }
}

impl Content {
    fn read(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Result(path) => fs::read(path),
            Self::Companion(source) => {
                stage::read_source(source, &Limits::default()).map_err(|error| io::Error::other(error.to_string()))
            }
        }
    }
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

/// The name of one of several archives.
fn shard(path: &Path, number: usize) -> PathBuf {
    let (stem, extension) = ending_of(path);
    path.with_file_name(format!("{stem}-{number:06}.{extension}"))
}

/// The `number`th name of its kind.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_path_buf();
    }
    let (stem, extension) = ending_of(path);
    path.with_file_name(format!("{stem}-{number}.{extension}"))
}

/// Removes the folders of runs that were killed: nobody holds their locks.
fn remove_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_one = entry.file_name().to_string_lossy().starts_with(WAITING);
        let lock = is_one.then(|| File::open(entry.path().join(LOCK)));
        if let Some(Ok(lock)) = lock
            && lock.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
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
    fn what_a_killed_run_left_is_removed_and_what_a_running_one_has_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let left = dir.path().join(format!("{WAITING}left"));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        let path = dir.path().join("a.zip");
        let running = Packing::begin(&path, Conflict::Unique, None).unwrap();
        let _another = Packing::begin(&path, Conflict::Unique, None).unwrap();
        assert!(!left.exists() && running.folder().exists());
        assert!(matches!(Packing::begin(Path::new("a.tar.gz"), Conflict::Unique, None), Err(PackError::Format(_))));
        fs::write(&path, "there").unwrap();
        assert!(matches!(Packing::begin(&path, Conflict::Skip, None), Err(PackError::IsThere(_))));
    }
}
