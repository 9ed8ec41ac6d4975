//! Which file system a path is on, or which server an address leads to, found out without asking the file system itself, which may not answer.

use std::path::{Path, PathBuf};

use super::source::server_of;

/// The mount points of this system; none where they are not known.
#[derive(Debug, Clone, Default)]
pub(super) struct Mounts(Vec<PathBuf>);

impl Mounts {
    /// Those of this moment.
    #[cfg(target_os = "linux")]
    pub fn now() -> Self {
        use std::os::unix::ffi::OsStringExt;
        let table = std::fs::read("/proc/self/mountinfo").unwrap_or_default();
        // The fifth field of each line, with blanks and the like as octal numbers: see proc(5).
        let fields = table.split(|byte| *byte == b'\n').filter_map(|line| line.split(|byte| *byte == b' ').nth(4));
        Self(fields.map(|field| std::ffi::OsString::from_vec(unescaped(field)).into()).collect())
    }

    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Self {
        Self::default()
    }

    /// The mount point above a path; its folder where none is known; the server of an address.
    pub fn place_of<'a>(&'a self, path: &'a Path) -> &'a Path {
        if let Some(server) = server_of(path) {
            return server;
        }
        let above = self.0.iter().filter(|mount| path.starts_with(mount));
        let nearest = above.max_by_key(|mount| mount.as_os_str().len()).map(PathBuf::as_path);
        nearest.or_else(|| path.parent()).unwrap_or(path)
    }
}

/// Replaces `\040` and the like by the bytes that they stand for.
#[cfg(target_os = "linux")]
fn unescaped(mut field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    while let [first, rest @ ..] = field {
        let octal = rest.get(..3).filter(|_| *first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                plain.push(byte);
                field = &rest[3..];
            }
            None => {
                plain.push(*first);
                field = rest;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_point_above_counts() {
        let mounts = Mounts(["/", "/mnt", "/mnt/share", "/mnt/sha"].map(PathBuf::from).into());
        assert_eq!(mounts.place_of(Path::new("/mnt/share/trip/a.jpg")), Path::new("/mnt/share"));
        assert_eq!(mounts.place_of(Path::new("/mnt/shares/a.jpg")), Path::new("/mnt"));
        assert_eq!(mounts.place_of(Path::new("/home/a.jpg")), Path::new("/"));
        assert_eq!(Mounts::default().place_of(Path::new("/home/a.jpg")), Path::new("/home"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn mount_points_are_read_from_the_system() {
        assert_eq!(unescaped(br"/media/my\040disk\134x"), br"/media/my disk\x");
        assert_eq!(unescaped(br"/odd\04"), br"/odd\04");
        let mounts = Mounts::now();
        assert_eq!(mounts.place_of(Path::new("/proc/self/status")), Path::new("/proc"));
    }
}
