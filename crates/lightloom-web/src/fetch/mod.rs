//! One fetch as a state machine that does no I/O and knows no clock: whoever drives it sends, waits and reads.
//!
//! It decides where a redirect may lead, what is tried again and when, where a broken transfer goes on, which answers are
//! refused, and what is asked of a server that may still have what is known. A driver calls [`Fetch::step`] and does what
//! it says; after a [`Step::Send`] it reports [`Fetch::failed`], or [`Fetch::headed`] and then, if the body is wanted,
//! [`Fetch::received`] for its bytes and [`Fetch::ended`].

mod head;
mod pace;
mod tries;

use std::collections::HashSet;
use std::time::Duration;

pub use head::Head;
pub use pace::Pace;

use super::cache::Known;
use super::{Address, FetchError, Reach};
use tries::Tries;

/// What is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A picture: what is certainly none is refused before its bytes come.
    Picture,
    /// A page.
    Page,
    /// A page or a picture.
    PageOrPicture,
    /// A text for programs, such as a list.
    Text,
    /// A style sheet.
    Style,
}

/// The rules of fetches.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Largest size in bytes.
    pub largest: u64,
    /// How often a redirect is followed.
    pub redirects: u32,
    /// How often a failure that may pass is answered with another try.
    pub retries: u32,
    /// The wait before the first of them; each further one is twice as long.
    pub first_wait: Duration,
    /// The longest time that is waited because a server asks for it.
    pub longest_wait: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            largest: 2 << 30,
            redirects: 10,
            retries: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
        }
    }
}

/// What is to be done next.
#[derive(Debug)]
pub enum Step {
    /// Send this request.
    Send(Outgoing),
    /// Wait, then ask again.
    Wait(Duration),
    /// That is all.
    Done(Result<Outcome, FetchError>),
}

/// A request to be sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Where to.
    pub address: Address,
    /// Which addresses its name may be resolved to.
    pub reach: Reach,
    /// Header fields.
    pub fields: Vec<(&'static str, String)>,
}

/// Where the bytes of a body go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// They are not wanted.
    Skip,
    /// They are written from this place on; what was there behind it is wrong.
    From(u64),
}

/// How a fetch went well.
#[derive(Debug)]
pub enum Outcome {
    /// What is known is still right.
    NotModified(Head),
    /// All bytes have come.
    Complete {
        /// Head of the answer that brought the first of them.
        head: Head,
        /// Where it came from in the end.
        address: Address,
    },
}

/// Why a request had no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It will not be otherwise the next time.
    Lasting(FetchError),
    /// It may be otherwise the next time; why, in a few words.
    Passing(String),
}

/// A fetch under way.
#[derive(Debug)]
pub struct Fetch {
    want: Want,
    rules: Rules,
    named: Address,
    address: Address,
    /// What the person allowed for the address that was named.
    reach: Reach,
    private_redirects: bool,
    visited: HashSet<Address>,
    redirects: u32,
    tries: Tries,
    pace: Pace,
    known: Option<Known>,
    head: Option<Head>,
    received: u64,
    expected: Option<u64>,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Waiting(Duration),
    /// A request is under way that asked for the bytes from this place on.
    Sent(u64),
    Done(Option<Result<Outcome, FetchError>>),
}

impl Fetch {
    /// Fetches `address`, which may be in a private network if `reach` says so. Redirects lead to private networks only
    /// with `private_redirects`, or back to the host that was named. `known` is what an earlier fetch brought.
    pub fn new(address: Address, want: Want, reach: Reach, private_redirects: bool, rules: Rules) -> Self {
        Self {
            want,
            named: address.clone(),
            visited: HashSet::from([address.clone()]),
            tries: Tries::new(address.as_str(), &rules),
            pace: Pace::new(0, Duration::ZERO),
            rules,
            address,
            reach,
            private_redirects,
            redirects: 0,
            known: None,
            head: None,
            received: 0,
            expected: None,
            state: State::Ready,
        }
    }

    /// The same where an earlier fetch brought something that may still be right.
    #[must_use]
    pub fn knowing(mut self, known: Option<Known>) -> Self {
        self.known = known;
        self
    }

    /// The same where bytes have to come at a pace: a transfer that falls below it counts as broken.
    #[must_use]
    pub fn paced(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// What is to be done next.
    pub fn step(&mut self) -> Step {
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Ready => self.send(),
            State::Waiting(wait) => Step::Wait(wait),
            State::Sent(_) => {
                self.broke("the answer was not waited for".to_owned(), None);
                self.step()
            }
            State::Done(result) => Step::Done(result.unwrap_or(Err(FetchError::Stopped))),
        }
    }

    /// The largest size in bytes that is allowed.
    pub fn largest(&self) -> u64 {
        self.rules.largest
    }

    fn send(&mut self) -> Step {
        let reach = self.reach_now();
        if !reach.allows_literal(&self.address) {
            return Step::Done(Err(FetchError::Private(self.address.host())));
        }
        let validator = self.head.as_ref().and_then(Head::range_validator).filter(|_| self.received > 0);
        if validator.is_none() {
            self.received = 0;
        }
        let mut fields = vec![("accept", accept(self.want).to_owned())];
        let unpacks = matches!(self.want, Want::Page | Want::Text | Want::Style | Want::PageOrPicture);
        fields.push(("accept-encoding", if unpacks { "gzip" } else { "identity" }.to_owned()));
        if let Some(credentials) = self.address.credentials() {
            fields.push(("authorization", credentials.to_owned()));
        }
        if let Some(validator) = validator {
            fields.push(("range", format!("bytes={}-", self.received)));
            fields.push(("if-range", validator));
        } else if let Some(known) = self.known.as_ref().filter(|known| known.address == self.address.as_str()) {
            fields.extend(known.etag.clone().map(|tag| ("if-none-match", tag)));
            fields.extend(known.last_modified.clone().map(|time| ("if-modified-since", time)));
        }
        self.pace.begin();
        self.state = State::Sent(self.received);
        Step::Send(Outgoing { address: self.address.clone(), reach, fields })
    }

    /// Which addresses the request may reach: those of private networks where the person named the host, or allows all.
    fn reach_now(&self) -> Reach {
        let is_named = self.redirects == 0 || self.address.host_name() == self.named.host_name();
        if self.private_redirects || is_named { self.reach } else { Reach::Public }
    }

    /// The request had no answer.
    pub fn failed(&mut self, failure: Failure) {
        match failure {
            Failure::Lasting(error) => self.end(Err(error)),
            Failure::Passing(reason) => self.broke(reason, None),
        }
    }

    /// The head of the answer has come.
    pub fn headed(&mut self, head: Head) -> Body {
        let asked_from = if let State::Sent(from) = self.state { from } else { 0 };
        match head.status {
            301 | 302 | 303 | 307 | 308 => self.redirected(&head),
            304 if asked_from == 0 && self.known.is_some() => self.end(Ok(Outcome::NotModified(head))),
            206 if asked_from > 0 => return self.goes_on(&head, asked_from),
            200 | 203 => return self.begins(head),
            // What came so far was not the beginning of what is there now.
            416 if asked_from > 0 => {
                self.forget();
                self.broke("what is there has changed meanwhile".to_owned(), None);
            }
            408 | 425 | 429 | 500 | 502 | 503 | 504 => self.unavailable(&head),
            status => self.end(Err(FetchError::Status(status))),
        }
        Body::Skip
    }

    fn redirected(&mut self, head: &Head) {
        let Some(location) = head.field("location") else {
            return self.end(Err(FetchError::Status(head.status)));
        };
        let target = match self.address.join(location) {
            Ok(target) => target.with_credentials_of(&self.address),
            Err(error) => return self.end(Err(FetchError::BadRedirect(error))),
        };
        if !self.visited.insert(target.clone()) {
            return self.end(Err(FetchError::RedirectLoop(target)));
        }
        self.redirects += 1;
        if self.redirects > self.rules.redirects {
            return self.end(Err(FetchError::TooManyRedirects(self.rules.redirects)));
        }
        self.forget();
        self.address = target;
        self.state = State::Ready;
    }

    fn unavailable(&mut self, head: &Head) {
        let wait = head.retry_after();
        match wait.filter(|wait| *wait > self.rules.longest_wait) {
            Some(wait) => self.end(Err(FetchError::ComeBackLater { status: head.status, wait })),
            None => self.broke(FetchError::Status(head.status).to_string(), wait),
        }
    }

    /// The answer brings everything.
    fn begins(&mut self, head: Head) -> Body {
        if let Err(error) = self.check(&head) {
            self.end(Err(error));
            return Body::Skip;
        }
        self.received = 0;
        self.expected = head.content_length();
        self.head = Some(head);
        Body::From(0)
    }

    /// The answer brings the rest.
    fn goes_on(&mut self, head: &Head, from: u64) -> Body {
        let range = head.content_range();
        let whole = self.expected;
        let fits = range.is_some_and(|range| {
            range.first == from && range.total.zip(whole).is_none_or(|(total, whole)| total == whole)
        });
        if !fits {
            self.forget();
            self.broke("the server goes on in the wrong place".to_owned(), None);
            return Body::Skip;
        }
        self.expected = whole.or_else(|| range.and_then(|range| range.total));
        Body::From(from)
    }

    fn check(&self, head: &Head) -> Result<(), FetchError> {
        let limit_mib = self.rules.largest >> 20;
        if let Some(length) = head.content_length().filter(|length| *length > self.rules.largest) {
            return Err(FetchError::TooLarge { mib: Some(length >> 20), limit_mib });
        }
        if let Some(encoding) = head.encoding().filter(|encoding| !matches!(encoding.as_str(), "gzip" | "x-gzip")) {
            return Err(FetchError::UnknownEncoding(encoding));
        }
        let found = head.media_type();
        match found.filter(|found| !accepts(self.want, found)) {
            Some(found) => Err(FetchError::WrongType { found, wanted: wanted(self.want) }),
            None => Ok(()),
        }
    }

    /// Bytes of the body have come, for which the driver waited so long. Returns whether more are wanted.
    pub fn received(&mut self, bytes: u64, waited: Duration) -> bool {
        self.received += bytes;
        self.tries.progressed(bytes);
        if self.received > self.rules.largest {
            self.end(Err(FetchError::TooLarge { mib: None, limit_mib: self.rules.largest >> 20 }));
        } else if let Err(slow) = self.pace.came(bytes, waited) {
            self.broke(slow.to_string(), None);
        }
        matches!(self.state, State::Sent(_))
    }

    /// The body has ended: by itself, or because of what `broke` says.
    pub fn ended(&mut self, broke: Option<String>) {
        if matches!(self.state, State::Done(_)) {
            return;
        }
        let missing = self.expected.filter(|expected| self.received < *expected);
        match (broke, missing) {
            (None, None) => {
                let address = self.address.clone();
                let head = self.head.take();
                self.end(head.map(|head| Outcome::Complete { head, address }).ok_or(FetchError::Stopped));
            }
            (broke, missing) => {
                let of = missing.map_or_else(String::new, |expected| format!(" of {expected}"));
                let why = broke.map_or_else(String::new, |broke| format!(" ({broke})"));
                self.broke(format!("the connection ended after {}{of} bytes{why}", self.received), None);
            }
        }
    }

    /// It is not wanted any more.
    pub fn stop(&mut self) {
        self.end(Err(FetchError::Stopped));
    }

    /// What has come is not the beginning of what is wanted.
    fn forget(&mut self) {
        (self.received, self.expected, self.head) = (0, None, None);
    }

    fn broke(&mut self, reason: String, wait: Option<Duration>) {
        self.state = match self.tries.next_wait() {
            Some(own) => State::Waiting(wait.map_or(own, |asked| asked.max(own))),
            None => State::Done(Some(Err(FetchError::Broken { reason, tries: self.tries.made() }))),
        };
    }

    fn end(&mut self, result: Result<Outcome, FetchError>) {
        self.state = State::Done(Some(result));
    }
}

fn accept(want: Want) -> &'static str {
    match want {
        Want::Picture => "image/*,application/octet-stream;q=0.8,*/*;q=0.5",
        Want::Page => "text/html,application/xhtml+xml,*/*;q=0.1",
        Want::PageOrPicture => "text/html,application/xhtml+xml,image/*;q=0.9,*/*;q=0.5",
        Want::Text => "text/plain,*/*;q=0.5",
        Want::Style => "text/css,*/*;q=0.1",
    }
}

const fn wanted(want: Want) -> &'static str {
    match want {
        Want::Picture => "a picture",
        Want::Page => "a page",
        Want::PageOrPicture => "a page or a picture",
        Want::Text => "a text",
        Want::Style => "a style sheet",
    }
}

/// Whether a media type is that of a page.
pub fn is_page(media_type: &str) -> bool {
    matches!(media_type, "text/html" | "application/xhtml+xml")
}

/// Whether something of this type is worth its bytes. Many servers know no type of a rare format, so only what is certainly
/// no picture is refused as one.
fn accepts(want: Want, found: &str) -> bool {
    let is_code = matches!(found, "application/json" | "text/css" | "text/javascript" | "application/javascript");
    let is_no_picture = is_code || found.starts_with("audio/") || found.starts_with("video/");
    match want {
        Want::Picture => !is_no_picture && !is_page(found),
        Want::Page => is_page(found),
        Want::PageOrPicture => !is_no_picture,
        Want::Text => !found.starts_with("image/") && !found.starts_with("audio/") && !found.starts_with("video/"),
        // Some servers know no better name for it.
        Want::Style => matches!(found, "text/css" | "text/plain" | "application/octet-stream"),
    }
}

#[cfg(test)]
mod tests;
