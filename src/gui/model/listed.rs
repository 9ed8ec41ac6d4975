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
    Dimensions,
    Camera,
    State,
}

impl SortBy {
    /// All of them, in the order of the menu.
    pub const ALL: [Self; 8] = [
        Self::Folder,
        Self::Name,
        Self::Format,
        Self::Modified,
        Self::Size,
        Self::Dimensions,
        Self::Camera,
        Self::State,
    ];

    /// Its name in saved settings.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Name => "name",
            Self::Format => "format",
            Self::Modified => "modified",
            Self::Size => "size",
            Self::Dimensions => "dimensions",
            Self::Camera => "camera",
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
    /// Only pictures are shown whose path, from the folder on that was added, or whose camera contains each of these words,
    /// regardless of case.
    pub find: String,
}

impl Arrangement {
    /// Whether it needs what the headers of the pictures say.
    pub fn needs_headers(&self) -> bool {
        matches!(self.sort, SortBy::Dimensions | SortBy::Camera) || !self.find.trim().is_empty()
    }
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
    /// The revision of the list whose headers have been read, as far as they can be.
    headers_read: Option<u64>,
    rearranged: u64,
}

#[derive(Debug)]
struct Arranged {
    arrangement: Arrangement,
    revision: u64,
    /// Whether it was made with what the file system says.
    with_files: bool,
    /// Revision of what was known from headers.
    facts_revision: u64,
    at: Instant,
    /// How long it took.
    took: Duration,
    places: Vec<usize>,
}

/// How long an arrangement stands while pictures come or change their states.
const STANDS: Duration = Duration::from_millis(400);
/// How many times as long as it took it stands at least: what is done again and again must cost little.
const STANDS_TIMES: u32 = 20;

/// What may change the order while it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Changes {
    /// The states of pictures.
    pub states: bool,
    /// Nothing may move now, since a pointer is held down or a menu is open.
    pub held: bool,
}

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

    /// Whether headers are to be read for the order or for what is found.
    pub fn wants_headers(&self, pictures: &Pictures) -> bool {
        self.arrangement.needs_headers() && self.headers_read != Some(pictures.revision())
    }

    /// The headers of the list of this revision have been read.
    pub const fn headers_were_read(&mut self, revision: u64) {
        self.headers_read = Some(revision);
    }

    /// Counts how often the order changed without having been asked to.
    pub const fn rearranged(&self) -> u64 {
        self.rearranged
    }

    /// Arranges anew if that is due; returns how long until it is, where it must wait.
    pub fn update(
        &mut self,
        pictures: &Pictures,
        changes: Changes,
        state: impl Fn(usize) -> ImageState,
    ) -> Option<Duration> {
        if self.arrangement == Arrangement::default() {
            self.arranged = None;
            return None;
        }
        if let Some(made) = &self.arranged {
            let with_files = self.facts.as_ref().is_some_and(|facts| facts.revision == pictures.revision());
            let is_same = made.arrangement == self.arrangement && made.with_files == with_files;
            let by_state = changes.states && self.arrangement.sort == SortBy::State;
            let by_header = made.facts_revision != pictures.facts_revision() && self.arrangement.needs_headers();
            if is_same && made.revision == pictures.revision() && !by_state && !by_header {
                return None;
            }
            if is_same && changes.held {
                return Some(STANDS);
            }
            let stands = STANDS.max(made.took * STANDS_TIMES);
            if let Some(left) = stands.checked_sub(made.at.elapsed()).filter(|_| is_same) {
                return Some(left);
            }
            self.rearranged += u64::from(is_same);
        }
        let begun = Instant::now();
        let arrangement = self.arrangement.clone();
        let facts = self.facts.as_ref().filter(|facts| facts.revision == pictures.revision());
        let places = arrange(&arrangement, pictures.entries(), facts, state);
        self.arranged = Some(Arranged {
            arrangement,
            revision: pictures.revision(),
            with_files: facts.is_some(),
            facts_revision: pictures.facts_revision(),
            at: begun,
            took: begun.elapsed(),
            places,
        });
        None
    }
}

/// The places of those that are found, sorted. What is equal keeps the order of the list, and of what nothing is known comes
/// last, also in descending order.
fn arrange(
    arrangement: &Arrangement,
    entries: &[Entry],
    files: Option<&FileFacts>,
    state: impl Fn(usize) -> ImageState,
) -> Vec<usize> {
    let words: Vec<String> = arrangement.find.split_whitespace().map(str::to_lowercase).collect();
    let mut places: Vec<usize> =
        (0..entries.len()).filter(|place| words.is_empty() || is_found(&entries[*place], &words)).collect();
    let path = |place: usize| entries[place].path();
    let file = |place: usize| files.and_then(|files| files.facts.get(place));
    let picture = |place: usize| entries[place].facts();
    let mut order = Order { places: &mut places, descending: arrangement.descending };
    match arrangement.sort {
        SortBy::Folder if arrangement.descending => places.reverse(),
        SortBy::Folder => {}
        SortBy::Name => order.by(|place| path(place).file_name(), |a, b| natural_order(a, b)),
        SortBy::Format => {
            order.by(|place| Some(path(place).extension()?.to_ascii_lowercase()), Ord::cmp);
        }
        SortBy::Modified => order.by(|place| file(place)?.modified, Ord::cmp),
        SortBy::Size => order.by(|place| file(place)?.bytes, Ord::cmp),
        SortBy::Dimensions => order.by(|place| picture(place).map(|facts| (facts.pixels(), facts.width)), Ord::cmp),
        SortBy::Camera => {
            order.by(|place| Some(OsStr::new(&**picture(place)?.camera.as_ref()?)), |a, b| natural_order(a, b));
        }
        SortBy::State => order.by(|place| Some(rank(state(place))), Ord::cmp),
    }
    places
}

/// Places that are brought into an order.
struct Order<'a> {
    places: &'a mut [usize],
    descending: bool,
}

impl Order<'_> {
    fn by<K>(&mut self, key: impl Fn(usize) -> Option<K>, compare: impl Fn(&K, &K) -> Ordering) {
        let descending = self.descending;
        self.places.sort_by(|a, b| match (key(*a), key(*b)) {
            (Some(a), Some(b)) if descending => compare(&b, &a),
            (Some(a), Some(b)) => compare(&a, &b),
            (a, b) => a.is_none().cmp(&b.is_none()),
        });
    }
}

/// Whether path or camera of a picture contain each of these words, which are in lower case.
fn is_found(entry: &Entry, words: &[String]) -> bool {
    let path = below(entry).to_string_lossy().to_lowercase();
    let camera = entry.facts().and_then(|facts| facts.camera.as_deref()).map(str::to_lowercase);
    let has = |text: &str, word: &str| text.contains(word);
    words.iter().all(|word| has(&path, word) || camera.as_deref().is_some_and(|camera| has(camera, word)))
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
    /// Has runs leave out the selected pictures, or not any more if they do.
    Exclude,
    /// Takes back what is different for the selected pictures alone.
    ResetAdjustments,
}

#[cfg(test)]
mod tests;
