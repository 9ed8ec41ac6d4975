//! Pictures converted for the screen.

use egui::ColorImage;

use crate::batch::Look;
use crate::batch::stage::{Rendered, StageError};
use crate::filter::{Stopped, Work};
use crate::gui::tasks::preview::request::{RenderedTile, RenderedView};
use crate::picture::{Histogram, Picture, Pixels, colour};
use crate::recipe::{Plan, PlanError, Purpose, Recipe, RunError, Step};

/// Longer side of an overview; below every graphics card's limit.
pub const OVERVIEW: u32 = 2048;
/// Side of a tile of the exact result; below every graphics card's limit.
const TILE: usize = 1024;

/// Converts a picture for the screen, `exact` or not, and pixel for pixel if `detail` is wanted.
///
/// # Errors
/// If `work.stop` says so.
pub fn view(look: Look, exact: bool, detail: bool, work: &mut Work<'_>) -> Result<RenderedView, StageError> {
    let Look { rendered: Rendered { picture, source, notes, .. }, size, geometry } = look;
    // Of the samples as they are exported, before they are converted to the colours of the screen.
    let hash = match exact {
        true => Some(picture.pixels.hash_unless(&work.stop).ok_or(Stopped)?),
        false => None,
    };
    let (tiles, overview) = if exact && detail {
        let pixels = colour::for_display(picture);
        (tiles(&pixels), shrunk(pixels, work)?)
    } else {
        // Fewer pixels first: their colours are converted in a fraction of the time.
        let Picture { pixels, metadata } = picture;
        let pixels = shrunk(pixels, work)?;
        (Vec::new(), colour::for_display(Picture { pixels, metadata }))
    };
    let rgba = overview.to_rgba8();
    let histogram = Box::new(Histogram::of_rgba8(&rgba));
    let overview = ColorImage::from_rgba_unmultiplied([overview.width() as usize, overview.height() as usize], &rgba);
    let source = [source.width, source.height];
    let size = size.into();
    let metadata = Vec::new();
    Ok(RenderedView {
        size,
        geometry,
        source,
        overview,
        histogram,
        tiles,
        exact,
        notes,
        hash,
        metadata,
        encoded: None,
        edited: None,
    })
}

fn tiles(pixels: &Pixels) -> Vec<RenderedTile> {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let rgba = pixels.to_rgba8();
    let mut tiles = Vec::new();
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let size = [TILE.min(width - left), TILE.min(height - top)];
            let mut pixels = Vec::with_capacity(size[0] * size[1] * 4);
            for row in top..top + size[1] {
                pixels.extend_from_slice(&rgba[(row * width + left) * 4..][..size[0] * 4]);
            }
            let image = ColorImage::from_rgba_unmultiplied(size, &pixels);
            tiles.push(RenderedTile { origin: [left, top], image });
        }
    }
    tiles
}

/// The whole picture, scaled down where it is larger than a texture of the window should be.
fn shrunk(pixels: Pixels, work: &mut Work<'_>) -> Result<Pixels, StageError> {
    if pixels.width().max(pixels.height()) <= OVERVIEW {
        return Ok(pixels);
    }
    let fit = Step::parse(&format!("resize:width={OVERVIEW},height={OVERVIEW},kernel=bilinear"));
    let recipe = Recipe { filters: vec![fit.map_err(PlanError::from).map_err(RunError::Plan)?], ..Recipe::default() };
    let plan = Plan::compile(&recipe, pixels.shape(), &[1], Purpose::Export).map_err(RunError::Plan)?;
    Ok(plan.run(pixels, work)?)
}
