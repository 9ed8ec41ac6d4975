//! The list of pictures: selection, order, and what is done to the pictures that are selected.

use std::time::Duration;

use lightloom_param::shown;

use crate::batch::{Source, open_folder};
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::listed::{FileFacts, ListAction};
use crate::gui::model::notice::Notice;
use crate::gui::model::pictures::SelectMode;
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::text;
use crate::recipe::Overrides;

impl Dispatcher<'_> {
    /// Changes the selection by a click on a picture.
    pub(super) fn select(&mut self, index: usize, mode: SelectMode) {
        let state = &mut *self.state;
        let from = state.pictures.current_index();
        match (mode, from) {
            // What is between them depends on the order that is shown.
            (SelectMode::Range, Some(from)) => {
                let between = state.shown().between(from, index);
                state.pictures.select_these(&between);
            }
            _ => state.pictures.select(index, mode),
        }
    }

    /// Moves the current picture by this many places of the list that is shown.
    pub(super) fn select_neighbour(&mut self, step: isize) {
        let shown = self.state.shown();
        let Some(last) = shown.len().checked_sub(1) else { return };
        let current = self.state.pictures.current_index().and_then(|index| shown.place(index));
        let place = current.map_or(0, |place| place.saturating_add_signed(step).min(last));
        if let Some(index) = shown.index(place) {
            self.state.pictures.select(index, SelectMode::One);
        }
        self.memory.picture_list.reveal_current = true;
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
                    let open =
                        move || open_folder(&file).map_err(|e| format!("{} cannot be opened: {e}.", shown(&file)));
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
            ListAction::Rotate(quarters) => self.rotate_selected(quarters),
        }
    }

    fn rotate_selected(&mut self, quarters: usize) {
        let state = &mut *self.state;
        let turned = |source: &Source| {
            let now = state.history.overrides_of(source);
            (source.clone(), Overrides { rotate: now.rotate.turned(quarters), ..now })
        };
        let selected = state.pictures.entries().iter().filter(|entry| entry.selected);
        let overrides: Vec<_> = selected.map(|entry| turned(&entry.found.source)).collect();
        let recipe = state.recipe().clone();
        state.change(|history| history.set_all(recipe, overrides));
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
            let sources: Vec<Source> = state.pictures.files().into_iter().map(|entry| entry.source).collect();
            self.tasks.file_facts =
                OneShot::spawn(self.ctx, "lightloom-files", move || FileFacts::of(revision, &sources));
        }
        let mut listed = std::mem::take(&mut state.listed);
        // A paused window costs nothing.
        let changing = state.is_running() && !state.is_paused();
        let wait: Option<Duration> = listed.update(&state.pictures, changing, |index| state.picture_state(index));
        state.listed = listed;
        if let Some(wait) = wait {
            self.ctx.request_repaint_after(wait);
        }
    }
}
