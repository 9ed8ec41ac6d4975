//! The result of a picture for the clipboard: in full size and in the colours of the screen, with the code of the export.

use egui::ColorImage;

use crate::batch::stage::StageError;
use crate::batch::{Decoders, OpenPicture, SourcePicture, fallback_fonts, load_files, subject};
use crate::filter::Work;
use crate::gui::tasks::preview::request::Request;
use crate::picture::{Buffers, colour};
use crate::recipe::Purpose;

/// Makes the result of what the preview shows. Pictures of isolated formats are decoded by `decoders`.
///
/// # Errors
/// If it cannot be read, decoded or filtered.
pub fn result(request: &Request, decoders: &Decoders) -> Result<ColorImage, StageError> {
    let picture = SourcePicture::open(&request.source, &request.limits, decoders, &|| false)?;
    let mut open = OpenPicture::new(picture);
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
