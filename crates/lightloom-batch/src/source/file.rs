//! A file of this machine. Its reading is counted, so that a disk which does not answer is seen.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::sparing::SparingReader;
use super::{Content, Kind, ReadProgress, Reader, SavedSource, Source, check_length, unreadable};
use crate::cause::Cause;
use crate::file_memory::FileBytes;
use crate::regular::open_regular;
use lightloom_codec::{Input, Limits};

/// Bytes of the rest that are read at once, so that a slow disk is seen to answer.
const PIECE: usize = 1 << 20;

impl Kind for PathBuf {
    fn name(&self) -> &Path {
        self
    }

    fn path(&self) -> Option<&Path> {
        Some(self)
    }

    fn place(&self) -> Option<&Path> {
        Some(self)
    }

    fn canonical(&self) -> Source {
        Source::File(fs::canonicalize(self).unwrap_or_else(|_| self.clone()))
    }

    fn absolute(&self) -> Source {
        Source::File(std::path::absolute(self).unwrap_or_else(|_| self.clone()))
    }

    fn length(&self) -> Option<u64> {
        fs::metadata(self).ok().map(|meta| meta.len())
    }

    fn modified(&self) -> Option<SystemTime> {
        fs::metadata(self).and_then(|meta| meta.modified()).ok()
    }

    fn open(&self, limits: &Limits, progress: &ReadProgress) -> Result<Reader, Cause> {
        let (file, meta) = open_regular(self).map_err(|e| unreadable(&e))?;
        check_length(meta.len(), limits)?;
        let file = Counted { file, progress: progress.clone() };
        let content = Box::new(SparingReader::new(file));
        Ok(Reader { content, length: meta.len(), modified: meta.modified().ok(), progress: progress.clone() })
    }

    fn saved(&self) -> SavedSource {
        SavedSource::File(self.as_path().into())
    }
}

/// A file whose reading is counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub file: File,
    pub progress: ReadProgress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = buffer.len().min(PIECE);
        let read = self.file.read(&mut buffer[..piece])?;
        self.progress.add(read);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Content for SparingReader<Counted> {
    fn input(&mut self) -> &mut dyn Input {
        self
    }

    fn read_all(self: Box<Self>, length: u64) -> io::Result<FileBytes> {
        let mut file = self.into_inner();
        file.seek(SeekFrom::Start(0))?;
        let mut bytes = file.progress.memory.take(length as usize);
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read(&mut bytes.as_mut_slice()[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}
