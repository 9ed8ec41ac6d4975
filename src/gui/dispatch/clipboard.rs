//! A result to the clipboard.

use crate::batch::Decoders;
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::notice::Notice;
use crate::gui::tasks::clipboard::result;
use crate::gui::tasks::one_shot::OneShot;

impl Dispatcher<'_> {
    /// Makes the result of the picture that is shown, in the background.
    pub(super) fn copy_result(&mut self) {
        let Some(request) = self.tasks.preview.requested().cloned() else { return };
        let decoders = Decoders::new(self.state.settings.worker_program.clone());
        self.tasks.copied =
            OneShot::spawn(self.ctx, "lightloom-copy", move || result(&request, &decoders).map_err(|e| e.to_string()));
    }

    /// Puts a result that is made into the clipboard.
    pub(super) fn poll_copied(&mut self) {
        match OneShot::take(&mut self.tasks.copied) {
            None => {}
            Some(Ok(picture)) => {
                let [width, height] = picture.size;
                self.ctx.copy_image(picture);
                self.state.notify(Notice::info(format!("The result was copied: {width} × {height} pixels.")));
            }
            Some(Err(reason)) => self.state.notify(Notice::error(format!("The result cannot be copied: {reason}."))),
        }
    }
}
