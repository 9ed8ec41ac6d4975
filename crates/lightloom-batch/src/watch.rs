//! Places that do not answer: a read that gets no further costs the thread that waits for it and nothing else.
//!
//! Reads of network shares and of disks that are failing block a thread in the system for as long as they like. Each
//! read under way is listed here, and the thread that waits for the run looks at the list now and then. Where one gets
//! no further, its place (the mount point) is *suspect*: another thread takes over the lane's work, what the read had
//! taken from others is lent back, and pictures of that place are put off, but for single ones that are tried. As soon
//! as anything there answers, its pictures are begun as usual.
//!
//! A write that gets no further holds its thread until somebody gives the place up. Then other threads take over, and
//! pictures whose results go there fail without being begun until a write there ends.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::given_up::GivenUp;
use super::lent::{LendBack, Lent};
use super::mounts::Mounts;
use super::source::ReadProgress;
use super::trouble::{StalledFile, TroubleKind};
use super::{Job, Lane, Stage};

/// How many reads may hang on one place before nothing else of it is tried: one may be a single bad file.
const HANGING_BEFORE_CERTAIN: usize = 2;
/// How many may hang before nothing is tried even where there is nothing else to do.
const HANGING_AT_MOST: usize = 4;
/// How many threads may take over for those that hang.
const SPARES_AT_MOST: usize = 32;

/// The reads and writes of a run that are under way, and what is put off because of them.
pub(super) struct Watch {
    /// How long a read may get no further.
    patience: Duration,
    /// Whether any place is suspect or anything is put off: without trouble nothing else is looked at.
    alert: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By picture.
    under_way: HashMap<usize, UnderWay>,
    mounts: Mounts,
    suspects: Vec<Suspect>,
    /// Pictures that were put off and may be begun now.
    ready: VecDeque<usize>,
    /// Threads that hang.
    hanging: usize,
    /// Threads that have taken over.
    spares: usize,
    spares_started: usize,
    /// Places for results that were given up.
    outputs_given_up: Vec<GivenUp>,
}

/// A place that does not answer.
struct Suspect {
    place: PathBuf,
    /// Pictures that are put off.
    put_off: VecDeque<usize>,
    /// The picture that is tried at the moment.
    tried: Option<usize>,
    /// Whether the person gave the place up, after how long.
    given_up: Option<Duration>,
}

struct UnderWay {
    lane: Lane,
    what: What,
    /// When it began or last got further.
    since: Instant,
    state: Answer,
}

enum What {
    Read { path: PathBuf, progress: ReadProgress, seen: u64, lent: Arc<dyn LendBack> },
    Write { folder: PathBuf, lent: Arc<dyn LendBack> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Awaited,
    Overdue,
    /// Nobody waits for it any more.
    GivenUp,
}

/// A read or write under way; ends when dropped.
pub(super) struct Watched<'a> {
    watch: &'a Watch,
    job: usize,
}

/// Whether a picture may be begun.
pub(super) enum Begin {
    Now,
    /// It is put off.
    Later,
    /// Its place was given up.
    Never(GivenUp),
}

/// What a look at the list found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The lanes of reads that hang since this look; others have to take over.
    pub hanging: Vec<Lane>,
}

impl Watch {
    pub fn new(patience: Duration) -> Self {
        Self { patience, alert: AtomicBool::new(false), state: Mutex::default() }
    }

    /// Lists a read. `lent` is given back to others if it hangs.
    pub fn reading<T: Send + 'static>(
        &self,
        lane: Lane,
        job: &Job,
        progress: &ReadProgress,
        lent: &Lent<T>,
    ) -> Option<Watched<'_>> {
        let path = job.source.waited_for()?.to_path_buf();
        let lent: Arc<dyn LendBack> = Arc::<Mutex<Option<T>>>::clone(lent);
        let what = What::Read { path, progress: progress.clone(), seen: progress.count(), lent };
        Some(self.begin(lane, job.index, what))
    }

    /// Lists a write. `lent` is given back to others if it is given up.
    pub fn writing<T: Send + 'static>(&self, lane: Lane, job: &Job, lent: &Lent<T>) -> Watched<'_> {
        let folder = job.folders().next().unwrap_or(Path::new("")).to_path_buf();
        let lent: Arc<dyn LendBack> = Arc::<Mutex<Option<T>>>::clone(lent);
        self.begin(lane, job.index, What::Write { folder, lent })
    }

    fn begin(&self, lane: Lane, job: usize, what: What) -> Watched<'_> {
        let begun = UnderWay { lane, what, since: Instant::now(), state: Answer::Awaited };
        self.lock().under_way.insert(job, begun);
        Watched { watch: self, job }
    }

    /// Whether there is anything but the next picture of the list to consider.
    pub fn is_alert(&self) -> bool {
        self.alert.load(SeqCst)
    }

    /// A picture that was put off and may be begun now.
    pub fn put_off_before(&self) -> Option<usize> {
        self.lock().ready.pop_front()
    }

    /// Whether a picture may be begun; one that may not is put off.
    pub fn may_begin(&self, job: &Job) -> Begin {
        let mut state = self.lock();
        if let Some(given_up) = state.output_given_up(job) {
            return Begin::Never(given_up.clone());
        }
        let Some(place) = job.source.waited_for().map(|path| state.mounts.place_of(path).to_path_buf()) else {
            return Begin::Now;
        };
        let hanging = state.hanging_at(&place);
        let Some(suspect) = state.suspects.iter_mut().find(|suspect| suspect.place == place) else {
            return Begin::Now;
        };
        if let Some(after) = suspect.given_up {
            return Begin::Never(GivenUp { place, after, stage: Stage::Read });
        }
        if suspect.tried.is_none() && hanging < HANGING_BEFORE_CERTAIN {
            suspect.tried = Some(job.index);
            return Begin::Now;
        }
        suspect.put_off.push_back(job.index);
        Begin::Later
    }

    /// One of the pictures that are put off, to see whether its place answers: only where there is nothing else to do.
    pub fn try_one(&self) -> Option<usize> {
        let mut state = self.lock();
        let hanging: Vec<usize> = state.suspects.iter().map(|suspect| state.hanging_at(&suspect.place)).collect();
        let free = |suspect: &Suspect| suspect.tried.is_none() && !suspect.put_off.is_empty();
        let mut all = state.suspects.iter_mut().zip(hanging);
        let (suspect, _) = all.find(|(suspect, hanging)| free(suspect) && *hanging < HANGING_AT_MOST)?;
        suspect.tried = suspect.put_off.pop_front();
        suspect.tried
    }

    /// How many pictures are put off.
    pub fn put_off(&self) -> usize {
        let state = self.lock();
        state.ready.len() + state.suspects.iter().map(|suspect| suspect.put_off.len()).sum::<usize>()
    }

    /// Finds reads that hang.
    pub fn look(&self) -> Found {
        let mut state = self.lock();
        let mut overdue = Vec::new();
        for (&job, one) in &mut state.under_way {
            if let What::Read { progress, seen, .. } = &mut one.what {
                let count = progress.count();
                if count != *seen {
                    (*seen, one.since) = (count, Instant::now());
                }
            }
            if one.state == Answer::Awaited && one.since.elapsed() >= self.patience {
                one.state = Answer::Overdue;
                overdue.push(job);
            }
        }
        let mut found = Found::default();
        for job in overdue {
            let Some(UnderWay { lane, what: What::Read { path, lent, .. }, .. }) = state.under_way.get(&job) else {
                continue;
            };
            let (lane, path) = (*lane, path.clone());
            lent.lend_back();
            found.hanging.push(lane);
            self.alert.store(true, SeqCst);
            state.suspect(&path);
        }
        found
    }

    /// The number of a thread that takes over, if one is needed and there are not too many.
    pub fn new_spare(&self) -> Option<usize> {
        let mut state = self.lock();
        if state.spares >= state.hanging.min(SPARES_AT_MOST) {
            return None;
        }
        state.spares += 1;
        state.spares_started += 1;
        Some(state.spares_started - 1)
    }

    /// A thread that has taken over asks whether it is needed no longer; then it has to end.
    pub fn is_surplus(&self) -> bool {
        let mut state = self.lock();
        let surplus = state.spares > state.hanging;
        state.spares -= usize::from(surplus);
        surplus
    }

    /// How many writes are overdue, whether they were given up or not.
    pub fn overdue_writes(&self) -> usize {
        let state = self.lock();
        let overdue = |one: &&UnderWay| one.state != Answer::Awaited && matches!(one.what, What::Write { .. });
        state.under_way.values().filter(overdue).count()
    }

    /// What is wrong at this moment.
    pub fn troubles(&self) -> Vec<TroubleKind> {
        let state = self.lock();
        let mut files: BTreeMap<&Path, Vec<StalledFile>> = BTreeMap::new();
        let mut folders: BTreeMap<&Path, usize> = BTreeMap::new();
        for (&job, one) in state.under_way.iter().filter(|(_, one)| one.state == Answer::Overdue) {
            match &one.what {
                What::Read { path, .. } => {
                    let file = StalledFile { job, path: path.clone(), lane: one.lane };
                    files.entry(state.mounts.place_of(path)).or_default().push(file);
                }
                What::Write { folder, .. } => *folders.entry(folder).or_default() += 1,
            }
        }
        let of_source = files.into_iter().map(|(place, mut files)| {
            files.sort_by_key(|file| file.job);
            let suspect = state.suspects.iter().find(|suspect| suspect.place == place);
            let waiting = suspect.map_or(0, |suspect| suspect.put_off.len());
            TroubleKind::StalledSource { place: place.to_path_buf(), files, waiting }
        });
        let of_output = folders
            .into_iter()
            .map(|(folder, pictures)| TroubleKind::StalledOutput { folder: folder.to_path_buf(), pictures });
        of_source.chain(of_output).collect()
    }

    /// Gives up the pictures whose files on `place` have not answered, and, where more than one file has not, those that
    /// were put off and all that follow until something there answers. Returns their indices.
    pub fn give_up(&self, place: &Path, after: Duration) -> Vec<usize> {
        let mut state = self.lock();
        let State { under_way, mounts, .. } = &mut *state;
        let mut given_up = Vec::new();
        for (&job, one) in under_way {
            if matches!(&one.what, What::Read { path, .. } if mounts.place_of(path) == place)
                && one.state == Answer::Overdue
            {
                one.state = Answer::GivenUp;
                given_up.push(job);
            }
        }
        let is_certain = state.hanging_at(place) >= HANGING_BEFORE_CERTAIN;
        if let Some(suspect) = state.suspects.iter_mut().find(|suspect| is_certain && suspect.place == place) {
            suspect.given_up = Some(after);
            given_up.extend(suspect.put_off.drain(..));
        }
        given_up.sort_unstable();
        given_up
    }

    /// Gives up the pictures whose results are being written to the place of `folder` and are overdue, and all that follow
    /// until a write there ends. Returns the pictures, and the lanes that hang, for which others have to take over.
    pub fn give_up_output(&self, folder: &Path, after: Duration) -> (Vec<usize>, Found) {
        let mut state = self.lock();
        state.refresh_mounts();
        let place = state.mounts.place_of(folder).to_path_buf();
        let State { under_way, mounts, hanging, outputs_given_up, .. } = &mut *state;
        let (mut given_up, mut found) = (Vec::new(), Found::default());
        for (&job, one) in under_way.iter_mut().filter(|(_, one)| one.state == Answer::Overdue) {
            let What::Write { folder, lent } = &one.what else { continue };
            if mounts.place_of(folder) == place {
                lent.lend_back();
                one.state = Answer::GivenUp;
                *hanging += 1;
                given_up.push(job);
                found.hanging.push(one.lane);
            }
        }
        if outputs_given_up.iter().all(|one| one.place != place) {
            outputs_given_up.push(GivenUp { place, after, stage: Stage::Write });
        }
        self.alert.store(true, SeqCst);
        given_up.sort_unstable();
        (given_up, found)
    }

    /// Whether the place that a picture's results go to was given up.
    pub fn output_given_up(&self, job: &Job) -> Option<GivenUp> {
        if !self.is_alert() {
            return None;
        }
        self.lock().output_given_up(job).cloned()
    }

    /// Whether any place for results is given up at this moment.
    pub fn any_output_given_up(&self) -> bool {
        !self.lock().outputs_given_up.is_empty()
    }

    /// Whether a picture was given up while it was being read or written.
    pub fn is_given_up(&self, job: &Job) -> bool {
        self.is_alert() && self.lock().under_way.get(&job.index).is_some_and(|one| one.state == Answer::GivenUp)
    }

    fn end(&self, job: usize) -> bool {
        let mut state = self.lock();
        let Some(UnderWay { what, state: answer, .. }) = state.under_way.remove(&job) else { return false };
        match &what {
            What::Read { .. } => state.hanging -= usize::from(answer != Answer::Awaited),
            What::Write { .. } => state.hanging -= usize::from(answer == Answer::GivenUp),
        }
        if self.is_alert() {
            match &what {
                What::Read { path, .. } => state.answered(path),
                What::Write { folder, .. } => state.took_results(folder),
            }
            let quiet = state.suspects.is_empty() && state.ready.is_empty() && state.outputs_given_up.is_empty();
            self.alert.store(!quiet || state.hanging > 0, SeqCst);
        }
        answer == Answer::GivenUp
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Reads the mount points again, unless something is known by those of before.
    fn refresh_mounts(&mut self) {
        if self.suspects.is_empty() && self.outputs_given_up.is_empty() {
            self.mounts = Mounts::now();
        }
    }

    fn output_given_up(&self, job: &Job) -> Option<&GivenUp> {
        let wanted = || job.targets.iter().filter(|target| target.skip_reason().is_none());
        let goes_to = |one: &&GivenUp| wanted().any(|target| self.mounts.place_of(&target.folder) == one.place);
        self.outputs_given_up.iter().find(goes_to)
    }

    /// Notes that a write has ended, so that results may go to its place again.
    fn took_results(&mut self, folder: &Path) {
        let place = self.mounts.place_of(folder);
        self.outputs_given_up.retain(|one| one.place != place);
    }

    fn hanging_at(&self, place: &Path) -> usize {
        let hangs = |one: &&UnderWay| match &one.what {
            What::Read { path, .. } => one.state != Answer::Awaited && self.mounts.place_of(path) == place,
            What::Write { .. } => false,
        };
        self.under_way.values().filter(hangs).count()
    }

    /// Notes that a file does not answer.
    fn suspect(&mut self, path: &Path) {
        self.refresh_mounts();
        self.hanging += 1;
        let place = self.mounts.place_of(path).to_path_buf();
        match self.suspects.iter_mut().find(|suspect| suspect.place == place) {
            Some(suspect) => suspect.tried = None,
            None => {
                self.suspects.push(Suspect { place, put_off: VecDeque::new(), tried: None, given_up: None });
            }
        }
    }

    /// Notes that a file has answered, so that the others of its place may be begun.
    fn answered(&mut self, path: &Path) {
        let place = self.mounts.place_of(path);
        if let Some(index) = self.suspects.iter().position(|suspect| suspect.place == place) {
            self.ready.extend(self.suspects.swap_remove(index).put_off);
        }
    }
}

impl Watched<'_> {
    /// Grants it more time.
    pub fn allow(&self, extra: Duration) {
        if let Some(one) = self.watch.lock().under_way.get_mut(&self.job) {
            one.since += extra;
        }
    }

    /// Ends it; returns whether the picture was given up meanwhile.
    pub fn end(self) -> bool {
        let given_up = self.watch.end(self.job);
        std::mem::forget(self);
        given_up
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.watch.end(self.job);
    }
}
