//! Reads the journals of past runs, and compares, loads and removes their results, each on a thread of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use egui::Context;

use crate::batch::{ImageReport, Settings, SourceEntry};
use crate::gui::model::identity::Identity;
use crate::gui::model::past_runs::{Checking, PastRun};
use crate::gui::tasks::one_shot::OneShot;
use crate::journal::{Again, Outline, Removal, Rest, Store, Undone, undo};
use crate::recipe::Overrides;

/// What goes on about past runs.
#[derive(Debug)]
pub struct PastRunsTask {
    /// Where the journals are, or why there are none.
    pub journals: Result<Store, String>,
    pub interrupted: Option<OneShot<Option<PastRun>>>,
    list: Option<Receiver<PastRun>>,
    pub rest: Option<OneShot<Result<Box<LoadedRest>, String>>>,
    pub question: Option<OneShot<Result<PastRun, String>>>,
    pub undone: Option<OneShot<Result<Undone, String>>>,
}

/// The rest of a run, and every picture of the run.
#[derive(Debug)]
pub struct LoadedRest {
    pub rest: Rest,
    pub pictures: Vec<RestPicture>,
}

/// A picture of a run that goes on.
#[derive(Debug)]
pub struct RestPicture {
    pub found: SourceEntry,
    /// The path of its file without links.
    pub identity: Identity,
    /// What is different for it.
    pub overrides: Overrides,
    /// Its place in the rest of the run.
    pub job: Option<usize>,
    /// How it ended before.
    pub report: Option<ImageReport>,
}

impl PastRunsTask {
    pub const fn new(journals: Result<Store, String>) -> Self {
        Self { journals, interrupted: None, list: None, rest: None, question: None, undone: None }
    }

    /// Looks for a run that was interrupted.
    pub fn look_for_interrupted(&mut self, ctx: &Context) {
        let Ok(store) = self.journals.clone() else { return };
        let look = move || store.interrupted().map(|outline| PastRun::of(&outline));
        self.interrupted = OneShot::spawn(ctx, "lightloom-runs", look);
    }

    /// Begins to read all journals, newest first.
    ///
    /// # Errors
    /// If there is no folder for journals, or no thread can be started.
    pub fn start_list(&mut self, ctx: &Context) -> Result<(), String> {
        let store = self.journals.clone()?;
        // Bounded: a list that nobody looks at any more is not read to its end.
        let (sender, list) = bounded(8);
        let ctx = ctx.clone();
        let read = move || {
            for run in store.runs() {
                let Ok(outline) = Outline::read(&store.path(&run)) else { continue };
                if sender.send(PastRun::of(&outline)).is_err() {
                    return;
                }
                ctx.request_repaint();
            }
            drop(sender);
            ctx.request_repaint();
        };
        thread::Builder::new().name("lightloom-runs".to_owned()).spawn(read).map_err(|e| e.to_string())?;
        self.list = Some(list);
        Ok(())
    }

    /// Ends the list.
    pub fn stop_list(&mut self) {
        self.list = None;
    }

    /// Takes over runs of the list that have been read; returns whether more are to come.
    pub fn take_list(&mut self, list: &mut Vec<PastRun>) -> bool {
        let Some(receiver) = &self.list else { return false };
        loop {
            match receiver.try_recv() {
                Ok(run) => list.push(run),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => {
                    self.list = None;
                    return false;
                }
            }
        }
    }

    /// Loads what is left of a run.
    pub fn load_rest(
        &mut self,
        ctx: &Context,
        journal: PathBuf,
        again: Again,
        settings: Settings,
        checking: &Checking,
    ) {
        let verified = checking.counter();
        let load = move || {
            let rest = Rest::of(&journal, again, settings, &verified).map_err(|e| e.to_string())?;
            Ok(Box::new(LoadedRest { pictures: pictures(&rest), rest }))
        };
        self.rest = OneShot::spawn(ctx, "lightloom-resume", load);
    }

    /// Reads the journal of a run whose results may be removed; without a path, that of the newest.
    pub fn ask_about(&mut self, ctx: &Context, journal: Option<PathBuf>) {
        let journals = self.journals.clone();
        let read = move || {
            let newest = || journals?.find("last").map_err(|_| "there is no run yet".to_owned());
            let journal = journal.map_or_else(newest, Ok)?;
            Outline::read(&journal).map(|outline| PastRun::of(&outline)).map_err(|e| e.to_string())
        };
        self.question = OneShot::spawn(ctx, "lightloom-runs", read);
    }

    /// Removes the results of a run.
    pub fn undo(&mut self, ctx: &Context, journal: &Path, removal: Removal, checking: &Checking) {
        let (journal, looked_at) = (journal.to_path_buf(), checking.counter());
        let remove = move || undo(&journal, removal, &looked_at).map_err(|e| e.to_string());
        self.undone = OneShot::spawn(ctx, "lightloom-undo", remove);
    }
}

/// Every picture of the run, in its order.
fn pictures(rest: &Rest) -> Vec<RestPicture> {
    let jobs: HashMap<usize, usize> = rest.batch.jobs.iter().map(|job| (job.number, job.index)).collect();
    let mut reports: HashMap<&Path, &ImageReport> =
        rest.before.iter().map(|report| (report.source.name(), report)).collect();
    let picture = |(number, record): (&usize, &crate::journal::record::JobRecord)| {
        let source = record.to_source();
        let job = jobs.get(number).copied();
        let report = reports.remove(source.name()).filter(|_| job.is_none()).cloned();
        let overrides = record.overrides.unwrap_or_default();
        let root = rest.history.input_of(source.name());
        RestPicture {
            identity: Identity::of_file(source.name()),
            found: SourceEntry { source, root },
            overrides,
            job,
            report,
        }
    };
    rest.history.jobs.iter().map(picture).collect()
}
