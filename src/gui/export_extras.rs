//! The sections of the export settings about colours and metadata.

use egui::{CollapsingHeader, ComboBox, DragValue, Margin, TextEdit, Ui};

use super::action::Action;
use super::history::{Gesture, Part};
use super::shell::Panels;
use crate::picture::Keep;
use crate::picture::colour::{Dither, Intent, Space};
use crate::recipe::Export;
use crate::recipe::export::{ProfileFile, Target};

/// Draws both sections.
pub fn show(ui: &mut Ui, export: &Export, panels: &Panels, out: &mut Vec<Action>) {
    let mut changed = export.clone();
    let header = CollapsingHeader::new("Colour").show(ui, |ui| colour(ui, &mut changed));
    header.header_response.on_hover_text("Colour space, conversion and dithering of the results.");
    let header = CollapsingHeader::new("Metadata").show(ui, |ui| metadata(ui, &mut changed));
    header.header_response.on_hover_text("Exif, XMP, IPTC, resolution and file times of the results.");
    if changed != *export {
        let gesture = Gesture { press: panels.presses, part: Part::Extras(None), control: 0 };
        out.push(Action::SetExport(changed, Some(gesture)));
    }
}

/// A label, and what it names beside it.
fn row(ui: &mut Ui, label: &str, help: &str, control: impl FnOnce(&mut Ui) -> egui::Response) {
    ui.horizontal(|ui| {
        let cell = egui::vec2(112.0, super::theme::CONTROL);
        let label = ui.allocate_ui_with_layout(cell, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_min_width(cell.x);
            ui.label(label).id
        });
        control(ui).labelled_by(label.inner).on_hover_text(help);
    });
}

/// One of several values.
fn choice<T: PartialEq + Clone>(ui: &mut Ui, salt: &str, value: &mut T, all: &[(T, &str)]) -> egui::Response {
    let title = all.iter().find(|(one, _)| one == value).map_or("", |(_, title)| *title);
    let combo = ComboBox::from_id_salt(salt).selected_text(title).width(240.0);
    let shown = combo.show_ui(ui, |ui| {
        for (one, title) in all {
            ui.selectable_value(value, one.clone(), *title);
        }
    });
    shown.response
}

/// A text that is taken when its field is left, so that half a text is never a setting.
fn text(ui: &mut Ui, salt: &str, value: &mut String, hint: &str) -> egui::Response {
    let id = ui.scope_id().with(salt);
    let mut typed = ui.data_mut(|d| d.get_temp::<String>(id)).unwrap_or_else(|| value.clone());
    let field = TextEdit::singleline(&mut typed).hint_text(hint).desired_width(240.0);
    let response = ui.add(field.margin(Margin::symmetric(8, 6)));
    if response.has_focus() {
        ui.data_mut(|d| d.insert_temp(id, typed));
    } else {
        ui.data_mut(|d| d.remove::<String>(id));
        if response.lost_focus() {
            typed.trim().clone_into(value);
        }
    }
    response
}

fn colour(ui: &mut Ui, export: &mut Export) {
    let choice_of = &mut export.colour;
    let path = match &choice_of.target {
        Target::File(file) => file.path.clone(),
        _ => String::new(),
    };
    let mut targets = vec![(Target::Keep, "As in the source")];
    targets.extend(Space::ALL.map(|space| (Target::Space(space), space.title())));
    targets.push((Target::File(ProfileFile::new(&path)), "That of a profile file"));
    row(ui, "Colour space", "The source's own profile is kept, or all results are converted to one space.", |ui| {
        choice(ui, "colour space", &mut choice_of.target, &targets)
    });
    if let Target::File(file) = &mut choice_of.target {
        row(ui, "Profile file", "Path of an ICC profile for RGB or grey pictures (.icc, .icm).", |ui| {
            let mut path = file.path.clone();
            let response = text(ui, "profile file", &mut path, "path of a profile");
            if path != file.path {
                *file = ProfileFile::new(&path);
            }
            response
        });
    }
    let intents = [
        (Intent::Relative, "Relative colorimetric"),
        (Intent::Perceptual, "Perceptual"),
        (Intent::Saturation, "Saturation"),
        (Intent::Absolute, "Absolute colorimetric"),
    ];
    let converts = choice_of.target != Target::Keep;
    ui.add_enabled_ui(converts, |ui| {
        row(ui, "Intent", "What happens to colours that the space cannot show.", |ui| {
            choice(ui, "intent", &mut choice_of.intent, &intents)
        });
        let help = "Black becomes black. It matters for profiles of tables, such as those of printers.";
        ui.checkbox(&mut choice_of.black_point, "Black-point compensation").on_hover_text(help);
    });
    let mut dithers = choice_of.dither == Dither::BlueNoise;
    let help = "Where a format holds fewer bits than the picture has, blue noise avoids bands in smooth areas.";
    ui.checkbox(&mut dithers, "Dither when bits are lost").on_hover_text(help);
    choice_of.dither = if dithers { Dither::BlueNoise } else { Dither::Round };
}

fn metadata(ui: &mut Ui, export: &mut Export) {
    let chosen = &mut export.metadata;
    let keeps =
        [(Keep::All, "Everything"), (Keep::WithoutLocation, "Everything but the location"), (Keep::Nothing, "Nothing")];
    let help = "The location is GPS in Exif and XMP, and the names of places in IPTC and XMP.";
    row(ui, "Keep", help, |ui| choice(ui, "metadata", &mut chosen.keep, &keeps));
    row(ui, "Artist", "Who made the pictures; empty leaves what is there.", |ui| {
        text(ui, "artist", &mut chosen.artist, "as in the source")
    });
    row(ui, "Copyright", "Written into Exif, XMP and IPTC; empty leaves what is there.", |ui| {
        text(ui, "copyright", &mut chosen.copyright, "as in the source")
    });
    let mut sets = chosen.dpi.is_some();
    let help = "Pixels an inch for printing; the pixels stay as they are.";
    ui.checkbox(&mut sets, "Set the resolution").on_hover_text(help);
    chosen.dpi = sets.then(|| chosen.dpi.unwrap_or(300.0));
    if let Some(dpi) = &mut chosen.dpi {
        row(ui, "Pixels an inch", help, |ui| ui.add(DragValue::new(dpi).range(1.0..=10_000.0).speed(1.0)));
    }
    let help = "Without its profile a picture is taken for sRGB.";
    ui.checkbox(&mut chosen.profile, "Embed the colour profile").on_hover_text(help);
    let help = "Results get the modification times of their sources.";
    ui.checkbox(&mut chosen.file_times, "Keep file dates").on_hover_text(help);
}
