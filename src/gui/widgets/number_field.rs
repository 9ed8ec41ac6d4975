//! A number with its label.

use std::ops::RangeInclusive;

use egui::{Align, DragValue, Layout, Stroke, Ui};

use crate::gui::theme::Palette;

/// A number with its label, in a menu or a form.
pub struct NumberField<'a> {
    pub label: &'a str,
    pub help: &'a str,
    /// Unit, with a leading space.
    pub suffix: &'a str,
    /// The word for 0, if 0 means something else than none.
    pub zero: Option<&'a str>,
    pub range: RangeInclusive<usize>,
    /// Change per point that it is dragged.
    pub speed: f64,
    /// Space before the label.
    pub indent: f32,
}

impl NumberField<'_> {
    /// Draws it; returns the new value if it was changed.
    pub fn show(&self, ui: &mut Ui, enabled: bool, value: usize) -> Option<usize> {
        let mut edited = value;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(self.indent);
            let name = ui.label(self.label);
            // A field looks like one, in a menu too.
            let palette = Palette::of(ui);
            ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.raised;
            ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.0, palette.edge);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let field = DragValue::new(&mut edited).range(self.range.clone()).speed(self.speed);
                let field = match self.zero {
                    Some(word) if value == 0 => field.custom_formatter(move |_, _| word.to_owned()),
                    _ => field.suffix(self.suffix),
                };
                ui.add_enabled(enabled, field)
                    .labelled_by(name.id)
                    .on_hover_text(self.help)
                    .on_disabled_hover_text("Not while a run is in progress.");
            });
        });
        (edited != value).then_some(edited)
    }
}
