//! What was fetched before, on disk: contents by their hash, and for each address what its server said of them.
//!
//! Several programs may use it at once. Each file is written under another name, synced and renamed; a description names
//! its content by hash, so that no two versions mix. Beyond its size the oldest use goes first.

mod freshness;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::Address;
use crate::fetch::Head;
use freshness::Storage;

/// Where things are kept, and how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSettings {
    /// A folder of this cache's own.
    pub folder: PathBuf,
    /// Largest size of all contents in bytes.
    pub largest: u64,
}

/// Contents on disk.
#[derive(Debug)]
pub struct Cache {
    settings: CacheSettings,
    /// Bytes of all contents, once they were counted.
    size: Mutex<Option<u64>>,
}

/// What is known of a content, for asking whether it is still right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Where it came from in the end.
    pub address: String,
    /// The tag of this version.
    pub etag: Option<String>,
    /// When it last changed, in the words of the server.
    pub last_modified: Option<String>,
}

/// What is said of a content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// What was asked for.
    requested: String,
    /// Where it came from in the end.
    pub address: String,
    content: String,
    /// Bytes of the content.
    pub length: u64,
    /// The media type.
    pub media_type: Option<String>,
    /// With which character set, as the header says.
    pub charset: Option<String>,
    /// The name that the server proposes, as it stands in the header.
    pub disposition: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    fresh_until_secs: u64,
}

/// A content with its description.
#[derive(Debug)]
pub struct Kept {
    /// The content, from its beginning.
    pub file: File,
    /// What is said of it.
    pub about: Description,
}

impl Description {
    /// What an answer says of its content.
    pub(crate) fn new(requested: &Address, address: &Address, head: &Head, length: u64) -> Self {
        let field = |name: &str| head.field(name).map(str::to_owned);
        Self {
            requested: requested.as_str().to_owned(),
            address: address.as_str().to_owned(),
            content: String::new(),
            length,
            media_type: head.media_type(),
            charset: head.field("content-type").and_then(charset),
            disposition: field("content-disposition"),
            etag: field("etag"),
            last_modified: field("last-modified"),
            fresh_until_secs: 0,
        }
    }

    /// When it last changed, as the server says.
    pub fn modified(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.last_modified.as_deref()?).ok()
    }

    /// For asking whether it is still right.
    pub(crate) fn known(&self) -> Option<Known> {
        let Self { address, etag, last_modified, .. } = self.clone();
        (etag.is_some() || last_modified.is_some()).then_some(Known { address, etag, last_modified })
    }

    pub(crate) fn is_fresh(&self, now: SystemTime) -> bool {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.fresh_until_secs) > now
    }
}

fn charset(content_type: &str) -> Option<String> {
    let parameter = content_type.split(';').skip(1).find_map(|one| {
        let (name, value) = one.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    parameter.filter(|charset| !charset.is_empty())
}

impl Cache {
    /// A cache in a folder, which is made when there is something to keep.
    pub fn new(settings: CacheSettings) -> Self {
        Self { settings, size: Mutex::new(None) }
    }

    fn description_path(&self, address: &Address) -> PathBuf {
        let hash = blake3::hash(address.as_str().as_bytes()).to_hex();
        self.settings.folder.join("addresses").join(format!("{}.json", &hash[..32]))
    }

    fn content_path(&self, hash: &str) -> PathBuf {
        self.settings.folder.join("contents").join(hash)
    }

    /// What is known of an address, without its content.
    pub fn about(&self, address: &Address) -> Option<Description> {
        let about = read_description(&self.description_path(address))?;
        (about.requested == address.as_str()).then_some(about)
    }

    /// What an earlier fetch of this address brought, whether it is still right or not.
    pub fn find(&self, address: &Address) -> Option<Kept> {
        let about = self.about(address)?;
        let file = File::open(self.content_path(&about.content)).ok()?;
        if file.metadata().ok()?.len() != about.length {
            return None;
        }
        // The time of its last use, by which it is kept or goes.
        let used = File::options().append(true).open(self.description_path(address));
        let _ = used.and_then(|used| used.set_modified(SystemTime::now()));
        Some(Kept { file, about })
    }

    /// Whether an answer may be kept.
    pub(crate) fn may_keep(head: &Head) -> bool {
        freshness::storage(head) != Storage::Never
    }

    /// A file for something that may be kept.
    pub(crate) fn temporary(&self) -> io::Result<NamedTempFile> {
        let folder = self.settings.folder.join("contents");
        fs::create_dir_all(&folder)?;
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)
    }

    /// Keeps a content that was written to a file of [`Self::temporary`], and returns it from its beginning.
    pub(crate) fn keep(&self, file: NamedTempFile, mut about: Description, head: &Head) -> io::Result<Kept> {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&File::open(file.path())?)?;
        about.content = hasher.finalize().to_hex().to_string();
        file.as_file().sync_data()?;
        let path = self.content_path(&about.content);
        let kept = file.persist(&path).map_err(|error| error.error)?;
        drop(kept);
        let file = File::open(path)?;
        self.note(&mut about, head)?;
        self.make_room(about.length);
        Ok(Kept { file, about })
    }

    /// Notes that a content is still right, as a new answer says.
    pub(crate) fn confirm(&self, mut about: Description, head: &Head) -> Description {
        // What cannot be noted is asked again.
        let _ = self.note(&mut about, head);
        about
    }

    fn note(&self, about: &mut Description, head: &Head) -> io::Result<()> {
        let Storage::Until(until) = freshness::storage(head) else { return Ok(()) };
        about.fresh_until_secs = until.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let path = self.description_path(&Address::parse(&about.requested).map_err(io::Error::other)?);
        let folder = self.settings.folder.join("addresses");
        fs::create_dir_all(&folder)?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
        serde_json::to_writer(&mut file, about)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes what was not used for longest while there is too much.
    fn make_room(&self, added: u64) {
        let mut size = self.size.lock().unwrap_or_else(PoisonError::into_inner);
        let now = match *size {
            Some(known) => known + added,
            None => contents(&self.settings.folder).map(|content| content.bytes).sum(),
        };
        *size = Some(now);
        if now > self.settings.largest {
            // Some room, so that not every fetch has to look through all.
            *size = Some(self.remove_until(self.settings.largest - self.settings.largest / 10));
        }
    }

    fn remove_until(&self, largest: u64) -> u64 {
        let folder = &self.settings.folder;
        let mut described: Vec<(SystemTime, PathBuf, Description)> = files(&folder.join("addresses"))
            .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path.clone(), read_description(&path)?)))
            .collect();
        described.sort_by_key(|(used, ..)| std::cmp::Reverse(*used));
        let mut kept = HashSet::new();
        let mut size = 0;
        for (_, path, about) in described {
            if size + about.length > largest && !kept.contains(&about.content) {
                let _ = fs::remove_file(path);
            } else if kept.insert(about.content) {
                size += about.length;
            }
        }
        for content in contents(folder) {
            let name = content.path.file_name().unwrap_or_default().to_string_lossy();
            let is_left_behind = name.starts_with(UNFINISHED) && content.used.is_none_or(is_long_ago);
            if is_left_behind || (!name.starts_with(UNFINISHED) && !kept.contains(&*name)) {
                let _ = fs::remove_file(&content.path);
            }
        }
        size
    }
}

/// What the names of files begin with that are being written.
const UNFINISHED: &str = ".part-";

/// Whether a file that is being written was last touched so long ago that its program must be gone.
fn is_long_ago(time: SystemTime) -> bool {
    time.elapsed().is_ok_and(|age| age > Duration::from_secs(24 * 3600))
}

struct Content {
    path: PathBuf,
    bytes: u64,
    used: Option<SystemTime>,
}

fn contents(folder: &Path) -> impl Iterator<Item = Content> {
    files(&folder.join("contents")).filter_map(|path| {
        let meta = path.metadata().ok()?;
        Some(Content { path, bytes: meta.len(), used: meta.modified().ok() })
    })
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

fn read_description(path: &Path) -> Option<Description> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    fn head(fields: &[(&str, &str)]) -> Head {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Head { status: 200, fields, arrived: SystemTime::now() }
    }

    fn keep(cache: &Cache, address: &Address, bytes: &[u8], head: &Head) {
        let mut file = cache.temporary().unwrap();
        file.write_all(bytes).unwrap();
        let about = Description::new(address, address, head, bytes.len() as u64);
        cache.keep(file, about, head).unwrap();
    }

    #[test]
    fn what_was_kept_is_found_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let settings = CacheSettings { folder: folder.path().join("web"), largest: 1 << 20 };
        let address = Address::parse("https://e.org/a.jpg").unwrap();
        let cache = Cache::new(settings.clone());
        assert!(cache.find(&address).is_none());
        let fields = [("cache-control", "max-age=60"), ("content-type", "image/jpeg; charset=\"utf-8\"")];
        keep(&cache, &address, b"content", &head(&fields));
        // Another program, later.
        let mut kept = Cache::new(settings.clone()).find(&address).unwrap();
        let mut bytes = Vec::new();
        kept.file.read_to_end(&mut bytes).unwrap();
        assert_eq!((bytes.as_slice(), kept.about.is_fresh(SystemTime::now())), (&b"content"[..], true));
        assert_eq!(
            (kept.about.media_type.as_deref(), kept.about.charset.as_deref()),
            (Some("image/jpeg"), Some("utf-8"))
        );
        assert!(!kept.about.is_fresh(SystemTime::now() + Duration::from_secs(100)));
        assert!(cache.find(&Address::parse("https://e.org/a.jpg?2").unwrap()).is_none());
        // A content that was cut short is not taken for the whole.
        fs::write(cache.content_path(&kept.about.content), b"con").unwrap();
        assert!(cache.find(&address).is_none());
    }

    #[test]
    fn the_oldest_use_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(CacheSettings { folder: folder.path().into(), largest: 100 });
        let address = |name: usize| Address::parse(&format!("https://e.org/{name}")).unwrap();
        for (name, age) in [(0, 50), (1, 90), (2, 70)] {
            keep(&cache, &address(name), &[name as u8; 30], &head(&[]));
            let described = File::options().append(true).open(cache.description_path(&address(name))).unwrap();
            described.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        keep(&cache, &address(3), &[3; 30], &head(&[]));
        let found: Vec<bool> = (0..4).map(|name| cache.find(&address(name)).is_some()).collect();
        assert_eq!(found, [true, false, true, true]);
        assert_eq!(files(&folder.path().join("contents")).count(), 3, "contents that nobody names are gone");
    }

    #[test]
    fn the_same_content_is_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(CacheSettings { folder: folder.path().into(), largest: 100 });
        for name in ["a", "b"] {
            keep(&cache, &Address::parse(&format!("https://e.org/{name}")).unwrap(), b"same", &head(&[]));
        }
        assert_eq!(files(&folder.path().join("contents")).count(), 1);
    }
}
