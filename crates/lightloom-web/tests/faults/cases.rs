//! Fetches from a real server on this machine that is slow, breaks off, lies, or leads elsewhere.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use crate::run;
use crate::server::{Answer, Drips, Server, ok, start_tls, status};
use lightloom_web::{
    Address, CacheSettings, Client, ClientSettings, FetchError, Fetched, Follow, NoFollow, Origin, Permission, Request,
    Rules, Want,
};

fn settings() -> ClientSettings {
    let rules = Rules { retries: 3, first_wait: Duration::from_millis(1), ..Rules::default() };
    ClientSettings { rules, stall_timeout: Duration::from_secs(10), ..ClientSettings::default() }
}

fn request(address: &str, origin: Origin) -> Request {
    Request::new(Address::parse(address).unwrap(), Want::Picture, Permission::default().of(origin))
}

fn fetch_with(settings: ClientSettings, address: &str) -> Result<Vec<u8>, FetchError> {
    content(run(&Client::new(settings), &request(address, Origin::Person), &NoFollow))
}

fn fetch(address: &str) -> Result<Vec<u8>, FetchError> {
    fetch_with(settings(), address)
}

fn content(fetched: Result<Fetched, FetchError>) -> Result<Vec<u8>, FetchError> {
    fetched.and_then(|fetched| fetched.bytes(u64::MAX))
}

/// Bytes in which a wrong place shows.
fn picture() -> &'static [u8] {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| (0..400_000_u32).flat_map(u32::to_le_bytes).collect());
    &BYTES
}

/// Gives up servers that send nothing sooner than a busy machine would let a good one answer.
fn impatient() -> ClientSettings {
    ClientSettings { stall_timeout: Duration::from_millis(200), ..settings() }
}

#[test]
fn a_picture_comes_as_it_is() {
    let server = Server::start(|_| ok(picture(), "content-type: image/png\r\n"));
    assert_eq!(fetch(&server.address("/a.png")).unwrap(), picture());
    let asked = &server.asked()[0];
    assert_eq!(asked.path, "/a.png");
    assert!(asked.field("user-agent").unwrap().starts_with("Lightloom/"));
}

#[test]
fn transfers_that_break_go_on_where_they_broke() {
    for stalls in [false, true] {
        let server = Server::start(move |asked| {
            let all = picture();
            let from = asked.field("range").map_or(0, |range| range[6..range.len() - 1].parse().unwrap());
            let rest = &all[from..];
            let sent = rest.len().min(600_000);
            let head = match from {
                0 => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\netag: \"v1\"\r\n\r\n", all.len()),
                from => format!(
                    "HTTP/1.1 206 Partial Content\r\ncontent-length: {}\r\ncontent-range: bytes {from}-{}/{}\r\n\r\n",
                    rest.len(),
                    all.len() - 1,
                    all.len()
                ),
            };
            let bytes = [head.as_bytes(), &rest[..sent]].concat();
            match (sent < rest.len(), stalls) {
                (true, true) => Answer::Stall(bytes),
                (true, false) => Answer::Last(bytes),
                (false, _) => Answer::Bytes(bytes),
            }
        });
        let settings = if stalls { impatient() } else { settings() };
        assert_eq!(fetch_with(settings, &server.address("/a.png")).unwrap(), picture(), "stalls: {stalls}");
        let ranges: Vec<_> = server.asked().iter().map(|asked| asked.field("range").map(str::to_owned)).collect();
        assert!(ranges[0].is_none() && ranges[1..].iter().all(Option::is_some), "{ranges:?}");
        assert!(ranges.len() >= 3);
    }
}

#[test]
fn servers_that_never_finish_are_given_up() {
    let length = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";
    let truncated = Server::start(move |_| Answer::Last(format!("{length}short").into_bytes()));
    let error = fetch(&truncated.address("/")).unwrap_err().to_string();
    assert!(error.contains("5 of 100 bytes") && error.ends_with("4 times"), "{error}");
    let stalled = Server::start(move |_| Answer::Stall(format!("{length}short").into_bytes()));
    let error = fetch_with(impatient(), &stalled.address("/")).unwrap_err().to_string();
    assert!(error.contains("5 of 100 bytes"), "{error}");
    let silent = Server::start(|_| Answer::Stall(Vec::new()));
    assert!(matches!(fetch_with(impatient(), &silent.address("/")), Err(FetchError::Broken { tries: 4, .. })));
    let closed = Server::start(|_| Answer::Last(Vec::new()));
    assert!(matches!(fetch(&closed.address("/")), Err(FetchError::Broken { .. })));
    let nonsense = Server::start(|_| Answer::Last(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()));
    assert!(matches!(fetch(&nonsense.address("/")), Err(FetchError::Broken { .. })));
}

/// Each wait is short, but what comes is next to nothing.
#[test]
fn servers_that_drip_are_given_up() {
    let rules = Rules { retries: 1, ..settings().rules };
    let connect_timeout = Duration::from_millis(500);
    let impatient = || ClientSettings { rules: rules.clone(), connect_timeout, ..impatient() };
    let head = "HTTP/1.1 200 OK\r\netag: \"v1\"\r\n";
    let field = format!("{head}x-padding: {}\r\n", "x".repeat(2000));
    let length = format!("{head}content-length: 2000\r\n\r\n");
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n1");
    let padding = "x".repeat(2000);
    for (what, first, rest) in [
        ("the head", head, &field[head.len()..]),
        ("the body", &length, &padding),
        ("the body without a length", &format!("{head}\r\n"), &padding),
        ("the extension of a chunk", &chunked, &format!(";{padding}")),
        ("chunks", &chunked[..chunked.len() - 1], &"1\r\nx\r\n".repeat(400)),
    ] {
        let bytes = [first, rest].concat().into_bytes();
        let first = first.len();
        let server = Server::start(move |_| Answer::Drip(first, bytes.clone()));
        let error = fetch_with(impatient(), &server.address("/")).unwrap_err();
        assert!(matches!(error, FetchError::Broken { tries: 2, .. }), "{what}: {error:?}");
    }
    for drips in [Drips::Handshake, Drips::Records] {
        let (port, certificate) = start_tls(&picture()[..5000], drips);
        let settings = ClientSettings { roots: Some(vec![certificate]), ..impatient() };
        let error = fetch_with(settings, &format!("https://localhost:{port}/a.jpg")).unwrap_err();
        assert!(matches!(error, FetchError::Broken { tries: 2, .. }), "{drips:?}: {error:?}");
    }
    // Who does not mind waits.
    let bytes = [length.as_bytes(), &[7; 2000]].concat();
    let first = bytes.len() - 50;
    let slow = Server::start(move |_| Answer::Drip(first, bytes.clone()));
    let patient = ClientSettings { slowest: 0, ..settings() };
    assert_eq!(fetch_with(patient, &slow.address("/")).unwrap(), [7; 2000]);
}

#[test]
fn a_server_that_is_not_there_says_so() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = fetch(&format!("http://127.0.0.1:{free}/a.jpg")).unwrap_err().to_string();
    assert!(error.contains("refuses the connection") && error.ends_with("4 times"), "{error}");
}

#[test]
fn busy_servers_are_asked_again_and_missing_files_are_not() {
    for line in ["429 Too Many Requests", "500 Internal Server Error", "503 Service Unavailable"] {
        let server = Server::start(move |asked| match asked.before {
            0 | 1 => status(line, "retry-after: 0\r\n"),
            _ => ok(b"picture", ""),
        });
        assert_eq!(fetch(&server.address("/a.jpg")).unwrap(), b"picture", "{line}");
        assert_eq!(server.asked().len(), 3);
    }
    let server = Server::start(|_| status("404 Not Found", ""));
    assert_eq!(fetch(&server.address("/a.jpg")).unwrap_err(), FetchError::Status(404));
    assert_eq!(server.asked().len(), 1);
    let server = Server::start(|_| status("429 Too Many Requests", "retry-after: 7200\r\n"));
    let error = fetch(&server.address("/a.jpg")).unwrap_err().to_string();
    assert_eq!(error, "the server answers 429 Too Many Requests and asks to come back in 2 hours");
}

#[test]
fn redirects_are_followed_within_limits() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/a" => status("302 Found", "location: /b\r\n"),
        "/b" => ok(b"picture", ""),
        "/circle" => status("301 Moved Permanently", "location: /circle2\r\n"),
        "/circle2" => status("301 Moved Permanently", "location: /circle\r\n"),
        "/file" => status("302 Found", "location: file:///etc/passwd\r\n"),
        _ => status("302 Found", &format!("location: {}x\r\n", asked.path)),
    });
    assert_eq!(fetch(&server.address("/a")).unwrap(), b"picture");
    assert!(matches!(fetch(&server.address("/circle")), Err(FetchError::RedirectLoop(_))));
    assert!(matches!(fetch(&server.address("/long")), Err(FetchError::TooManyRedirects(10))));
    assert!(matches!(fetch(&server.address("/file")), Err(FetchError::BadRedirect(_))));
}

#[test]
fn private_networks_are_out_of_reach_of_pages_lists_and_redirects() {
    let secret = Server::start(|_| ok(b"secret", ""));
    let (there, by_name) = (secret.address("/"), format!("http://localhost:{}/", secret.port));
    let client = Client::new(settings());
    for address in [there.clone(), by_name.clone(), format!("http://[::ffff:127.0.0.1]:{}/", secret.port)] {
        for origin in [Origin::Page, Origin::List] {
            let refused = run(&client, &request(&address, origin), &NoFollow);
            assert!(matches!(refused, Err(FetchError::Private(_))), "{address} {refused:?}");
        }
    }
    assert!(secret.asked().is_empty(), "not even its robots.txt is asked for");
    // Named by the person it is fetched, but its redirects lead to no other private host.
    assert_eq!(fetch(&there).unwrap(), b"secret");
    let port = secret.port;
    let redirecting = Server::start(move |_| status("302 Found", &format!("location: http://localhost:{port}/\r\n")));
    assert!(matches!(fetch(&redirecting.address("/")), Err(FetchError::Private(_))));
    assert_eq!(secret.asked().len(), 1);
    for (address, origin) in [(redirecting.address("/"), Origin::Person), (by_name, Origin::List)] {
        let mut allowed = request(&address, origin);
        allowed.permission.private = true;
        assert_eq!(content(run(&client, &allowed, &NoFollow)).unwrap(), b"secret");
    }
}

#[test]
fn what_is_too_large_or_no_picture_is_refused() {
    let rules = Rules { largest: 100_000, ..settings().rules };
    let small = || ClientSettings { rules: rules.clone(), ..settings() };
    let endless = Server::start(|_| Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()));
    assert!(matches!(fetch_with(small(), &endless.address("/")), Err(FetchError::TooLarge { mib: None, .. })));
    let huge = Server::start(|_| Answer::Stall(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec()));
    assert!(matches!(fetch(&huge.address("/")), Err(FetchError::TooLarge { mib: Some(95367), .. })));
    let page = Server::start(|_| ok(b"<html>", "content-type: text/html\r\n"));
    let error = fetch(&page.address("/a.jpg")).unwrap_err().to_string();
    assert_eq!(error, "it is text/html, not a picture");
    // Packed so that a small answer becomes a large file.
    let bomb = Server::start(|_| ok(&gzip(&vec![0; 1 << 20]), "content-encoding: gzip\r\n"));
    assert!(matches!(fetch_with(small(), &bomb.address("/")), Err(FetchError::TooLarge { .. })));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn packed_answers_are_unpacked() {
    let server = Server::start(|_| ok(&gzip(picture()), "content-encoding: gzip\r\n"));
    assert_eq!(fetch(&server.address("/")).unwrap(), picture());
    let damaged = Server::start(|_| ok(&gzip(picture())[..1000], "content-encoding: gzip\r\n"));
    assert!(fetch(&damaged.address("/")).unwrap_err().to_string().contains("gzip data are damaged"));
}

#[test]
fn certificates_that_nobody_knows_are_refused() {
    let (port, certificate) = start_tls(b"picture", Drips::Nothing);
    let error = fetch(&format!("https://localhost:{port}/a.jpg")).unwrap_err();
    assert!(matches!(error, FetchError::Tls(_)), "{error:?}");
    let trusting = |roots| ClientSettings { roots: Some(roots), ..settings() };
    let known = trusting(vec![certificate]);
    assert_eq!(fetch_with(known.clone(), &format!("https://localhost:{port}/a.jpg")).unwrap(), b"picture");
    // Known, but for another name.
    assert!(matches!(fetch_with(known, &format!("https://127.0.0.1:{port}/")), Err(FetchError::Tls(_))));
    let plain = Server::start(|_| ok(b"picture", ""));
    let error = fetch(&plain.address("/").replace("http:", "https:")).unwrap_err();
    assert!(matches!(error, FetchError::Tls(_) | FetchError::Broken { .. }), "{error:?}");
}

#[test]
fn credentials_go_to_the_server_that_they_are_for() {
    let other = Arc::new(Server::start(|_| ok(b"picture", "")));
    let port = other.port;
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/a" => status("302 Found", "location: /b\r\n"),
        _ => status("302 Found", &format!("location: http://127.0.0.1:{port}/c\r\n")),
    });
    let address = server.address("/a").replace("127.0.0.1", "me:secret@127.0.0.1");
    assert_eq!(fetch(&address).unwrap(), b"picture");
    assert!(server.asked().iter().all(|asked| asked.field("authorization") == Some("Basic bWU6c2VjcmV0")));
    assert_eq!(other.asked()[0].field("authorization"), None);
}

#[test]
fn a_second_fetch_asks_only_where_it_must() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Some(CacheSettings { folder: folder.path().into(), largest: 1 << 30 });
    let server = Server::start(|asked| {
        let fields = match asked.path.as_str() {
            "/fresh" => "cache-control: max-age=60\r\n",
            "/tagged" => "etag: \"v1\"\r\n",
            "/changing" => "etag: \"v2\"\r\n",
            _ => "cache-control: no-store\r\n",
        };
        match asked.field("if-none-match") {
            Some("\"v1\"") => status("304 Not Modified", ""),
            _ => ok(format!("{} {}", asked.path, asked.before).as_bytes(), fields),
        }
    });
    // Each time another program.
    let fetched = |path: &str| fetch_with(ClientSettings { cache: cache.clone(), ..settings() }, &server.address(path));
    for (path, contents, asked) in [
        ("/fresh", ["/fresh 0", "/fresh 0"], 1),
        ("/tagged", ["/tagged 0", "/tagged 0"], 2),
        ("/changing", ["/changing 0", "/changing 1"], 2),
        ("/never", ["/never 0", "/never 1"], 2),
    ] {
        for content in contents {
            assert_eq!(fetched(path).unwrap(), content.as_bytes());
        }
        assert_eq!(server.asked().iter().filter(|one| one.path == path).count(), asked, "{path}");
    }
    assert_eq!(server.asked().iter().filter(|one| one.field("if-none-match").is_some()).count(), 2);
}

#[test]
fn the_same_address_is_fetched_once_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Some(CacheSettings { folder: folder.path().into(), largest: 1 << 30 });
    let server = Server::start(|_| ok(b"picture", "cache-control: max-age=60\r\n"));
    let client = Client::new(ClientSettings { cache, ..settings() });
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| content(run(&client, &request(&server.address("/a"), Origin::Person), &NoFollow)).unwrap());
        }
    });
    assert_eq!(server.asked().len(), 1);
}

struct StopAfter(AtomicU64);

impl Follow for StopAfter {
    fn received(&self, bytes: u64) {
        self.0.fetch_add(bytes, SeqCst);
    }

    fn is_stopped(&self) -> bool {
        self.0.load(SeqCst) > 100_000
    }
}

#[test]
fn what_is_not_wanted_any_more_ends() {
    let server = Server::start(|_| Answer::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()));
    let stopped =
        run(&Client::new(settings()), &request(&server.address("/"), Origin::Person), &StopAfter(AtomicU64::new(0)));
    assert_eq!(stopped.unwrap_err(), FetchError::Stopped);
}

#[test]
fn pages_are_left_alone_where_their_servers_ask_for_it() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/robots.txt" => ok(b"User-agent: *\nDisallow: /private/", "content-type: text/plain\r\n"),
        _ => ok(b"<title>x</title>", "content-type: text/html\r\n"),
    });
    let client = Client::new(settings());
    let named = |path: &str, ignores_robots| {
        let permission = Permission { ignores_robots, ..Permission::default() };
        client.fetch_named(&Address::parse(&server.address(path)).unwrap(), permission, &NoFollow)
    };
    assert!(named("/public/", false).unwrap().is_page());
    assert!(matches!(named("/private/", false), Err(FetchError::Robots(_))));
    assert_eq!(server.asked().iter().filter(|asked| asked.path == "/robots.txt").count(), 1);
    assert!(named("/private/", true).is_ok());
}

#[test]
fn the_sample_server_serves_what_a_page_lists() {
    use lightloom_web::{SampleServer, ServerSettings, page};
    let files = [("a b.jpg", 300_000), ("c.png", 10)].map(|(name, size)| (name.to_owned(), vec![7; size]));
    let settings_of_server =
        ServerSettings { errors_percent: 30, bytes_per_sec: Some(50 << 20), ..ServerSettings::default() };
    let server = SampleServer::start(files.clone().into_iter().collect(), settings_of_server).unwrap();
    let address = Address::parse(&server.page()).unwrap();
    let rules = Rules { retries: 20, ..settings().rules };
    let client = Client::new(ClientSettings { rules, ..settings() });
    let permission = Permission { private: true, ..Permission::default() };
    let fetched = client.fetch_named(&address, permission, &NoFollow).unwrap();
    let read = page::parse(&fetched.bytes(page::LARGEST).unwrap(), None, &address);
    assert_eq!((read.title.as_str(), read.pictures.len()), ("Sample pictures", 2));
    for (found, (_, expected)) in read.pictures.iter().zip(&files) {
        let request = Request::new(found.address.clone(), Want::Picture, permission.of(Origin::Page));
        assert_eq!(&content(run(&client, &request, &NoFollow)).unwrap(), expected);
    }
}
