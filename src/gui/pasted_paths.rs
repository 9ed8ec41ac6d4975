//! Paths in text that was pasted or typed.

use std::path::PathBuf;

use crate::web::Address;

/// The paths in a text: one per line, quoted or not, as `file://` URLs or plain, or addresses of the web. Other lines are
/// ignored.
pub fn paths_in(text: &str) -> Vec<PathBuf> {
    let lines = text.lines().map(|line| line.trim().trim_matches(['"', '\'']));
    lines.filter_map(path_in).collect()
}

fn path_in(line: &str) -> Option<PathBuf> {
    if Address::is_meant(line) {
        return Some(line.into());
    }
    if let Some(url) = line.strip_prefix("file://") {
        return Some(PathBuf::from(percent_decoded(url.strip_prefix("localhost").unwrap_or(url))));
    }
    let path = match line.strip_prefix("~/") {
        Some(below) => std::env::home_dir()?.join(below),
        None => PathBuf::from(line),
    };
    path.is_absolute().then_some(path)
}

#[cfg(unix)]
fn percent_decoded(text: &str) -> std::ffi::OsString {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(percent_bytes(text))
}

#[cfg(not(unix))]
fn percent_decoded(text: &str) -> std::ffi::OsString {
    String::from_utf8_lossy(&percent_bytes(text)).trim_start_matches('/').into()
}

fn percent_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn pasted_paths_are_understood() {
        let paths =
            paths_in("file:///tmp/Fotos%20f%C3%BCr%20Oma\n\"/a b/c.jpg\"\nhello world\n100%\nhttps://e.org/a.jpg");
        assert_eq!(paths, ["/tmp/Fotos für Oma", "/a b/c.jpg", "https://e.org/a.jpg"].map(PathBuf::from));
    }
}
