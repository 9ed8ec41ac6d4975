//! A fetch with the file that its bytes go to.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::cache::{Cache, Description, Kept};
use super::fetch::{Body, Failure, Fetch, Head, Outcome, Step};
use super::{Address, FetchError, Fetched};

/// A fetch under way. Whoever drives it does what [`Self::step`] says, as for [`Fetch`].
#[derive(Debug)]
pub struct Download {
    fetch: Fetch,
    address: Address,
    /// What an earlier fetch brought.
    kept: Option<Kept>,
    store: Store,
    failed: Option<FetchError>,
}

/// Where the bytes go.
#[derive(Debug)]
enum Store {
    Nowhere,
    /// To a file that may be kept.
    ToKeep(NamedTempFile),
    /// To a file without a name, gone with the program.
    Unnamed(File),
}

impl Download {
    pub(super) fn new(address: Address, fetch: Fetch, kept: Option<Kept>) -> Self {
        let fetch = fetch.knowing(kept.as_ref().and_then(|kept| kept.about.known()));
        Self { fetch, address, kept, store: Store::Nowhere, failed: None }
    }

    /// What is to be done next.
    pub fn step(&mut self) -> Step {
        match self.failed.take() {
            Some(error) => Step::Done(Err(error)),
            None => self.fetch.step(),
        }
    }

    /// The request had no answer.
    pub fn failed(&mut self, failure: Failure) {
        self.fetch.failed(failure);
    }

    /// The head of the answer has come. Returns whether its body is wanted.
    pub fn headed(&mut self, head: Head, cache: Option<&Cache>) -> bool {
        let cache = cache.filter(|_| Cache::may_keep(&head));
        let Body::From(at) = self.fetch.headed(head) else { return false };
        self.failed = self.prepare(at, cache).err();
        self.failed.is_none()
    }

    fn prepare(&mut self, at: u64, cache: Option<&Cache>) -> Result<(), FetchError> {
        let disk = |e: std::io::Error| FetchError::Disk(e.to_string());
        if at == 0 {
            self.store = match cache {
                Some(cache) => Store::ToKeep(cache.temporary().map_err(disk)?),
                None => Store::Unnamed(tempfile::tempfile().map_err(disk)?),
            };
        }
        let Some(file) = self.store.file() else { return Ok(()) };
        file.set_len(at).and_then(|()| file.seek(SeekFrom::Start(at))).map_err(disk)?;
        Ok(())
    }

    /// Bytes of the body have come, for which the driver waited so long. Returns whether more are wanted.
    pub fn received(&mut self, bytes: &[u8], waited: Duration) -> bool {
        if let Some(Err(error)) = self.store.file().map(|file| file.write_all(bytes)) {
            self.failed = Some(FetchError::Disk(error.to_string()));
            return false;
        }
        self.fetch.received(bytes.len() as u64, waited)
    }

    /// The body has ended: by itself, or because of what `broke` says.
    pub fn ended(&mut self, broke: Option<String>) {
        self.fetch.ended(broke);
    }

    /// It is not wanted any more.
    pub fn stop(&mut self) {
        self.fetch.stop();
    }

    /// What it brought, once [`Self::step`] says that it is done.
    ///
    /// # Errors
    /// If it cannot be stored or unpacked.
    pub fn finish(self, outcome: Outcome, cache: Option<&Cache>) -> Result<Fetched, FetchError> {
        let disk = |e: std::io::Error| FetchError::Disk(e.to_string());
        let (head, from) = match outcome {
            Outcome::NotModified(head) => {
                let Kept { mut file, about } = self.kept.ok_or(FetchError::Status(304))?;
                file.rewind().map_err(disk)?;
                let about = cache.map_or_else(|| about.clone(), |cache| cache.confirm(about.clone(), &head));
                return Ok(Fetched { file, about, from_cache: true });
            }
            Outcome::Complete { head, address } => (head, address),
        };
        let mut store = self.store;
        if head.encoding().is_some() {
            store = store.unpacked(self.fetch.largest(), cache)?;
        }
        let length = store.file().map_or(Ok(0), |file| file.metadata().map(|meta| meta.len())).map_err(disk)?;
        let about = Description::new(&self.address, &from, &head, length);
        let (file, about) = match (store, cache) {
            (Store::ToKeep(file), Some(cache)) => {
                let Kept { file, about } = cache.keep(file, about, &head).map_err(disk)?;
                (file, about)
            }
            (Store::ToKeep(file), None) => (file.into_file(), about),
            (Store::Unnamed(file), _) => (file, about),
            (Store::Nowhere, _) => return Err(FetchError::Disk("nothing was stored".to_owned())),
        };
        let mut file = file;
        file.rewind().map_err(disk)?;
        Ok(Fetched { file, about, from_cache: false })
    }
}

impl Store {
    fn file(&mut self) -> Option<&mut File> {
        match self {
            Self::Nowhere => None,
            Self::ToKeep(file) => Some(file.as_file_mut()),
            Self::Unnamed(file) => Some(file),
        }
    }

    /// The same unpacked by gzip, up to `largest` bytes.
    fn unpacked(mut self, largest: u64, cache: Option<&Cache>) -> Result<Self, FetchError> {
        let disk = |e: std::io::Error| FetchError::Disk(e.to_string());
        let damaged =
            |e: std::io::Error| FetchError::Broken { reason: format!("its gzip data are damaged ({e})"), tries: 1 };
        let mut to = match (&self, cache) {
            (Self::ToKeep(_), Some(cache)) => Self::ToKeep(cache.temporary().map_err(disk)?),
            _ => Self::Unnamed(tempfile::tempfile().map_err(disk)?),
        };
        let (Some(from), Some(file)) = (self.file(), to.file()) else { return Ok(self) };
        from.rewind().map_err(disk)?;
        let mut packed = std::io::Read::take(flate2::read::MultiGzDecoder::new(from), largest + 1);
        let length = std::io::copy(&mut packed, file).map_err(damaged)?;
        if length > largest {
            return Err(FetchError::TooLarge { mib: None, limit_mib: largest >> 20 });
        }
        Ok(to)
    }
}
