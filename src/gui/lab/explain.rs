//! Help: threads and cores in plain words, with the numbers of this machine, and links to the experiments.

use egui::{Grid, RichText, ScrollArea, Ui};

use super::LabAction;
use crate::batch::{Settings, default_io_threads, logical_cores};
use crate::gui::action::Action;
use crate::gui::modals::{buttons, heading};
use crate::gui::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::primary_button;
use crate::lab::find_experiment;

/// A part: headline, text, experiments that show it.
const PARTS: [(&str, &str, &[&str]); 6] = [
    (
        "Two kinds of work",
        "A picture is read from the disk, decoded, filtered, encoded and written. Reading and writing are mostly waiting; the rest is arithmetic that keeps a core busy. What is best depends on how much there is of each.",
        &["waiting", "computing"],
    ),
    (
        "Threads",
        "Several threads carry whole pictures, but only one at a time may touch pixels, as under Python's global lock. Their waits overlap, their work does not. Good when the disk or the network is slow; no help when the processor is the limit.",
        &["one-lock", "lost-updates"],
    ),
    (
        "Cores",
        "Each core carries whole pictures by itself. Work runs truly at the same time, but a core that waits for the disk does nothing else meanwhile. More workers than cores only take turns, and need more memory.",
        &["too-many", "memory"],
    ),
    (
        "Both",
        "I/O threads read and write; cores only compute; short queues lie between. Nobody waits for what somebody else could do. This is the usual choice.",
        &["both", "queue"],
    ),
    (
        "Processes",
        "Whole programs with memory of their own, each on a core. They take longer to start and need more memory than threads, but a picture that crashes a decoder or never ends costs only itself. The safe choice for pictures from strangers.",
        &["processes"],
    ),
    (
        "Which is best here?",
        "Run the same pictures with each choice and look at the timeline: a lane that is mostly hatched waits. The lab measures choices against each other and says how sure it is. Results are the same bytes whoever carries the work.",
        &[],
    ),
];

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(600.0);
    heading(ui, "Threads and cores");
    // Of one height from the first frame on, so that nothing moves under the pointer.
    let size = egui::vec2(600.0, ui.ctx().content_rect().height() - 220.0);
    let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
    let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(rect));
    ScrollArea::vertical().auto_shrink(false).show(&mut inside, |ui| {
        ui.set_width(588.0);
        numbers(ui, state);
        ui.add_space(GRID);
        for (title, words, experiments) in PARTS {
            ui.label(RichText::new(title).size(theme::BODY + 1.0).color(palette.loom));
            ui.label(words);
            let found = experiments.iter().filter_map(|id| find_experiment(id));
            if !experiments.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = GRID / 2.0;
                    ui.label(RichText::new("See it happen:").small().color(palette.weak));
                    for experiment in found {
                        let link = ui.link(RichText::new(experiment.title).small());
                        if link.on_hover_text(experiment.text).clicked() {
                            out.push(Action::CloseModal);
                            out.push(Action::Lab(LabAction::OpenExperiment(experiment.id)));
                        }
                        ui.add_space(GRID);
                    }
                });
            }
            ui.add_space(GRID / 2.0);
        }
    });
    buttons(ui, |ui| {
        if primary_button(ui, true, None, "Close").on_hover_text("Close (Esc).").clicked() {
            out.push(Action::CloseModal);
        }
    });
}

fn numbers(ui: &mut Ui, state: &State) {
    let palette = Palette::of(ui);
    let machine = &state.lab.machine;
    ui.label(RichText::new("This machine").size(theme::BODY + 1.0).color(palette.loom));
    ui.label(format!("It has {machine}."));
    let usual = Settings::default();
    let rows = [
        (
            "Threads that wait",
            default_io_threads().to_string(),
            format!("{} (ThreadPoolExecutor)", machine.python_threads()),
        ),
        ("Cores that compute", logical_cores().to_string(), "1, because of its global lock".to_owned()),
        ("Processes", logical_cores().to_string(), format!("{} (ProcessPoolExecutor)", machine.python_processes())),
        ("Memory for pictures", text::bytes(usual.memory_bytes), "no limit".to_owned()),
    ];
    Grid::new("defaults").num_columns(3).spacing([3.0 * GRID, 4.0]).show(ui, |ui| {
        for word in ["", "Lightloom by default", "Python by default"] {
            ui.label(RichText::new(word).small().color(palette.weak));
        }
        ui.end_row();
        for (name, ours, pythons) in rows {
            ui.label(RichText::new(name).color(palette.weak));
            ui.label(ours);
            ui.label(pythons);
            ui.end_row();
        }
    });
}
