//! A small server for trying things: files from memory, late, slow and with errors as it is told, on this machine alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use lightloom_param::shown_html;

/// How a server behaves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServerSettings {
    /// The port; any that is free if 0.
    pub port: u16,
    /// The time before each answer.
    pub latency: Duration,
    /// Up to so much more, another for each answer.
    pub jitter: Duration,
    /// Bytes per second of each answer; as many as there can be if `None`.
    pub bytes_per_sec: Option<u64>,
    /// Of a hundred answers so many say that the server is busy.
    pub errors_percent: u8,
}

/// A running server; it ends when dropped.
#[derive(Debug)]
pub struct SampleServer {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

struct Shared {
    settings: ServerSettings,
    /// Contents by name.
    files: BTreeMap<String, Vec<u8>>,
    answers: AtomicU64,
    stopped: Arc<AtomicBool>,
}

/// Bytes that are sent at once where a rate is kept.
const PIECE: usize = 16 << 10;
/// Connections that send nothing are closed.
const IDLE: Duration = Duration::from_secs(60);
/// Bytes of a request at most.
const LONGEST_REQUEST: u64 = 64 << 10;

impl SampleServer {
    /// Serves `files` by their names, and a page with all of them at `/`.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn start(files: BTreeMap<String, Vec<u8>>, settings: ServerSettings) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        let address = listener.local_addr()?;
        let stopped = Arc::new(AtomicBool::new(false));
        let shared = Arc::new(Shared { settings, files, answers: AtomicU64::new(0), stopped: Arc::clone(&stopped) });
        thread::Builder::new().name("sample-server".to_owned()).spawn(move || {
            for connection in listener.incoming() {
                if shared.stopped.load(SeqCst) {
                    break;
                }
                let shared = Arc::clone(&shared);
                let serve = move |connection: TcpStream| {
                    // A client that goes away is none of the server's business.
                    let _ = shared.serve(&connection);
                };
                if let Ok(connection) = connection {
                    let _ = thread::Builder::new().name("sample-answer".to_owned()).spawn(move || serve(connection));
                }
            }
        })?;
        Ok(Self { address, stopped })
    }

    /// Where its page is.
    pub fn page(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for SampleServer {
    fn drop(&mut self) {
        self.stopped.store(true, SeqCst);
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }
}

/// What a client asks for.
#[derive(Debug, Default)]
struct Asked {
    path: String,
    is_head: bool,
    from: u64,
    tag: Option<String>,
    closes: bool,
}

impl Shared {
    fn serve(&self, connection: &TcpStream) -> io::Result<()> {
        connection.set_nodelay(true)?;
        connection.set_read_timeout(Some(IDLE))?;
        connection.set_write_timeout(Some(IDLE))?;
        let mut reader = BufReader::new(connection);
        while let Some(asked) = read_request(&mut reader)? {
            if self.stopped.load(SeqCst) {
                break;
            }
            self.answer(&asked, connection)?;
            if asked.closes {
                break;
            }
        }
        Ok(())
    }

    fn answer(&self, asked: &Asked, mut to: &TcpStream) -> io::Result<()> {
        let number = self.answers.fetch_add(1, SeqCst);
        thread::sleep(self.settings.latency + self.settings.jitter.mul_f64(share(number, "jitter")));
        if share(number, "error") * 100.0 < f64::from(self.settings.errors_percent) {
            return to.write_all(b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n");
        }
        let page;
        let (content, media_type) = match self.files.get(asked.path.trim_start_matches('/')) {
            Some(content) => (content.as_slice(), media_type(&asked.path)),
            None if asked.path == "/" => {
                page = self.page();
                (page.as_bytes(), "text/html; charset=utf-8")
            }
            None => return to.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
        };
        let tag = format!("\"{}\"", &blake3::hash(content).to_hex()[..16]);
        if asked.tag.as_ref() == Some(&tag) {
            return to.write_all(format!("HTTP/1.1 304 Not Modified\r\netag: {tag}\r\n\r\n").as_bytes());
        }
        let all = content.len() as u64;
        let mut head = String::new();
        let rest =
            usize::try_from(asked.from).ok().and_then(|from| content.get(from..)).filter(|rest| !rest.is_empty());
        let (status, body) = match rest {
            Some(rest) if asked.from > 0 => {
                let _ = write!(head, "content-range: bytes {}-{}/{all}\r\n", asked.from, all - 1);
                ("206 Partial Content", rest)
            }
            _ => ("200 OK", content),
        };
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\netag: {tag}\r\n\
             accept-ranges: bytes\r\ncache-control: no-cache\r\n{head}\r\n"
        );
        to.write_all(head.as_bytes())?;
        if asked.is_head { Ok(()) } else { self.send(body, to) }
    }

    fn send(&self, body: &[u8], mut to: &TcpStream) -> io::Result<()> {
        let Some(rate) = self.settings.bytes_per_sec.filter(|rate| *rate > 0) else { return to.write_all(body) };
        for piece in body.chunks(PIECE) {
            thread::sleep(Duration::from_secs_f64(piece.len() as f64 / rate as f64));
            to.write_all(piece)?;
        }
        Ok(())
    }

    fn page(&self) -> String {
        let mut page = "<!doctype html><meta charset=utf-8><title>Sample pictures</title>\n".to_owned();
        for name in self.files.keys() {
            let name = shown_html(name);
            let _ = writeln!(page, "<img src=\"{name}\" alt=\"{name}\" width=320>");
        }
        page
    }
}

/// A number from 0 to 1 that is another for each answer and the same in each session.
fn share(number: u64, of: &str) -> f64 {
    let mut hasher = DefaultHasher::new();
    (number, of).hash(&mut hasher);
    (hasher.finish() >> 11) as f64 / (1u64 << 53) as f64
}

/// The next request; `None` at the end of the connection, or where it speaks something else.
fn read_request(from: &mut impl BufRead) -> io::Result<Option<Asked>> {
    let mut from = io::Read::take(from, LONGEST_REQUEST);
    let mut line = String::new();
    from.read_line(&mut line)?;
    let mut words = line.split_ascii_whitespace();
    let (Some(method @ ("GET" | "HEAD")), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let path = crate::address::percent_decoded(path.split('?').next().unwrap_or(path));
    let path = String::from_utf8_lossy(&path).into_owned();
    let mut asked = Asked { path, is_head: method == "HEAD", ..Asked::default() };
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { return Ok(Some(asked)) };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "range" => {
                let first = value.strip_prefix("bytes=").and_then(|range| range.strip_suffix('-'));
                asked.from = first.and_then(|first| first.parse().ok()).unwrap_or(0);
            }
            "if-none-match" => asked.tag = Some(value.to_owned()),
            "connection" => asked.closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
}

fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase());
    match extension.as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "html" => "text/html; charset=utf-8",
        "css" => "text/css",
        _ => "application/octet-stream",
    }
}
