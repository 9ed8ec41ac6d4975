//! The progress of a measurement of the lab.

use egui::{Label, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::gui::model::measurement::Measurement;
use crate::gui::text;
use crate::gui::theme::Palette;
use crate::gui::widgets::button::labelled_button;
use crate::gui::widgets::icon::Icon;

/// Tooltip of a button that stops a measurement.
pub const STOP_HELP: &str = "Stop the measurement; what has been measured is kept.";

/// The time left, or an ellipsis until it is known.
pub fn time_left(measurement: &Measurement) -> String {
    measurement.time_left().map_or("…".to_owned(), |left| text::duration(left.as_secs_f64()))
}

/// A bar, what is being measured, the time left, and a button to stop; returns whether that was clicked.
pub fn measurement_progress(ui: &mut Ui, measurement: &Measurement) -> bool {
    let palette = Palette::of(ui);
    let mut stops = false;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
        let share = measurement.share();
        let name = format!("Measured {:.0} %", 100.0 * share);
        response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &name));
        ui.painter().rect_filled(rect, 4.0, palette.sunken);
        let done = Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height()));
        ui.painter().rect_filled(done, 4.0, palette.light_mark);
        ui.horizontal(|ui| {
            let stop = ui.add_enabled(!measurement.is_stopped(), labelled_button(Icon::Stop, "Stop"));
            stops = stop.on_hover_text(STOP_HELP).accessible_name("Stop measuring").clicked();
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add(Label::new(RichText::new(measurement.description()).small()).truncate());
                let left = format!("{} left", time_left(measurement));
                ui.label(RichText::new(left).small().color(palette.weak));
            });
        });
    });
    stops
}
