//! Paths, exactly: in JSON as text where they are Unicode and else as their bytes, in other formats always as bytes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A path as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SavedPath {
    /// One that is Unicode.
    Text(String),
    /// Another, in the encoding of the system that wrote it: the bytes of [`OsStr::as_encoded_bytes`].
    Bytes(Vec<u8>),
}

/// The form for people.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum InText {
    Text(String),
    Bytes { bytes: Vec<u8> },
}

impl Serialize for SavedPath {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) if to.is_human_readable() => text.serialize(to),
            Self::Bytes(bytes) if to.is_human_readable() => InText::Bytes { bytes: bytes.clone() }.serialize(to),
            Self::Text(text) => text.as_bytes().serialize(to),
            Self::Bytes(bytes) => bytes.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for SavedPath {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            let bytes = Vec::deserialize(from)?;
            return Ok(String::from_utf8(bytes).map_or_else(|e| Self::Bytes(e.into_bytes()), Self::Text));
        }
        Ok(match InText::deserialize(from)? {
            InText::Text(text) => Self::Text(text),
            InText::Bytes { bytes } => Self::Bytes(bytes),
        })
    }
}

impl From<&OsStr> for SavedPath {
    fn from(text: &OsStr) -> Self {
        match text.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            None => Self::Bytes(text.as_encoded_bytes().to_vec()),
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
            Self::Bytes(bytes) => std::os::unix::ffi::OsStringExt::from_vec(bytes.clone()),
            #[cfg(not(unix))]
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
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
        let bytes = postcard::to_stdvec(&SavedPath::from(path)).unwrap();
        assert_eq!(postcard::from_bytes::<SavedPath>(&bytes).unwrap().to_path(), path);
    }
}
