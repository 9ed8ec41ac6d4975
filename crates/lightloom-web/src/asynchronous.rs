//! Fetches that are awaited: many on one thread, with `reqwest`. What is asked, where it may lead and what is kept is
//! decided by the same [`Download`] and the same limits as where threads wait.

use std::error::Error;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::client::LOOK;
use super::fetch::{Failure, Head, Outgoing, Step};
use super::transport::{Unreachable, proxy_host, tls_text};
use super::{
    Begun, Client, ClientSettings, Download, FetchError, Fetched, Follow, NoFollow, Origin, Pass, Reach, Request,
};

/// Fetches for one runtime, whose connections end with it.
#[derive(Debug)]
pub struct AsyncClient {
    client: Arc<Client>,
    public: reqwest::Client,
    anywhere: reqwest::Client,
}

impl AsyncClient {
    /// Fetches with what `client` may do and keeps: its limits, cache and settings.
    ///
    /// # Errors
    /// If there is no way to check certificates.
    pub fn new(client: &Arc<Client>) -> Result<Self, FetchError> {
        let settings = client.settings();
        let proxy = proxy_host(settings);
        let build = |reach| build(settings, Checked { reach, proxy: proxy.clone() });
        Ok(Self { client: Arc::clone(client), public: build(Reach::Public)?, anywhere: build(Reach::Anywhere)? })
    }

    /// The client whose limits and cache it uses.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Fetches something. Where the future is dropped, the request is given up.
    ///
    /// # Errors
    /// Why it cannot be had, or that it is not wanted any more.
    pub async fn fetch(&self, request: &Request, follow: &dyn Follow) -> Result<Fetched, FetchError> {
        if request.permission.origin == Origin::Page {
            // Once for each server; others of it wait for the answer.
            let (client, address, permission) = (Arc::clone(&self.client), request.address.clone(), request.permission);
            let allowed = spawn_blocking(move || client.check_robots(&address, permission, &NoFollow)).await;
            allowed.map_err(|_| FetchError::Stopped)??;
        }
        let _mine = loop {
            match self.client.under_way.try_enter(&request.address) {
                Some(mine) => break mine,
                None => wait(LOOK, follow).await?,
            }
        };
        let mut download = match self.client.begin(request) {
            Begun::Kept(fetched) => return Ok(*fetched),
            Begun::Download(download) => *download,
        };
        loop {
            match download.step() {
                Step::Send(outgoing) => self.exchange(&mut download, &outgoing, follow).await?,
                Step::Wait(time) => pause(time, follow).await?,
                Step::Done(outcome) => return download.finish(outcome?, self.client.cache()),
            }
        }
    }

    /// Sends a request and takes its answer.
    async fn exchange(
        &self,
        download: &mut Download,
        outgoing: &Outgoing,
        follow: &dyn Follow,
    ) -> Result<(), FetchError> {
        let _pass = self.pass(outgoing, follow).await?;
        let mut answer = match self.send(outgoing).await {
            Ok(answer) => answer,
            Err(failure) => {
                download.failed(failure);
                return Ok(());
            }
        };
        follow.received(0);
        let field = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let fields = answer.headers().iter().map(field).collect();
        let head = Head { status: answer.status().as_u16(), fields, arrived: SystemTime::now() };
        if !download.headed(head, self.client.cache()) {
            return Ok(());
        }
        loop {
            if follow.is_stopped() {
                return Err(FetchError::Stopped);
            }
            let asked = Instant::now();
            match answer.chunk().await {
                Ok(Some(bytes)) => {
                    follow.received(bytes.len() as u64);
                    if !download.received(&bytes, asked.elapsed()) {
                        return Ok(());
                    }
                }
                Ok(None) => {
                    download.ended(None);
                    return Ok(());
                }
                Err(error) => {
                    download.ended(Some(self.reason(&error)));
                    return Ok(());
                }
            }
        }
    }

    async fn pass(&self, outgoing: &Outgoing, follow: &dyn Follow) -> Result<Pass, FetchError> {
        let host = outgoing.address.host();
        loop {
            if let Some(pass) = self.client.limits().try_enter(&host) {
                return Ok(pass);
            }
            follow.queued();
            wait(TURN, follow).await?;
        }
    }

    async fn send(&self, outgoing: &Outgoing) -> Result<reqwest::Response, Failure> {
        let client = match outgoing.reach {
            Reach::Public => &self.public,
            Reach::Anywhere => &self.anywhere,
        };
        if outgoing.reach == Reach::Public && self.client.is_private_behind_proxy(&outgoing.address) {
            return Err(Failure::Lasting(FetchError::Private(outgoing.address.host())));
        }
        let mut request = client.get(outgoing.address.as_str());
        for (name, value) in &outgoing.fields {
            request = request.header(*name, value);
        }
        request.send().await.map_err(|error| self.failure(&error))
    }

    fn failure(&self, error: &reqwest::Error) -> Failure {
        if let Some(unreachable) = cause::<Unreachable>(error) {
            return unreachable.failure();
        }
        if let Some(tls) = cause::<rustls::Error>(error) {
            return Failure::Lasting(FetchError::Tls(tls_text(tls)));
        }
        Failure::Passing(self.reason(error))
    }

    /// Why there was no answer or not all of it, in a few words.
    fn reason(&self, error: &reqwest::Error) -> String {
        let settings = self.client.settings();
        if error.is_timeout() {
            return if error.is_connect() {
                format!("no connection within {} s", settings.connect_timeout.as_secs())
            } else {
                format!("nothing came for {} s", settings.stall_timeout.as_secs())
            };
        }
        match cause::<std::io::Error>(error).map(std::io::Error::kind) {
            Some(std::io::ErrorKind::ConnectionRefused) => "the server refuses the connection".to_owned(),
            Some(std::io::ErrorKind::UnexpectedEof) => "the connection ended before the answer".to_owned(),
            _ => last(error).to_string(),
        }
    }
}

/// How often it is asked whether the next request may begin.
const TURN: Duration = Duration::from_millis(5);

/// The first error of this kind in a chain of causes, also within errors of I/O, which hide what they hold.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source());
    }
    None
}

fn last<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut last = error;
    while let Some(inner) = last.source() {
        last = inner;
    }
    last
}

async fn wait(time: Duration, follow: &dyn Follow) -> Result<(), FetchError> {
    sleep(time).await;
    if follow.is_stopped() { Err(FetchError::Stopped) } else { Ok(()) }
}

/// Waits for a long time, and looks meanwhile whether that is still wanted.
async fn pause(time: Duration, follow: &dyn Follow) -> Result<(), FetchError> {
    let mut left = time;
    while !left.is_zero() {
        let piece = left.min(LOOK);
        wait(piece, follow).await?;
        left -= piece;
    }
    Ok(())
}

fn build(settings: &ClientSettings, resolver: Checked) -> Result<reqwest::Client, FetchError> {
    let tls = |e: rustls::Error| FetchError::Tls(tls_text(&e));
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(tls)?;
    let config = match &settings.roots {
        None => config.with_platform_verifier().map_err(tls)?,
        Some(roots) => {
            let mut known = RootCertStore::empty();
            for root in roots {
                known.add(root.clone().into()).map_err(tls)?;
            }
            config.with_root_certificates(known)
        }
    };
    reqwest::Client::builder()
        .tls_backend_preconfigured(config.with_no_client_auth())
        .dns_resolver(resolver)
        .redirect(Policy::none())
        .referer(false)
        .http1_only()
        .user_agent(&settings.user_agent)
        .pool_max_idle_per_host(settings.per_host)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.stall_timeout)
        .build()
        .map_err(|e| FetchError::Broken { reason: last(&e).to_string(), tries: 1 })
}

/// Resolves names to addresses that may be reached.
#[derive(Debug)]
struct Checked {
    reach: Reach,
    /// The person's own proxy, which may well be in a private network.
    proxy: Option<String>,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let reach = if self.proxy.as_ref() == Some(&host) { Reach::Anywhere } else { self.reach };
        Box::pin(async move {
            let looked_up = spawn_blocking(move || resolve(&host, reach)).await;
            let addresses = looked_up.unwrap_or_else(|e| Err(Unreachable::ForNow(e.to_string())))?;
            let addresses: Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}

fn resolve(host: &str, reach: Reach) -> Result<Vec<SocketAddr>, Unreachable> {
    let found = (host, 0).to_socket_addrs().map_err(|error| {
        if error.to_string().to_lowercase().contains("temporary") {
            Unreachable::ForNow(format!("the name {host} cannot be resolved at the moment"))
        } else {
            Unreachable::Unknown(host.to_owned())
        }
    })?;
    let allowed: Vec<SocketAddr> = found.filter(|address| reach.allows(address.ip())).collect();
    if allowed.is_empty() { Err(Unreachable::Private(host.to_owned())) } else { Ok(allowed) }
}
