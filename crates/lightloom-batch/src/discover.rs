//! From what a person names (folders, files) to a list of sources.

use std::collections::HashSet;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::SourceEntry;
use super::naming::RESULT_FOLDER;
use super::source::plain;
use lightloom_codec as codec;

/// Something that [`discover`] came across.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovered {
    /// A picture to process.
    Source(SourceEntry),
    /// Something that was named or met and cannot be read.
    Problem {
        /// Which file or folder.
        path: PathBuf,
        /// Why, in one sentence.
        reason: String,
    },
    /// Something that was left out on purpose, in one sentence.
    Note(String),
}

/// Walks `inputs` and calls `report` for each picture as soon as it is met, sorted by name within each folder, each file
/// once however often it is named. Folders are entered to any depth; links are followed, but not in circles.
///
/// In a folder, files count by their extension; hidden files and the results of earlier runs (folders named
/// `lightloom`, and `output`) are left out. A file that is named itself always counts. Stops early when `report`
/// returns false.
pub fn discover(inputs: &[PathBuf], output: Option<&Path>, mut report: impl FnMut(Discovered) -> bool) {
    let mut walk =
        Walk { seen: HashSet::new(), output: output.and_then(|o| fs::canonicalize(o).ok()), report: &mut report };
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
    report: &'a mut dyn FnMut(Discovered) -> bool,
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
            if !(self.report)(Discovered::Note(note)) {
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
        (self.report)(Discovered::Source(SourceEntry { source: path.into(), root: root.map(Path::to_path_buf) }))
    }

    fn problem(&mut self, path: &Path, reason: String) -> bool {
        (self.report)(Discovered::Problem { path: path.to_path_buf(), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(inputs: &[&Path], output: Option<&Path>) -> Vec<Discovered> {
        let mut found = Vec::new();
        discover(&inputs.iter().map(|p| p.to_path_buf()).collect::<Vec<_>>(), output, |f| {
            found.push(f);
            true
        });
        found
    }

    fn names(found: &[Discovered]) -> Vec<String> {
        let files = found.iter().filter_map(|f| match f {
            Discovered::Source(entry) => Some(entry.source.file_name()),
            _ => None,
        });
        files.collect()
    }

    #[test]
    fn folders_are_searched_and_each_file_is_found_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        fs::create_dir_all(root.join("lightloom")).unwrap();
        for name in ["z.JPG", "a.png", "b/c/deep.webp", "notes.txt", ".hidden.jpg", "lightloom/old.jpg"] {
            fs::write(root.join(name), "x").unwrap();
        }
        let found = all(&[root, &root.join("a.png"), &root.join("notes.txt")], None);
        assert_eq!(names(&found), ["a.png", "deep.webp", "z.JPG", "notes.txt"]);
        assert!(matches!(&found[3], Discovered::Note(n) if n.contains("lightloom")), "{found:?}");
    }

    #[test]
    fn the_output_folder_is_not_an_input() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("out")).unwrap();
        fs::write(dir.path().join("out/result.jpg"), "x").unwrap();
        fs::write(dir.path().join("in.jpg"), "x").unwrap();
        let found = all(&[dir.path()], Some(&dir.path().join("out")));
        assert_eq!(names(&found), ["in.jpg"]);
    }

    #[test]
    fn problems_are_reported_in_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let reason = |found: &[Discovered]| match found {
            [Discovered::Problem { reason, .. }] => reason.clone(),
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
            found.iter().any(|f| matches!(f, Discovered::Problem { reason, .. } if reason.contains("regular file"))),
            "{found:?}"
        );
    }
}
