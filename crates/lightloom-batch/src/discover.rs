//! From what a person names (folders, files) to a list of sources.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::asking::Asking;
use super::discover_web::WebSearch;
use super::left_out::LeftOut;
use super::naming::RESULT_FOLDER;
use super::natural_order::natural_order;
use super::source::plain;
use super::{Source, SourceEntry};
use lightloom_codec as codec;
use lightloom_param::shown;
use lightloom_web::Address;

/// How [`discover`] searches.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The folder for results, which is no input.
    pub output: Option<PathBuf>,
    /// Looks into files whose names are not those of pictures, and takes those that are pictures all the same.
    pub all_files: bool,
    /// Follows the search, for those who want to say which folder does not answer.
    pub asking: Asking,
    /// How addresses are looked at.
    pub web: WebSearch,
}

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
    /// What was left out of a folder since it does not look like pictures.
    LeftOut(LeftOut),
    /// Something that was left out on purpose, in one sentence.
    Note(String),
}

/// Walks `inputs`, which may be addresses of pictures, pages and lists too, and calls `report` for each picture as soon as it is met, sorted by name within each folder, each file
/// once however often it is named. Folders are entered to any depth; links are followed, but not in circles.
///
/// In a folder, files count by their extension, or with `all_files` by their content too. Hidden files, hidden folders and
/// the results of earlier runs (folders named `lightloom`, and `output`) are left out. What is named itself always counts.
/// Stops early when `report` returns false.
pub fn discover(inputs: &[PathBuf], search: &Search, mut report: impl FnMut(Discovered) -> bool) {
    if let Some(output) = &search.output {
        search.asking.ask(output);
    }
    let mut walk = Walk::new(search, &mut report);
    for input in inputs {
        search.asking.ask(input);
        let goes_on = match input.to_str().filter(|text| Address::is_meant(text)) {
            Some(address) => search.web.report(address, walk.report),
            None => walk.input(&std::path::absolute(input).unwrap_or_else(|_| input.clone())),
        };
        if !goes_on {
            break;
        }
    }
    search.asking.end();
}

/// As [`discover`], for a part of the folder `root`: the folder or file `place` in it. What is left out is not reported.
pub fn discover_below(root: &Path, place: &Path, search: &Search, mut report: impl FnMut(Discovered) -> bool) {
    let mut walk = Walk::new(search, &mut report);
    search.asking.ask(place);
    let mut between = place.ancestors().take_while(|folder| *folder != root);
    if !between.any(|folder| walk.is_for_results(folder) || folder.file_name().is_some_and(is_hidden)) {
        walk.below(root, place, &mut Found::default());
    }
    search.asking.end();
}

struct Walk<'a> {
    seen: HashSet<PathBuf>,
    /// The folder of the file before, and what it is without links: most files lie where the one before does.
    parent: (PathBuf, PathBuf),
    output: Option<PathBuf>,
    all_files: bool,
    asking: &'a Asking,
    report: &'a mut dyn FnMut(Discovered) -> bool,
}

/// What the walk through one folder has come across.
#[derive(Default)]
struct Found {
    pictures: usize,
    hidden: usize,
    hidden_folders: usize,
    /// Files that are no pictures, by extension in lower case.
    others: BTreeMap<String, usize>,
    results: Vec<PathBuf>,
}

/// The files of a folder before the folders in it, so that those of one folder stand together.
fn in_list_order(a: &DirEntry, b: &DirEntry) -> Ordering {
    let is_folder = |entry: &DirEntry| entry.file_type().is_dir();
    is_folder(a).cmp(&is_folder(b)).then_with(|| natural_order(a.file_name(), b.file_name()))
}

impl<'a> Walk<'a> {
    fn new(search: &'a Search, report: &'a mut dyn FnMut(Discovered) -> bool) -> Self {
        Self {
            seen: HashSet::new(),
            parent: (PathBuf::new(), PathBuf::new()),
            output: search.output.as_ref().and_then(|o| fs::canonicalize(o).ok()),
            all_files: search.all_files,
            asking: &search.asking,
            report,
        }
    }

    fn input(&mut self, input: &Path) -> bool {
        self.asking.ask(input);
        match fs::metadata(input) {
            Err(error) => self.problem(input, format!("cannot be opened: {}", plain(&error))),
            Ok(meta) if meta.is_dir() => self.folder(input),
            Ok(meta) => {
                let identity = fs::canonicalize(input).unwrap_or_else(|_| input.to_path_buf());
                self.file(input, identity, meta.file_type(), None)
            }
        }
    }

    fn folder(&mut self, root: &Path) -> bool {
        let mut found = Found::default();
        self.below(root, root, &mut found) && self.conclude(root, found)
    }

    /// Walks through `place`, which is `root` or lies in it.
    fn below(&mut self, root: &Path, place: &Path, found: &mut Found) -> bool {
        let mut entries = WalkDir::new(place).follow_links(true).sort_by(in_list_order).into_iter();
        while let Some(entry) = entries.next() {
            let goes_on = match entry {
                Err(error) => self.unreadable(root, &error),
                Ok(entry) if entry.file_type().is_dir() => {
                    self.asking.ask(entry.path());
                    if entry.depth() > 0 && is_hidden(entry.file_name()) {
                        found.hidden_folders += 1;
                        entries.skip_current_dir();
                    } else if entry.depth() > 0 && self.is_for_results(entry.path()) {
                        found.results.push(entry.into_path());
                        entries.skip_current_dir();
                    }
                    true
                }
                Ok(entry) => {
                    self.asking.answered();
                    self.entry(root, &entry, found)
                }
            };
            if !goes_on {
                return false;
            }
        }
        true
    }

    /// Something within a folder that cannot be entered.
    fn unreadable(&mut self, root: &Path, error: &walkdir::Error) -> bool {
        // A link back to a folder above leads to nothing new.
        if error.loop_ancestor().is_some() {
            return true;
        }
        let reason = error.io_error().map_or_else(|| error.to_string(), plain);
        self.problem(error.path().unwrap_or(root), format!("cannot be read: {reason}"))
    }

    fn is_for_results(&self, folder: &Path) -> bool {
        let is_output = || self.output.as_ref().is_some_and(|o| fs::canonicalize(folder).is_ok_and(|p| p == *o));
        folder.file_name() == Some(OsStr::new(RESULT_FOLDER)) || is_output()
    }

    fn entry(&mut self, root: &Path, entry: &DirEntry, found: &mut Found) -> bool {
        let path = entry.path();
        if is_hidden(entry.file_name()) {
            found.hidden += 1;
            return true;
        }
        let by_content = || self.all_files && entry.file_type().is_file() && Source::from(path).may_be_picture();
        let counts = codec::from_extension(path).is_some() || by_content();
        if !counts {
            let extension = path.extension().unwrap_or(OsStr::new("")).to_string_lossy().to_lowercase();
            *found.others.entry(extension).or_default() += 1;
            return true;
        }
        found.pictures += 1;
        let identity = self.identity(entry);
        self.file(path, identity, entry.file_type(), Some(root))
    }

    /// What is said of a folder at its end.
    fn conclude(&mut self, root: &Path, found: Found) -> bool {
        for folder in found.results {
            let note = format!("{} was left out: it holds results of Lightloom", shown(&folder));
            if !(self.report)(Discovered::Note(note)) {
                return false;
            }
        }
        if found.hidden_folders > 0 {
            let (folders, were) = match found.hidden_folders {
                1 => ("1 hidden folder".to_owned(), "was"),
                n => (format!("{n} hidden folders"), "were"),
            };
            let note = format!("{folders} in {} {were} left out; name one to have its pictures", shown(root));
            if !(self.report)(Discovered::Note(note)) {
                return false;
            }
        }
        let left_out = LeftOut::new(root, found.others, self.all_files);
        let others = left_out.count() + found.hidden;
        if left_out.count() > 0 && !(self.report)(Discovered::LeftOut(left_out)) {
            return false;
        }
        if found.pictures == 0 {
            let reason = match others {
                0 => "is an empty folder; choose one that holds pictures".to_owned(),
                1 => "holds one file, but it is no picture that Lightloom reads".to_owned(),
                n => format!("holds {n} files, but no picture that Lightloom reads"),
            };
            return self.problem(root, reason);
        }
        true
    }

    /// The path of a file without links. The system is asked once for each folder and for each file that is a link: it
    /// would look at every part of every path.
    fn identity(&mut self, entry: &DirEntry) -> PathBuf {
        let path = entry.path();
        let (Some(parent), false) = (path.parent(), entry.path_is_symlink()) else {
            return fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        };
        if self.parent.0 != parent {
            let canonical = fs::canonicalize(parent).unwrap_or_else(|_| parent.to_path_buf());
            self.parent = (parent.to_path_buf(), canonical);
        }
        self.parent.1.join(entry.file_name())
    }

    fn file(&mut self, path: &Path, identity: PathBuf, kind: FileType, root: Option<&Path>) -> bool {
        if !kind.is_file() {
            return self.problem(path, "is no regular file (a pipe, socket or device)".to_owned());
        }
        if !self.seen.insert(identity) {
            return true;
        }
        (self.report)(Discovered::Source(SourceEntry { source: path.into(), root: root.map(Path::to_path_buf) }))
    }

    fn problem(&mut self, path: &Path, reason: String) -> bool {
        (self.report)(Discovered::Problem { path: path.to_path_buf(), reason })
    }
}

/// Whether file managers hide what is called so.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(inputs: &[&Path], search: &Search) -> Vec<Discovered> {
        let mut found = Vec::new();
        let inputs: Vec<_> = inputs.iter().map(|p| p.to_path_buf()).collect();
        discover(&inputs, search, |f| {
            found.push(f);
            true
        });
        found
    }

    fn all(inputs: &[&Path]) -> Vec<Discovered> {
        found(inputs, &Search::default())
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
        let found = all(&[root, &root.join("a.png"), &root.join("notes.txt")]);
        assert_eq!(names(&found), ["a.png", "z.JPG", "deep.webp", "notes.txt"]);
        assert!(matches!(&found[3], Discovered::Note(n) if n.contains("lightloom")), "{found:?}");
    }

    #[test]
    fn hidden_folders_are_entered_only_where_they_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let hidden = root.join("trip/.thumbnails");
        fs::create_dir_all(hidden.join("deep")).unwrap();
        for name in ["a.jpg", "trip/.thumbnails/b.jpg", "trip/.thumbnails/deep/c.jpg"] {
            fs::write(root.join(name), "x").unwrap();
        }
        let found = all(&[root]);
        assert_eq!(names(&found), ["a.jpg"]);
        assert!(
            found.iter().any(|f| matches!(f, Discovered::Note(note) if note.starts_with("1 hidden folder in"))),
            "{found:?}"
        );
        assert_eq!(names(&all(&[&hidden])), ["b.jpg", "c.jpg"]);
        let mut below = Vec::new();
        discover_below(root, &hidden.join("deep"), &Search::default(), |discovered| {
            below.push(discovered);
            true
        });
        assert!(below.is_empty(), "{below:?}");
    }

    #[test]
    fn the_output_folder_is_not_an_input() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("out")).unwrap();
        fs::write(dir.path().join("out/result.jpg"), "x").unwrap();
        fs::write(dir.path().join("in.jpg"), "x").unwrap();
        let found = found(&[dir.path()], &Search { output: Some(dir.path().join("out")), ..Search::default() });
        assert_eq!(names(&found), ["in.jpg"]);
    }

    #[test]
    fn a_part_of_a_folder_is_searched_as_the_whole_is() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["day/deep", "out/day", "lightloom"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for name in
            ["a.jpg", "day/b.jpg", "day/deep/c.jpg", "day/.d.jpg", "day/e.txt", "out/day/f.jpg", "lightloom/g.jpg"]
        {
            fs::write(root.join(name), "x").unwrap();
        }
        let search = Search { output: Some(root.join("out")), ..Search::default() };
        let below = |place: &str| {
            let mut found = Vec::new();
            discover_below(root, &root.join(place), &search, |discovered| {
                found.push(discovered);
                true
            });
            found
        };
        assert_eq!(names(&below("day")), ["b.jpg", "c.jpg"]);
        assert_eq!(names(&below("day/b.jpg")), ["b.jpg"]);
        for nothing in ["day/.d.jpg", "day/e.txt", "out", "out/day", "out/day/f.jpg", "lightloom/g.jpg"] {
            assert!(below(nothing).is_empty(), "{nothing}");
        }
        let root_of = |found: &[Discovered]| match found {
            [Discovered::Source(entry)] => entry.root.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(root_of(&below("day/deep")).as_deref(), Some(root));
    }

    #[test]
    fn problems_are_reported_in_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let reason = |found: &[Discovered]| match found {
            [.., Discovered::Problem { reason, .. }] => reason.clone(),
            other => panic!("{other:?}"),
        };
        assert!(reason(&all(&[dir.path()])).contains("empty folder"));
        fs::write(dir.path().join("notes.txt"), "x").unwrap();
        assert!(reason(&all(&[dir.path()])).contains("no picture"));
        assert!(reason(&all(&[&dir.path().join("gone")])).contains("no such file"));
    }

    #[cfg(unix)]
    #[test]
    fn links_in_circles_end_and_pipes_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.jpg"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("circle")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket.jpg")).unwrap();
        let found = all(&[dir.path()]);
        assert_eq!(names(&found), ["a.jpg"]);
        assert!(
            found.iter().any(|f| matches!(f, Discovered::Problem { reason, .. } if reason.contains("regular file"))),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_left_out_is_counted_and_can_be_looked_into() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir(root.join("deep")).unwrap();
        for name in ["a.jpg", "a.xmp", "b.XMP", "deep/c.xmp", "README", "movie.mov", ".hidden.png"] {
            fs::write(root.join(name), "no picture").unwrap();
        }
        let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
        for name in ["photo.bak", "deep/untitled", ".hidden"] {
            fs::write(root.join(name), gif).unwrap();
        }
        let left_out = |found: &[Discovered]| {
            let said = found.iter().filter_map(|f| match f {
                Discovered::LeftOut(left_out) => Some(left_out.clone()),
                _ => None,
            });
            said.collect::<Vec<_>>()
        };
        let by_name = all(&[root]);
        assert_eq!(names(&by_name), ["a.jpg"]);
        assert_eq!(left_out(&by_name).iter().map(LeftOut::count).collect::<Vec<_>>(), [7]);
        assert!(!left_out(&by_name)[0].looked_into);
        let by_content = found(&[root], &Search { all_files: true, ..Search::default() });
        assert_eq!(names(&by_content), ["a.jpg", "photo.bak", "untitled"]);
        assert_eq!(left_out(&by_content).iter().map(LeftOut::count).collect::<Vec<_>>(), [5]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_its_file_are_one_picture() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        fs::write(dir.path().join("a/b/x.jpg"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path().join("a/b/x.jpg"), dir.path().join("a/y.jpg")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("a/b"), dir.path().join("a/c")).unwrap();
        assert_eq!(names(&all(&[dir.path()])), ["x.jpg"]);
    }
}
