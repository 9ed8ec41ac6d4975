//! A result on its way to its name: written and synced without one, then published under the policy for names that are
//! taken.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use super::folder::{Entry, Folder};
use super::names::{Fitted, fitted};
use super::place::{Placed, place};
use super::temporary::Temporary;
use super::{Conflict, Outputs, Published, Target, WriteError, lock};
use lightloom_param::shown;

/// A result that has no name yet; removed when dropped.
pub(crate) struct Prepared<'a> {
    outputs: &'a Outputs,
    temporary: Temporary,
    bytes: &'a [u8],
}

/// How results are published.
pub(crate) struct Publishing<'a> {
    /// Whether a file with exactly the same bytes that has the name already counts as this result.
    pub adopt: bool,
    /// Called with each path right before the result gets it.
    pub before: &'a mut dyn FnMut(&Path),
    /// What should be known about the picture.
    pub notes: &'a mut Vec<String>,
}

/// What follows from what stands under a name.
enum Meeting {
    Next,
    Adopt,
    Keep(String),
    Replace,
}

/// How a result meets what has its name.
#[derive(Clone, Copy)]
struct Meet {
    adopt: bool,
    conflict: Conflict,
}

/// How often a name is looked at again that seemed free and was not.
const LOOKS: usize = 8;

/// Writes `bytes` to a temporary file in the folder of `target`.
///
/// # Errors
/// If the folder is not the one that the run began with, or the file cannot be written.
pub(crate) fn prepare<'a>(outputs: &'a Outputs, target: &Target, bytes: &'a [u8]) -> Result<Prepared<'a>, WriteError> {
    let folder = outputs.folders.open(&target.root, &target.folder)?;
    let temporary = Temporary::create(&folder)?;
    temporary.file().write_all(bytes)?;
    Ok(Prepared { outputs, temporary, bytes })
}

impl Prepared<'_> {
    /// Waits until it is on the disk.
    pub fn sync(&self) -> Result<(), WriteError> {
        Ok(self.temporary.file().sync_all()?)
    }

    /// Gives the result its name, or whatever the run's policy says where that is taken; names are numbered as `target`
    /// says, and the stem shortened where the file system allows no name as long. The file gets this time of
    /// modification.
    ///
    /// # Errors
    /// If an original or no file stands where the result is to go, or the system refuses. Then the result is dropped.
    pub fn publish(
        mut self,
        target: &Target,
        extension: &OsStr,
        modified: Option<SystemTime>,
        how: &mut Publishing<'_>,
    ) -> Result<Published, WriteError> {
        let folder = self.temporary.folder().clone();
        let longest = folder.longest_name();
        let conflict = target.action.policy(self.outputs.results.conflict);
        let mut number = 1;
        let mut looks = 0;
        loop {
            let Fitted { name, is_shortened } = fitted(&target.stem, &tail(target, number, extension), longest);
            let path = target.folder.join(&name);
            let met = match folder.entry(&name)? {
                None => None,
                Some(entry) => Some(self.meet(&folder, &entry, &name, &path, Meet { adopt: how.adopt, conflict })?),
            };
            let published = match met {
                Some(Meeting::Next) => None,
                Some(Meeting::Adopt) => Some(Published::Written(path)),
                Some(Meeting::Keep(why)) => Some(Published::Kept { path, why }),
                Some(Meeting::Replace) => {
                    (how.before)(&path);
                    folder.rename_over(self.temporary.name(), &name)?;
                    self.temporary.give_away();
                    self.settle(&path, modified);
                    Some(Published::Replaced(path))
                }
                None => {
                    (how.before)(&path);
                    match place(&mut self.temporary, &name)? {
                        Placed::Taken if conflict != Conflict::Unique && looks < LOOKS => {
                            looks += 1;
                            continue;
                        }
                        Placed::Taken => None,
                        placed => {
                            self.settle(&path, modified);
                            self.note_claim(placed);
                            Some(Published::Written(path))
                        }
                    }
                }
            };
            if let Some(published) = published {
                if is_shortened {
                    how.notes.push(shortened(&name, longest));
                }
                return Ok(published);
            }
            number += 1;
        }
    }

    /// What follows from what has the name.
    fn meet(
        &self,
        folder: &Folder,
        entry: &Entry,
        name: &OsStr,
        path: &Path,
        how: Meet,
    ) -> Result<Meeting, WriteError> {
        let length = self.bytes.len() as u64;
        let has_same_bytes =
            || -> io::Result<bool> { Ok(entry.is_file && entry.length == length && folder.holds(name, self.bytes)?) };
        // Of another picture of this run, whose name was shortened to the same or is the same to this disk.
        if self.outputs.remembers() && entry.ids.iter().any(|id| lock(&self.outputs.published).contains(id)) {
            return Ok(Meeting::Next);
        }
        let is_original = self.outputs.originals.as_ref().map(|all| all.contains(entry, folder.id(), name));
        if how.adopt && is_original == Some(false) && has_same_bytes()? {
            lock(&self.outputs.published).extend(entry.ids.iter().cloned());
            return Ok(Meeting::Adopt);
        }
        if how.conflict == Conflict::Unique {
            return Ok(Meeting::Next);
        }
        if !entry.is_file {
            return Err(WriteError::NotAFile(path.to_path_buf()));
        }
        match how.conflict {
            Conflict::Skip => return Ok(Meeting::Keep("a file of that name was there and is kept".to_owned())),
            Conflict::OverwriteIfChanged if has_same_bytes()? => {
                return Ok(Meeting::Keep("the file that was there has the same content and is kept".to_owned()));
            }
            Conflict::OnlyIfSmaller if entry.length <= length => {
                let size = entry.length;
                let why = format!("the file that was there is kept: it has {size} bytes, and the result {length}");
                return Ok(Meeting::Keep(why));
            }
            _ => {}
        }
        // Unknown originals are all there may be.
        if is_original != Some(false) {
            return Err(WriteError::Original(path.to_path_buf()));
        }
        Ok(Meeting::Replace)
    }

    /// What comes after the name.
    fn settle(&self, path: &Path, modified: Option<SystemTime>) {
        let file = self.temporary.file();
        if self.outputs.remembers()
            && let Ok(id) = Folder::id_of_open(file, path)
        {
            lock(&self.outputs.published).insert(id);
        }
        // Where the file system knows no times, the result is no worse for it.
        let _ = modified.map(|time| file.set_modified(time));
    }

    fn note_claim(&self, placed: Placed) {
        if placed == Placed::Claimed {
            self.outputs.note(
                "the file system of the output folder can neither rename without replacing nor link: each name was \
                 claimed by an empty file first"
                    .to_owned(),
            );
        }
    }
}

/// What follows the stem of the `number`th of its kind.
fn tail(target: &Target, number: u32, extension: &OsStr) -> OsString {
    let mut tail = if number > 1 { OsString::from(format!("-{number}")) } else { OsString::new() };
    tail.push(&target.suffix);
    tail.push(".");
    tail.push(extension);
    tail
}

fn shortened(name: &OsStr, longest: usize) -> String {
    format!("the name of the result was shortened to '{}', since it may have {longest} bytes", shown(name))
}
