//! Archives that are whole on the disk get their names: all of a run together, under the policy for names that are taken.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{PackError, PackedArchive, Packing};
use crate::hashes::{blake3_text, result_hash};
use crate::{Conflict, Event, OutputState};

/// An archive that is whole on the disk and has no name yet.
pub(super) struct Whole {
    pub file: NamedTempFile,
    pub bytes: u64,
    pub hash: String,
    /// The numbers of its first and last picture in the batch.
    pub pictures: (usize, usize),
}

/// Counts and hashes what is written.
pub(super) struct Hashing<W> {
    to: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    pub fn new(to: W) -> Self {
        Self { to, hasher: blake3::Hasher::new(), bytes: 0 }
    }

    /// What was written to, how many bytes, and their hash.
    pub fn finish(self) -> (W, u64, String) {
        (self.to, self.bytes, blake3_text(&self.hasher.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// What stands where an archive is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Nothing,
    /// A file with the same bytes.
    Same,
    /// Something else, of this many bytes.
    Other(u64),
}

/// What becomes of archives where something may stand.
enum Decision {
    Place,
    Keep,
    NextNumber,
}

impl Packing {
    /// Gives archives their names. `originals` are files that are never replaced; each archive is told of before it gets
    /// its name.
    pub(super) fn publish(
        &self,
        all: Vec<Whole>,
        originals: &HashSet<PathBuf>,
        tell: &dyn Fn(Event),
    ) -> Result<Vec<PackedArchive>, PackError> {
        let mut number = 1;
        loop {
            let places: Vec<PathBuf> = (0..all.len()).map(|index| self.place(number, index)).collect();
            let there: Vec<There> = places.iter().zip(&all).map(|(place, whole)| look(place, whole)).collect();
            match self.decide(&places, &there, &all)? {
                Decision::NextNumber => number += 1,
                Decision::Keep => {
                    let kept = |(place, whole): (PathBuf, Whole)| whole.at(place, OutputState::Kept);
                    return Ok(places.into_iter().zip(all).map(kept).collect());
                }
                Decision::Place => {
                    let mut packed = Vec::with_capacity(all.len());
                    for ((place, there), whole) in places.into_iter().zip(there).zip(all) {
                        packed.push(self.put(whole, place, there, originals, tell)?);
                    }
                    self.remove_surplus(number, packed.len());
                    sync(super::folder_of(&self.path));
                    return Ok(packed);
                }
            }
        }
    }

    /// Removes what a set of earlier archives that has been replaced has too much.
    fn remove_surplus(&self, number: u32, count: usize) {
        if self.shard_bytes.is_none() {
            return;
        }
        let surplus = (count..).map(|index| self.place(number, index)).take_while(|place| self.is_own(place));
        surplus.for_each(|place| drop(fs::remove_file(place)));
    }

    fn is_own(&self, place: &Path) -> bool {
        let absolute = |path: &Path| std::path::absolute(path).ok();
        self.earlier.archives.iter().any(|own| absolute(own) == absolute(place))
    }

    fn decide(&self, places: &[PathBuf], there: &[There], all: &[Whole]) -> Result<Decision, PackError> {
        let all_same = there.iter().all(|there| *there == There::Same);
        if all_same && !self.adopts && self.is_own(&places[0]) {
            return Ok(Decision::Keep);
        }
        let is_taken = |(place, there): &(&PathBuf, &There)| match there {
            There::Nothing => false,
            There::Same => !self.adopts && !self.is_own(place),
            There::Other(_) => !self.is_own(place),
        };
        let Some((taken, _)) = places.iter().zip(there).find(is_taken) else { return Ok(Decision::Place) };
        Ok(match self.conflict {
            Conflict::Unique => Decision::NextNumber,
            Conflict::Skip => return Err(PackError::IsThere(taken.clone())),
            Conflict::OverwriteIfChanged if all_same => Decision::Keep,
            Conflict::OnlyIfSmaller => {
                let size = |(there, whole): (&There, &Whole)| match there {
                    There::Nothing => None,
                    There::Same => Some(whole.bytes),
                    There::Other(bytes) => Some(*bytes),
                };
                let before: Option<u64> = there.iter().zip(all).map(size).sum();
                let is_smaller = before.is_none_or(|before| all.iter().map(|whole| whole.bytes).sum::<u64>() < before);
                if is_smaller { Decision::Place } else { Decision::Keep }
            }
            Conflict::Overwrite | Conflict::OverwriteIfChanged => Decision::Place,
        })
    }

    /// Gives one its name.
    fn put(
        &self,
        whole: Whole,
        place: PathBuf,
        there: There,
        originals: &HashSet<PathBuf>,
        tell: &dyn Fn(Event),
    ) -> Result<PackedArchive, PackError> {
        if there == There::Same && self.adopts {
            return Ok(whole.at(place, OutputState::Written));
        }
        let failed = |error| PackError::System { path: place.clone(), error };
        if there != There::Nothing && fs::canonicalize(&place).is_ok_and(|path| originals.contains(&path)) {
            return Err(PackError::Original(place));
        }
        let state = if there == There::Nothing { OutputState::Written } else { OutputState::Replaced };
        let Whole { file, bytes, hash, pictures } = whole;
        let packed = PackedArchive { path: place.clone(), bytes, hash, first: pictures.0, last: pictures.1, state };
        tell(Event::Packing(packed.clone()));
        match there {
            There::Nothing => file.persist_noclobber(&place).map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => PackError::IsThere(place.clone()),
                _ => failed(error.error),
            })?,
            There::Same | There::Other(_) => file.persist(&place).map_err(|error| failed(error.error))?,
        };
        Ok(packed)
    }
}

impl Whole {
    fn at(self, path: PathBuf, state: OutputState) -> PackedArchive {
        let Self { bytes, hash, pictures: (first, last), .. } = self;
        PackedArchive { path, bytes, hash, first, last, state }
    }
}

fn look(place: &Path, whole: &Whole) -> There {
    let Ok(meta) = fs::metadata(place) else {
        // A link that leads nowhere has the name too.
        return if fs::symlink_metadata(place).is_ok() { There::Other(0) } else { There::Nothing };
    };
    let is_same = || {
        meta.is_file()
            && meta.len() == whole.bytes
            && File::open(place).and_then(result_hash).is_ok_and(|h| h == whole.hash)
    };
    if is_same() { There::Same } else { There::Other(meta.len()) }
}

/// Makes new names in a folder last through a power failure, where the system can.
fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
