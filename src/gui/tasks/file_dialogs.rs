//! The system's file dialogs, each on a thread of its own.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::Context;
use rfd::FileDialog;

use crate::codec::CODECS;
use crate::gui::model::dialog::PathPurpose;

/// How a dialog was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileDialogAnswer {
    Paths(PathPurpose, Vec<PathBuf>),
    /// It was closed without a choice.
    Cancelled,
    /// No dialog could be opened.
    NoDialog(PathPurpose),
}

/// A dialog that closes sooner than this without a choice never appeared.
const TOO_QUICK: Duration = Duration::from_millis(250);

/// Opens dialogs, one at a time.
#[derive(Debug)]
pub struct FileDialogs {
    ctx: Context,
    sender: Sender<FileDialogAnswer>,
    answers: Receiver<FileDialogAnswer>,
    open: bool,
}

impl FileDialogs {
    pub fn new(ctx: Context) -> Self {
        // Bounded to the one dialog that can be open.
        let (sender, answers) = bounded(1);
        Self { ctx, sender, answers, open: false }
    }

    /// Opens a dialog over `frame` that begins in `folder`. Does nothing while a dialog is open.
    pub fn ask(&mut self, purpose: PathPurpose, frame: &eframe::Frame, folder: Option<&Path>) {
        if std::mem::replace(&mut self.open, true) {
            return;
        }
        if !dialog_can_open() {
            let _ = self.sender.try_send(FileDialogAnswer::NoDialog(purpose));
            self.ctx.request_repaint();
            return;
        }
        let mut dialog = FileDialog::new().set_title(purpose.title()).set_parent(frame);
        if let Some(folder) = folder.filter(|f| f.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        dialog = match purpose {
            PathPurpose::AddFiles => {
                let extensions: Vec<&str> = CODECS.iter().flat_map(|c| c.extensions.iter().copied()).collect();
                dialog.add_filter("Pictures", &extensions)
            }
            PathPurpose::OpenRecipe | PathPurpose::ImportPreset => dialog.add_filter("Recipes", &["toml"]),
            PathPurpose::SharePreset => dialog.add_filter("Recipes", &["toml"]).set_file_name("preset.toml"),
            PathPurpose::SaveRecipe => dialog.add_filter("Recipes", &["toml"]).set_file_name("recipe.toml"),
            PathPurpose::SaveTimeline => dialog.add_filter("Chrome trace", &["json"]).set_file_name("timeline.json"),
            PathPurpose::SaveResults(kind) => {
                let name = format!("results.{}", kind.extension());
                dialog.add_filter(kind.title(), &[kind.extension()]).set_file_name(name)
            }
            PathPurpose::OutputArchive => {
                let filters = dialog.add_filter("Zip archives", &["zip"]).add_filter("Tar archives", &["tar"]);
                filters.set_file_name("pictures.zip")
            }
            PathPurpose::Profile(_) => dialog.add_filter("ICC profiles", &["icc", "icm"]),
            PathPurpose::AddFolder
            | PathPurpose::WatchFolder
            | PathPurpose::OutputFolder
            | PathPurpose::ParamFile(_) => dialog,
        };
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let show = move || {
            let opened = Instant::now();
            let paths = match purpose {
                PathPurpose::AddFiles => dialog.pick_files(),
                PathPurpose::AddFolder => dialog.pick_folders(),
                PathPurpose::WatchFolder | PathPurpose::OutputFolder => dialog.pick_folder().map(|p| vec![p]),
                PathPurpose::OpenRecipe
                | PathPurpose::ImportPreset
                | PathPurpose::Profile(_)
                | PathPurpose::ParamFile(_) => dialog.pick_file().map(|p| vec![p]),
                PathPurpose::SaveRecipe
                | PathPurpose::SharePreset
                | PathPurpose::SaveTimeline
                | PathPurpose::SaveResults(_)
                | PathPurpose::OutputArchive => dialog.save_file().map(|p| vec![p]),
            };
            let answer = match paths {
                Some(paths) if !paths.is_empty() => FileDialogAnswer::Paths(purpose, paths),
                _ if opened.elapsed() < TOO_QUICK => FileDialogAnswer::NoDialog(purpose),
                _ => FileDialogAnswer::Cancelled,
            };
            let _ = sender.send(answer);
            ctx.request_repaint();
        };
        if thread::Builder::new().name("lightloom-dialog".to_owned()).spawn(show).is_err() {
            let _ = self.sender.try_send(FileDialogAnswer::NoDialog(purpose));
        }
    }

    /// The answer of the dialog, once there is one.
    pub fn answer(&mut self) -> Option<FileDialogAnswer> {
        let answer = self.answers.try_recv().ok()?;
        self.open = false;
        Some(answer)
    }
}

/// On Linux a dialog needs a portal on the session bus or the program zenity; elsewhere the system brings its own.
#[cfg(all(unix, not(target_os = "macos")))]
fn dialog_can_open() -> bool {
    let has_bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|a| !a.is_empty())
        || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|d| Path::new(&d).join("bus").exists());
    has_bus || is_in_path("zenity")
}

/// Whether `program` is on the search path.
#[cfg(all(unix, not(target_os = "macos")))]
fn is_in_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
const fn dialog_can_open() -> bool {
    true
}
