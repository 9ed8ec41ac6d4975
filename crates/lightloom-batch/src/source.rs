//! From what a person names (folders, files) to a list of picture files.

use std::collections::HashSet;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::job::RESULT_FOLDER;
use lightloom_codec as codec;

/// A file that a run may read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceFile {
    /// The file.
    pub path: PathBuf,
    /// The folder that the person named and under which it was found; `None` if the file itself was named.
    pub root: Option<PathBuf>,
}

/// Something that [`discover`] came across.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file to process.
    File(SourceFile),
    /// Something that was named or met and cannot be read; with the reason.
    Problem {
        /// Which file or folder.
        path: PathBuf,
        /// Why, in one sentence.
        reason: String,
    },
    /// Something that was left out on purpose; in one sentence.
    Note(String),
}

/// Walks `inputs` and tells `found` of each picture as soon as it is met, sorted by name within each folder, each file
/// once however often it is named. Folders are entered to any depth, links followed without going in circles.
///
/// In a folder, files count by their extension; hidden files and the results of earlier runs (folders named
/// `lightloom`, and `output`) are left out. A file that is named itself always counts. Stops early when `found`
/// returns false.
pub fn discover(inputs: &[PathBuf], output: Option<&Path>, mut found: impl FnMut(Found) -> bool) {
    let mut walk =
        Walk { seen: HashSet::new(), output: output.and_then(|o| fs::canonicalize(o).ok()), found: &mut found };
    for input in inputs {
        let input = std::path::absolute(input).unwrap_or_else(|_| input.clone());
        if !walk.input(&input) {
            return;
        }
    }
}

struct Walk<'a> {
    seen: HashSet<PathBuf>,
    output: Option<PathBuf>,
    found: &'a mut dyn FnMut(Found) -> bool,
}

impl Walk<'_> {
    fn input(&mut self, input: &Path) -> bool {
        match fs::metadata(input) {
            Err(error) => self.problem(input, format!("cannot be opened: {}", plain(&error))),
            Ok(meta) if meta.is_dir() => self.folder(input),
            Ok(meta) => self.file(input, meta.file_type(), None),
        }
    }

    fn folder(&mut self, root: &Path) -> bool {
        let mut pictures = 0;
        let mut others = 0;
        let mut results = Vec::new();
        let output = self.output.clone();
        let mut entries = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_path_buf();
                    // A link back to a folder above leads to nothing new.
                    if error.loop_ancestor().is_none() {
                        let reason = error.io_error().map_or_else(|| error.to_string(), plain);
                        if !self.problem(&path, format!("cannot be read: {reason}")) {
                            return false;
                        }
                    }
                    continue;
                }
            };
            let path = entry.path();
            if entry.file_type().is_dir() {
                let is_output = output.as_ref().is_some_and(|o| fs::canonicalize(path).is_ok_and(|p| p == *o));
                if entry.depth() > 0 && (is_output || entry.file_name() == RESULT_FOLDER) {
                    results.push(path.to_path_buf());
                    entries.skip_current_dir();
                }
                continue;
            }
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            if hidden || codec::from_extension(path).is_none() {
                others += 1;
                continue;
            }
            pictures += 1;
            if !self.file(path, entry.file_type(), Some(root)) {
                return false;
            }
        }
        for folder in results {
            let note = format!("{} was left out: it holds results of Lightloom", folder.display());
            if !(self.found)(Found::Note(note)) {
                return false;
            }
        }
        if pictures == 0 {
            let reason = match others {
                0 => "is an empty folder; choose one that holds pictures".to_owned(),
                1 => "holds one file, but it is no picture that Lightloom reads".to_owned(),
                n => format!("holds {n} files, but no picture that Lightloom reads"),
            };
            return self.problem(root, reason);
        }
        true
    }

    fn file(&mut self, path: &Path, kind: FileType, root: Option<&Path>) -> bool {
        if !kind.is_file() {
            return self.problem(path, "is no regular file (a pipe, socket or device)".to_owned());
        }
        let identity = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if !self.seen.insert(identity) {
            return true;
        }
        (self.found)(Found::File(SourceFile { path: path.to_path_buf(), root: root.map(Path::to_path_buf) }))
    }

    fn problem(&mut self, path: &Path, reason: String) -> bool {
        (self.found)(Found::Problem { path: path.to_path_buf(), reason })
    }
}

/// An I/O error in the words of the system, without its number.
pub(super) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(inputs: &[&Path], output: Option<&Path>) -> Vec<Found> {
        let mut found = Vec::new();
        discover(&inputs.iter().map(|p| p.to_path_buf()).collect::<Vec<_>>(), output, |f| {
            found.push(f);
            true
        });
        found
    }

    fn names(found: &[Found]) -> Vec<String> {
        let files = found.iter().filter_map(|f| match f {
            Found::File(file) => Some(file.path.file_name()?.to_string_lossy().into_owned()),
            _ => None,
        });
        files.collect()
    }

    #[test]
    fn folders_are_walked_and_duplicates_collapse() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        fs::create_dir_all(root.join("lightloom")).unwrap();
        for name in ["z.JPG", "a.png", "b/c/deep.webp", "notes.txt", ".hidden.jpg", "lightloom/old.jpg"] {
            fs::write(root.join(name), "x").unwrap();
        }
        let found = all(&[root, &root.join("a.png"), &root.join("notes.txt")], None);
        assert_eq!(names(&found), ["a.png", "deep.webp", "z.JPG", "notes.txt"]);
        assert!(matches!(&found[3], Found::Note(n) if n.contains("lightloom")), "{found:?}");
    }

    #[test]
    fn the_output_folder_is_no_input() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("out")).unwrap();
        fs::write(dir.path().join("out/result.jpg"), "x").unwrap();
        fs::write(dir.path().join("in.jpg"), "x").unwrap();
        let found = all(&[dir.path()], Some(&dir.path().join("out")));
        assert_eq!(names(&found), ["in.jpg"]);
    }

    #[test]
    fn trouble_is_told_in_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let reason = |found: &[Found]| match found {
            [Found::Problem { reason, .. }] => reason.clone(),
            other => panic!("{other:?}"),
        };
        assert!(reason(&all(&[dir.path()], None)).contains("empty folder"));
        fs::write(dir.path().join("notes.txt"), "x").unwrap();
        assert!(reason(&all(&[dir.path()], None)).contains("no picture"));
        assert!(reason(&all(&[&dir.path().join("gone")], None)).contains("no such file"));
    }

    #[cfg(unix)]
    #[test]
    fn links_in_circles_end_and_pipes_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.jpg"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("circle")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket.jpg")).unwrap();
        let found = all(&[dir.path()], None);
        assert_eq!(names(&found), ["a.jpg"]);
        assert!(
            found.iter().any(|f| matches!(f, Found::Problem { reason, .. } if reason.contains("regular file"))),
            "{found:?}"
        );
    }
}
