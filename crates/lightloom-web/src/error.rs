//! Why something cannot be fetched.

use std::time::Duration;

use super::{Address, NoAddress};

/// Why something was not fetched, as a sentence without its subject, which is the address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Its server is in a private network, and it was not named by the person.
    #[error(
        "its server {0} is this machine or in a private network, to which pages, lists and redirects do not lead unless private addresses are allowed (--allow-private)"
    )]
    Private(String),
    /// A redirect leads to something that is not fetched.
    #[error("it is redirected to something that is not fetched: {0}")]
    BadRedirect(NoAddress),
    /// A server redirects back to where it was.
    #[error("it is redirected in a circle, back to {0}")]
    RedirectLoop(Address),
    /// There are more redirects than allowed.
    #[error("it is redirected more than {0} times")]
    TooManyRedirects(u32),
    /// The server says no.
    #[error("the server answers {}", status_text(*.0))]
    Status(u16),
    /// The server wants to be left alone for longer than anybody would wait.
    #[error("the server answers {} and asks to come back in {}", status_text(*.status), duration_text(*.wait))]
    ComeBackLater {
        /// Its answer.
        status: u16,
        /// How long it wants to be left alone.
        wait: Duration,
    },
    /// There is more than allowed.
    #[error("it is larger than the limit of {limit_mib} MiB{}", .mib.map_or_else(String::new, |mib| format!(" ({mib} MiB)")))]
    TooLarge {
        /// What the server announces.
        mib: Option<u64>,
        /// What is allowed.
        limit_mib: u64,
    },
    /// It is something else.
    #[error("it is {found}, not {wanted}")]
    WrongType {
        /// The type that the server states.
        found: String,
        /// What was wanted.
        wanted: &'static str,
    },
    /// It is packed in a way that is not known.
    #[error("it is sent with the unknown content encoding '{0}'")]
    UnknownEncoding(String),
    /// The connection failed, or ended too early, as often as was tried.
    #[error("{reason}{}", if *.tries > 1 { format!(", {tries} times") } else { String::new() })]
    Broken {
        /// What happened the last time.
        reason: String,
        /// How often it was tried.
        tries: u32,
    },
    /// Nobody knows its server.
    #[error("there is no server called {0}")]
    NoHost(String),
    /// The server does not prove that it is who it should be.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// The server's rules for programs exclude it.
    #[error("{0} asks programs not to fetch it (robots.txt); --ignore-robots does it all the same")]
    Robots(String),
    /// The disk, not the server.
    #[error("it cannot be stored: {0}")]
    Disk(String),
    /// Whoever asked for it does not want it any more.
    #[error("stopped")]
    Stopped,
}

/// A status with its usual words.
fn status_text(status: u16) -> String {
    let words = ureq::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    words.map_or_else(|| status.to_string(), |words| format!("{status} {words}"))
}

fn duration_text(duration: Duration) -> String {
    match duration.as_secs() {
        secs @ 0..120 => format!("{secs} s"),
        secs @ 120..7200 => format!("{} minutes", secs / 60),
        secs => format!("{} hours", secs / 3600),
    }
}
