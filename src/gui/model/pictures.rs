//! The list of pictures: what was found, what is selected, and how each ended in the last run.

mod selection;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use selection::SelectMode;

use crate::batch::{ImageReport, ImageState, LeftOut, Outcome, PictureFacts, SourceEntry};
use crate::gui::model::identity::Identity;
use crate::gui::model::listed::Shown;

/// A picture in the list.
#[derive(Debug)]
pub struct Entry {
    /// Never used twice, so that thumbnails survive removals.
    pub id: u64,
    /// Where it comes from, and where it stood in what was given.
    pub found: SourceEntry,
    identity: Identity,
    pub selected: bool,
    /// Whether runs leave it out.
    pub excluded: bool,
    /// How it ended in the last run that it was part of. Few of a long list have one at first.
    pub report: Option<Box<ImageReport>>,
    /// What was wrong with its file when it was last looked at.
    fault: Option<Box<Fault>>,
    /// What its header says, once that has been read.
    facts: Option<PictureFacts>,
}

/// What is known of a picture and its file once its thumbnail is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    pub picture: PictureFacts,
    /// Size of its file.
    pub bytes: u64,
}

/// What was found out about a picture when its thumbnail was made.
#[derive(Debug)]
pub struct Seen {
    pub id: u64,
    /// What is wrong with its file, if anything is.
    pub fault: Option<Fault>,
    pub facts: Option<Facts>,
}

/// What is wrong with a file, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no picture.
    Unreadable(String),
    /// A part of the picture is missing.
    Partial(String),
}

impl Entry {
    /// Its path, or the name that stands for one.
    pub fn path(&self) -> &Path {
        self.found.source.name()
    }

    /// Whether its results are there.
    fn is_finished(&self) -> bool {
        self.report.as_ref().is_some_and(|report| matches!(report.outcome, Outcome::Done | Outcome::Skipped))
    }

    /// What was wrong with its file when it was last looked at.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_deref()
    }

    /// What its header says, once that has been read.
    pub const fn facts(&self) -> Option<&PictureFacts> {
        self.facts.as_ref()
    }

    /// Its state while no run is in progress.
    pub fn settled(&self) -> ImageState {
        self.report.as_ref().map_or(ImageState::Waiting, |r| ImageState::Finished(r.outcome))
    }
}

/// Something that was given but cannot be processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub path: PathBuf,
    /// Why, and what to do about it.
    pub reason: String,
}

/// The list of pictures.
#[derive(Debug, Default)]
pub struct Pictures {
    entries: Vec<Entry>,
    /// Places of the pictures.
    known: HashMap<Identity, usize>,
    next_id: u64,
    current: Option<usize>,
    /// From where a range is selected.
    range_from: Option<usize>,
    selected: usize,
    selection: u64,
    excluded: usize,
    /// Places of the pictures whose folder is not that of the picture before.
    folders: Vec<usize>,
    /// What was given but cannot be processed.
    pub problems: Vec<Problem>,
    /// What was left out of the folders that were searched, since it does not look like pictures.
    pub left_out: Vec<LeftOut>,
    /// What was left out on purpose.
    pub notes: Vec<String>,
    /// Indexes of failed pictures, in the order in which they failed.
    pub failed: Vec<usize>,
    unreadable: usize,
    revision: u64,
    facts_revision: u64,
    /// The names of cameras, each of which is held once.
    cameras: HashSet<Arc<str>>,
}

impl Pictures {
    /// All entries in the order of the list.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Changes whenever pictures come or go.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Changes whenever more is known of the pictures.
    pub const fn facts_revision(&self) -> u64 {
        self.facts_revision
    }

    /// Where in the list the pictures of each folder begin.
    pub fn folders(&self) -> &[usize] {
        &self.folders
    }

    /// The place in the list of the picture in the preview.
    pub const fn current_index(&self) -> Option<usize> {
        self.current
    }

    /// The picture in the preview.
    pub fn current(&self) -> Option<&Entry> {
        self.entries.get(self.current?)
    }

    /// Adds a picture unless a file with this identity is in the list; the first one becomes the current one.
    /// Returns its place.
    pub fn add(&mut self, found: SourceEntry, identity: Identity) -> usize {
        if let Some(place) = self.known.get(&identity) {
            return *place;
        }
        let place = self.entries.len();
        self.known.insert(identity, place);
        if !self.problems.is_empty() {
            // What could not be read is there now.
            let (path, root) = (found.source.name(), found.root.as_deref());
            self.problems.retain(|problem| problem.path != path && Some(&*problem.path) != root);
        }
        if self.entries.last().is_none_or(|last| last.path().parent() != found.source.name().parent()) {
            self.folders.push(place);
        }
        let id = self.next_id;
        self.entries.push(Entry {
            id,
            found,
            identity,
            selected: false,
            excluded: false,
            report: None,
            fault: None,
            facts: None,
        });
        self.next_id += 1;
        self.revision += 1;
        if self.current.is_none() {
            self.select(0, SelectMode::One, Shown::All(self.entries.len()));
        }
        place
    }

    /// Adds a problem, unless it is there already.
    pub fn add_problem(&mut self, path: PathBuf, reason: String) {
        let problem = Problem { path, reason };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Remembers what was left out of a folder, in place of what an earlier search left out of it.
    pub fn add_left_out(&mut self, left_out: LeftOut) {
        self.left_out.retain(|other| other.folder != left_out.folder);
        self.left_out.push(left_out);
    }

    /// Folders that hold files whose content has not been looked at.
    pub fn not_looked_into(&self) -> impl Iterator<Item = &LeftOut> {
        self.left_out.iter().filter(|left_out| !left_out.looked_into)
    }

    /// Removes the selected pictures from the list. The files are kept.
    pub fn remove_selected(&mut self) {
        if self.selected == 0 {
            return;
        }
        self.remove(|entry| entry.selected);
    }

    /// Removes the pictures whose results are there. The files are kept.
    pub fn remove_finished(&mut self) {
        self.remove(Entry::is_finished);
    }

    /// Whether there are pictures whose results are there.
    pub fn has_finished(&self) -> bool {
        self.entries.iter().any(Entry::is_finished)
    }

    fn remove(&mut self, unwanted: impl Fn(&Entry) -> bool) {
        let remaining_before = self.entries[..self.current.unwrap_or(0)].iter().filter(|e| !unwanted(e)).count();
        self.entries.retain(|e| !unwanted(e));
        self.known = self.entries.iter().enumerate().map(|(place, e)| (e.identity, place)).collect();
        self.unreadable = self.entries.iter().filter(|e| is_unreadable(e.fault())).count();
        self.folders = (0..self.entries.len())
            .filter(|&i| i == 0 || self.entries[i].path().parent() != self.entries[i - 1].path().parent())
            .collect();
        self.selected = self.entries.iter().filter(|e| e.selected).count();
        self.excluded = self.entries.iter().filter(|e| e.excluded).count();
        self.revision += 1;
        (self.current, self.range_from) = (None, None);
        self.failed.clear();
        let failed = self.entries.iter().enumerate().filter(|(_, e)| has_failed(e.report.as_deref()));
        self.failed = failed.map(|(i, _)| i).collect();
        if let Some(last) = self.entries.len().checked_sub(1) {
            self.select(remaining_before.min(last), SelectMode::One, Shown::All(last + 1));
        }
    }

    pub fn clear(&mut self) {
        *self = Self {
            next_id: self.next_id,
            revision: self.revision + 1,
            selection: self.selection + 1,
            ..Self::default()
        };
    }

    /// Drops the reports of the last run.
    pub fn forget_reports(&mut self) {
        for entry in &mut self.entries {
            entry.report = None;
        }
        self.failed.clear();
    }

    /// Stores the report of the picture at this place.
    pub fn put_report(&mut self, index: usize, report: ImageReport) {
        if let Some(entry) = self.entries.get_mut(index) {
            match (has_failed(entry.report.as_deref()), has_failed(Some(&report))) {
                (false, true) => self.failed.push(index),
                // It has been tried again.
                (true, false) => self.failed.retain(|failed| *failed != index),
                _ => {}
            }
            let was_read = matches!(report.outcome, Outcome::Done | Outcome::Partial);
            let id = entry.id;
            entry.report = Some(Box::new(report));
            if was_read {
                self.put_fault(id, None);
            }
        }
    }

    /// As [`Self::put_report`], for one that is most probably there already.
    pub fn confirm_report(&mut self, index: usize, report: &ImageReport) {
        if self.entries.get(index).is_some_and(|entry| entry.report.as_deref() != Some(report)) {
            self.put_report(index, report.clone());
        }
    }

    /// How many pictures could not be read when they were last looked at.
    pub const fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// Stores what is wrong with the file of a picture, or that nothing is.
    pub fn put_fault(&mut self, id: u64, fault: Option<Fault>) {
        // Ids grow along the list.
        let Ok(index) = self.entries.binary_search_by_key(&id, |entry| entry.id) else { return };
        let entry = &mut self.entries[index];
        self.unreadable -= usize::from(is_unreadable(entry.fault()));
        self.unreadable += usize::from(is_unreadable(fault.as_ref()));
        entry.fault = fault.map(Box::new);
    }

    /// Stores what the header of a picture says.
    pub fn put_facts(&mut self, id: u64, mut facts: PictureFacts) {
        let Ok(index) = self.entries.binary_search_by_key(&id, |entry| entry.id) else { return };
        facts.camera = facts.camera.map(|name| match self.cameras.get(&name) {
            Some(known) => Arc::clone(known),
            None => {
                self.cameras.insert(Arc::clone(&name));
                name
            }
        });
        if self.entries[index].facts.as_ref() != Some(&facts) {
            self.entries[index].facts = Some(facts);
            self.facts_revision += 1;
        }
    }

    /// How many pictures runs leave out.
    pub const fn excluded(&self) -> usize {
        self.excluded
    }

    /// How many pictures runs have.
    pub const fn included(&self) -> usize {
        self.entries.len() - self.excluded
    }

    /// Has runs leave out the selected pictures, or not any more.
    pub fn exclude_selected(&mut self, excluded: bool) {
        for entry in self.entries.iter_mut().filter(|entry| entry.selected) {
            entry.excluded = excluded;
        }
        self.excluded = self.entries.iter().filter(|entry| entry.excluded).count();
        // Runs have other pictures now.
        self.revision += 1;
    }

    /// The files that runs have, in the order of the list.
    pub fn files(&self) -> Vec<SourceEntry> {
        self.entries.iter().filter(|e| !e.excluded).map(|e| e.found.clone()).collect()
    }

    /// Where those files stand in the list; `None` if they are all of it.
    pub fn places_of_files(&self) -> Option<Vec<usize>> {
        let included = || (0..self.entries.len()).filter(|place| !self.entries[*place].excluded);
        (self.excluded > 0).then(|| included().collect())
    }
}

fn has_failed(report: Option<&ImageReport>) -> bool {
    report.is_some_and(|r| r.outcome == Outcome::Failed)
}

const fn is_unreadable(fault: Option<&Fault>) -> bool {
    matches!(fault, Some(Fault::Unreadable(_)))
}

#[cfg(test)]
mod tests;
