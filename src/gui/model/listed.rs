//! Which pictures the list shows, and in which order.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use crate::batch::{ImageState, Source, natural_order};
use crate::gui::model::pictures::{Entry, Pictures};

/// What the pictures are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// As they were found: folder by folder.
    #[default]
    Folder,
    Name,
    Format,
    Modified,
    Size,
    State,
}

impl SortBy {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 6] = [Self::Folder, Self::Name, Self::Format, Self::Modified, Self::Size, Self::State];

    /// Its name in saved settings.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Name => "name",
            Self::Format => "format",
            Self::Modified => "modified",
            Self::Size => "size",
            Self::State => "state",
        }
    }

    /// Whether it needs what the file system says of each file.
    const fn needs_files(self) -> bool {
        matches!(self, Self::Modified | Self::Size)
    }
}

/// What is shown and how it is sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrangement {
    pub sort: SortBy,
    pub descending: bool,
    /// Only pictures are shown whose path, from the folder on that was added, contains each of these words, regardless of
    /// case.
    pub find: String,
}

/// What the file system says of the files of the list, in its order.
#[derive(Debug)]
pub struct FileFacts {
    revision: u64,
    facts: Vec<FileFact>,
}

#[derive(Debug, Clone, Copy)]
struct FileFact {
    bytes: Option<u64>,
    modified: Option<SystemTime>,
}

impl FileFacts {
    /// Asks the file system. `revision` is that of the list that the sources are of.
    pub fn of(revision: u64, sources: &[Source]) -> Self {
        let fact = |source: &Source| FileFact { bytes: source.length(), modified: source.modified() };
        Self { revision, facts: sources.iter().map(fact).collect() }
    }
}

/// The places of pictures that are shown.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// So many, in the order of the list.
    All(usize),
    /// Those at these places of the list.
    Some(&'a [usize]),
}

impl Shown<'_> {
    /// How many are shown.
    pub const fn len(self) -> usize {
        match self {
            Self::All(count) => count,
            Self::Some(places) => places.len(),
        }
    }

    /// The index in the list of what is shown at this place.
    pub fn index(self, place: usize) -> Option<usize> {
        match self {
            Self::All(count) => (place < count).then_some(place),
            Self::Some(places) => places.get(place).copied(),
        }
    }

    /// The place at which a picture of the list is shown.
    pub fn place(self, index: usize) -> Option<usize> {
        match self {
            Self::All(count) => (index < count).then_some(index),
            Self::Some(places) => places.iter().position(|shown| *shown == index),
        }
    }

    /// The indexes in the list of what is shown from one picture to another.
    pub fn between(self, from: usize, to: usize) -> Vec<usize> {
        let (Some(from), Some(to)) = (self.place(from).or_else(|| self.place(to)), self.place(to)) else {
            return Vec::new();
        };
        (from.min(to)..=from.max(to)).filter_map(|place| self.index(place)).collect()
    }
}

/// How the list is arranged, and what came of it.
#[derive(Debug, Default)]
pub struct Listed {
    pub arrangement: Arrangement,
    arranged: Option<Arranged>,
    facts: Option<FileFacts>,
}

#[derive(Debug)]
struct Arranged {
    arrangement: Arrangement,
    revision: u64,
    /// Whether it was made with what the file system says.
    with_files: bool,
    at: Instant,
    places: Vec<usize>,
}

/// How long an arrangement stands while pictures come or change their states.
const STANDS: Duration = Duration::from_millis(400);

impl Listed {
    /// A list that is to be arranged like this.
    pub fn new(arrangement: Arrangement) -> Self {
        Self { arrangement, ..Self::default() }
    }

    /// What is shown of these pictures.
    pub fn shown(&self, pictures: &Pictures) -> Shown<'_> {
        self.arranged.as_ref().map_or(Shown::All(pictures.len()), |arranged| Shown::Some(&arranged.places))
    }

    /// Forgets the places, since pictures are gone.
    pub fn forget(&mut self) {
        self.arranged = None;
    }

    /// Takes what the file system says.
    pub fn take_facts(&mut self, facts: FileFacts) {
        self.facts = Some(facts);
        self.arranged = None;
    }

    /// Whether it is to be asked for what the list is sorted by.
    pub fn wants_facts(&self, pictures: &Pictures) -> bool {
        let known = |facts: &FileFacts| facts.revision == pictures.revision();
        self.arrangement.sort.needs_files() && !self.facts.as_ref().is_some_and(known)
    }

    /// Arranges anew if that is due; returns how long until it is, where it must wait.
    pub fn update(
        &mut self,
        pictures: &Pictures,
        changing: bool,
        state: impl Fn(usize) -> ImageState,
    ) -> Option<Duration> {
        if self.arrangement == Arrangement::default() {
            self.arranged = None;
            return None;
        }
        if let Some(made) = &self.arranged {
            let with_files = self.facts.as_ref().is_some_and(|facts| facts.revision == pictures.revision());
            let is_same = made.arrangement == self.arrangement && made.with_files == with_files;
            let by_state = changing && self.arrangement.sort == SortBy::State;
            if is_same && made.revision == pictures.revision() && !by_state {
                return None;
            }
            if let Some(left) = STANDS.checked_sub(made.at.elapsed()).filter(|_| is_same) {
                return Some(left);
            }
        }
        let arrangement = self.arrangement.clone();
        let facts = self.facts.as_ref().filter(|facts| facts.revision == pictures.revision());
        let places = arrange(&arrangement, pictures.entries(), facts, state);
        let (revision, with_files) = (pictures.revision(), facts.is_some());
        self.arranged = Some(Arranged { arrangement, revision, with_files, at: Instant::now(), places });
        None
    }
}

/// The places of those that are found, sorted. What is equal keeps the order of the list, also in descending order.
fn arrange(
    arrangement: &Arrangement,
    entries: &[Entry],
    facts: Option<&FileFacts>,
    state: impl Fn(usize) -> ImageState,
) -> Vec<usize> {
    let words: Vec<String> = arrangement.find.split_whitespace().map(str::to_lowercase).collect();
    let is_found = |entry: &Entry| {
        let path = below(entry).to_string_lossy().to_lowercase();
        words.iter().all(|word| path.contains(word.as_str()))
    };
    let mut places: Vec<usize> =
        (0..entries.len()).filter(|place| words.is_empty() || is_found(&entries[*place])).collect();
    let mut sort = |compare: &dyn Fn(usize, usize) -> Ordering| {
        places.sort_by(|a, b| if arrangement.descending { compare(*b, *a) } else { compare(*a, *b) });
    };
    let fact = |place: usize| facts.and_then(|facts| facts.facts.get(place));
    match arrangement.sort {
        SortBy::Folder if arrangement.descending => places.reverse(),
        SortBy::Folder => {}
        SortBy::Name => {
            let name = |place: usize| entries[place].path().file_name().unwrap_or_default();
            sort(&|a, b| natural_order(name(a), name(b)));
        }
        SortBy::Format => {
            let extension =
                |place: usize| entries[place].path().extension().map(OsStr::to_ascii_lowercase).unwrap_or_default();
            sort(&|a, b| extension(a).cmp(&extension(b)));
        }
        SortBy::Modified => sort(&|a, b| fact(a).map(|f| f.modified).cmp(&fact(b).map(|f| f.modified))),
        SortBy::Size => sort(&|a, b| fact(a).map(|f| f.bytes).cmp(&fact(b).map(|f| f.bytes))),
        SortBy::State => sort(&|a, b| rank(state(a)).cmp(&rank(state(b)))),
    }
    places
}

/// The path from the folder on that was added, or of a picture that was added by itself, its name.
fn below(entry: &Entry) -> &Path {
    let base = entry.found.root.as_deref().and_then(Path::parent);
    let below = base.and_then(|base| entry.path().strip_prefix(base).ok());
    below.or_else(|| entry.path().file_name().map(Path::new)).unwrap_or(entry.path())
}

/// What needs a look comes first.
const fn rank(state: ImageState) -> u8 {
    use crate::batch::Outcome;
    match state {
        ImageState::Finished(Outcome::Failed) => 0,
        ImageState::Finished(Outcome::Partial) => 1,
        ImageState::In(_) => 2,
        ImageState::Waiting => 3,
        ImageState::Finished(Outcome::Stopped) => 4,
        ImageState::Finished(Outcome::Skipped) => 5,
        ImageState::Finished(Outcome::Done) => 6,
    }
}

/// Something to do with the list of pictures, or with those that are selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListAction {
    SortBy(SortBy),
    /// Reverses the order.
    Reverse,
    /// Shows only the pictures whose path contains this.
    Find(String),
    /// Puts the cursor into the field for that.
    FocusFind,
    /// Opens the current picture in the program for its kind.
    Open,
    /// Shows the folder of the current picture in the file manager.
    ShowFolder,
    /// Copies the paths of the selected pictures.
    CopyPaths,
    /// Rotates the selected pictures to the right by this many quarters.
    Rotate(usize),
}
