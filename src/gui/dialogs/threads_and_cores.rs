//! Help: threads and cores in plain words, with the numbers of this machine, and links to the lessons.

use egui::{Grid, RichText, ScrollArea, Sense, Ui, UiBuilder, vec2};

use crate::batch::{Settings, default_io_threads, logical_cores};
use crate::gui::model::action::Action;
use crate::gui::model::lessons::{LessonAction, LessonPage};
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading};
use crate::lab::lessons::find_lesson;

struct Section {
    title: &'static str,
    text: &'static str,
    /// The ids of lessons that show it.
    lessons: &'static [&'static str],
}

const SECTIONS: [Section; 6] = [
    Section {
        title: "Two kinds of work",
        text: "A picture is read from the disk, decoded, filtered, encoded and written. Reading and writing are mostly waiting; the rest is arithmetic that keeps a core busy. What works best depends on how much there is of each.",
        lessons: &["waiting", "computing"],
    },
    Section {
        title: "Threads",
        text: "Several threads process whole pictures, but a simulated lock lets only one at a time touch pixels, as Python's global lock does. Their waiting overlaps, their work does not. Rust has no such lock: threads that compute at the same time are what “Cores” is. Good when the disk or the network is slow; no help when the processor is the limit.",
        lessons: &["one-lock", "lost-updates"],
    },
    Section {
        title: "Cores",
        text: "Each core processes whole pictures by itself. Work really runs at the same time, but a core that waits for the disk does nothing else meanwhile. More workers than cores only take turns, and need more memory.",
        lessons: &["too-many", "memory"],
    },
    Section {
        title: "Both",
        text: "I/O threads read and write, cores only compute, and short queues lie between them. Nobody waits for what somebody else could do. This is the usual choice.",
        lessons: &["both", "queue"],
    },
    Section {
        title: "Processes",
        text: "Whole programs with memory of their own, each on a core. They take longer to start and need more memory than threads, but a picture that crashes a decoder or never ends affects only itself. The safe choice for pictures from untrusted sources.",
        lessons: &["processes"],
    },
    Section {
        title: "Which is best here?",
        text: "Run the same pictures with each choice and look at the timeline: a lane that is mostly hatched is waiting. The lab measures the choices against each other and says how certain it is. The results are the same bytes whichever executor does the work.",
        lessons: &[],
    },
];

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(600.0);
    heading(ui, "Threads and cores");
    // The same height from the first frame on, so that nothing moves under the pointer.
    let size = vec2(600.0, ui.ctx().content_rect().height() - 220.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let mut inside = ui.new_child(UiBuilder::new().max_rect(rect));
    ScrollArea::vertical().auto_shrink(false).show(&mut inside, |ui| {
        ui.set_width(588.0);
        numbers(ui, state);
        ui.add_space(GRID);
        for Section { title, text, lessons } in SECTIONS {
            ui.label(RichText::new(title).size(theme::BODY + 1.0).color(palette.loom));
            ui.label(text);
            let found = lessons.iter().filter_map(|id| find_lesson(id));
            if !lessons.is_empty() {
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = GRID / 2.0;
                    ui.label(RichText::new("See it in action:").small().color(palette.weak));
                    for lesson in found {
                        let link = ui.link(RichText::new(lesson.title).small());
                        if link.on_hover_text(lesson.claim).clicked() {
                            out.push(Action::CloseDialog);
                            out.push(LessonAction::Open(LessonPage::Lesson(lesson.id)).into());
                        }
                        ui.add_space(GRID);
                    }
                });
            }
            ui.add_space(GRID / 2.0);
        }
    });
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
    });
}

fn numbers(ui: &mut Ui, state: &State) {
    let palette = Palette::of(ui);
    let machine = &state.lab.machine;
    ui.label(RichText::new("This machine").size(theme::BODY + 1.0).color(palette.loom));
    ui.label(format!("It has {machine}."));
    let default = Settings::default();
    Grid::new("defaults").num_columns(3).spacing([3.0 * GRID, 4.0]).show(ui, |ui| {
        for header in ["", "Lightloom by default", "Python by default"] {
            ui.label(RichText::new(header).small().color(palette.weak));
        }
        ui.end_row();
        let mut row = |name: &str, lightloom: String, python: String| {
            ui.label(RichText::new(name).color(palette.weak));
            ui.label(lightloom);
            ui.label(python);
            ui.end_row();
        };
        let (threads, processes) = (machine.python_threads(), machine.python_processes());
        row("Threads that wait", default_io_threads().to_string(), format!("{threads} (ThreadPoolExecutor)"));
        row("Cores that compute", logical_cores().to_string(), "1, because of its global lock".to_owned());
        row("Processes", logical_cores().to_string(), format!("{processes} (ProcessPoolExecutor)"));
        row("Memory for pictures", text::bytes(default.memory_bytes), "no limit".to_owned());
    });
}
