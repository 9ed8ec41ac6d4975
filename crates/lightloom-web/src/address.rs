//! Addresses of the web: `http` and `https` alone, without a fragment, with their credentials kept apart.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use base64::Engine as _;
use lightloom_param::shown_text;
use url::{Host, Url};

/// No address is longer; servers refuse longer ones, and so do browsers.
const LONGEST: usize = 8 << 10;

/// An address with the scheme `http` or `https`. Two are equal if they name the same thing, whoever asks for it.
#[derive(Clone)]
pub struct Address {
    url: Url,
    /// The value of the header `Authorization`, where the address was given with a name and a password.
    credentials: Option<String>,
}

/// Why something is no address to fetch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It cannot be read as an address.
    #[error("it is no address: {0}")]
    Malformed(String),
    /// `file:`, `ftp:`, `data:` and the like.
    #[error("addresses that begin with '{0}:' are not fetched, only http: and https:")]
    Scheme(String),
    /// It is beyond what servers accept.
    #[error("it is longer than {} bytes", LONGEST)]
    TooLong,
}

impl Address {
    /// Whether a text is meant as an address of the web rather than as the name of a file.
    pub fn is_meant(text: &str) -> bool {
        let text = text.trim_start().as_bytes();
        let begins = |scheme: &[u8]| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        begins(b"http://") || begins(b"https://")
    }

    /// Reads an address.
    ///
    /// # Errors
    /// If it is none, has another scheme, or is too long.
    pub fn parse(text: &str) -> Result<Self, NoAddress> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(NoAddress::TooLong);
        }
        Self::of(Url::parse(text).map_err(|e| NoAddress::Malformed(e.to_string()))?)
    }

    /// Reads what a page or a redirect that came from here refers to, which may be relative.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn join(&self, reference: &str) -> Result<Self, NoAddress> {
        let reference = reference.trim();
        if reference.len() > LONGEST {
            return Err(NoAddress::TooLong);
        }
        Self::of(self.url.join(reference).map_err(|e| NoAddress::Malformed(e.to_string()))?)
    }

    fn of(mut url: Url) -> Result<Self, NoAddress> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(NoAddress::Scheme(url.scheme().to_owned()));
        }
        url.set_fragment(None);
        let credentials = (!url.username().is_empty()).then(|| {
            let plain = |text: &str| percent_decoded(text);
            let pair = [plain(url.username()), b":".to_vec(), plain(url.password().unwrap_or_default())].concat();
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
        });
        // These fail for addresses without a host only, and these schemes have one.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self { url, credentials })
    }

    /// The whole address without credentials.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The host, and the port where it is not the usual one: what counts as one server.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The host without the port.
    pub fn host_name(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Scheme and host: what pictures of one server have in common.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.url.scheme(), self.host())
    }

    /// Path and query, as they are sent.
    pub fn path_and_query(&self) -> String {
        let path = self.url.path();
        self.url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    }

    /// The path.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The number of the host, if the address has one in place of a name.
    pub fn literal_ip(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(ip) => Some(ip.into()),
            Host::Ipv6(ip) => Some(ip.into()),
        }
    }

    /// What is sent as `Authorization`.
    pub(crate) fn credentials(&self) -> Option<&str> {
        self.credentials.as_deref()
    }

    /// The same address for which nothing is sent as `Authorization` but what `other` has, if that is the same server over
    /// the same scheme.
    #[must_use]
    pub(crate) fn with_credentials_of(mut self, other: &Self) -> Self {
        self.credentials = if self.origin() == other.origin() { other.credentials.clone() } else { None };
        self
    }
}

/// Bytes of a text in which `%41` stands for `A`.
pub(crate) fn percent_decoded(text: &str) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = (digit(bytes.get(at + 1)), digit(bytes.get(at + 2)));
        if let (b'%', (Some(high), Some(low))) = (byte, pair) {
            out.push((high * 16 + low) as u8);
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_text(self.as_str()))
    }
}

impl fmt::Debug for Address {
    /// Credentials are not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.as_str())
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for Address {}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.url.cmp(&other.url)
    }
}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.url.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_schemes_are_refused_wherever_they_come_from() {
        let page = Address::parse("https://example.org/a/b.html").unwrap();
        for other in
            ["file:///etc/passwd", "ftp://example.org/a.jpg", "data:image/png;base64,AA", "javascript:alert(1)"]
        {
            assert!(matches!(Address::parse(other), Err(NoAddress::Scheme(_))), "{other}");
            assert!(matches!(page.join(other), Err(NoAddress::Scheme(_))), "{other}");
        }
        assert!(matches!(Address::parse("a/b.jpg"), Err(NoAddress::Malformed(_))));
        assert_eq!(Address::parse(&format!("https://e.org/{}", "a".repeat(9000))), Err(NoAddress::TooLong));
    }

    #[test]
    fn references_are_read_from_where_they_stand() {
        let page = Address::parse("https://example.org/a/b.html?x=1#part").unwrap();
        assert_eq!(page.as_str(), "https://example.org/a/b.html?x=1");
        for (reference, expected) in [
            ("c.jpg#top", "https://example.org/a/c.jpg"),
            ("/c.jpg", "https://example.org/c.jpg"),
            ("//cdn.example.org/c.jpg", "https://cdn.example.org/c.jpg"),
            (" ../c d.jpg\n", "https://example.org/c%20d.jpg"),
            ("http://other.org:8080/", "http://other.org:8080/"),
        ] {
            assert_eq!(page.join(reference).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn credentials_are_not_shown_and_stay_with_their_server() {
        let named = Address::parse("https://me:p%40ss@example.org/a.jpg").unwrap();
        assert!(!format!("{named} {named:?}").contains("ss@"));
        assert_eq!(named.credentials(), Some("Basic bWU6cEBzcw=="));
        let to = |text: &str| Address::parse(text).unwrap().with_credentials_of(&named);
        assert!(to("https://example.org/b.jpg").credentials().is_some());
        for other in ["http://example.org/b.jpg", "https://example.org:444/b.jpg", "https://cdn.example.org/b.jpg"] {
            assert_eq!(to(other).credentials(), None, "{other}");
        }
    }

    #[test]
    fn what_is_meant_as_an_address_is_told_from_files() {
        for text in ["https://e.org", "HTTP://e.org/a", "  https://e.org"] {
            assert!(Address::is_meant(text), "{text}");
        }
        for text in ["http", "https:/e.org", "/p/https://e.org", "ü"] {
            assert!(!Address::is_meant(text), "{text}");
        }
    }
}
