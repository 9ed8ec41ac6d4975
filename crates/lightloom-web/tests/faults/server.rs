//! A server on this machine that answers as it is told, also against the rules.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub fields: Vec<(String, String)>,
    /// How often this path was asked for before.
    pub before: usize,
}

impl Asked {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is done about it.
pub enum Answer {
    /// These bytes, and on to the next request.
    Bytes(Vec<u8>),
    /// These bytes, and the connection is closed.
    Last(Vec<u8>),
    /// These bytes, and then nothing until the client goes away.
    Stall(Vec<u8>),
    /// The first of these bytes, as many as are said, and then one after the other with pauses between them.
    Drip(usize, Vec<u8>),
    /// A head, and bytes without an end.
    Endless(Vec<u8>),
}

pub fn ok(content: &[u8], fields: &str) -> Answer {
    let mut bytes = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{fields}\r\n", content.len()).into_bytes();
    bytes.extend_from_slice(content);
    Answer::Bytes(bytes)
}

pub fn status(line: &str, fields: &str) -> Answer {
    Answer::Bytes(format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\n{fields}\r\n").into_bytes())
}

pub struct Server {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

type Respond = dyn Fn(&Asked) -> Answer + Send + Sync;

impl Server {
    pub fn start(respond: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (list, respond): (_, Arc<Respond>) = (Arc::clone(&asked), Arc::new(respond));
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let (list, respond) = (Arc::clone(&list), Arc::clone(&respond));
                thread::spawn(move || serve(&connection, &connection, &list, &*respond));
            }
        });
        Self { port, asked }
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

pub fn serve(from: impl Read, mut to: impl Write, list: &Mutex<Vec<Asked>>, respond: &Respond) {
    let mut reader = BufReader::new(from);
    while let Some(mut asked) = read(&mut reader) {
        {
            let mut list = list.lock().unwrap();
            asked.before = list.iter().filter(|one| one.path == asked.path).count();
            list.push(asked.clone());
        }
        match respond(&asked) {
            Answer::Bytes(bytes) => {
                if to.write_all(&bytes).is_err() {
                    return;
                }
            }
            Answer::Last(bytes) => {
                let _ = to.write_all(&bytes);
                return;
            }
            Answer::Stall(bytes) => {
                let _ = to.write_all(&bytes).and_then(|()| to.flush());
                let _ = reader.read(&mut [0]);
                return;
            }
            Answer::Drip(first, bytes) => {
                let _ = drip(&mut to, first, &bytes);
                return;
            }
            Answer::Endless(head) => {
                let _ = to.write_all(&head);
                while to.write_all(&[0; 4096]).is_ok() {}
                return;
            }
        }
    }
}

/// Writes the first of these bytes at once and the rest one by one, each so soon that no wait for it is long.
fn drip(to: &mut impl Write, first: usize, bytes: &[u8]) -> std::io::Result<()> {
    let (at_once, rest) = bytes.split_at(first);
    to.write_all(at_once)?;
    for byte in rest {
        to.flush()?;
        thread::sleep(Duration::from_millis(5));
        to.write_all(&[*byte])?;
    }
    to.flush()
}

fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut fields = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        fields.push((name.to_lowercase(), value.trim().to_owned()));
    }
    Some(Asked { path, fields, before: 0 })
}

/// What of a connection of TLS drips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drips {
    Nothing,
    /// Its beginning.
    Handshake,
    /// The records with the answer.
    Records,
}

/// Accepts connections of TLS with a certificate for `localhost` that nobody knows. Returns the certificate.
pub fn start_tls(content: &'static [u8], drips: Drips) -> (u16, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let der = made.cert.der().to_vec();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let config = Arc::clone(&config);
            thread::spawn(move || answer_tls(config, connection, content, drips));
        }
    });
    (port, der)
}

/// A connection that drips, or not yet.
struct Dripping {
    connection: TcpStream,
    drips: bool,
}

impl Read for Dripping {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.connection.read(buffer)
    }
}

impl Write for Dripping {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        drip(&mut self.connection, if self.drips { 0 } else { bytes.len() }, bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn answer_tls(config: Arc<rustls::ServerConfig>, connection: TcpStream, content: &[u8], drips: Drips) {
    let session = rustls::ServerConnection::new(config).unwrap();
    connection.set_nodelay(true).unwrap();
    let connection = Dripping { connection, drips: drips == Drips::Handshake };
    let mut stream = rustls::StreamOwned::new(session, connection);
    let mut reader = BufReader::new(&mut stream);
    if read(&mut reader).is_some() {
        drop(reader);
        if let Answer::Bytes(bytes) = ok(content, "") {
            let head = bytes.len() - content.len();
            let _ = stream.write_all(&bytes[..head]);
            stream.sock.drips |= drips == Drips::Records;
            let _ = stream.write_all(content);
            let _ = stream.flush();
        }
    }
}
