//! The picture of what a filter or preset does.

use egui::{Color32, Rect, Ui, Vec2, pos2};

use crate::gui::tasks::filter_samples::FilterSamples;
use crate::gui::theme::{self, Palette};

pub use crate::gui::tasks::filter_samples::Sample;

/// Paints it as large as it fits into `rect`; an empty place until it is made.
pub fn paint(ui: &Ui, samples: &FilterSamples, sample: &Sample, rect: Rect) {
    let Some(texture) = samples.get(sample) else {
        ui.painter().rect_filled(rect, theme::ROUND, Palette::of(ui).sunken);
        return;
    };
    let size = texture.size_vec2();
    let scale = (rect.width() / size.x).min(rect.height() / size.y);
    let shown = Rect::from_center_size(rect.center(), Vec2::max(scale * size, Vec2::splat(1.0)));
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter().image(texture.id(), shown, whole, Color32::WHITE);
}
