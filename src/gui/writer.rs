//! Files that the window writes by itself: made and saved on a thread of their own, whole or not at all.

use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;

use super::state::Tone;
use super::text;

/// Writes files in the background and tells how it went.
#[derive(Debug, Clone)]
pub struct Writer {
    ctx: Context,
    sender: Sender<(Tone, String)>,
    news: Receiver<(Tone, String)>,
}

impl Writer {
    /// Nothing is being written.
    pub fn new(ctx: Context) -> Self {
        // Unbounded: one short message for each file that a person saves.
        let (sender, news) = unbounded();
        Self { ctx, sender, news }
    }

    /// Has `make` give the contents of `what` and saves them at `path`.
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
                Ok(()) => (Tone::Info, format!("Saved {what} as {shown}.")),
                Err(reason) => {
                    (Tone::Error, format!("{} could not be saved as {shown}: {reason}.", text::sentence(what)))
                }
            });
            ctx.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name("lightloom-writer".to_owned()).spawn(work) {
            let _ = self.sender.send((Tone::Error, format!("{} could not be saved: {error}.", text::sentence(what))));
        }
    }

    /// The next thing to tell.
    pub fn next(&self) -> Option<(Tone, String)> {
        self.news.try_recv().ok()
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
