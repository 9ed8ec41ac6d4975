//! Pictures of every kind of source: what is different for one of them is found by its name, and a second run makes again
//! only what changed.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/archives.rs"]
mod made;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use common::{content, photo, save};
use made::{ZipFile, gzip, tar, zip};
use serde_json::Value;

fn lightloom(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command.args(args).current_dir(dir).env("XDG_STATE_HOME", dir.join("state")).env("HOME", dir.join("home"));
    command.env("XDG_CACHE_HOME", dir.join("cache")).stdin(Stdio::null()).output().unwrap()
}

fn report(dir: &Path, args: &[&str]) -> Value {
    let output = lightloom(dir, &[&["process", "--json"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// How many pictures a run made.
fn done(report: &Value) -> u64 {
    report["totals"]["done"].as_u64().unwrap()
}

/// Three small pictures as files.
fn pictures() -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    (0..3)
        .map(|seed| {
            let path = dir.path().join("a.png");
            save(&path, photo(40, 30, seed));
            fs::read(path).unwrap()
        })
        .collect()
}

/// What a server says of its pictures beside their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Tag,
    Date,
    Nothing,
}

/// A server whose pictures can change: by name, with a number that grows with each change.
#[derive(Clone)]
struct Server {
    address: String,
    pictures: Arc<Mutex<Vec<(u32, Vec<u8>)>>>,
    /// Pictures that were sent.
    sent: Arc<Mutex<usize>>,
}

impl Server {
    fn start(says: Says) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let pictures = pictures().into_iter().map(|bytes| (1, bytes)).collect();
        let server = Self { address, pictures: Arc::new(Mutex::new(pictures)), sent: Arc::default() };
        let shared = server.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = shared.clone();
                std::thread::spawn(move || shared.answer(&connection, says));
            }
        });
        server
    }

    fn names(&self) -> Vec<String> {
        (0..3).map(|number| format!("{}/{number}.png", self.address)).collect()
    }

    fn answer(&self, mut connection: &TcpStream, says: Says) {
        let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
        let first = lines.next().unwrap_or_default();
        let asked: Vec<String> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
        let name = first.split([' ', '/']).find_map(|part| part.strip_suffix(".png")?.parse::<usize>().ok());
        let Some((version, bytes)) = name.and_then(|name| self.pictures.lock().unwrap().get(name).cloned()) else {
            let _ = connection.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            return;
        };
        let (stamp, is_same) = match says {
            Says::Tag => {
                (format!("etag: \"v{version}\"\r\n"), asked.contains(&format!("if-none-match: \"v{version}\"")))
            }
            Says::Date => {
                let date = format!("Mon, 05 Jan 2026 10:00:{version:02} GMT");
                let is_same = asked.contains(&format!("if-modified-since: {date}").to_lowercase());
                (format!("last-modified: {date}\r\n"), is_same)
            }
            Says::Nothing => (String::new(), false),
        };
        let head = format!("cache-control: no-cache\r\n{stamp}connection: close\r\n");
        if is_same {
            let _ = connection.write_all(format!("HTTP/1.1 304 Not Modified\r\n{head}\r\n").as_bytes());
            return;
        }
        *self.sent.lock().unwrap() += 1;
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: {}\r\n{head}\r\n", bytes.len());
        let _ = connection.write_all(&[head.as_bytes(), &bytes].concat());
    }
}

#[test]
fn what_did_not_change_on_a_server_is_not_made_again() {
    for says in [Says::Tag, Says::Date, Says::Nothing] {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(says);
        let names = server.names();
        for out in ["out", "out.zip"] {
            let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
            let run = |more: &[&str]| {
                let options = ["--out", out, "--allow-private", "--filter", "invert"];
                report(dir.path(), &[&inputs[..], &options[..], more].concat())
            };
            assert_eq!(done(&run(&[])), 3, "{says:?}");
            let before = content(&dir.path().join("out"));
            *server.sent.lock().unwrap() = 0;
            let again = run(&["--changed"]);
            assert_eq!((done(&again), &again["totals"]["skipped"]), (0, &3.into()), "{says:?} {out}");
            assert_eq!(content(&dir.path().join("out")), before);
            if says != Says::Nothing {
                assert_eq!(*server.sent.lock().unwrap(), 0, "{says:?}: nothing is sent again");
            }
            {
                let mut pictures = server.pictures.lock().unwrap();
                let [_, (_, second), (_, third)] = &mut pictures[..] else { panic!() };
                std::mem::swap(second, third);
                pictures[1].0 += 1;
                pictures[2].0 += 1;
            }
            assert_eq!(done(&run(&["--changed"])), 2, "{says:?} {out}");
            assert_eq!(done(&run(&["--changed", "--filter", "flip"])), 3, "{says:?} {out}: another recipe");
        }
    }
}

/// An archive of pictures.
fn archive(name: &str, pictures: &[(&str, &[u8])]) -> Vec<u8> {
    let stored: Vec<ZipFile> = pictures.iter().map(|(name, bytes)| ZipFile::deflated(name, bytes)).collect();
    match name {
        "p.zip" => zip(&stored),
        "p.tar" => tar(pictures),
        _ => gzip(&tar(pictures)),
    }
}

#[test]
fn what_did_not_change_in_an_archive_is_not_made_again() {
    let all = pictures();
    for name in ["p.zip", "p.tar", "p.tgz"] {
        let dir = tempfile::tempdir().unwrap();
        let write = |pictures: &[(&str, &[u8])]| fs::write(dir.path().join(name), archive(name, pictures)).unwrap();
        let run = |more: &[&str]| report(dir.path(), &[&[name, "--out", "out", "--filter", "invert"], more].concat());
        write(&[("a.png", &all[0]), ("in/b.png", &all[1])]);
        assert_eq!(done(&run(&[])), 2, "{name}");
        assert_eq!(done(&run(&["--changed"])), 0, "{name}");
        // It is packed anew, with one more, in another order.
        write(&[("new.png", &all[2]), ("in/b.png", &all[1]), ("a.png", &all[0])]);
        assert_eq!(done(&run(&["--changed"])), 1, "{name}: the new one");
        write(&[("new.png", &all[2]), ("in/b.png", &all[0]), ("a.png", &all[0])]);
        assert_eq!(done(&run(&["--changed"])), 1, "{name}: the other content");
    }
}

#[test]
fn single_pictures_of_every_kind_of_source_can_be_different() {
    let all = pictures();
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("photos")).unwrap();
    fs::write(dir.path().join("photos/a.png"), &all[0]).unwrap();
    for name in ["p.zip", "p.tar", "p.tgz"] {
        fs::write(dir.path().join(name), archive(name, &[("x.png", &all[1]), ("in/a 1.png", &all[0])])).unwrap();
    }
    let server = Server::start(Says::Tag);
    let address = server.names().remove(0);
    let member = |archive: &str| (archive.to_owned(), format!("./{archive}/in/a 1.png"), "in/a 1.png".to_owned());
    for (input, named, result) in [
        ("photos".to_owned(), "photos/../photos/a.png".to_owned(), "a.png".to_owned()),
        member("p.zip"),
        member("p.tar"),
        member("p.tgz"),
        (address.clone(), address, "0.png".to_owned()),
    ] {
        let run = |out: &str, more: &[&str]| {
            report(dir.path(), &[&[&*input, "--out", out, "--allow-private"], more].concat());
            fs::read(dir.path().join(out).join(&result)).unwrap()
        };
        let (plain, different) =
            (run("plain", &[]), run("different", &["--override", &format!("{named}:rotate=left")]));
        assert_ne!(plain, different, "{named}");
        assert_eq!(different, run("turned", &["--filter", "rotate:turns=left"]), "{named}");
        let unknown = ["--out", "o", "--allow-private", "--override", "p.zip/none.png:rotate=left"];
        let output = lightloom(dir.path(), &[&["process", &*input], &unknown[..]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains("none of the pictures"), "{said}");
        for out in ["plain", "different", "turned"] {
            fs::remove_dir_all(dir.path().join(out)).unwrap();
        }
    }
}
