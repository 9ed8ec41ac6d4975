//! An encoded picture that the program holds in memory.

use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Content, Kind, ReadProgress, Reader, SavedSource, Source, check_length};
use crate::cause::Cause;
use crate::file_memory::FileBytes;
use lightloom_codec::{Input, Limits};

/// An encoded picture that the program holds in memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Memory {
    /// What stands for a path: results are called after it, and its extension hints at the format.
    pub name: PathBuf,
    /// The content of the file.
    pub bytes: Arc<[u8]>,
}

impl Kind for Memory {
    fn name(&self) -> &Path {
        &self.name
    }

    fn canonical(&self) -> Source {
        Source::Memory(self.clone())
    }

    fn absolute(&self) -> Source {
        Source::Memory(self.clone())
    }

    fn length(&self) -> Option<u64> {
        Some(self.bytes.len() as u64)
    }

    fn open(&self, limits: &Limits, progress: &ReadProgress) -> Result<Reader, Cause> {
        let length = self.bytes.len() as u64;
        check_length(length, limits)?;
        let content = Box::new(Cursor::new(Arc::clone(&self.bytes)));
        Ok(Reader { content, length, modified: None, progress: progress.clone() })
    }

    fn saved(&self) -> SavedSource {
        SavedSource::Memory { name: self.name.as_path().into(), length: self.bytes.len() as u64 }
    }

    fn held(&self) -> Option<&[u8]> {
        Some(&self.bytes)
    }
}

impl Content for Cursor<Arc<[u8]>> {
    fn input(&mut self) -> &mut dyn Input {
        self
    }

    fn read_all(self: Box<Self>, _: u64) -> io::Result<FileBytes> {
        Ok(self.get_ref().to_vec().into())
    }
}
