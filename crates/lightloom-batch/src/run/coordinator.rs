//! The thread that waits for a run: it looks at memory and at what goes wrong meanwhile, and adds up at the end.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::{ProcessTime, ThreadTime};
use crossbeam_channel::RecvTimeoutError;

use super::{LaneThread, Next, Results, Run, lock};
use crate::event::Event;
use crate::given_up::GivenUp;
use crate::pressure::Pressure;
use crate::report::{ImageReport, Outcome, OutputReport, Report, Totals};
use crate::timeline::Activity;
use crate::trouble::{Finder, TroubleKind};
use crate::watch::{Begin, Found};
use crate::{Batch, Job, PackError, PackedArchive, Stage};

/// How often the thread that waits for a run looks at what it does.
const LOOK: Duration = Duration::from_millis(20);
/// As [`LOOK`], while a person has paused the run.
const LOOK_PAUSED: Duration = Duration::from_millis(200);
/// How long the end of a run waits for folders to be synced that was stopped, or a place of whose results was given up.
const SYNC_AT_MOST: Duration = Duration::from_secs(1);
/// How long the end of a run waits for each worker of its pool, which has nothing to do any more.
const ANSWER_AT_MOST: Duration = Duration::from_millis(20);

impl Run {
    /// Waits for the run to end, and adds up.
    pub(super) fn coordinate(self: &Arc<Self>, started: Instant, processor: &ProcessTime) -> Report {
        self.wait();
        self.stop_the_rest();
        let synced = self.sync_folders();
        let wall = started.elapsed().saturating_sub(self.control.paused_for());
        let mut images: Vec<ImageReport> =
            std::mem::take(&mut lock(&self.results).images).into_iter().flatten().collect();
        let mut notes = self.outputs.notes();
        if synced {
            self.find_lost(&mut images);
        } else {
            notes.push(
                "a place for results did not answer in the end, so that nobody looked whether all results are there"
                    .to_owned(),
            );
        }
        let (archives, unpacked) = self.pack(&mut images);
        let totals = self.totals(&images, wall, processor.elapsed());
        Report { images, totals, notes, archives, unpacked }
    }

    /// Packs results that go into an archive. Returns the archives, or why there is none.
    fn pack(&self, images: &mut [ImageReport]) -> (Vec<PackedArchive>, Option<String>) {
        let Some(archive) = self.archive().filter(|_| !self.batch.results.discard) else { return (Vec::new(), None) };
        let packed = if self.control.is_stopped() {
            Err(PackError::Stopped)
        } else {
            let Batch { jobs, recipe, .. } = &self.batch;
            archive.pack(images, jobs, recipe, &self.control, &|event| self.sink.event(event))
        };
        archive.end(packed.is_ok());
        match packed {
            Ok(packed) => (packed, None),
            Err(error) => {
                // What waits is at no place that a person looks at.
                images.iter_mut().for_each(|image| image.outputs.clear());
                (Vec::new(), Some(error.to_string()))
            }
        }
    }

    /// Waits until every picture is finished, or until a stop is asked for and no write is under way that may still
    /// end. Looks meanwhile at memory and at what goes wrong.
    fn wait(self: &Arc<Self>) {
        let mut results = lock(&self.results);
        let mut looked = Instant::now();
        let mut pressure = Pressure::new(self.budget.capacity());
        while results.left > 0 && !self.may_end(&results) {
            // Nothing is begun in a pause, so that there is less to look at.
            let look = if self.control.is_paused() { LOOK_PAUSED } else { LOOK };
            results = self.ended.wait_timeout(results, look).unwrap_or_else(PoisonError::into_inner).0;
            if looked.elapsed() < LOOK {
                continue;
            }
            looked = Instant::now();
            drop(results);
            self.memory.sample();
            if let Some(bytes) = pressure.look() {
                self.budget.set_capacity(bytes);
                self.troubles.set(Finder::Memory, pressure.trouble().into_iter().collect());
            }
            self.look_for_trouble();
            results = lock(&self.results);
        }
    }

    fn may_end(&self, results: &Results) -> bool {
        self.control.is_stopped() && results.under_way <= self.watch.overdue_writes()
    }

    /// Syncs the folders of the results on a thread of its own, since a stop cannot wait for a disk that does not answer,
    /// nor can what was given up. Returns whether it came to an end.
    fn sync_folders(self: &Arc<Self>) -> bool {
        let run = Arc::clone(self);
        // Loses its other end when the thread ends, however it does.
        let (sender, synced) = crossbeam_channel::bounded::<()>(0);
        let sync = move || {
            run.outputs.sync_folders();
            drop(sender);
        };
        if thread::Builder::new().name("lightloom-sync".to_owned()).spawn(sync).is_err() {
            self.outputs.sync_folders();
            return true;
        }
        let begun = Instant::now();
        while synced.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            let may_end = self.control.is_stopped() || self.watch.any_output_given_up();
            if may_end && begun.elapsed() >= SYNC_AT_MOST {
                return false;
            }
        }
        true
    }

    /// Has other threads take over where reads hang, and gives up what is to be given up.
    fn look_for_trouble(self: &Arc<Self>) {
        self.take_over(self.watch.look());
        self.troubles.set(Finder::Watch, self.watch.troubles());
        let limit = self.batch.settings.give_up_after_secs.map(|secs| Duration::from_secs(secs.into()));
        for trouble in self.troubles.take_given_up(limit) {
            let after = self.batch.settings.patience() + trouble.since.elapsed();
            let (jobs, place, stage) = match &trouble.kind {
                TroubleKind::StalledSource { place, .. } => (self.watch.give_up(place, after), place, Stage::Read),
                TroubleKind::StalledOutput { folder, .. } => {
                    let (jobs, hanging) = self.watch.give_up_output(folder, after);
                    self.take_over(hanging);
                    (jobs, folder, Stage::Write)
                }
                TroubleKind::DiskFull { .. } | TroubleKind::MemoryPressure { .. } => {
                    self.full_disks.give_up(&trouble);
                    continue;
                }
            };
            let given_up = GivenUp { place: place.clone(), after, stage };
            for job in jobs {
                self.give_up(&self.batch.jobs[job], &given_up);
            }
        }
    }

    /// Has other threads do the work of lanes that hang.
    fn take_over(self: &Arc<Self>, found: Found) {
        for hanging in found.hanging {
            let (Some(number), Some(work)) = (self.watch.new_spare(), self.lane_work.get()) else { continue };
            let lane = hanging.spare(self.timeline.lanes().len() + number);
            let (run, work) = (Arc::clone(self), Arc::clone(work));
            let take_over = move || {
                run.batch.settings.priority.apply();
                work(&run, LaneThread { lane, is_spare: true });
            };
            // Without another thread the lane's pictures wait until it answers, as the trouble says.
            let _ = thread::Builder::new().name(format!("spare-{number}")).spawn(take_over);
        }
    }

    /// The next picture while some place does not answer.
    pub(super) fn next_job_in_trouble(&self) -> Next<'_> {
        let jobs = &self.batch.jobs;
        let put_off_before = std::iter::from_fn(|| self.watch.put_off_before().map(|job| &jobs[job]));
        for job in put_off_before.chain(std::iter::from_fn(|| self.next_of_list())) {
            match self.watch.may_begin(job) {
                Begin::Now => return Next::Job(job),
                Begin::Later => {}
                Begin::Never(given_up) => self.give_up(job, &given_up),
            }
        }
        match self.watch.try_one() {
            Some(job) => Next::Job(&jobs[job]),
            None if self.watch.put_off() > 0 => Next::Later,
            None => Next::None,
        }
    }

    /// Whether this thread took over for another that goes on by itself now.
    pub fn is_surplus(&self, thread: LaneThread) -> bool {
        thread.is_spare && self.watch.is_surplus()
    }

    /// Ends a picture whose source or place for results does not answer.
    pub fn give_up(&self, job: &Job, given_up: &GivenUp) {
        let reason = given_up.to_string();
        self.finish(ImageReport::without_result(job, Outcome::Failed, Some(given_up.stage), reason));
    }

    /// Marks what nobody finished as stopped.
    fn stop_the_rest(&self) {
        let open: Vec<usize> = {
            let results = lock(&self.results);
            (0..results.images.len()).filter(|&i| results.images[i].is_none()).collect()
        };
        for job in open {
            let reason = "the run was stopped before this picture was finished".to_owned();
            self.finish(ImageReport::without_result(&self.batch.jobs[job], Outcome::Stopped, None, reason));
        }
    }

    /// Makes failures of pictures whose results are not where they were written.
    fn find_lost(&self, images: &mut [ImageReport]) {
        if self.batch.results.discard {
            return;
        }
        let is_good = |image: &&ImageReport| matches!(image.outcome, Outcome::Done | Outcome::Partial);
        let reported = images.iter().filter(is_good).flat_map(|image| &image.outputs);
        let place =
            |output: &OutputReport| self.archive().map_or_else(|| output.path.clone(), |a| a.place_of(&output.path));
        let reported: Vec<PathBuf> = reported.map(place).collect();
        let mut missing = self.outputs.missing(reported.iter().map(PathBuf::as_path));
        if self.batch.results.are_taken {
            missing.retain(|path| !path.parent().is_some_and(Path::is_dir));
        }
        if missing.is_empty() {
            return;
        }
        let missing: HashSet<PathBuf> = missing.into_iter().map(|path| self.name_of(path)).collect();
        let is_gone = |output: &OutputReport| missing.contains(&output.path);
        for image in images.iter_mut().filter(|image| image.outputs.iter().any(is_gone)) {
            image.lose(is_gone);
            self.progress.lose(image.job);
            self.sink.event(Event::Lost(Box::new(image.clone())));
        }
    }

    /// Processor time that the pool's workers used beyond what stands in their lanes: strips of pictures of others.
    fn cpu_of_strips(&self) -> Duration {
        let Some(pool) = self.pool.get().filter(|_| !self.control.is_stopped()) else { return Duration::ZERO };
        let workers = pool.current_num_threads();
        let (sender, of_workers) = crossbeam_channel::bounded(workers);
        pool.spawn_broadcast(move |_| {
            let _ = sender.send(ThreadTime::now().as_duration());
        });
        let answers = (0..workers).map(|_| of_workers.recv_timeout(ANSWER_AT_MOST).ok());
        let in_lanes: f64 =
            Activity::ALL.into_iter().filter(|a| a.is_work()).map(|a| self.timeline.spent(a).cpu_secs).sum();
        // A worker that hangs in a decoder says nothing.
        let all = answers.sum::<Option<Duration>>().unwrap_or_default();
        all.saturating_sub(Duration::from_secs_f64(in_lanes))
    }

    /// Sums over a run that has ended.
    fn totals(&self, images: &[ImageReport], wall: Duration, cpu: Duration) -> Totals {
        let count = |outcome| images.iter().filter(|i| i.outcome == outcome).count();
        Totals {
            images: images.len(),
            done: count(Outcome::Done),
            copied: images.iter().filter(|i| i.is_copied()).count(),
            partial: count(Outcome::Partial),
            failed: count(Outcome::Failed),
            skipped: count(Outcome::Skipped),
            stopped: count(Outcome::Stopped),
            wall_secs: wall.as_secs_f64(),
            cpu_secs: cpu.as_secs_f64() + self.memory.other_cpu_secs(),
            lane_cpu_secs: (self.timeline.cpu() + self.cpu_of_strips()).as_secs_f64(),
            megapixels: images.iter().map(|i| i.source_pixels).sum::<u64>() as f64 / 1e6,
            output_bytes: images.iter().flat_map(|i| &i.outputs).map(OutputReport::written_bytes).sum(),
            peak_bytes: self.budget.peak(),
            resident_bytes: self.memory.peak(),
            spent: Activity::ALL.into_iter().map(|a| (a, self.timeline.spent(a))).collect(),
        }
    }
}
