//! Fetches with threads that wait: bounded, through the cache, each address once at a time.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::cache::{Cache, CacheSettings, Description, Kept};
use super::download::Download;
use super::fetch::{Fetch, Outgoing, Pace, Rules, Step, Want, is_page};
use super::robots::{LARGEST, Robots};
use super::transport::Transport;
use super::{Address, FetchError, HostLimits, Reach};

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// What each fetch may do.
    pub rules: Rules,
    /// Requests that are under way at once: of one server.
    pub per_host: usize,
    /// And altogether.
    pub in_total: usize,
    /// How long a name may take to be resolved, and a connection to be made.
    pub connect_timeout: Duration,
    /// How long a server may send nothing.
    pub stall_timeout: Duration,
    /// Bytes per second that have to come over that time; a server that sends fewer counts as one that sends nothing. Any
    /// number will do if 0.
    pub slowest: u64,
    /// What servers are told.
    pub user_agent: String,
    /// Where what was fetched is kept; nowhere if `None`.
    pub cache: Option<CacheSettings>,
    /// The only certificates of authorities that are trusted, in DER; `None` for those of the system.
    pub roots: Option<Vec<Vec<u8>>>,
}

/// The name by which servers give rules to this program.
const AGENT: &str = "Lightloom";

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            rules: Rules::default(),
            per_host: 6,
            in_total: 32,
            connect_timeout: Duration::from_secs(15),
            stall_timeout: Duration::from_secs(30),
            slowest: 1 << 10,
            user_agent: format!("{AGENT}/{} (batch image processor)", env!("CARGO_PKG_VERSION")),
            cache: None,
            roots: None,
        }
    }
}

impl ClientSettings {
    /// How fast the bytes of an answer have to come.
    pub(super) const fn pace(&self) -> Pace {
        Pace::new(self.slowest, self.stall_timeout)
    }
}

/// Who named an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The person, who may name a server of a private network.
    #[default]
    Person,
    /// A list.
    List,
    /// A page: its server may ask programs to leave it alone.
    Page,
}

/// What is allowed for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Permission {
    /// Who named it.
    pub origin: Origin,
    /// Whether it and its redirects may lead to private networks, whoever named it.
    pub private: bool,
    /// Whether it is fetched even if its server asks programs to leave it alone.
    pub ignores_robots: bool,
}

impl Permission {
    /// The same for what another origin names.
    #[must_use]
    pub fn of(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }
}

/// What is to be fetched.
#[derive(Debug, Clone)]
pub struct Request {
    /// From where.
    pub address: Address,
    /// As what.
    pub want: Want,
    /// What is allowed.
    pub permission: Permission,
    /// The largest size in bytes, if it is below that of the client.
    pub largest: u64,
}

impl Request {
    /// A request for something of any size that the client allows.
    pub fn new(address: Address, want: Want, permission: Permission) -> Self {
        Self { address, want, permission, largest: u64::MAX }
    }
}

/// What was fetched.
#[derive(Debug)]
pub struct Fetched {
    /// The content, from its beginning.
    pub file: File,
    /// What is said of it.
    pub about: Description,
    /// Whether no byte of it had to come over the network.
    pub from_cache: bool,
}

/// Follows a fetch.
pub trait Follow {
    /// Bytes have come.
    fn received(&self, _bytes: u64) {}
    /// It waits for its turn, not for a server.
    fn queued(&self) {}
    /// Whether it is not wanted any more.
    fn is_stopped(&self) -> bool {
        false
    }
}

/// Follows nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoFollow;

impl Follow for NoFollow {}

/// What is known before anything is sent.
#[derive(Debug)]
pub enum Begun {
    /// It is kept, and may be used without asking.
    Kept(Box<Fetched>),
    /// It has to be fetched.
    Download(Box<Download>),
}

/// Fetches things.
#[derive(Debug)]
pub struct Client {
    settings: ClientSettings,
    transport: Transport,
    limits: Arc<HostLimits>,
    cache: Option<Cache>,
    robots: Mutex<HashMap<String, Arc<Robots>>>,
    pub(super) under_way: UnderWay,
}

/// How often a wait looks whether it is still wanted.
pub(super) const LOOK: Duration = Duration::from_millis(50);
/// Bytes of a body that are read at once.
const PIECE: usize = 64 << 10;

impl Client {
    /// A client with connections, limits and memory of its own.
    pub fn new(settings: ClientSettings) -> Arc<Self> {
        Arc::new(Self {
            transport: Transport::new(&settings),
            limits: HostLimits::new(settings.per_host, settings.in_total),
            cache: settings.cache.clone().map(Cache::new),
            robots: Mutex::default(),
            under_way: UnderWay::default(),
            settings,
        })
    }

    /// How it behaves.
    pub fn settings(&self) -> &ClientSettings {
        &self.settings
    }

    /// What bounds its requests.
    pub fn limits(&self) -> &Arc<HostLimits> {
        &self.limits
    }

    /// Whether a proxy would be asked for something that this system knows to be in a private network.
    pub(super) fn is_private_behind_proxy(&self, address: &Address) -> bool {
        self.transport.is_private_behind_proxy(address)
    }

    /// What it keeps.
    pub fn cache(&self) -> Option<&Cache> {
        self.cache.as_ref()
    }

    /// Fetches something, on this thread.
    ///
    /// # Errors
    /// Why it cannot be had, or that it is not wanted any more.
    pub fn fetch(&self, request: &Request, follow: &dyn Follow) -> Result<Fetched, FetchError> {
        if request.permission.origin == Origin::Page {
            self.check_robots(&request.address, request.permission, follow)?;
        }
        let _mine = self.under_way.enter(&request.address, follow).ok_or(FetchError::Stopped)?;
        match self.begin(request) {
            Begun::Kept(fetched) => Ok(*fetched),
            Begun::Download(download) => self.drive(*download, follow),
        }
    }

    /// What is to be done for a request: for those who drive the download themselves.
    pub fn begin(&self, request: &Request) -> Begun {
        let Request { address, want, permission, largest } = request.clone();
        let kept = match self.cache.as_ref().and_then(|cache| cache.find(&address)) {
            Some(Kept { file, about }) if about.is_fresh(SystemTime::now()) && about.length <= largest => {
                return Begun::Kept(Box::new(Fetched { file, about, from_cache: true }));
            }
            kept => kept,
        };
        let is_free = permission.private || permission.origin == Origin::Person;
        let reach = if is_free { Reach::Anywhere } else { Reach::Public };
        let rules = self.settings.rules.clone();
        let rules = Rules { largest: rules.largest.min(largest), ..rules };
        let pace = self.settings.pace();
        let fetch = Fetch::new(address.clone(), want, reach, permission.private, rules).paced(pace);
        Begun::Download(Box::new(Download::new(address, fetch, kept)))
    }

    fn drive(&self, mut download: Download, follow: &dyn Follow) -> Result<Fetched, FetchError> {
        loop {
            if follow.is_stopped() {
                return Err(FetchError::Stopped);
            }
            match download.step() {
                Step::Send(outgoing) => self.exchange(&mut download, &outgoing, follow),
                Step::Wait(wait) => pause(wait, follow),
                Step::Done(outcome) => return download.finish(outcome?, self.cache.as_ref()),
            }
        }
    }

    /// Sends a request and takes its answer.
    fn exchange(&self, download: &mut Download, outgoing: &Outgoing, follow: &dyn Follow) {
        let is_wanted = || {
            follow.queued();
            !follow.is_stopped()
        };
        let Some(_pass) = self.limits.enter(&outgoing.address.host(), &is_wanted) else { return download.stop() };
        let (head, mut body) = match self.transport.send(outgoing) {
            Ok(answer) => answer,
            Err(failure) => return download.failed(failure),
        };
        follow.received(0);
        if !download.headed(head, self.cache.as_ref()) {
            // What is left of a short answer is read, so that the connection can be used again.
            let mut rest = [0; 4 << 10];
            let _ = (0..4).find(|_| body.read(&mut rest).map_or(true, |read| read == 0));
            return;
        }
        let mut piece = vec![0; PIECE];
        loop {
            if follow.is_stopped() {
                return download.stop();
            }
            let asked = Instant::now();
            match body.read(&mut piece) {
                Ok(0) => return download.ended(None),
                Ok(read) => {
                    follow.received(read as u64);
                    if !download.received(&piece[..read], asked.elapsed()) {
                        return;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return download.ended(Some(self.transport.broken(&error))),
            }
        }
    }

    /// Fetches what a person named: a page, whose server may ask programs to leave it alone, or a picture.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    pub fn fetch_named(
        &self,
        address: &Address,
        permission: Permission,
        follow: &dyn Follow,
    ) -> Result<Fetched, FetchError> {
        let request = Request::new(address.clone(), Want::PageOrPicture, permission.of(Origin::Person));
        let fetched = self.fetch(&request, follow)?;
        if fetched.is_page() {
            self.check_robots(address, request.permission, follow)?;
        }
        Ok(fetched)
    }

    /// Whether the server of an address lets programs fetch it. Its wish for a time between requests holds from now on.
    ///
    /// # Errors
    /// If it does not, or must not be asked.
    pub fn check_robots(
        &self,
        address: &Address,
        permission: Permission,
        follow: &dyn Follow,
    ) -> Result<(), FetchError> {
        if permission.ignores_robots {
            return Ok(());
        }
        let robots = self.robots_of(address, permission, follow)?;
        if robots.allows(&address.path_and_query()) { Ok(()) } else { Err(FetchError::Robots(address.host())) }
    }

    fn robots_of(
        &self,
        address: &Address,
        permission: Permission,
        follow: &dyn Follow,
    ) -> Result<Arc<Robots>, FetchError> {
        let server = address.origin();
        let known = self.robots.lock().unwrap_or_else(PoisonError::into_inner).get(&server).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let Ok(place) = address.join("/robots.txt") else { return Ok(Arc::default()) };
        let request = Request::new(place.clone(), Want::Text, permission);
        let _mine = self.under_way.enter(&place, follow).ok_or(FetchError::Stopped)?;
        let fetched = match self.begin(&request) {
            Begun::Kept(fetched) => Ok(*fetched),
            Begun::Download(download) => self.drive(*download, follow),
        };
        let robots = match fetched.and_then(|fetched| fetched.text(LARGEST as u64)) {
            Ok(text) => Robots::parse(&text, AGENT),
            Err(error @ (FetchError::Stopped | FetchError::Private(_))) => return Err(error),
            // A server that cannot be asked may mean that nothing is to be fetched (RFC 9309, section 2.3.1.4).
            Err(FetchError::Broken { .. } | FetchError::ComeBackLater { .. }) => Robots::nothing(),
            Err(_) => Robots::default(),
        };
        if let Some(delay) = robots.delay {
            self.limits.set_interval(&address.host(), delay);
        }
        let robots = Arc::new(robots);
        self.robots.lock().unwrap_or_else(PoisonError::into_inner).insert(server, Arc::clone(&robots));
        Ok(robots)
    }
}

impl Fetched {
    /// Whether it is a page, as its server says.
    pub fn is_page(&self) -> bool {
        self.about.media_type.as_deref().is_some_and(is_page)
    }

    /// Where it came from in the end.
    pub fn address(&self) -> Option<Address> {
        Address::parse(&self.about.address).ok()
    }

    /// Its content of at most `most` bytes; what follows is left out.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn bytes(&self, most: u64) -> Result<Vec<u8>, FetchError> {
        let mut bytes = Vec::new();
        let read = (&self.file).take(most).read_to_end(&mut bytes);
        read.map(|_| bytes).map_err(|e| FetchError::Disk(e.to_string()))
    }

    /// Its content as text, by the character set that its server states or else as UTF-8.
    ///
    /// # Errors
    /// As [`Self::bytes`].
    pub fn text(&self, most: u64) -> Result<String, FetchError> {
        let bytes = self.bytes(most)?;
        let stated = self.about.charset.as_deref().and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
        Ok(stated.unwrap_or(encoding_rs::UTF_8).decode(&bytes).0.into_owned())
    }
}

fn pause(wait: Duration, follow: &dyn Follow) {
    let until = Instant::now() + wait;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|_| !follow.is_stopped()) {
        std::thread::sleep(left.min(LOOK));
    }
}

/// Addresses that are being fetched: whoever wants the same waits, and finds it kept.
#[derive(Debug, Default)]
pub(super) struct UnderWay {
    addresses: Mutex<HashSet<Address>>,
    changed: Condvar,
}

pub(super) struct Mine<'a> {
    under_way: &'a UnderWay,
    address: Address,
}

impl UnderWay {
    /// Enters, unless somebody fetches the same.
    pub fn try_enter(&self, address: &Address) -> Option<Mine<'_>> {
        let is_first = self.addresses.lock().unwrap_or_else(PoisonError::into_inner).insert(address.clone());
        is_first.then(|| Mine { under_way: self, address: address.clone() })
    }

    fn enter(&self, address: &Address, follow: &dyn Follow) -> Option<Mine<'_>> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        while !addresses.insert(address.clone()) {
            follow.queued();
            addresses = self.changed.wait_timeout(addresses, LOOK).unwrap_or_else(PoisonError::into_inner).0;
            if follow.is_stopped() {
                return None;
            }
        }
        Some(Mine { under_way: self, address: address.clone() })
    }
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        self.under_way.addresses.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.address);
        self.under_way.changed.notify_all();
    }
}
