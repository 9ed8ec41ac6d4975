//! The plan of a comparison: which executors, how many workers, how often, on how many pictures.

use egui::{Checkbox, RichText, Ui};

use super::LabAction;
use crate::batch::{EXECUTORS, Executor, Settings, SlowSource, logical_cores};
use crate::gui::action::Action;
use crate::gui::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::workers::{self, Number};

/// Bounds of the number of repeats.
const REPEATS: std::ops::RangeInclusive<usize> = 3..=20;
/// Pictures of a first sample.
const SAMPLE: usize = 12;

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Executors by their place in [`EXECUTORS`].
    pub executors: Vec<bool>,
    /// Numbers of workers and whether they are chosen.
    pub counts: Vec<(usize, bool)>,
    /// Runs of each choice.
    pub repeats: usize,
    /// At most so many pictures; none for all.
    pub sample: Option<usize>,
    /// A slow source, simulated.
    pub source: Option<SlowSource>,
}

impl Plan {
    /// Sensible for this machine.
    pub fn new(settings: &Settings) -> Self {
        let cores = logical_cores();
        // Three numbers of workers at least, so that there is a curve; one beyond the cores shows where it ends.
        let most = cores.max(4);
        let counts: Vec<usize> =
            [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64].into_iter().filter(|n| *n <= 2 * most).collect();
        Self {
            executors: EXECUTORS.iter().map(|e| e.id != "processes").collect(),
            counts: counts.into_iter().map(|n| (n, n.is_power_of_two() && n <= most)).collect(),
            repeats: *REPEATS.start(),
            sample: Some(SAMPLE),
            source: settings.slow_source,
        }
    }

    /// Every choice: an executor with a number of workers; what an executor does not use is the same in all.
    pub fn choices(&self, settings: &Settings) -> Vec<Settings> {
        let mut choices: Vec<Settings> = Vec::new();
        for executor in self.chosen() {
            for (count, _) in self.counts.iter().filter(|(_, on)| *on) {
                let (io_threads, cores) = match executor.id {
                    "sequential" => (1, 1),
                    "threads" => (*count, 1),
                    "hybrid" => (settings.io_threads, *count),
                    _ => (1, *count),
                };
                let choice = Settings { executor, io_threads, cores, slow_source: self.source, ..*settings };
                if !choices.contains(&choice) {
                    choices.push(choice);
                }
            }
        }
        choices
    }

    fn chosen(&self) -> impl Iterator<Item = &'static Executor> + '_ {
        EXECUTORS.iter().zip(&self.executors).filter(|(_, on)| **on).map(|(executor, _)| *executor)
    }

    /// Pictures of each run, out of `all`.
    pub fn pictures(&self, all: usize) -> usize {
        self.sample.map_or(all, |n| n.min(all))
    }
}

/// Draws the form.
pub fn form(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let lab = &state.lab;
    let palette = Palette::of(ui);
    let enabled = lab.task.is_none();
    let mut plan = lab.plan.clone();
    ui.spacing_mut().item_spacing.y = 6.0;
    title(ui, "Who carries the work");
    for (executor, on) in EXECUTORS.iter().zip(&mut plan.executors) {
        let help = format!("{}.", executor.help);
        ui.add_enabled(enabled, Checkbox::new(on, executor.title)).on_hover_text(help);
    }
    ui.add_space(GRID);
    title(ui, "Numbers of workers");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = GRID;
        for (count, on) in &mut plan.counts {
            let help = format!("{} of each executor.", text::plural(*count, "worker"));
            let name = text::plural(*count, "worker");
            ui.add_enabled(enabled, Checkbox::new(on, count.to_string())).on_hover_text(help).accessible_name(name);
        }
    });
    ui.add_space(GRID);
    title(ui, "How");
    let repeats = Number {
        label: "Runs of each",
        help: "How often each choice is run, taking turns, after one warm-up run. More runs tell smaller differences from chance.",
        suffix: "",
        zero: None,
        range: REPEATS,
        speed: 0.05,
        indent: 0.0,
    };
    ui.scope(|ui| {
        if let Some(n) = repeats.show(ui, enabled, plan.repeats) {
            plan.repeats = n;
        }
        let sample = Number {
            label: "Pictures",
            help: "At most so many pictures in a run, spread over the list; 0 for all of them.",
            zero: Some("all"),
            range: 0..=10_000,
            speed: 0.2,
            ..repeats
        };
        if let Some(n) = sample.show(ui, enabled, plan.sample.unwrap_or(0)) {
            plan.sample = (n > 0).then_some(n);
        }
    });
    let mut slow = plan.source.is_some();
    let help = "Pretend that the pictures come from a slow disk or network. Results are marked as simulated.";
    if ui.add_enabled(enabled, Checkbox::new(&mut slow, "Simulated source")).on_hover_text(help).changed() {
        plan.source = slow.then_some(workers::FIRST_SOURCE);
    }
    if let Some(source) = plan.source
        && let Some(edited) = workers::source_numbers(ui, enabled, source, 24.0)
    {
        plan.source = Some(edited);
    }
    ui.add_space(GRID);
    let choices = plan.choices(&state.settings).len();
    let pictures = plan.pictures(state.pictures.len());
    let words = format!(
        "{} of {} each, and a warm-up. Results of the runs are removed again.",
        text::plural(choices * plan.repeats, "run"),
        text::pictures(pictures),
    );
    ui.label(RichText::new(words).small().color(palette.weak));
    if pictures == 1 {
        let words =
            "One picture cannot be shared among workers, so all choices will be alike. Add more for a comparison.";
        ui.label(RichText::new(words).small().color(palette.warn));
    }
    if plan != lab.plan {
        out.push(Action::Lab(LabAction::Plan(plan)));
    }
}

fn title(ui: &mut Ui, text: &str) {
    let palette = Palette::of(ui);
    ui.label(RichText::new(text).size(theme::BODY).color(palette.loom));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_stands_once_and_holds_what_matters() {
        let settings = Settings { io_threads: 5, ..Settings::default() };
        let mut plan = Plan::new(&settings);
        plan.counts = vec![(1, true), (2, true), (9, false)];
        let choices = plan.choices(&settings);
        let words: Vec<_> = choices.iter().map(Settings::describe).collect();
        assert_eq!(words.len(), 7, "{words:?}");
        assert_eq!(words[0], "Sequential: 1 thread");
        assert!(words.contains(&"Both: 5 threads, 2 cores".to_owned()));
        assert!(!words.iter().any(|w| w.starts_with("Processes")));
        assert_eq!((plan.pictures(100), plan.pictures(3)), (SAMPLE, 3));
        assert!(Plan::new(&settings).counts.iter().filter(|(_, on)| *on).count() >= 3, "enough for a curve");
    }
}
