//! The system's file dialogs, each on a thread of its own, and what to do where the system has none.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::Context;
use rfd::FileDialog;

use super::state::Ask;
use crate::codec::CODECS;

/// What a dialog gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// These paths.
    Paths(Ask, Vec<PathBuf>),
    /// It was closed without a choice.
    Nothing,
    /// There is no dialog program.
    NoDialog(Ask),
}

/// A dialog that vanishes sooner than this without a choice never appeared.
const TOO_QUICK: Duration = Duration::from_millis(250);

/// Opens dialogs, one at a time.
#[derive(Debug)]
pub struct Dialogs {
    ctx: Context,
    sender: Sender<Answer>,
    answers: Receiver<Answer>,
    open: bool,
}

impl Dialogs {
    /// No dialog is open.
    pub fn new(ctx: Context) -> Self {
        // Bounded to the one dialog that can be open.
        let (sender, answers) = bounded(1);
        Self { ctx, sender, answers, open: false }
    }

    /// Asks for a path in a dialog over `frame`. Does nothing while a dialog is open.
    pub fn ask(&mut self, ask: Ask, frame: &eframe::Frame, folder: Option<&Path>) {
        if std::mem::replace(&mut self.open, true) {
            return;
        }
        if !a_dialog_can_open() {
            let _ = self.sender.try_send(Answer::NoDialog(ask));
            self.ctx.request_repaint();
            return;
        }
        let mut dialog = FileDialog::new().set_title(title(ask)).set_parent(frame);
        if let Some(folder) = folder.filter(|f| f.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        dialog = match ask {
            Ask::Files => {
                let extensions: Vec<&str> = CODECS.iter().flat_map(|c| c.extensions.iter().copied()).collect();
                dialog.add_filter("Pictures", &extensions)
            }
            Ask::OpenRecipe | Ask::ImportPreset => dialog.add_filter("Recipes", &["toml"]),
            Ask::SharePreset => dialog.add_filter("Recipes", &["toml"]).set_file_name("preset.toml"),
            Ask::SaveRecipe => dialog.add_filter("Recipes", &["toml"]).set_file_name("recipe.toml"),
            Ask::SaveTimeline => dialog.add_filter("Chrome trace", &["json"]).set_file_name("timeline.json"),
            Ask::SaveResults(kind) => {
                let name = format!("results.{}", kind.extension());
                dialog.add_filter(kind.title(), &[kind.extension()]).set_file_name(name)
            }
            Ask::Profile(_) => dialog.add_filter("ICC profiles", &["icc", "icm"]),
            Ask::Folder | Ask::OutputFolder | Ask::ParamFile { .. } => dialog,
        };
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let show = move || {
            let opened = Instant::now();
            let paths = match ask {
                Ask::Files => dialog.pick_files(),
                Ask::Folder => dialog.pick_folders(),
                Ask::OutputFolder => dialog.pick_folder().map(|p| vec![p]),
                Ask::OpenRecipe | Ask::ImportPreset | Ask::Profile(_) | Ask::ParamFile { .. } => {
                    dialog.pick_file().map(|p| vec![p])
                }
                Ask::SaveRecipe | Ask::SharePreset | Ask::SaveTimeline | Ask::SaveResults(_) => {
                    dialog.save_file().map(|p| vec![p])
                }
            };
            let answer = match paths {
                Some(paths) if !paths.is_empty() => Answer::Paths(ask, paths),
                _ if opened.elapsed() < TOO_QUICK => Answer::NoDialog(ask),
                _ => Answer::Nothing,
            };
            let _ = sender.send(answer);
            ctx.request_repaint();
        };
        if thread::Builder::new().name("lightloom-dialog".to_owned()).spawn(show).is_err() {
            let _ = self.sender.try_send(Answer::NoDialog(ask));
        }
    }

    /// The answer of the dialog, once there is one.
    pub fn answer(&mut self) -> Option<Answer> {
        let answer = self.answers.try_recv().ok()?;
        self.open = false;
        Some(answer)
    }
}

/// The headline of a question.
pub const fn title(ask: Ask) -> &'static str {
    match ask {
        Ask::Files => "Add files",
        Ask::Folder => "Add folders",
        Ask::OpenRecipe => "Import a recipe",
        Ask::SaveRecipe => "Export the recipe",
        Ask::SharePreset => "Share the preset",
        Ask::ImportPreset => "Import a preset",
        Ask::SaveTimeline => "Export the timeline",
        Ask::SaveResults(_) => "Export the results",
        Ask::OutputFolder => "Folder for results",
        Ask::Profile(_) => "Choose a colour profile",
        Ask::ParamFile { .. } => "Choose a file",
    }
}

/// On Linux a dialog needs a portal on the session bus or the program zenity; elsewhere the system brings its own.
#[cfg(all(unix, not(target_os = "macos")))]
fn a_dialog_can_open() -> bool {
    let has_bus = std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|a| !a.is_empty())
        || std::env::var_os("XDG_RUNTIME_DIR").is_some_and(|d| Path::new(&d).join("bus").exists());
    has_bus || in_path("zenity")
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
const fn a_dialog_can_open() -> bool {
    true
}

/// Whether a program of this name can be started.
pub fn in_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// Shows a folder in the file manager.
///
/// # Errors
/// If there is no program that could, in one sentence.
pub fn open_folder(folder: &Path) -> Result<(), String> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let failed = || format!("No program can show folders here; the results are in {}.", folder.display());
    if !cfg!(windows) && !in_path(program) {
        return Err(failed());
    }
    let mut child = std::process::Command::new(program)
        .arg(folder)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map_err(|_| failed())?;
    let reap = move || drop(child.wait());
    thread::Builder::new().name("lightloom-open".to_owned()).spawn(reap).map(drop).map_err(|_| failed())
}
