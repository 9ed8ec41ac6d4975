//! Writes files such as exported recipes on a thread of its own, whole or not at all.

use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;

use crate::gui::model::notice::Notice;
use crate::gui::text;

/// Writes files in the background and reports how it went.
#[derive(Debug, Clone)]
pub struct FileWriter {
    ctx: Context,
    sender: Sender<Notice>,
    notices: Receiver<Notice>,
}

impl FileWriter {
    pub fn new(ctx: Context) -> Self {
        // Unbounded: one short message per file that the user saves.
        let (sender, notices) = unbounded();
        Self { ctx, sender, notices }
    }

    /// Saves at `path` what `make` returns; `what` names it in messages.
    pub fn write(
        &self,
        path: PathBuf,
        what: &'static str,
        make: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
    ) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let work = move || {
            let shown = text::short_path(&path);
            let written = make().and_then(|bytes| save_whole(&path, &bytes).map_err(|e| e.to_string()));
            let _ = sender.send(match written {
                Ok(()) => Notice::info(format!("Saved {what} as {shown}.")),
                Err(reason) => {
                    Notice::error(format!("{} could not be saved as {shown}: {reason}.", text::sentence(what)))
                }
            });
            ctx.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name("lightloom-writer".to_owned()).spawn(work) {
            let _ = self.sender.send(Notice::error(format!("{} could not be saved: {error}.", text::sentence(what))));
        }
    }

    /// How the next file went, once it has been written.
    pub fn next(&self) -> Option<Notice> {
        self.notices.try_recv().ok()
    }
}

/// Writes a small file whole or not at all.
///
/// # Errors
/// If the folder cannot be written to.
pub fn save_whole(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(contents)?;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|e| e.error)
}
