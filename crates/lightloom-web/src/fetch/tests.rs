use std::time::SystemTime;

use super::*;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

fn begun(want: Want) -> Fetch {
    Fetch::new(address("https://me:pw@e.org/a.jpg"), want, Reach::Anywhere, false, Rules::default())
}

fn head(status: u16, fields: &[(&str, &str)]) -> Head {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Head { status, fields, arrived: SystemTime::UNIX_EPOCH }
}

fn sent(fetch: &mut Fetch) -> Outgoing {
    loop {
        match fetch.step() {
            Step::Send(request) => return request,
            Step::Wait(_) => {}
            Step::Done(result) => panic!("it ended: {result:?}"),
        }
    }
}

fn result(fetch: &mut Fetch) -> Result<Outcome, FetchError> {
    match fetch.step() {
        Step::Done(result) => result,
        other => panic!("it goes on: {other:?}"),
    }
}

fn field<'a>(request: &'a Outgoing, name: &str) -> Option<&'a str> {
    request.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

#[test]
fn a_whole_body_is_a_whole_fetch() {
    let mut fetch = begun(Want::Picture);
    let request = sent(&mut fetch);
    assert_eq!((field(&request, "accept-encoding"), request.reach), (Some("identity"), Reach::Anywhere));
    assert_eq!(fetch.headed(head(200, &[("content-length", "10")])), Body::From(0));
    assert!(fetch.received(10, Duration::ZERO));
    fetch.ended(None);
    assert!(matches!(result(&mut fetch), Ok(Outcome::Complete { .. })));
}

#[test]
fn a_broken_transfer_goes_on_where_it_broke() {
    let mut fetch = begun(Want::Picture);
    sent(&mut fetch);
    fetch.headed(head(200, &[("content-length", "100"), ("etag", "\"v1\"")]));
    fetch.received(40, Duration::ZERO);
    fetch.ended(Some("reset".to_owned()));
    let request = sent(&mut fetch);
    assert_eq!((field(&request, "range"), field(&request, "if-range")), (Some("bytes=40-"), Some("\"v1\"")));
    assert_eq!(fetch.headed(head(206, &[("content-range", "bytes 40-99/100")])), Body::From(40));
    fetch.received(60, Duration::ZERO);
    fetch.ended(None);
    assert!(matches!(result(&mut fetch), Ok(Outcome::Complete { head, .. }) if head.field("etag") == Some("\"v1\"")));
}

#[test]
fn a_server_that_has_something_else_by_then_is_read_from_the_beginning() {
    for answer in [
        head(200, &[("content-length", "70")]),
        head(206, &[("content-range", "bytes 0-99/100")]),
        head(206, &[("content-range", "bytes 40-69/70")]),
        head(206, &[]),
        head(416, &[]),
    ] {
        let mut fetch = begun(Want::Picture);
        sent(&mut fetch);
        fetch.headed(head(200, &[("content-length", "100"), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")]));
        fetch.received(40, Duration::ZERO);
        fetch.ended(None);
        assert!(field(&sent(&mut fetch), "range").is_some());
        if fetch.headed(answer) == Body::Skip {
            assert_eq!(field(&sent(&mut fetch), "range"), None);
            assert_eq!(fetch.headed(head(200, &[("content-length", "70")])), Body::From(0));
        }
        fetch.received(70, Duration::ZERO);
        fetch.ended(None);
        assert!(matches!(result(&mut fetch), Ok(Outcome::Complete { .. })));
    }
}

#[test]
fn without_a_strong_validator_nothing_is_resumed() {
    for fields in [&[("etag", "W/\"v1\"")][..], &[], &[("etag", "\"v1\""), ("accept-ranges", "none")]] {
        let mut fetch = begun(Want::Picture);
        sent(&mut fetch);
        fetch.headed(head(200, fields));
        fetch.received(40, Duration::ZERO);
        fetch.ended(Some("reset".to_owned()));
        assert_eq!(field(&sent(&mut fetch), "range"), None, "{fields:?}");
    }
}

#[test]
fn credentials_and_private_networks_stay_behind_at_a_redirect() {
    let mut fetch = begun(Want::Picture);
    assert!(field(&sent(&mut fetch), "authorization").is_some());
    fetch.headed(head(302, &[("location", "/b.jpg")]));
    let request = sent(&mut fetch);
    assert!(field(&request, "authorization").is_some(), "the same server");
    assert_eq!(request.reach, Reach::Anywhere, "the host that was named");
    fetch.headed(head(302, &[("location", "https://cdn.e.org/b.jpg")]));
    let request = sent(&mut fetch);
    assert_eq!((field(&request, "authorization"), request.reach), (None, Reach::Public));
    // And they do not come back with another redirect.
    fetch.headed(head(302, &[("location", "https://e.org/c.jpg")]));
    assert_eq!(field(&sent(&mut fetch), "authorization"), None);
    fetch.headed(head(302, &[("location", "http://169.254.169.254/latest/")]));
    assert_eq!(result(&mut fetch).unwrap_err(), FetchError::Private("169.254.169.254".to_owned()));
}

#[test]
fn redirects_end() {
    let mut fetch = begun(Want::Picture);
    sent(&mut fetch);
    fetch.headed(head(301, &[("location", "/b.jpg")]));
    sent(&mut fetch);
    fetch.headed(head(301, &[("location", "/a.jpg")]));
    assert!(matches!(result(&mut fetch), Err(FetchError::RedirectLoop(_))));
    let mut fetch = begun(Want::Picture);
    for at in 0..10 {
        sent(&mut fetch);
        fetch.headed(head(301, &[("location", &format!("/{at}"))]));
    }
    sent(&mut fetch);
    fetch.headed(head(301, &[("location", "/more")]));
    assert!(matches!(result(&mut fetch), Err(FetchError::TooManyRedirects(10))));
    for (location, expected) in [("file:///etc/passwd", "file"), ("data:,x", "data")] {
        let mut fetch = begun(Want::Picture);
        sent(&mut fetch);
        fetch.headed(head(302, &[("location", location)]));
        let refused = FetchError::BadRedirect(crate::NoAddress::Scheme(expected.to_owned()));
        assert_eq!(result(&mut fetch).unwrap_err(), refused);
    }
}

#[test]
fn a_server_that_asks_for_time_gets_it_within_limits() {
    let waits = |fields: &[(&str, &str)]| {
        let mut fetch = begun(Want::Picture);
        sent(&mut fetch);
        fetch.headed(head(429, fields));
        fetch.step()
    };
    assert!(matches!(waits(&[("retry-after", "7")]), Step::Wait(wait) if wait == Duration::from_secs(7)));
    let dates = [("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), ("date", "Sun, 06 Nov 1994 08:49:17 GMT")];
    assert!(matches!(waits(&dates), Step::Wait(wait) if wait == Duration::from_secs(20)));
    assert!(matches!(waits(&[]), Step::Wait(wait) if wait <= Duration::from_millis(500)));
    let later = FetchError::ComeBackLater { status: 429, wait: Duration::from_secs(3600) };
    assert!(matches!(waits(&[("retry-after", "3600")]), Step::Done(Err(error)) if error == later));
}

#[test]
fn what_will_not_change_is_not_tried_again() {
    for status in [400, 401, 403, 404, 410, 451, 501] {
        let mut fetch = begun(Want::Picture);
        sent(&mut fetch);
        fetch.headed(head(status, &[]));
        assert_eq!(result(&mut fetch).unwrap_err(), FetchError::Status(status));
    }
    for status in [408, 429, 500, 502, 503, 504] {
        let mut fetch = begun(Want::Picture);
        for _ in 0..5 {
            sent(&mut fetch);
            fetch.headed(head(status, &[]));
        }
        assert!(matches!(result(&mut fetch), Err(FetchError::Broken { tries: 5, .. })), "{status}");
    }
}

#[test]
fn sizes_and_types_are_refused_before_their_bytes_come() {
    let refused = |want, fields: &[(&str, &str)]| {
        let mut fetch = begun(want);
        sent(&mut fetch);
        (fetch.headed(head(200, fields)) == Body::Skip).then(|| result(&mut fetch).unwrap_err())
    };
    let too_large = FetchError::TooLarge { mib: Some(4096), limit_mib: 2048 };
    assert_eq!(refused(Want::Picture, &[("content-length", "4294967296")]), Some(too_large));
    let html = ("content-type", "Text/HTML; charset=utf-8");
    assert!(matches!(refused(Want::Picture, &[html]), Some(FetchError::WrongType { .. })));
    assert_eq!(refused(Want::Page, &[html]), None);
    assert_eq!(refused(Want::PageOrPicture, &[html]), None);
    assert_eq!(refused(Want::Picture, &[("content-type", "application/octet-stream")]), None);
    assert!(matches!(refused(Want::Page, &[("content-type", "image/png")]), Some(FetchError::WrongType { .. })));
    assert!(matches!(refused(Want::Picture, &[("content-encoding", "br")]), Some(FetchError::UnknownEncoding(_))));
    let mut fetch = Fetch::new(
        address("https://e.org"),
        Want::Picture,
        Reach::Public,
        false,
        Rules { largest: 100, ..Rules::default() },
    );
    sent(&mut fetch);
    fetch.headed(head(200, &[]));
    assert!(fetch.received(100, Duration::ZERO));
    assert!(!fetch.received(1, Duration::ZERO), "a server that does not say how much it sends");
    fetch.ended(None);
    assert!(matches!(result(&mut fetch), Err(FetchError::TooLarge { .. })));
}

#[test]
fn what_is_known_is_asked_for_under_its_condition() {
    let known = |at: &str| Known {
        address: at.to_owned(),
        etag: Some("\"v1\"".to_owned()),
        last_modified: Some("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
    };
    let mut other = begun(Want::Picture).knowing(Some(known("https://e.org/b.jpg")));
    assert_eq!(field(&sent(&mut other), "if-none-match"), None, "it was redirected the last time");
    let mut same = begun(Want::Picture).knowing(Some(known("https://e.org/a.jpg")));
    let request = sent(&mut same);
    assert_eq!(field(&request, "if-none-match"), Some("\"v1\""));
    assert!(field(&request, "if-modified-since").is_some());
    assert_eq!(same.headed(head(304, &[])), Body::Skip);
    assert!(matches!(result(&mut same), Ok(Outcome::NotModified(_))));
    let mut nothing = begun(Want::Picture);
    sent(&mut nothing);
    nothing.headed(head(304, &[]));
    assert_eq!(result(&mut nothing).unwrap_err(), FetchError::Status(304), "nobody asked under a condition");
}

#[test]
fn a_transfer_that_drips_breaks_and_goes_on_where_it_was() {
    let mut fetch = begun(Want::Picture).paced(Pace::new(1000, Duration::from_secs(30)));
    for part in 0..5 {
        let request = sent(&mut fetch);
        let from = 10 * part;
        assert_eq!(field(&request, "range"), (part > 0).then(|| format!("bytes={from}-")).as_deref());
        match part {
            0 => fetch.headed(head(200, &[("content-length", "100"), ("etag", "\"v1\"")])),
            _ => fetch.headed(head(206, &[("content-range", &format!("bytes {from}-99/100"))])),
        };
        for byte in 0..10 {
            assert_eq!(fetch.received(1, Duration::from_secs(3)), byte < 9);
        }
    }
    let error = result(&mut fetch).unwrap_err().to_string();
    assert_eq!(error, "it came too slowly, 10 bytes in 30 s, which is less than 1000 a second, 5 times");
}
