//! Buttons: icon alone, icon with text, and the primary one.

use egui::{Button, Color32, Response, Stroke, Ui, Vec2, vec2};

use crate::gui::theme::{self, Palette};
use crate::gui::widgets::icon::{Icon, icon_atom};

/// A small button that shows only an icon; `name` is its accessible name and its tooltip.
pub fn icon_button(ui: &mut Ui, icon: Icon, name: &str, enabled: bool) -> Response {
    let button = Button::new(icon_atom(icon, 12.0)).frame_when_inactive(false).min_size(Vec2::splat(24.0));
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(6.0, 4.0);
        ui.spacing_mut().interact_size.y = 24.0;
        ui.add_enabled(enabled, button)
    })
    .inner
    .accessible_name(name)
    .on_hover_text(name)
    .on_disabled_hover_text(name)
}

/// A small button that shows only an icon and stays pressed while something is `on`; `name` is its accessible name.
pub fn icon_toggle(ui: &mut Ui, icon: Icon, name: &str, help: &str, on: bool) -> Response {
    let button = Button::new(icon_atom(icon, 12.0)).selected(on).min_size(Vec2::splat(24.0));
    let button = if on { button } else { button.frame_when_inactive(false) };
    let response = ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(6.0, 4.0);
        ui.spacing_mut().interact_size.y = 24.0;
        ui.add(button)
    });
    let response = response.inner.accessible_name(name);
    response.ctx.accesskit_node_builder(response.id, |node| node.set_toggled(on.into()));
    response.on_hover_text(help)
}

/// A small button that shows only an icon, for a menu.
pub fn icon_menu_button(icon: Icon) -> Button<'static> {
    Button::new(icon_atom(icon, 12.0)).frame_when_inactive(false).min_size(Vec2::splat(24.0))
}

/// A button with an icon and a word.
pub fn labelled_button(icon: Icon, text: &str) -> Button<'_> {
    Button::new((icon_atom(icon, 14.0), text)).gap(theme::GRID).min_size(vec2(0.0, theme::BUTTON))
}

/// The one button that stands out: what to do next.
pub fn primary_button(ui: &mut Ui, enabled: bool, icon: Option<Icon>, text: &str) -> Response {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
            state.weak_bg_fill = palette.light;
            state.bg_stroke = Stroke::new(1.0, palette.light_mark);
            state.fg_stroke.color = palette.on_light;
        }
        widgets.active.bg_stroke = Stroke::new(theme::FOCUS_WIDTH, palette.text);
        widgets.hovered.weak_bg_fill = palette.light.lerp_to_gamma(Color32::WHITE, 0.18);
        widgets.active.weak_bg_fill = palette.light.lerp_to_gamma(Color32::BLACK, 0.12);
        ui.spacing_mut().button_padding.x = 18.0;
        let button = match icon {
            Some(icon) => Button::new((icon_atom(icon, 13.0), text)).gap(theme::GRID),
            None => Button::new(text),
        };
        ui.add_enabled(enabled, button.min_size(vec2(0.0, theme::BUTTON)))
    })
    .inner
}
