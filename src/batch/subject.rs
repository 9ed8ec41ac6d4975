//! What is known of a picture's file, for the tokens of texts.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::filter::Subject;

/// Looks at a file's name and times. What cannot be found out stays unknown.
pub fn subject(path: &Path) -> Subject {
    let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    // a relative path of one word has no folder in it
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Subject {
        name: text(path.file_stem()),
        extension: text(path.extension()),
        parent: text(whole.parent().and_then(Path::file_name)),
        modified: fs::metadata(path).and_then(|meta| meta.modified()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_described() {
        let folder = tempfile::tempdir().unwrap();
        let trip = folder.path().join("trip");
        fs::create_dir(&trip).unwrap();
        fs::write(trip.join("a.b.JPG"), "").unwrap();
        let found = subject(&trip.join("a.b.JPG"));
        assert_eq!((&*found.name, &*found.extension, &*found.parent), ("a.b", "JPG", "trip"));
        assert!(found.modified.is_some_and(|time| time.elapsed().unwrap().as_secs() < 3600));
        assert_eq!(subject(Path::new("nowhere")).modified, None);
    }
}
