//! The selected picture, large: the result, the original, or both side by side, at any size.

mod canvas;
mod handles;
mod histogram;
mod loupe;
mod metadata;
mod navigator;
mod panes;
mod pixel_values;

use egui::{
    Align, Color32, ComboBox, FontId, Frame, Label, Layout, Margin, Rect, Response, RichText, Role, Sense, Ui,
    WidgetInfo, vec2,
};
use lightloom_param::shown;

use crate::gui::input::shows_original;
use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::appearance::{PreviewMode, Zoom};
use crate::gui::model::optional_panels::{HISTOGRAM, LOUPE, METADATA, NAVIGATOR, PIXEL_VALUES};
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::panels::preview::canvas::Canvas;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::preview::request::Encoded;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::segmented::{Segment, segmented_with};

pub const PANEL: Panel = Panel::central("preview", show)
    .margin(Margin::ZERO)
    .shown_if(|state| state.page() == Page::Pictures && !state.pictures.is_empty());

fn show(ui: &mut Ui, view: &mut View<'_>) {
    let View { state, memory, preview, out, .. } = view;
    let press = memory.presses;
    let (memory, zoom) = (&mut memory.preview, state.appearance.zoom);
    memory.show(preview.picture());
    let mode = if shows_original(ui.ctx()) { PreviewMode::Before } else { state.appearance.preview_mode };
    let strip = Frame::new().inner_margin(Margin::symmetric(12, 6));
    let footer = egui::Panel::bottom("preview controls").frame(strip).show_separator_line(false).resizable(false);
    footer.show(ui, |ui| bar(ui, state, preview, mode, memory.fit, out));
    let (canvas, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    let name = state.pictures.current().map(|e| text::file_name(e.path())).unwrap_or_default();
    let side = match mode {
        PreviewMode::After => "result",
        PreviewMode::Split | PreviewMode::SideBySide => "original and result",
        PreviewMode::Before => "original",
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Preview of {name}, {side}")));

    let palette = Palette::of(ui);
    if let Some(reason) = &preview.failure {
        message(ui, canvas, reason, palette.bad);
    } else if preview.after.is_none() && preview.before.is_none() {
        message(ui, canvas, "Loading…", palette.weak);
    } else {
        let mut shown = Canvas::new(ui, zoom, mode, memory, preview, canvas);
        canvas::navigate(ui, &mut shown, memory, preview.size(), &response, out);
        canvas::paint(ui, &shown, memory, preview);
        handles::show(ui, &shown, state, memory, preview, press, out);
        let shows = |panel| state.appearance.shows(panel);
        if shows(&NAVIGATOR) {
            navigator::show(ui, state, &mut shown, memory, preview);
        }
        if shows(&HISTOGRAM) {
            histogram::show(ui, state, preview, canvas);
        }
        if shows(&METADATA) {
            let below = if shows(&HISTOGRAM) { histogram::HEIGHT + 2.0 * GRID } else { 0.0 };
            metadata::show(ui, &shown, memory, preview, below);
        }
        if shows(&PIXEL_VALUES) {
            pixel_values::show(ui, state, &shown, preview, &response);
        }
        if shows(&LOUPE) {
            loupe::show(ui, &shown, preview, &response);
        }
    }
}

/// A text in the middle of the canvas.
fn message(ui: &Ui, canvas: Rect, text: &str, colour: Color32) {
    let font = FontId::proportional(theme::BODY);
    let width = (canvas.width() - 64.0).max(64.0);
    let job = egui::text::LayoutJob::simple(text.to_owned(), font, colour, width);
    let painter = ui.painter_at(canvas);
    let galley = painter.layout_job(egui::text::LayoutJob { halign: Align::Center, ..job });
    painter.galley(canvas.center() - vec2(0.0, galley.size().y / 2.0), galley, colour);
}

/// The bar below the picture: original or result, as its file will hold it or not, what is shown, and how large. What has
/// no room is left out, the name first; the list and the menus have it too.
fn bar(ui: &mut Ui, state: &State, preview: &PreviewImages, mode: PreviewMode, fit: f32, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        modes(ui, state, mode, out);
        output_shown(ui, state, out);
        if state.edited_on_picture().is_some() {
            let help = "Show the result again (Enter or Esc).";
            if ui.button("Done").accessible_name("Done on the picture").on_hover_text(help).clicked() {
                out.push(ViewAction::EditOnPicture(None).into());
            }
        } else if ui.available_width() > ROOM_FOR_ENCODED {
            let mut encoded = state.appearance.encoded;
            let help = "Show the result as it will be in its file, compressed as the export settings say, with the size of the file.";
            let help = text::with_keys(ui.ctx(), help, state.keys.keys_for(ViewAction::ToggleEncoded));
            if ui.checkbox(&mut encoded, "Encoded").on_hover_text(help).changed() {
                out.push(ViewAction::ToggleEncoded.into());
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            zoom(ui, state, out);
            facts(ui, state, preview, fit);
        });
    });
}

/// Space on either side of the texts of the bar's choices.
const SEGMENT: f32 = 8.0;
/// Width of a bar that offers the one mode that the menu is enough for.
const ROOM_FOR_ALL_MODES: f32 = 560.0;
/// Width that zoom, status and the box itself need.
const ROOM_FOR_ENCODED: f32 = 212.0;

fn modes(ui: &mut Ui, state: &State, mode: PreviewMode, out: &mut Vec<Action>) {
    let side_by_side = "Original and result beside each other, each of them whole.";
    let side_by_side = text::with_keys(ui.ctx(), side_by_side, state.keys.keys_for(ViewAction::ToggleSideBySide));
    let segments = PreviewMode::ALL.map(|choice| {
        let (text, help) = match choice {
            PreviewMode::Before => ("Before", "The original. Hold \\ to see it for a moment."),
            PreviewMode::Split => {
                ("Split", "The original on the left of a line that can be dragged, the result on its right.")
            }
            PreviewMode::SideBySide => ("Side by Side", side_by_side.as_str()),
            PreviewMode::After => ("After", "The result."),
        };
        (choice, Segment::new(text, help, choice == mode))
    });
    let all = ui.available_width() > ROOM_FOR_ALL_MODES;
    let (modes, segments): (Vec<_>, Vec<_>) =
        segments.into_iter().filter(|(choice, _)| all || *choice != PreviewMode::SideBySide || *choice == mode).unzip();
    let responses = segmented_with(ui, true, theme::CONTROL, SEGMENT, &segments);
    if let Some(index) = responses.iter().position(Response::clicked) {
        out.push(ViewAction::SetPreviewMode(modes[index]).into());
    }
}

fn zoom(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let zoom = state.appearance.zoom;
    let fit = text::with_keys(ui.ctx(), "Show the whole picture.", state.keys.keys_for(ViewAction::ZoomFit));
    let full = text::with_keys(
        ui.ctx(),
        "Show each pixel as one pixel of the screen.",
        state.keys.keys_for(ViewAction::ZoomFull),
    );
    let segments =
        [Segment::new("Fit", &fit, zoom == Zoom::Fit), Segment::new("100 %", &full, zoom == Zoom::Scale(1.0))];
    match segmented_with(ui, true, theme::CONTROL, SEGMENT, &segments).iter().position(Response::clicked) {
        Some(0) => out.push(ViewAction::ZoomFit.into()),
        Some(_) => out.push(ViewAction::ZoomFull.into()),
        None => {}
    }
}

/// From right to left: percentage, whether the result is exact, the size of its file, notes, its size, and the name.
fn facts(ui: &mut Ui, state: &State, preview: &PreviewImages, fit: f32) {
    let palette = Palette::of(ui);
    let figures = |text: String| RichText::new(text).font(theme::figures(theme::SMALL)).color(palette.weak);
    if ui.available_width() > 96.0 {
        ui.label(figures(format!("{:.0} %", 100.0 * state.appearance.zoom.scale(fit))));
    }
    status(ui, preview);
    if let Some(size) = file_size(state, preview) {
        ui.add(Label::new(figures(size.clone())).truncate()).on_hover_text(size);
    }
    if let Some(after) = &preview.after {
        for note in &after.notes {
            ui.label(RichText::new("note").small().color(palette.warn)).on_hover_text(text::sentence(note));
        }
        let [w, h] = after.source;
        let (rw, rh) = (after.size.x as u32, after.size.y as u32);
        let size = if after.exact && [w, h] != [rw, rh] {
            format!("{w} × {h} to {rw} × {rh}")
        } else {
            format!("{w} × {h}")
        };
        fitting(ui, figures(size.clone()), &size);
    }
    let Some(entry) = state.pictures.current() else { return };
    if ui.available_width() > 64.0 {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(GRID);
            ui.add(Label::new(text::file_name(entry.path())).truncate()).on_hover_text(shown(entry.path()));
        });
    }
}

/// A text, if there is room for the whole of it.
fn fitting(ui: &mut Ui, text: RichText, plain: &str) {
    let font = theme::figures(theme::SMALL);
    let width = ui.painter().layout_no_wrap(plain.to_owned(), font, Color32::WHITE).size().x;
    if width + 8.0 < ui.available_width() {
        ui.label(text);
    }
}

/// Whether what is shown is what the export writes.
fn status(ui: &mut Ui, preview: &PreviewImages) {
    let palette = Palette::of(ui);
    let is_edited = preview.after.as_ref().is_some_and(|after| after.edited.is_some());
    if is_edited && preview.failure.is_none() {
        let help = "The picture as it reaches what is edited on it, without later filters that move its pixels. Esc or Enter shows the result.";
        ui.label(RichText::new("editing").small().color(palette.light_mark)).on_hover_text(help);
    } else if preview.is_busy() {
        let help = "A quick look; the exact result is being computed.";
        // No spinner: drawing it would take a core from the result where there is no graphics card.
        ui.label(RichText::new("quick look…").small().color(palette.weak)).on_hover_text(help);
    } else if preview.failure.is_none() {
        let exact = "This is what the export writes, before it is compressed.";
        let (status, help) = match (preview.encoded(), preview.hash()) {
            (Some(_), _) => ("encoded", "This is what the file will contain.".to_owned()),
            (None, Some(hash)) => ("exact", format!("{exact} BLAKE3 of its pixels: {hash}.")),
            (None, None) => ("exact", exact.to_owned()),
        };
        ui.label(RichText::new(status).small().color(palette.good)).on_hover_text(help);
    }
}

/// The size of the file that the export writes, if the result is shown as its file holds it.
fn file_size(state: &State, preview: &PreviewImages) -> Option<String> {
    if let Some(Encoded { bytes, source_bytes, format }) = preview.encoded() {
        let share = 100.0 * bytes as f64 / source_bytes.max(1) as f64;
        return Some(format!("{format}, {}, {share:.0} % of the source", text::bytes(bytes)));
    }
    (state.appearance.encoded && !preview.is_settled()).then(|| "compressing…".to_owned())
}

/// Which output is shown, if there are some.
fn output_shown(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let outputs = &state.recipe().outputs;
    let Some(shown) = outputs.get(state.shown_output()) else { return };
    let mut chosen = state.shown_output();
    let combo = ComboBox::from_id_salt("shown output").selected_text(&shown.name).width(96.0);
    let response = combo.show_ui(ui, |ui| {
        for (index, output) in outputs.iter().enumerate() {
            ui.selectable_value(&mut chosen, index, &output.name);
        }
    });
    let response = response.response.accessible_name("Output shown");
    response.on_hover_text("Which output of the recipe is shown.");
    if chosen != state.shown_output() {
        out.push(ViewAction::ShowOutput(chosen).into());
    }
}
