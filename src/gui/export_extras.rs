//! The sections of the export settings about colours and metadata.

use egui::{CollapsingHeader, ComboBox, DragValue, Margin, RichText, TextEdit, Ui};

use super::history::{Gesture, Part};
use super::theme;
use super::widgets::{Icon, labelled_button};
use crate::picture::Keep;
use crate::picture::colour::{Dither, Intent, Space};
use crate::recipe::Export;
use crate::recipe::export::{ProfileFile, Target};

/// What was done to the sections.
pub enum Edit {
    /// The settings are these now.
    Export(Export),
    /// A profile file is to be chosen in a dialog.
    Browse,
}

/// Draws both sections, folded until they are opened. `whose` ends the names for those who do not see the labels; empty
/// where there is but one export.
pub fn show(ui: &mut Ui, export: &Export, size: f32, whose: &str) -> Option<Edit> {
    let mut changed = export.clone();
    let mut browses = false;
    let header = |title: &str| CollapsingHeader::new(RichText::new(title).size(size)).id_salt(title);
    let shown = header("Colour").show(ui, |ui| browses = colour(ui, &mut changed, whose));
    let response = shown.header_response.accessible_name(name("Colour", whose));
    response.on_hover_text("Colour space, conversion and dithering of the results.");
    let shown = header("Metadata").show(ui, |ui| metadata(ui, &mut changed, whose));
    let response = shown.header_response.accessible_name(name("Metadata", whose));
    response.on_hover_text("Exif, XMP, IPTC, resolution and file times of the results.");
    if browses {
        return Some(Edit::Browse);
    }
    (changed != *export).then_some(Edit::Export(changed))
}

/// What a change belongs to: only the resolution is dragged; everything else is an undo step of its own.
pub fn gesture(before: &Export, after: &Export, press: u64, output: Option<usize>) -> Option<Gesture> {
    let (before, after) = (before.metadata.dpi, after.metadata.dpi);
    let is_drag = before.is_some() && after.is_some() && before != after;
    is_drag.then_some(Gesture { press, part: Part::Extras(output), control: 0 })
}

fn name(label: &str, whose: &str) -> String {
    if whose.is_empty() { label.to_owned() } else { format!("{label} {whose}") }
}

/// A label, and what it names beside it.
fn row(ui: &mut Ui, label: &str, whose: &str, help: &str, control: impl FnOnce(&mut Ui) -> egui::Response) {
    ui.horizontal(|ui| {
        let cell = egui::vec2(theme::LABEL, theme::CONTROL);
        let shown = ui.allocate_ui_with_layout(cell, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_min_width(cell.x);
            ui.label(label).id
        });
        let response = control(ui).on_hover_text(help);
        if whose.is_empty() {
            response.labelled_by(shown.inner);
        } else {
            response.accessible_name(name(label, whose));
        }
    });
}

/// Something that is on or off.
fn tick(ui: &mut Ui, on: &mut bool, label: &str, whose: &str, help: &str) {
    ui.checkbox(on, label).accessible_name(name(label, whose)).on_hover_text(help);
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
fn text(ui: &mut Ui, salt: &str, value: &mut String, hint: &str, width: f32) -> egui::Response {
    let id = ui.scope_id().with(salt);
    let mut typed = ui.data_mut(|d| d.get_temp::<String>(id)).unwrap_or_else(|| value.clone());
    let field = TextEdit::singleline(&mut typed).hint_text(hint).desired_width(width);
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

/// Draws the section; whether a profile file is to be chosen in a dialog.
fn colour(ui: &mut Ui, export: &mut Export, whose: &str) -> bool {
    let mut browses = false;
    let choice_of = &mut export.colour;
    let path = match &choice_of.target {
        Target::File(file) => file.path.clone(),
        _ => String::new(),
    };
    let mut targets = vec![(Target::Keep, "As in the source")];
    targets.extend(Space::ALL.map(|space| (Target::Space(space), space.title())));
    targets.push((Target::File(ProfileFile::new(&path)), "That of a profile file"));
    row(
        ui,
        "Colour space",
        whose,
        "The source's own profile is kept, or all results are converted to one space.",
        |ui| choice(ui, "colour space", &mut choice_of.target, &targets),
    );
    if let Target::File(file) = &mut choice_of.target {
        row(ui, "Profile file", whose, "Path of an ICC profile for RGB or grey pictures (.icc, .icm).", |ui| {
            let mut path = file.path.clone();
            let response = text(ui, "profile file", &mut path, "path of a profile", 160.0);
            let button = ui.add(labelled_button(Icon::File, "Choose…"));
            let button = button.accessible_name(name("Choose profile file", whose));
            browses = button.on_hover_text("Choose a profile.").clicked();
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
        row(ui, "Intent", whose, "What happens to colours that the space cannot show.", |ui| {
            choice(ui, "intent", &mut choice_of.intent, &intents)
        });
        let help = "Black becomes black. It matters for profiles of tables, such as those of printers.";
        tick(ui, &mut choice_of.black_point, "Black-point compensation", whose, help);
    });
    let mut dithers = choice_of.dither == Dither::BlueNoise;
    let help = "Where a format holds fewer bits than the picture has, blue noise avoids bands in smooth areas.";
    tick(ui, &mut dithers, "Dither when bits are lost", whose, help);
    choice_of.dither = if dithers { Dither::BlueNoise } else { Dither::Round };
    browses
}

fn metadata(ui: &mut Ui, export: &mut Export, whose: &str) {
    let chosen = &mut export.metadata;
    let keeps =
        [(Keep::All, "Everything"), (Keep::WithoutLocation, "Everything but the location"), (Keep::Nothing, "Nothing")];
    let help = "The location is GPS in Exif and XMP, and the names of places in IPTC and XMP.";
    row(ui, "Keep", whose, help, |ui| choice(ui, "metadata", &mut chosen.keep, &keeps));
    row(ui, "Artist", whose, "Who made the pictures; empty leaves what is there.", |ui| {
        text(ui, "artist", &mut chosen.artist, "as in the source", 240.0)
    });
    row(ui, "Copyright", whose, "Written into Exif, XMP and IPTC; empty leaves what is there.", |ui| {
        text(ui, "copyright", &mut chosen.copyright, "as in the source", 240.0)
    });
    let mut sets = chosen.dpi.is_some();
    let help = "Pixels an inch for printing; the pixels stay as they are.";
    tick(ui, &mut sets, "Set the resolution", whose, help);
    chosen.dpi = sets.then(|| chosen.dpi.unwrap_or(300.0));
    if let Some(dpi) = &mut chosen.dpi {
        row(ui, "Pixels an inch", whose, help, |ui| ui.add(DragValue::new(dpi).range(1.0..=10_000.0).speed(1.0)));
    }
    let help = "Without its profile a picture is taken for sRGB.";
    tick(ui, &mut chosen.profile, "Embed the colour profile", whose, help);
    let help = "Results get the modification times of their sources.";
    tick(ui, &mut chosen.file_times, "Keep file dates", whose, help);
}
