//! The lab's page: choices of workers measured against each other, ready experiments, saved results; and the dialog that
//! recommends settings. Measuring goes on in the background; this page draws what is known and returns actions.

mod calm;
mod chart;
mod experiments;
mod explain;
mod perform;
mod plan;
mod recommend;
mod results;
mod saved;
mod state;
mod table;
mod task;

use egui::{Align, Frame, Key, Layout, Margin, Modifiers, Panel, RichText, ScrollArea, Ui};

pub use explain::show as explain;
pub use plan::Plan;
pub use recommend::show as recommend;
pub use state::{LabState, Shown, Tab};
pub use task::Purpose;

use super::action::Action;
use super::shell::Panels;
use super::state::State;
use super::text;
use super::theme::{self, GRID, Palette};
use super::widgets::{Icon, Segment, icon_button, labelled_button, primary_button, segmented};
use crate::batch::Settings;

/// Something to do in the lab.
#[derive(Debug, Clone, PartialEq)]
pub enum LabAction {
    /// Opens the page.
    Open(Tab),
    /// Opens the page at an experiment.
    OpenExperiment(&'static str),
    /// Closes the page; a measurement goes on.
    Close,
    /// Changes the plan.
    Plan(Plan),
    /// Measures what is planned.
    Start,
    /// Stops the measurement.
    Stop,
    /// Runs an experiment.
    Experiment(&'static str),
    /// Changes the name of the results.
    Name(String),
    /// Saves the results under their name.
    Save,
    /// Shows saved results by their place in the list.
    Reopen(usize),
    /// Shows saved results beside the others; or none.
    Beside(Option<usize>),
    /// Asks where to export the results.
    Export(Export),
    /// Takes settings over.
    Apply(Settings),
    /// Opens the dialog that recommends settings.
    AskForRecommendation,
    /// Measures what to recommend.
    Recommend,
    /// Chooses whether the first pictures of a session are measured by themselves.
    RecommendFirst(bool),
}

/// What results are exported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Export {
    /// A line a run.
    Csv,
    /// Everything.
    Json,
    /// A picture of chart and table.
    Png,
}

impl Export {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Png];

    /// The ending of its files.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Png => "png",
        }
    }

    /// The word on its button.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Png => "PNG",
        }
    }

    /// What it holds.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Csv => "Export one line a run as a table.",
            Self::Json => "Export everything, with machine and settings.",
            Self::Png => "Export a picture of verdict, chart and table as they are seen here.",
        }
    }
}

/// Why a lab action cannot be done now.
pub fn why_not(state: &State, action: &LabAction) -> Option<&'static str> {
    let unless = |ok: bool, why| (!ok).then_some(why);
    let free = || {
        if state.is_running() {
            Some("Not while a run is under way.")
        } else {
            unless(state.lab.task.is_none(), "A measurement is under way.")
        }
    };
    match action {
        LabAction::Start if free().is_none() && state.pictures.is_empty() => Some("Add pictures first."),
        LabAction::Start if free().is_none() && state.lab.plan.choices(&state.settings).is_empty() => {
            Some("Choose at least one executor and one number of workers.")
        }
        LabAction::Recommend if free().is_none() && state.pictures.is_empty() => Some("Add pictures first."),
        LabAction::Start | LabAction::Recommend | LabAction::Experiment(_) => free(),
        LabAction::Stop => unless(state.lab.task.is_some(), "Nothing is being measured."),
        LabAction::Apply(_) => unless(!state.is_running(), "Not while a run is under way."),
        LabAction::Save => match &state.lab.shown {
            Some(shown) if !shown.results.runs.is_empty() => unless(
                state.lab.folder.is_some() && !state.lab.name.trim().is_empty(),
                "Give the results a name first.",
            ),
            _ => Some("There are no results yet."),
        },
        LabAction::Export(_) => unless(
            state.lab.shown.as_ref().is_some_and(|shown| !shown.results.runs.is_empty()),
            "There are no results yet.",
        ),
        _ => None,
    }
}

/// Draws the page over the whole width.
pub fn show(ui: &mut Ui, state: &State, tab: Tab, panels: &mut Panels, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let head = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(16, 8));
    Panel::top("lab head").frame(head).resizable(false).show(ui, |ui| heading(ui, tab, out));
    // The page closes with Escape unless that has another meaning at the moment.
    let free = state.modal.is_none() && !state.is_running() && ui.memory(|m| m.focused().is_none());
    if free && !ui.ctx().any_popup_open() && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        out.push(Action::Lab(LabAction::Close));
    }
    match tab {
        Tab::Comparison => comparison(ui, state, panels, out),
        Tab::Experiments => {
            let frame = Frame::new().fill(palette.window).inner_margin(Margin::symmetric(16, 12));
            egui::CentralPanel::default().frame(frame).show(ui, |ui| experiments::show(ui, state, out));
        }
    }
}

fn heading(ui: &mut Ui, tab: Tab, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.heading("Lab");
        ui.add_space(GRID);
        let tabs = [
            (Tab::Comparison, "Comparison", "Measure choices of workers on your own pictures."),
            (Tab::Experiments, "Experiments", "See each idea of threads and cores happen."),
        ];
        let segments = tabs.map(|(which, text, help)| Segment::new(text, help, which == tab));
        if let Some(chosen) = segmented(ui, true, 30.0, &segments) {
            out.push(Action::Lab(LabAction::Open(tabs[chosen].0)));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Close, "Back to the pictures (Esc)", true).clicked() {
                out.push(Action::Lab(LabAction::Close));
            }
        });
    });
}

fn comparison(ui: &mut Ui, state: &State, panels: &mut Panels, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let side = Frame::new().fill(palette.panel).inner_margin(theme::PANEL_MARGIN);
    Panel::left("lab plan").frame(side).exact_size(268.0).resizable(false).show(ui, |ui| {
        Panel::bottom("lab start").frame(Frame::new().inner_margin(Margin { top: 8, ..Margin::ZERO })).show(ui, |ui| {
            start_and_stop(ui, state, out);
        });
        ScrollArea::vertical().id_salt("plan").auto_shrink(false).show(ui, |ui| {
            plan::form(ui, state, out);
            ui.add_space(2.0 * GRID);
            saved::list(ui, state, out);
        });
    });
    let frame = Frame::new().fill(palette.window).inner_margin(Margin::symmetric(16, 12));
    egui::CentralPanel::default().frame(frame).show(ui, |ui| results::show(ui, state, panels, out));
}

fn start_and_stop(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    if state.lab.purpose() == Some(Purpose::Comparison) {
        progress(ui, state, out);
        return;
    }
    let why_not = why_not(state, &LabAction::Start);
    let button = primary_button(ui, why_not.is_none(), Some(Icon::Start), "Measure")
        .on_hover_text("Run every choice several times, taking turns.")
        .on_disabled_hover_text(why_not.unwrap_or_default());
    if button.clicked() {
        out.push(Action::Lab(LabAction::Start));
    }
    if let Some(why) = why_not {
        ui.label(RichText::new(why).small().color(Palette::of(ui).weak));
    }
}

/// A bar, what is being measured, the time left, and a button to stop.
pub fn progress(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let Some(task) = &state.lab.task else { return };
    let palette = Palette::of(ui);
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 8.0), egui::Sense::hover());
        let share = task.share();
        let spoken = format!("Measured {:.0} %", 100.0 * share);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &spoken));
        ui.painter().rect_filled(rect, 4.0, palette.sunken);
        let done = egui::Rect::from_min_size(rect.min, egui::vec2(rect.width() * share, rect.height()));
        ui.painter().rect_filled(done, 4.0, palette.light);
        ui.horizontal(|ui| {
            let stop = labelled_button(Icon::Stop, "Stop");
            let help = "End the measurement; what has been measured is kept.";
            if ui.add_enabled(!task.is_stopped(), stop).on_hover_text(help).accessible_name("Stop measuring").clicked()
            {
                out.push(Action::Lab(LabAction::Stop));
            }
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add(egui::Label::new(RichText::new(task.words()).small()).truncate());
                let left = task.time_left().map_or("…".to_owned(), |t| text::duration(t.as_secs_f64()));
                ui.label(RichText::new(format!("{left} left")).small().color(palette.weak));
            });
        });
    });
}

/// A quiet box with a coloured edge at its left, for a sentence that counts.
fn callout(ui: &mut Ui, colour: egui::Color32, add: impl FnOnce(&mut Ui)) {
    let response =
        super::shell::card(ui).inner_margin(Margin { left: 16, right: 12, top: 10, bottom: 10 }).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            add(ui);
        });
    let rect = response.response.rect;
    let edge = egui::Rect::from_min_size(rect.min + egui::vec2(0.0, 6.0), egui::vec2(3.0, rect.height() - 12.0));
    ui.painter().rect_filled(edge, 1.5, colour);
}
