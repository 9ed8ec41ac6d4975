//! Which pictures of the list are the same file, however it is named.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// Tells files apart by their paths without links, at a fraction of the memory of a path: two of ten million different
/// ones are alike with a probability of 10⁻²⁵.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity(u64, u64);

impl Identity {
    /// Of what is told apart by `name`.
    pub fn of_name(name: &Path) -> Self {
        let [a, b] = [0_u8, 1].map(|salt| {
            let mut hasher = DefaultHasher::new();
            (salt, name.as_os_str()).hash(&mut hasher);
            hasher.finish()
        });
        Self(a, b)
    }

    /// Of a file; two spellings of its path have the same. Reads the disk.
    pub fn of_file(path: &Path) -> Self {
        Identities::default().of_file(path)
    }
}

/// The identities of files of which most lie in the folder of the one before: its links are followed once. The system
/// would look at every part of every path.
#[derive(Debug, Default)]
pub struct Identities {
    folder: PathBuf,
    canonical: PathBuf,
}

impl Identities {
    /// As [`Identity::of_file`].
    pub fn of_file(&mut self, path: &Path) -> Identity {
        let canonical = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let is_link = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink());
        let (false, Some(folder), Some(name)) = (is_link, path.parent(), path.file_name()) else {
            return Identity::of_name(&canonical(path));
        };
        if self.folder != folder {
            (self.folder, self.canonical) = (folder.to_path_buf(), canonical(folder));
        }
        Identity::of_name(&self.canonical.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn two_ways_to_a_file_are_one_identity() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir_all(at("real")).unwrap();
        std::fs::write(at("real/a.jpg"), "").unwrap();
        std::fs::write(at("real/b.jpg"), "").unwrap();
        std::os::unix::fs::symlink("real", at("folder")).unwrap();
        std::os::unix::fs::symlink("real/a.jpg", at("link.jpg")).unwrap();
        let mut identities = Identities::default();
        let same =
            ["real/a.jpg", "folder/a.jpg", "link.jpg", "real/../real/a.jpg"].map(|name| identities.of_file(&at(name)));
        assert_eq!(same, [Identity::of_file(&at("real/a.jpg")); 4]);
        assert_ne!(identities.of_file(&at("folder/b.jpg")), same[0]);
    }
}
