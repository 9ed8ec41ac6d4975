//! What the actions of the lab do, and what follows from the messages of a measurement.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::dispatch::paths::with_extension;
use crate::gui::model::action::LabAction;
use crate::gui::model::dialog::{Dialog, PathPurpose};
use crate::gui::model::lab::{DisplayedResults, ResultsFormat};
use crate::gui::model::measurement::{Measurement, MeasurementPurpose};
use crate::gui::model::notice::Notice;
use crate::gui::tasks::measurement::{MeasurementEvent, MeasurementOutcome, MeasurementTask, measure};
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::text;
use crate::lab::{LabEvent, MeasureError, Results, Study, recommend, target_folder};

/// How long a recommendation may measure.
const MAX_TIME: Duration = Duration::from_secs(8);

impl Dispatcher<'_> {
    pub(super) fn use_lab(&mut self, action: LabAction) {
        let state = &mut *self.state;
        let lab = &mut state.lab;
        match action {
            LabAction::Open(tab) => {
                let was_closed = lab.tab.replace(tab).is_none();
                if was_closed {
                    lab.plan.source = state.settings.slow_source;
                    self.read_saved_results();
                }
            }
            LabAction::Close => lab.tab = None,
            LabAction::SetPlan(plan) => lab.plan = plan,
            LabAction::Start => self.measure_comparison(),
            LabAction::Stop => {
                if let Some(measurement) = &lab.measurement {
                    measurement.stop();
                }
            }
            LabAction::SetName(name) => lab.name = name,
            LabAction::Save => self.save_results(),
            LabAction::Reopen(index) => {
                if let Some(Ok(results)) = lab.saved.as_ref().and_then(|saved| saved.get(index)) {
                    lab.name.clone_from(&results.name);
                    lab.shown = Some(DisplayedResults::new(results.clone(), true));
                    lab.problem = None;
                }
            }
            LabAction::CompareWith(index) => {
                let entry = index.and_then(|i| lab.saved.as_ref()?.get(i)?.as_ref().ok());
                lab.other = entry.map(|results| DisplayedResults::new(results.clone(), true));
            }
            LabAction::Export(format) => self.ask_for_path(PathPurpose::SaveResults(format)),
            LabAction::Apply(settings) => {
                state.notify(Notice::info(format!("Runs now use {}.", settings.describe())));
                state.settings = settings;
            }
            LabAction::OpenRecommendation => {
                lab.proposal = None;
                state.dialog = Some(Dialog::Recommendation);
            }
            LabAction::Recommend => self.measure_recommendation(),
            LabAction::SetRecommendFirst(on) => lab.recommend_first = on,
        }
    }

    fn read_saved_results(&mut self) {
        let Some(folder) = self.state.lab.folder.clone() else { return };
        let read = OneShot::spawn(self.ctx, "lightloom-saved", move || Results::saved(&folder));
        if read.is_some() {
            self.tasks.saved_results = read;
        }
    }

    fn start_measurement(
        &mut self,
        purpose: MeasurementPurpose,
        work: impl FnOnce(&mut dyn FnMut(LabEvent<'_>)) -> MeasurementOutcome + Send + 'static,
    ) {
        match measure(self.ctx, purpose, work) {
            Ok((task, measurement)) => {
                self.tasks.measurement = Some(task);
                self.tasks.thumbnails.throttle(true);
                self.state.lab.measurement = Some(measurement);
            }
            Err(error) => self.state.notify(Notice::error(format!("The measurement could not start: {error}."))),
        }
    }

    fn measure_comparison(&mut self) {
        let state = &mut *self.state;
        let lab = &mut state.lab;
        let files = state.pictures.files();
        let count = lab.plan.pictures(files.len());
        let study = Study {
            sample: Some(count),
            recipe: state.history.recipe().clone(),
            overrides: Arc::clone(state.history.overrides()),
            choices: lab.plan.choices(&state.settings),
            repeats: lab.plan.repeats,
            patience: Duration::from_secs(lab.plan.budget_secs as u64),
            cold: lab.plan.cold,
            seed: None,
            // as an export would write
            folder: target_folder(state.output.folder.as_deref(), &files),
            sources: files,
        };
        lab.problem = None;
        lab.name = String::new();
        lab.shown = Some(DisplayedResults::new(Results::new(count, 0, study.recipe.to_toml()), false));
        self.start_measurement(MeasurementPurpose::Comparison, move |report| {
            MeasurementOutcome::Comparison(study.measure(report).map_err(|error| reason(&error)))
        });
    }

    fn measure_recommendation(&mut self) {
        let state = &mut *self.state;
        let sources = state.pictures.files();
        let study = Study {
            recipe: state.recipe().clone(),
            overrides: Arc::clone(state.history.overrides()),
            folder: target_folder(state.output.folder.as_deref(), &sources),
            sources,
            ..Study::default()
        };
        let settings = state.settings.clone();
        state.lab.proposal = None;
        state.lab.recommended = true;
        self.start_measurement(MeasurementPurpose::Recommendation, move |report| {
            let proposal = recommend(&study, &settings, MAX_TIME, report).map(|(_, recommendation)| recommendation);
            MeasurementOutcome::Recommendation(proposal.map_err(|error| reason(&error)))
        });
    }

    fn save_results(&mut self) {
        let lab = &mut self.state.lab;
        let (Some(shown), Some(folder)) = (&mut lab.shown, &lab.folder) else { return };
        lab.name.trim().clone_into(&mut shown.results.name);
        // A few kilobytes; saved at once, so that the list of saved results has them.
        match shown.results.save(folder) {
            Ok(_) => {
                shown.saved = true;
                let message = format!("Saved the results as “{}”.", shown.results.name);
                self.read_saved_results();
                self.state.notify(Notice::info(message));
            }
            Err(error) => self.state.notify(Notice::error(format!("The results could not be saved: {error}."))),
        }
    }

    pub(super) fn export_results(&self, format: ResultsFormat, path: PathBuf) {
        let Some(shown) = &self.state.lab.shown else { return };
        let path = with_extension(path, format.extension());
        let results = shown.results.clone();
        let writer = &self.tasks.writer;
        match format {
            ResultsFormat::Csv => writer.write(path, "the results", move || Ok(results.to_csv().into_bytes())),
            ResultsFormat::Json => writer.write(path, "the results", move || {
                serde_json::to_vec_pretty(&results.report()).map_err(|e| e.to_string())
            }),
            ResultsFormat::Png => {
                let Some(rect) = self.memory.lab_results else { return };
                let (writer, scale) = (writer.clone(), self.ctx.pixels_per_point());
                self.ctx.request_screenshot(move |image| {
                    let part = image.region(&rect, Some(scale));
                    writer.write(path, "the picture of the results", move || to_png(&part));
                });
            }
        }
    }

    /// Handles the messages of the lab, and measures the first pictures of a session if that is wanted.
    pub(super) fn poll_lab(&mut self) {
        if let Some(saved) = OneShot::take(&mut self.tasks.saved_results) {
            self.state.lab.saved = Some(saved);
        }
        let was_busy = self.tasks.measurement.is_some();
        let purpose = self.state.lab.measurement.as_ref().filter(|m| !m.is_stopped()).map(|m| m.purpose);
        self.poll_measurement();
        if let Some(task) = &self.tasks.measurement {
            // Often enough to see it move, rarely enough not to disturb what is measured.
            self.ctx.request_repaint_after(task.frame_interval());
        } else if was_busy {
            self.tasks.thumbnails.throttle(false);
            // A recommendation shows itself, should its dialog have been closed meanwhile.
            if purpose == Some(MeasurementPurpose::Recommendation) && self.state.dialog.is_none() {
                self.state.dialog = Some(Dialog::Recommendation);
            }
            self.ctx.request_repaint();
        }
        let state = &mut *self.state;
        let first = state.lab.recommend_first && !state.lab.recommended && state.discovering == 0;
        if first && !state.pictures.is_empty() && state.dialog.is_none() && !state.is_running() && !was_busy {
            state.dialog = Some(Dialog::Recommendation);
            self.measure_recommendation();
        }
    }

    fn poll_measurement(&mut self) {
        while let Some(event) = self.tasks.measurement.as_mut().and_then(MeasurementTask::next) {
            let lab = &mut self.state.lab;
            match (event, &mut lab.measurement) {
                (MeasurementEvent::NextRun(run), Some(measurement)) => measurement.run = Some(run),
                (MeasurementEvent::RunStarted(handle), Some(measurement)) => measurement.start_run(handle),
                (MeasurementEvent::RunEnded(record), Some(measurement)) => {
                    if measurement.purpose == MeasurementPurpose::Comparison
                        && let Some(shown) = lab.shown.take()
                    {
                        let mut results = shown.results;
                        results.runs.push(*record);
                        lab.shown = Some(DisplayedResults::new(results, false));
                    }
                }
                (MeasurementEvent::Ended(outcome), _) => {
                    self.tasks.measurement = None;
                    if let Some(measurement) = lab.measurement.take() {
                        self.end_measurement(&measurement, *outcome);
                    }
                }
                (_, None) => {}
            }
        }
    }

    fn end_measurement(&mut self, measurement: &Measurement, outcome: MeasurementOutcome) {
        let lab = &mut self.state.lab;
        match outcome {
            MeasurementOutcome::Comparison(Ok(results)) => {
                lab.shown = Some(DisplayedResults::new(results, false));
                self.state.notify(Notice::info(if measurement.is_stopped() {
                    "The measurement was stopped; what has been measured is kept."
                } else {
                    "The measurement is done."
                }));
            }
            MeasurementOutcome::Comparison(Err(reason)) => {
                lab.shown = None;
                lab.problem = Some(reason);
            }
            MeasurementOutcome::Recommendation(proposal) => lab.proposal = Some(proposal),
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
