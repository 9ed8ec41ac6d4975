//! The list of pictures: selection, order, and what is done to the pictures that are selected.

use std::time::Duration;

use egui::Popup;
use lightloom_param::shown;

use crate::batch::Source;
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::adjustment::Adjustment;
use crate::gui::model::history::Gesture;
use crate::gui::model::listed::{Changes, FileFacts, ListAction, Shown};
use crate::gui::model::notice::Notice;
use crate::gui::model::pictures::SelectMode;
use crate::gui::tasks::headers::Headers;
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::text;

impl Dispatcher<'_> {
    /// Changes the selection by a click on a picture or by a key.
    pub(super) fn select(&mut self, index: usize, mode: SelectMode) {
        let state = &mut *self.state;
        // The failures are shown in an order of their own.
        if state.appearance.only_failed {
            let failed = state.pictures.failed.clone();
            state.pictures.select(index, mode, Shown::Some(&failed));
        } else {
            let shown = state.listed.shown(&state.pictures);
            state.pictures.select(index, mode, shown);
        }
    }

    /// Selects every picture that is shown.
    pub(super) fn select_all(&mut self) {
        let shown = self.state.shown();
        let all: Vec<usize> = (0..shown.len()).filter_map(|place| shown.index(place)).collect();
        self.state.pictures.select_these(&all);
    }

    pub(super) fn use_list(&mut self, action: ListAction) {
        let state = &mut *self.state;
        let arrangement = &mut state.listed.arrangement;
        match action {
            ListAction::SortBy(by) => arrangement.sort = by,
            ListAction::Reverse => arrangement.descending = !arrangement.descending,
            ListAction::Find(words) => arrangement.find = words,
            ListAction::FocusFind => self.memory.picture_list.focus_find = true,
            ListAction::Open => {
                let file = state.pictures.current().and_then(|entry| entry.found.source.path());
                if let Some(file) = file.map(std::path::Path::to_path_buf) {
                    let opener = self.tasks.opener.clone();
                    let open =
                        move || opener.open(&file).map_err(|e| format!("{} cannot be opened: {e}.", shown(&file)));
                    self.tasks.shown_folder = OneShot::spawn(self.ctx, "lightloom-open", open);
                }
            }
            ListAction::ShowFolder => {
                let file = state.pictures.current().and_then(|entry| entry.found.source.path());
                if let Some(folder) = file.and_then(std::path::Path::parent).map(std::path::Path::to_path_buf) {
                    self.show_folder(folder);
                }
            }
            ListAction::CopyPaths => {
                let selected = state.pictures.entries().iter().filter(|entry| entry.selected);
                let paths: Vec<String> = selected.map(|entry| entry.path().to_string_lossy().into_owned()).collect();
                self.ctx.copy_text(paths.join("\n"));
                let what = if paths.len() == 1 { "the path".to_owned() } else { text::plural(paths.len(), "path") };
                state.notify(Notice::info(format!("Copied {what}.")));
            }
            ListAction::Rotate(quarters) => self.adjust_selected(&Adjustment::Rotate(quarters)),
            ListAction::ResetAdjustments => self.adjust_selected(&Adjustment::Reset),
            ListAction::Exclude => {
                let excluded = state.is_selection_excluded();
                state.pictures.exclude_selected(!excluded);
            }
        }
    }

    fn adjust_selected(&mut self, adjustment: &Adjustment) {
        let selected = self.state.pictures.entries().iter().filter(|entry| entry.selected);
        let sources = selected.map(|entry| entry.found.source.clone()).collect();
        self.adjust(sources, adjustment, None);
    }

    /// Changes what is different for these pictures, in one step.
    pub(super) fn adjust(&mut self, sources: Vec<Source>, adjustment: &Adjustment, gesture: Option<Gesture>) {
        let state = &mut *self.state;
        let adjusted = |source: Source| {
            let now = state.history.overrides_of(&source);
            (source, adjustment.apply(now))
        };
        let overrides: Vec<_> = sources.into_iter().map(adjusted).collect();
        state.change(|history| history.set_overrides(overrides, gesture));
    }

    /// Takes what has been read of headers, and has those read that the list is sorted by or searched for. Only those of
    /// files: of an archive or a server they may cost as much as the whole picture, whose thumbnail tells them as well.
    fn read_headers(&mut self) {
        let state = &mut *self.state;
        let busy = state.is_running() || state.is_measuring() || state.discovering > 0;
        let revision = state.pictures.revision();
        let wants = state.listed.wants_headers(&state.pictures) && !busy;
        // What has been read is kept, and what a run or another list interrupts is begun again with the rest.
        while let Some(headers) = &self.tasks.headers {
            match headers.take() {
                Some(found) if found.is_empty() => break,
                Some(found) => found.into_iter().for_each(|(id, facts)| state.pictures.put_facts(id, facts)),
                None => {
                    state.listed.headers_were_read(headers.revision);
                    self.tasks.headers = None;
                }
            }
        }
        if self.tasks.headers.as_ref().is_some_and(|headers| !wants || headers.revision != revision) {
            self.tasks.headers = None;
        }
        if !state.listed.wants_headers(&state.pictures) || busy || self.tasks.headers.is_some() {
            return;
        }
        let entries = state.pictures.entries().iter();
        let unknown = entries.filter(|entry| entry.facts().is_none() && entry.found.source.path().is_some());
        let files: Vec<(u64, Source)> = unknown.map(|entry| (entry.id, entry.found.source.clone())).collect();
        let limits = state.settings.limits;
        self.tasks.headers = Some(Headers::spawn(self.ctx, revision, files, limits, &self.tasks.decoders));
    }

    /// Arranges the list anew where that is due, and has the file system asked for what it is sorted by.
    pub(super) fn arrange_list(&mut self) {
        if let Some(facts) = OneShot::take(&mut self.tasks.file_facts) {
            self.state.listed.take_facts(facts);
        }
        let state = &mut *self.state;
        let may_ask = state.discovering == 0 && self.tasks.file_facts.is_none();
        if may_ask && state.listed.wants_facts(&state.pictures) {
            let revision = state.pictures.revision();
            let sources: Vec<Source> = state.pictures.entries().iter().map(|e| e.found.source.clone()).collect();
            self.tasks.file_facts =
                OneShot::spawn(self.ctx, "lightloom-files", move || FileFacts::of(revision, &sources));
        }
        self.read_headers();
        let state = &mut *self.state;
        let mut listed = std::mem::take(&mut state.listed);
        // A paused window costs nothing.
        let states = state.is_running() && !state.is_paused();
        let held = self.ctx.input(|input| input.pointer.any_down()) || Popup::is_any_open(self.ctx);
        let changes = Changes { states, held };
        let wait: Option<Duration> = listed.update(&state.pictures, changes, |index| state.picture_state(index));
        state.listed = listed;
        if let Some(wait) = wait {
            self.ctx.request_repaint_after(wait);
        }
    }
}
