//! A picture of the web: fetched to a file, and read from there as any other.
//!
//! Its name is its address in the form of a path, so that pictures of one server stand together as those of a folder do.

use std::cmp::Ordering;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{Cursor, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use super::file::Counted;
use super::sparing::SparingReader;
use super::{Content, Kind, ReadProgress, Reader, SavedSource, Source, check_length, unreadable};
use crate::cause::Cause;
use lightloom_codec::Limits;
use lightloom_web::list::Column;
use lightloom_web::{
    Address, AsyncClient, CacheSettings, Client, ClientSettings, FetchError, Fetched, Follow, Permission, Request,
    Want, name_of,
};

/// A picture of the web.
#[derive(Debug, Clone)]
pub struct Web(Arc<Picture>);

#[derive(Debug, Clone)]
struct Picture {
    address: Address,
    /// The address as a path, whose last part is a safe name for a file.
    name: PathBuf,
    permission: Permission,
    /// What stood beside it in the list that named it.
    columns: Vec<Column>,
    /// What fetches it, if not that of the program.
    client: Option<Arc<Client>>,
    /// What was fetched, where another did that.
    content: Option<Brought>,
}

/// What another fetched.
#[derive(Debug, Clone)]
struct Brought {
    content: BroughtContent,
    modified: Option<SystemTime>,
}

#[derive(Debug, Clone)]
enum BroughtContent {
    /// By another process.
    Bytes(Arc<[u8]>),
    /// By this one, to a file that one reads at a time.
    File(Arc<File>),
}

/// What opens a [`Web`] again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SavedWeb {
    address: String,
    /// The name for its results.
    file_name: String,
    permission: Permission,
    /// Of what follows, where another process has fetched it: its bytes, and when it was modified.
    content: Option<SavedContent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct SavedContent {
    length: u64,
    modified_secs: Option<u64>,
}

/// Bytes of what was fetched that are kept on disk.
const CACHE_BYTES: u64 = 2 << 30;

static CLIENT: OnceLock<Arc<Client>> = OnceLock::new();

/// How the program's own client behaves if nothing else is said: it keeps what it fetches in the user's folder for that.
pub fn web_settings() -> ClientSettings {
    use etcetera::BaseStrategy as _;
    let folder = etcetera::choose_base_strategy().ok().map(|folders| folders.cache_dir().join("lightloom").join("web"));
    let cache = folder.map(|folder| CacheSettings { folder, largest: CACHE_BYTES });
    ClientSettings { cache, ..ClientSettings::default() }
}

/// What fetches pictures of the web for the whole program: what servers are asked at once is bounded over all of its runs.
pub fn web_client() -> &'static Arc<Client> {
    CLIENT.get_or_init(|| Client::new(web_settings()))
}

/// Says how [`web_client`] behaves, unless it is in use already. Returns whether that holds now.
pub fn set_web_client(settings: ClientSettings) -> bool {
    CLIENT.set(Client::new(settings)).is_ok()
}

impl Web {
    /// The picture at an address, called after it.
    pub fn new(address: Address, permission: Permission) -> Self {
        let name = path_of(&address, &name_of(&address));
        Self(Arc::new(Picture { address, name, permission, columns: Vec::new(), client: None, content: None }))
    }

    fn with(self, change: impl FnOnce(&mut Picture)) -> Self {
        let mut picture = Arc::unwrap_or_clone(self.0);
        change(&mut picture);
        Self(Arc::new(picture))
    }

    /// The same under another name for its results: that of a file, made safe.
    #[must_use]
    pub fn called(self, file_name: &str) -> Self {
        self.with(|picture| picture.name = path_of(&picture.address, file_name))
    }

    /// The same with what stood beside it in the list that named it.
    #[must_use]
    pub fn beside(self, columns: Vec<Column>) -> Self {
        self.with(|picture| picture.columns = columns)
    }

    /// The same, fetched by this client.
    #[must_use]
    pub fn through(self, client: Arc<Client>) -> Self {
        self.with(|picture| picture.client = Some(client))
    }

    /// Where it is.
    pub fn address(&self) -> &Address {
        &self.0.address
    }

    /// What stood beside it in the list that named it.
    pub fn columns(&self) -> &[Column] {
        &self.0.columns
    }

    /// Fetches it, or finds it kept.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub fn fetch(&self, largest: u64, follow: &dyn Follow) -> Result<Fetched, FetchError> {
        self.client().fetch(&self.request(largest), follow)
    }

    /// The same with its content, for another process.
    pub(super) fn brought(&self, limits: &Limits, progress: &ReadProgress) -> Result<Self, Cause> {
        let reader = self.open(limits, progress)?;
        let modified = reader.modified();
        let bytes = reader.read_all()?.into_vec().into();
        let content = BroughtContent::Bytes(bytes);
        Ok(self.clone().with(|picture| picture.content = Some(Brought { content, modified })))
    }

    /// The same without what was fetched of it.
    pub(super) fn without_content(&self) -> Self {
        self.clone().with(|picture| picture.content = None)
    }

    /// The client that fetches it.
    pub(crate) fn client(&self) -> &Arc<Client> {
        self.0.client.as_ref().unwrap_or_else(|| web_client())
    }

    /// The same with its content, fetched without a thread that waits.
    pub(crate) async fn awaited(
        &self,
        client: &AsyncClient,
        limits: &Limits,
        progress: &ReadProgress,
    ) -> Result<Self, Cause> {
        let request = self.request(limits.file_bytes);
        let Fetched { file, about, .. } = client.fetch(&request, progress).await.map_err(unfetched)?;
        let brought = Brought { content: BroughtContent::File(Arc::new(file)), modified: about.modified() };
        Ok(self.clone().with(|picture| picture.content = Some(brought)))
    }

    fn request(&self, largest: u64) -> Request {
        let Picture { address, permission, .. } = &*self.0;
        Request { largest, ..Request::new(address.clone(), Want::Picture, *permission) }
    }

    pub(super) fn from_saved(
        saved: &SavedWeb,
        content: impl FnOnce(u64) -> std::io::Result<Vec<u8>>,
    ) -> std::io::Result<Self> {
        let address = Address::parse(&saved.address).map_err(std::io::Error::other)?;
        let brought = saved.content.map(|SavedContent { length, modified_secs }| {
            let modified = modified_secs.map(|secs| UNIX_EPOCH + std::time::Duration::from_secs(secs));
            content(length).map(|bytes| Brought { content: BroughtContent::Bytes(bytes.into()), modified })
        });
        let brought = brought.transpose()?;
        Ok(Self::new(address, saved.permission).called(&saved.file_name).with(|picture| picture.content = brought))
    }
}

/// An address as a path whose last part is the name of a file.
fn path_of(address: &Address, file_name: &str) -> PathBuf {
    let whole = address.as_str();
    if whole.rsplit('/').next() == Some(file_name) { whole.into() } else { format!("{whole}/{file_name}").into() }
}

/// The server in a path that is an address.
pub(crate) fn server_of(path: &Path) -> Option<&Path> {
    let text = path.to_str().filter(|text| Address::is_meant(text))?;
    let begins = text.find("://")? + 3;
    let length = text[begins..].find('/').unwrap_or(text.len() - begins);
    Some(Path::new(&text[..begins + length]))
}

fn unfetched(error: FetchError) -> Cause {
    match error {
        FetchError::Stopped => Cause::Stopped,
        error => Cause::Unfetched(error),
    }
}

impl Kind for Web {
    fn name(&self) -> &Path {
        &self.0.name
    }

    fn title(&self) -> &Path {
        Path::new(self.0.address.as_str())
    }

    fn waited_for(&self) -> Option<&Path> {
        Some(&self.0.name)
    }

    fn canonical(&self) -> Source {
        Source::Web(self.clone())
    }

    fn absolute(&self) -> Source {
        Source::Web(self.clone())
    }

    fn length(&self) -> Option<u64> {
        Some(self.known()?.length)
    }

    fn modified(&self) -> Option<SystemTime> {
        self.known()?.modified()
    }

    fn open(&self, limits: &Limits, progress: &ReadProgress) -> Result<Reader, Cause> {
        let (file, modified) = match &self.0.content {
            Some(Brought { content: BroughtContent::Bytes(bytes), modified }) => {
                let (length, modified) = (bytes.len() as u64, *modified);
                check_length(length, limits)?;
                let content: Box<dyn Content> = Box::new(Cursor::new(Arc::clone(bytes)));
                return Ok(Reader { content, length, modified, progress: progress.clone() });
            }
            Some(Brought { content: BroughtContent::File(file), modified }) => {
                let mut file = file.try_clone().map_err(|e| unreadable(&e))?;
                file.rewind().map_err(|e| unreadable(&e))?;
                (file, *modified)
            }
            None => {
                let Fetched { file, about, .. } = self.fetch(limits.file_bytes, progress).map_err(unfetched)?;
                (file, about.modified())
            }
        };
        let length = file.metadata().map_err(|e| unreadable(&e))?.len();
        check_length(length, limits)?;
        let content = Box::new(SparingReader::new(Counted { file, progress: progress.clone() }));
        Ok(Reader { content, length, modified, progress: progress.clone() })
    }

    fn saved(&self) -> SavedSource {
        let Picture { address, name, permission, content, .. } = &*self.0;
        let secs = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs());
        let content = self.held().zip(content.as_ref()).map(|(bytes, brought)| SavedContent {
            length: bytes.len() as u64,
            modified_secs: brought.modified.and_then(secs),
        });
        SavedSource::Web(SavedWeb {
            address: address.as_str().to_owned(),
            file_name: name.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            permission: *permission,
            content,
        })
    }

    fn held(&self) -> Option<&[u8]> {
        match &self.0.content.as_ref()?.content {
            BroughtContent::Bytes(bytes) => Some(bytes),
            BroughtContent::File(_) => None,
        }
    }
}

impl Web {
    /// What is known without asking its server.
    fn known(&self) -> Option<lightloom_web::Description> {
        self.client().cache()?.about(&self.0.address)
    }
}

impl PartialEq for Web {
    fn eq(&self, other: &Self) -> bool {
        self.0.address == other.0.address
    }
}

impl Eq for Web {}

impl PartialOrd for Web {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Web {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.address.cmp(&other.0.address)
    }
}

impl Hash for Web {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.address.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    fn web(address: &str) -> Source {
        Source::Web(Web::new(Address::parse(address).unwrap(), Permission::default()))
    }

    #[test]
    fn names_are_addresses_with_the_name_of_a_file() {
        for (address, name, stem) in [
            ("https://e.org/trip/photo.jpg", "https://e.org/trip/photo.jpg", "photo"),
            ("https://e.org/get.php?id=7", "https://e.org/get.php?id=7/get.php", "get"),
            ("https://e.org/a%20b.jpg", "https://e.org/a%20b.jpg/a b.jpg", "a b"),
            ("https://e.org/", "https://e.org//e.org", "e"),
        ] {
            let source = web(address);
            assert_eq!((source.name(), source.stem()), (Path::new(name), OsStr::new(stem)));
            assert_eq!(source.to_string(), address);
            assert_eq!(server_of(source.name()), Some(Path::new("https://e.org")));
        }
        assert_eq!(server_of(Path::new("/p/https://e.org/a.jpg")), None);
        let Source::Web(named) = web("https://e.org/get.php?id=7") else { panic!() };
        assert_eq!(Source::Web(named.clone().called("hut.png")).stem(), OsStr::new("hut"));
        assert_eq!(named.clone().called("hut.png"), named, "the same picture");
    }

    #[test]
    fn a_saved_source_is_the_same_again() {
        let source = web("https://e.org/get.php?id=7");
        let json = serde_json::to_string(&source.saved()).unwrap();
        let saved: SavedSource = serde_json::from_str(&json).unwrap();
        let again = saved.to_source(|_| unreachable!()).unwrap();
        assert_eq!((again.name(), &again), (source.name(), &source));
    }

    #[test]
    fn what_another_process_fetched_is_read_without_a_server() {
        let Source::Web(web) = web("https://e.org/a.jpg") else { panic!() };
        let modified = Some(UNIX_EPOCH + std::time::Duration::from_secs(1000));
        let brought = web.with(|picture| {
            picture.content = Some(Brought { content: BroughtContent::Bytes((*b"content").into()), modified });
        });
        let sent = postcard::to_stdvec(&Source::Web(brought).saved()).unwrap();
        let saved: SavedSource = postcard::from_bytes(&sent).unwrap();
        let again = saved.to_source(|length| Ok(b"content"[..length as usize].to_vec())).unwrap();
        let reader = again.open(&Limits::default()).unwrap();
        assert_eq!((reader.length(), reader.modified()), (7, modified));
        assert_eq!(&*reader.read_all().unwrap(), b"content");
    }
}
