//! What goes on in the background: each task has threads of its own and hands its results over without being waited for.

pub mod clipboard;
pub mod crash;
pub mod discovery;
pub mod ended_run;
pub mod file_dialogs;
pub mod file_writer;
pub mod filter_samples;
pub mod frame_pacing;
pub mod handover;
pub mod headers;
pub mod kept_aside;
pub mod lesson;
pub mod measurement;
pub mod name_samples;
pub mod one_shot;
pub mod past_runs;
pub mod plan_view;
pub mod planning;
pub mod preset_library;
pub mod preview;
pub mod quiet_frames;
pub mod quiet_task;
mod request_queue;
pub mod run;
pub mod saved_settings;
pub mod system_fonts;
pub mod thumbnail_cache;
pub mod thumbnails;
pub mod timeline_figures;
pub mod watch;
pub mod web;

use std::path::PathBuf;

use egui::{ColorImage, Context};

use crate::batch::{Decoders, Library, Opener, WorkerProgram};
use crate::gui::model::lab::SavedResults;
use crate::gui::model::listed::FileFacts;
use crate::gui::model::run_details::RunDetails;
use crate::gui::tasks::thumbnail_cache::ThumbnailCache;
use crate::journal::Store;

/// Everything that goes on in the background.
pub struct Tasks {
    pub discovery: discovery::Discovery,
    pub thumbnails: thumbnails::Thumbnails,
    pub web: web::WebTask,
    pub preview: preview::Preview,
    pub filter_samples: filter_samples::FilterSamples,
    pub file_dialogs: file_dialogs::FileDialogs,
    pub writer: file_writer::FileWriter,
    /// The result that is being made for the clipboard.
    pub copied: Option<one_shot::OneShot<Result<ColorImage, String>>>,
    /// The samples that are being unpacked, and the folder that they will be in.
    pub samples: Option<one_shot::OneShot<Result<PathBuf, String>>>,
    pub presets: preset_library::PresetLibrary,
    pub name_samples: name_samples::NameSamples,
    /// The plan that is shown.
    pub plan: Option<plan_view::PlanTask>,
    /// The run that is being started.
    pub run_start: Option<run::RunStart>,
    /// What the run in progress reports.
    pub run_reports: Option<run::RunReports>,
    pub watch: watch::WatchTask,
    /// The run that has ended and whose journal is being completed.
    pub ended_run: Option<one_shot::OneShot<ended_run::EndedRun>>,
    /// What the run that has ended came to.
    pub run_details: Option<one_shot::OneShot<RunDetails>>,
    pub past_runs: past_runs::PastRunsTask,
    /// What follows a run, in progress.
    pub after_run: Option<one_shot::OneShot<Result<(), String>>>,
    pub opener: Opener,
    /// A folder that is being shown in the file manager.
    pub shown_folder: Option<one_shot::OneShot<Result<(), String>>>,
    pub timeline_figures: timeline_figures::TimelineFigures,
    /// What the file system says of the pictures in the list, for sorting.
    pub file_facts: Option<one_shot::OneShot<FileFacts>>,
    /// The headers that are being read, for sorting and finding.
    pub headers: Option<headers::Headers>,
    /// What pictures of isolated formats are read with.
    pub decoders: Decoders,
    /// What later starts hand over to this window.
    pub handover: Option<handover::Handover>,
    /// The lesson that is being tried.
    pub lesson: Option<lesson::LessonTask>,
    /// The measurement of the lab in progress.
    pub measurement: Option<measurement::MeasurementTask>,
    /// Saved results of the lab that are being read.
    pub saved_results: Option<one_shot::OneShot<SavedResults>>,
}

impl Tasks {
    /// Starts the threads that run all the time.
    pub fn new(
        ctx: &Context,
        library: Option<Library>,
        journals: Option<Store>,
        worker_program: Option<WorkerProgram>,
        thumbnails: Option<ThumbnailCache>,
    ) -> Self {
        let decoders = Decoders::new(worker_program);
        let journals = journals.map_or_else(Store::of_user, Ok).map_err(|error| error.to_string());
        Self {
            discovery: discovery::Discovery::new(ctx.clone()),
            thumbnails: thumbnails::Thumbnails::new(ctx, &decoders, thumbnails.as_ref()),
            web: web::WebTask::new(ctx, &decoders),
            preview: preview::Preview::new(ctx, decoders.clone()),
            filter_samples: filter_samples::FilterSamples::default(),
            file_dialogs: file_dialogs::FileDialogs::new(ctx.clone()),
            writer: file_writer::FileWriter::new(ctx.clone()),
            copied: None,
            samples: None,
            presets: preset_library::PresetLibrary::new(ctx.clone(), library),
            name_samples: name_samples::NameSamples::default(),
            plan: None,
            run_start: None,
            run_reports: None,
            watch: watch::WatchTask::new(journals.clone()),
            ended_run: None,
            run_details: None,
            past_runs: past_runs::PastRunsTask::new(journals),
            after_run: None,
            opener: Opener::default(),
            shown_folder: None,
            timeline_figures: timeline_figures::TimelineFigures::default(),
            file_facts: None,
            headers: None,
            decoders,
            handover: None,
            lesson: None,
            measurement: None,
            saved_results: None,
        }
    }
}
