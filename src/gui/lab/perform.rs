//! What each action of the lab does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egui::Context;

use super::state::{Shown, Tab};
use super::task::{Outcome, Purpose, Task};
use super::{Export, LabAction};
use crate::batch::SourceFile;
use crate::gui::App;
use crate::gui::perform::with_extension;
use crate::gui::state::{Ask, Modal, Tone};
use crate::gui::text;
use crate::lab::{Bench, MeasureError, Results, Study, find_experiment, recommend, unpack_samples};

/// How long a recommendation may measure.
const PATIENCE: Duration = Duration::from_secs(8);
/// Pictures that are given to an experiment.
const FOR_EXPERIMENTS: usize = 64;

impl App {
    /// Does what `action` says; whether it can be done has been asked.
    pub(in crate::gui) fn perform_lab(&mut self, action: LabAction, ctx: &Context, frame: &eframe::Frame) {
        let lab = &mut self.state.lab;
        match action {
            LabAction::Open(tab) => {
                if lab.tab.is_none() {
                    lab.read_saved(ctx);
                    lab.plan.source = self.state.settings.slow_source;
                }
                lab.tab = Some(tab);
                lab.reveal = None;
            }
            LabAction::OpenExperiment(id) => {
                lab.tab = Some(Tab::Experiments);
                lab.reveal = Some(id);
            }
            LabAction::Close => lab.tab = None,
            LabAction::Plan(plan) => lab.plan = plan,
            LabAction::Start => self.measure(ctx),
            LabAction::Stop => {
                if let Some(task) = &lab.task {
                    task.stop();
                }
            }
            LabAction::Experiment(id) => self.experiment(id, ctx),
            LabAction::Name(name) => lab.name = name,
            LabAction::Save => self.save_results(ctx),
            LabAction::Reopen(index) => {
                if let Some(Ok(results)) = lab.saved.as_ref().and_then(|saved| saved.get(index)) {
                    lab.name.clone_from(&results.name);
                    lab.shown = Some(Shown::new(results.clone(), true));
                    lab.problem = None;
                }
            }
            LabAction::Beside(index) => {
                let entry = index.and_then(|i| lab.saved.as_ref()?.get(i)?.as_ref().ok());
                lab.other = entry.map(|results| Shown::new(results.clone(), true));
            }
            LabAction::Export(kind) => self.ask(Ask::SaveResults(kind), frame),
            LabAction::Apply(settings) => {
                self.state.settings = settings;
                self.state.say(Tone::Info, format!("Runs now use {}.", settings.describe()));
            }
            LabAction::AskForRecommendation => {
                self.state.lab.proposal = None;
                self.state.modal = Some(Modal::Recommend);
            }
            LabAction::Recommend => self.recommend(ctx),
            LabAction::RecommendFirst(on) => lab.recommend_first = on,
        }
    }

    fn begin_task(&mut self, begun: std::io::Result<Task>) {
        match begun {
            Ok(task) => {
                self.state.lab.task = Some(task);
                self.thumbs.rest(true);
            }
            Err(error) => self.state.say(Tone::Error, format!("The measurement could not begin: {error}.")),
        }
    }

    fn measure(&mut self, ctx: &Context) {
        let state = &mut self.state;
        let lab = &mut state.lab;
        let all = state.pictures.files();
        let count = lab.plan.pictures(all.len());
        let study = Study {
            sample: Some(count),
            recipe: state.history.recipe().clone(),
            overrides: Arc::clone(state.history.overrides()),
            choices: lab.plan.choices(&state.settings),
            repeats: lab.plan.repeats,
            place: std::env::temp_dir(),
            files: all,
        };
        lab.problem = None;
        lab.name = String::new();
        lab.shown = Some(Shown::new(Results::new(count, 0, study.recipe.to_toml()), false));
        let begun = Task::begin(ctx, Purpose::Comparison, move |watch| {
            Outcome::Results(study.measure(watch).map_err(|error| reason(&error)))
        });
        self.begin_task(begun);
    }

    fn recommend(&mut self, ctx: &Context) {
        let work = Study {
            files: self.state.pictures.files(),
            recipe: self.state.recipe().clone(),
            overrides: Arc::clone(self.state.history.overrides()),
            place: std::env::temp_dir(),
            ..Study::default()
        };
        let settings = self.state.settings;
        self.state.lab.proposal = None;
        self.state.lab.recommended = true;
        let begun = Task::begin(ctx, Purpose::Recommendation, move |watch| {
            let found = recommend(&work, &settings, PATIENCE, watch);
            Outcome::Proposal(found.map_err(|error| reason(&error)))
        });
        self.begin_task(begun);
    }

    fn experiment(&mut self, id: &'static str, ctx: &Context) {
        let Some(experiment) = find_experiment(id) else { return };
        let files = Study::sample(&self.state.pictures.files(), FOR_EXPERIMENTS);
        self.state.lab.findings.remove(id);
        self.state.lab.reveal = None;
        let begun = Task::begin(ctx, Purpose::Experiment(id), move |watch| {
            let samples;
            let files: Result<Vec<SourceFile>, String> = if files.is_empty() && experiment.needs_pictures {
                let folder = tempfile::Builder::new().prefix("lightloom-samples-").tempdir();
                samples = folder.map_err(|e| format!("The sample photos could not be unpacked: {e}."));
                samples.as_ref().map_err(Clone::clone).and_then(|folder| {
                    unpack_samples(folder.path()).map_err(|e| format!("The sample photos could not be unpacked: {e}."))
                })
            } else {
                Ok(files)
            };
            let run = |files| {
                let bench = Bench { files, place: std::env::temp_dir(), repeats: 3 };
                experiment.run(&bench, watch).map_err(|error| reason(&error))
            };
            Outcome::Findings(files.and_then(run))
        });
        self.begin_task(begun);
    }

    fn save_results(&mut self, ctx: &Context) {
        let lab = &mut self.state.lab;
        let (Some(shown), Some(folder)) = (&mut lab.shown, &lab.folder) else { return };
        lab.name.trim().clone_into(&mut shown.results.name);
        // A few kilobytes; saved at once so that the list below has them.
        match shown.results.save(folder) {
            Ok(_) => {
                shown.saved = true;
                let sentence = format!("Saved the results as “{}”.", shown.results.name);
                lab.read_saved(ctx);
                self.state.say(Tone::Info, sentence);
            }
            Err(error) => self.state.say(Tone::Error, format!("The results could not be saved: {error}.")),
        }
    }

    /// Where results are to be exported has been chosen.
    pub(in crate::gui) fn export_results(&mut self, kind: Export, path: &Path, ctx: &Context) {
        let Some(shown) = &self.state.lab.shown else { return };
        let path = with_extension(path, kind.extension());
        let results = shown.results.clone();
        match kind {
            Export::Csv => self.writer.write(path, "the results", move || Ok(results.to_csv().into_bytes())),
            Export::Json => self.writer.write(path, "the results", move || {
                results.to_json().map(String::into_bytes).map_err(|e| e.to_string())
            }),
            Export::Png => {
                let Some(rect) = self.panels.lab_results else { return };
                let writer = self.writer.clone();
                let scale = ctx.pixels_per_point();
                ctx.request_screenshot(move |image| {
                    let part = image.region(&rect, Some(scale));
                    writer.write(path, "the picture of the results", move || to_png(&part));
                });
            }
        }
    }

    /// Takes in what the lab tells, and measures the first pictures of a session if that is wanted.
    pub(in crate::gui) fn take_up_lab(&mut self, ctx: &Context) {
        let was_busy = self.state.lab.task.is_some();
        let wanted =
            self.state.lab.task.as_ref().is_some_and(|t| t.purpose == Purpose::Recommendation && !t.is_stopped());
        if let Some((tone, sentence)) = self.state.lab.take_up() {
            self.state.say(tone, sentence);
        }
        if let Some(task) = &self.state.lab.task {
            // Often enough to see it move, seldom enough not to disturb what is measured.
            ctx.request_repaint_after(task.tick());
        } else if was_busy {
            self.thumbs.rest(false);
            // A proposal shows itself, should its dialog have been closed meanwhile.
            if wanted && self.state.modal.is_none() {
                self.state.modal = Some(Modal::Recommend);
            }
            ctx.request_repaint();
        }
        let state = &self.state;
        let first = state.lab.recommend_first && !state.lab.recommended && state.discovering == 0;
        if first && !state.pictures.is_empty() && state.modal.is_none() && !state.is_running() && !was_busy {
            self.state.modal = Some(Modal::Recommend);
            self.recommend(ctx);
        }
    }
}

fn reason(error: &MeasureError) -> String {
    format!("{}.", text::sentence(&error.to_string()))
}

/// A picture of the window as a PNG file.
fn to_png(part: &egui::ColorImage) -> Result<Vec<u8>, String> {
    let [width, height] = part.size;
    let pixels: Vec<u8> = part.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    written.map_err(|e| e.to_string())?;
    Ok(bytes)
}
