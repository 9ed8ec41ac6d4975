//! The selected picture, large: the result, the original, or both side by side, at any size.

mod canvas;
mod histogram;

use egui::{
    Align, Color32, ComboBox, FontId, Frame, Label, Layout, Margin, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2,
};
use lightloom_param::shown;

use crate::gui::input::shows_original;
use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::appearance::{PreviewMode, Zoom};
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::preview::request::Encoded;
use crate::gui::text;
use crate::gui::theme::{self, Palette};
use crate::gui::widgets::segmented::{Segment, segmented};

pub const PANEL: Panel = Panel::central("preview", show)
    .margin(Margin::ZERO)
    .shown_if(|state| state.page() == Page::Pictures && !state.pictures.is_empty());

fn show(ui: &mut Ui, view: &mut View<'_>) {
    let View { state, memory, preview, out, .. } = view;
    let (memory, zoom) = (&mut memory.preview, state.appearance.zoom);
    memory.show(preview.picture());
    let mode = if shows_original(ui.ctx()) { PreviewMode::Before } else { state.appearance.preview_mode };
    let strip = Frame::new().inner_margin(Margin::symmetric(16, 8));
    let header = egui::Panel::top("preview title").frame(strip).show_separator_line(false).resizable(false);
    header.show(ui, |ui| title(ui, state, preview));
    let footer = egui::Panel::bottom("preview controls").frame(strip).show_separator_line(false).resizable(false);
    footer.show(ui, |ui| {
        file(ui, state, preview, out);
        controls(ui, zoom, mode, memory.fit, out);
    });
    let (canvas, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    let name = state.pictures.current().map(|e| text::file_name(e.path())).unwrap_or_default();
    let side = match mode {
        PreviewMode::After => "result",
        PreviewMode::Split => "original and result",
        PreviewMode::Before => "original",
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Preview of {name}, {side}")));

    let palette = Palette::of(ui);
    if let Some(reason) = &preview.failure {
        message(ui, canvas, reason, palette.bad);
    } else if preview.after.is_none() && preview.before.is_none() {
        message(ui, canvas, "Loading…", palette.weak);
    } else {
        canvas::navigate(ui, zoom, memory, preview.size(), &response, out);
        canvas::paint(ui, zoom, mode, memory, preview, canvas);
        if state.appearance.histogram {
            histogram::show(ui, preview, canvas);
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

fn title(ui: &mut Ui, state: &State, preview: &PreviewImages) {
    let palette = Palette::of(ui);
    let Some(entry) = state.pictures.current() else { return };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if preview.is_busy() {
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
            if let Some(after) = &preview.after {
                let [w, h] = after.source;
                let (rw, rh) = (after.size.x as u32, after.size.y as u32);
                let size =
                    if [w, h] != [rw, rh] { format!("{w} × {h} to {rw} × {rh}") } else { format!("{w} × {h}") };
                ui.label(RichText::new(size).font(theme::figures(theme::SMALL)).color(palette.weak));
                for note in &after.notes {
                    ui.label(RichText::new("note").small().color(palette.warn)).on_hover_text(text::sentence(note));
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = RichText::new(text::file_name(entry.path())).size(theme::BODY + 1.0);
                ui.add(Label::new(name).truncate()).on_hover_text(shown(entry.path()));
            });
        });
    });
}

fn controls(ui: &mut Ui, zoom: Zoom, mode: PreviewMode, fit: f32, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let modes = [PreviewMode::Before, PreviewMode::Split, PreviewMode::After];
        let segments = modes.map(|choice| {
            let (text, help) = match choice {
                PreviewMode::Before => ("Before", "The original. Hold \\ to see it for a moment."),
                PreviewMode::Split => ("Split", "The original on the left, the result on the right."),
                PreviewMode::After => ("After", "The result."),
            };
            Segment::new(text, help, choice == mode)
        });
        if let Some(index) = segmented(ui, true, theme::CONTROL, &segments) {
            out.push(ViewAction::SetPreviewMode(modes[index]).into());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let full = "Show each pixel as one pixel of the screen (1).";
            let segments = [
                Segment::new("Fit", "Show the whole picture (0).", zoom == Zoom::Fit),
                Segment::new("100 %", full, zoom == Zoom::Scale(1.0)),
            ];
            match segmented(ui, true, theme::CONTROL, &segments) {
                Some(0) => out.push(ViewAction::ZoomFit.into()),
                Some(_) => out.push(ViewAction::ZoomFull.into()),
                None => {}
            }
            let percent = format!("{:.0} %", 100.0 * zoom.scale(fit));
            ui.label(RichText::new(percent).font(theme::figures(theme::SMALL)).color(Palette::of(ui).weak));
        });
    });
}

/// Which output is shown, and whether as its file will hold it, with the size of the file.
fn file(ui: &mut Ui, state: &State, preview: &PreviewImages, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        let outputs = &state.recipe().outputs;
        if let Some(shown) = outputs.get(state.shown_output()) {
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
        let mut encoded = state.appearance.encoded;
        let help = "Show the result as it will be in its file, compressed as the export settings say, with the size of the file (E).";
        if ui.checkbox(&mut encoded, "Encoded").on_hover_text(help).changed() {
            out.push(ViewAction::ToggleEncoded.into());
        }
        if let Some(Encoded { bytes, source_bytes, format }) = preview.encoded() {
            let share = 100.0 * bytes as f64 / source_bytes.max(1) as f64;
            let text = format!("{format}, {}, {share:.0} % of the source", text::bytes(bytes));
            ui.label(RichText::new(text).font(theme::figures(theme::SMALL)).color(palette.weak));
        } else if state.appearance.encoded && !preview.is_settled() {
            ui.label(RichText::new("compressing…").small().color(palette.weak));
        }
    });
}
