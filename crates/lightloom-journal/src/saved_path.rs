//! Paths in JSON, exactly: as text where they are Unicode, else as their bytes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A path as a journal holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SavedPath {
    /// One that is Unicode.
    Text(String),
    /// Another, in the encoding of the system that wrote it.
    Bytes {
        /// The bytes of [`OsStr::as_encoded_bytes`].
        bytes: Vec<u8>,
    },
}

impl From<&OsStr> for SavedPath {
    fn from(text: &OsStr) -> Self {
        match text.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes { bytes: text.as_encoded_bytes().to_vec() },
        }
    }
}

impl From<&Path> for SavedPath {
    fn from(path: &Path) -> Self {
        path.as_os_str().into()
    }
}

impl SavedPath {
    /// As the system writes it. What another kind of system wrote keeps only what is Unicode.
    pub fn to_os_string(&self) -> OsString {
        match self {
            Self::Text(text) => text.into(),
            #[cfg(unix)]
            Self::Bytes { bytes } => std::os::unix::ffi::OsStringExt::from_vec(bytes.clone()),
            #[cfg(not(unix))]
            Self::Bytes { bytes } => String::from_utf8_lossy(bytes).into_owned().into(),
        }
    }

    /// The path.
    pub fn to_path(&self) -> PathBuf {
        self.to_os_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive() {
        let path = Path::new("Été/水\n\"a\".jpg");
        let json = serde_json::to_string(&SavedPath::from(path)).unwrap();
        assert_eq!(serde_json::from_str::<SavedPath>(&json).unwrap().to_path(), path);
        assert_eq!(json.lines().count(), 1, "a record is one line");
    }

    #[cfg(unix)]
    #[test]
    fn paths_that_are_not_unicode_survive() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(OsStr::from_bytes(b"a\xff/b"));
        let json = serde_json::to_string(&SavedPath::from(path)).unwrap();
        assert_eq!(serde_json::from_str::<SavedPath>(&json).unwrap().to_path(), path);
    }
}
