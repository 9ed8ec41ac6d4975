//! Sends one request and waits for its answer, with `ureq` and `rustls`.
//!
//! Redirects, retries and contents are the business of [`Fetch`](super::Fetch). Certificates are checked by the system, so
//! that those which a company installed count; proxies are those of the environment. The addresses that a name resolves to
//! are checked here, and only those that may be reached are handed on to be connected to.

use std::io::{self, Read};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::CertificateError;
use ureq::config::Config;
use ureq::http::{HeaderName, HeaderValue, Request, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Agent, Body, Error, Timeout};

use super::fetch::{Failure, Head, Outgoing};
use super::watched::Watching;
use super::{Address, ClientSettings, FetchError, Reach};

/// Connections to servers, kept for further requests.
#[derive(Debug)]
pub(super) struct Transport {
    public: Agent,
    anywhere: Agent,
    connect_timeout: Duration,
    stall_timeout: Duration,
}

impl Transport {
    pub fn new(settings: &ClientSettings) -> Self {
        let connector = || Watching::new(settings.stall_timeout, settings.pace());
        let agent = |reach| Agent::with_parts(config(settings), connector(), Checked::new(reach));
        Self {
            public: agent(Reach::Public),
            anywhere: agent(Reach::Anywhere),
            connect_timeout: settings.connect_timeout,
            stall_timeout: settings.stall_timeout,
        }
    }

    /// Sends a request. Returns the head of its answer, and its body to be read.
    pub fn send(&self, outgoing: &Outgoing) -> Result<(Head, impl Read + use<>), Failure> {
        let mut request = Request::get(outgoing.address.as_str());
        for (name, value) in &outgoing.fields {
            if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        let request = request.body(()).map_err(|e| lasting(format!("the address cannot be sent ({e})")))?;
        let agent = match outgoing.reach {
            Reach::Public => &self.public,
            Reach::Anywhere => &self.anywhere,
        };
        if outgoing.reach == Reach::Public && is_private_behind_proxy(agent.config(), request.uri()) {
            return Err(Failure::Lasting(FetchError::Private(outgoing.address.host())));
        }
        let answer = agent.run(request).map_err(|e| self.failure(e))?;
        let (parts, body) = answer.into_parts();
        let field = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let fields = parts.headers.iter().map(field).collect();
        let head = Head { status: parts.status.as_u16(), fields, arrived: SystemTime::now() };
        Ok((head, Body::into_reader(body)))
    }

    /// Whether a proxy would be asked for something that this system knows to be in a private network.
    pub fn is_private_behind_proxy(&self, address: &Address) -> bool {
        address.as_str().parse().is_ok_and(|uri| is_private_behind_proxy(self.public.config(), &uri))
    }

    fn failure(&self, error: Error) -> Failure {
        let passing = |reason: String| Failure::Passing(reason);
        match error {
            Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                passing(format!("no connection within {} s", self.connect_timeout.as_secs()))
            }
            Error::Timeout(_) => passing(format!("no answer within {} s", self.stall_timeout.as_secs())),
            Error::Rustls(error) => Failure::Lasting(FetchError::Tls(tls_text(&error))),
            Error::Other(error) => match error.downcast::<Unreachable>() {
                Ok(unreachable) => unreachable.failure(),
                Err(error) => passing(error.to_string()),
            },
            Error::Io(error) => io_failure(&error),
            error => passing(error.to_string()),
        }
    }

    /// Why the reading of a body failed, in a few words.
    pub fn broken(&self, error: &io::Error) -> String {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(Error::Timeout(_)) => format!("nothing came for {} s", self.stall_timeout.as_secs()),
            _ => error.to_string(),
        }
    }
}

fn lasting(reason: String) -> Failure {
    Failure::Lasting(FetchError::Broken { reason, tries: 1 })
}

fn io_failure(error: &io::Error) -> Failure {
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return Failure::Lasting(FetchError::Tls(tls_text(tls)));
    }
    Failure::Passing(match error.kind() {
        io::ErrorKind::ConnectionRefused => "the server refuses the connection".to_owned(),
        io::ErrorKind::UnexpectedEof => "the connection ended before the answer".to_owned(),
        _ => error.to_string(),
    })
}

pub(super) fn tls_text(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "the server's certificate is not from an authority that this system trusts".to_owned()
        }
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "the server's certificate has expired".to_owned()
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "the server's certificate is for another server".to_owned(),
        error => error.to_string(),
    }
}

/// The name of the proxy that the environment names, if any.
pub(super) fn proxy_host(settings: &ClientSettings) -> Option<String> {
    config(settings).proxy().map(|proxy| proxy.host().to_owned())
}

fn config(settings: &ClientSettings) -> Config {
    let roots = match &settings.roots {
        None => RootCerts::PlatformVerifier,
        Some(roots) => {
            let known: Vec<_> = roots.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
            RootCerts::new_with_certs(&known)
        }
    };
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(roots)
        .build();
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(&settings.user_agent)
        .max_idle_connections(settings.in_total)
        .max_idle_connections_per_host(settings.per_host)
        .timeout_resolve(Some(settings.connect_timeout))
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_recv_response(Some(settings.stall_timeout))
        .timeout_per_read(Some(settings.stall_timeout))
        .tls_config(tls)
        .build()
}

/// Whether a proxy would be asked for something that this system knows to be in a private network: a proxy resolves names
/// by itself, so what it connects to cannot be checked otherwise.
fn is_private_behind_proxy(config: &Config, uri: &Uri) -> bool {
    let is_used = config.proxy().is_some_and(|proxy| !proxy.is_no_proxy(uri));
    let Some(host) = uri.host().filter(|_| is_used) else { return false };
    let resolved = (host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(443)).to_socket_addrs();
    resolved.is_ok_and(|mut addresses| addresses.any(|address| !Reach::Public.allows(address.ip())))
}

/// Resolves names to addresses that may be reached.
#[derive(Debug)]
struct Checked {
    reach: Reach,
    system: DefaultResolver,
}

/// Why a name leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("{0} is in a private network")]
    Private(String),
    #[error("there is no server called {0}")]
    Unknown(String),
    #[error("{0}")]
    ForNow(String),
}

impl Unreachable {
    pub fn failure(&self) -> Failure {
        match self {
            Self::Private(host) => Failure::Lasting(FetchError::Private(host.clone())),
            Self::Unknown(host) => Failure::Lasting(FetchError::NoHost(host.clone())),
            Self::ForNow(reason) => Failure::Passing(reason.clone()),
        }
    }
}

impl Checked {
    fn new(reach: Reach) -> Self {
        Self { reach, system: DefaultResolver::default() }
    }
}

impl Resolver for Checked {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let unreachable = |why: Unreachable| Error::Other(Box::new(why));
        let resolved = self.system.resolve(uri, config, timeout).map_err(|error| match error {
            Error::Io(error) if error.to_string().to_lowercase().contains("temporary") => {
                unreachable(Unreachable::ForNow(format!("the name {host} cannot be resolved at the moment")))
            }
            Error::Io(_) | Error::HostNotFound => unreachable(Unreachable::Unknown(host.to_owned())),
            error => error,
        })?;
        // The person's own proxy may well be in a private network.
        let is_proxy = config.proxy().is_some_and(|proxy| Some(proxy.host()) == uri.host());
        let mut allowed = self.empty();
        let may_connect = |address: &&SocketAddr| is_proxy || self.reach.allows(address.ip());
        resolved.iter().filter(may_connect).for_each(|address| allowed.push(*address));
        if allowed.is_empty() {
            return Err(unreachable(Unreachable::Private(host.to_owned())));
        }
        Ok(allowed)
    }
}
