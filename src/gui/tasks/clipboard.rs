//! The result of a picture for the clipboard: in full size and in the colours of the screen, with the code of the export.

use egui::ColorImage;

use crate::batch::stage::{self, StageError};
use crate::batch::{OpenPicture, fallback_fonts, load_files, subject};
use crate::filter::Work;
use crate::gui::tasks::preview::request::Request;
use crate::picture::{Buffers, colour};
use crate::recipe::Purpose;

/// Makes the result of what the preview shows.
///
/// # Errors
/// If it cannot be read, decoded or filtered.
pub fn result(request: &Request) -> Result<ColorImage, StageError> {
    let mut open = OpenPicture::new(stage::read_source(&request.source, &request.limits)?, &request.limits)?;
    let mut recipe = request.recipe.clone();
    load_files(&mut recipe);
    let about = || subject(&request.source, open.metadata(), request.number);
    let recipe = recipe.about(about, fallback_fonts).into_owned();
    let mut buffers = Buffers::default();
    let mut work = Work { buffers: &mut buffers, stop: &|| false, split: true };
    let look = open.render(&recipe, request.output, Purpose::Export, &mut work)?;
    let pixels = colour::for_display(look.rendered.picture);
    let size = [pixels.width() as usize, pixels.height() as usize];
    Ok(ColorImage::from_rgba_unmultiplied(size, &pixels.to_rgba8()))
}
