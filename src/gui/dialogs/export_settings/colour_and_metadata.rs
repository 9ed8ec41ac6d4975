//! The sections of the export settings about colour and metadata.

use egui::{CollapsingHeader, ComboBox, DragValue, Margin, Response, RichText, Ui};

use crate::gui::dialogs::export_settings::rows::{name, named_row};
use crate::gui::model::history::{EditTarget, Gesture};
use crate::gui::widgets::button::labelled_button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::text_field::{TextFieldStyle, text_field};
use crate::picture::Keep;
use crate::picture::colour::{Dither, Intent, Space};
use crate::recipe::ExportSettings;
use crate::recipe::export::{ColourTarget, GainMapChoice, HdrChoice, HdrMode, PEAK, ProfileFile};

/// What the user did in the sections.
pub enum Edit {
    Export(ExportSettings),
    /// A dialog for the profile is wanted.
    Browse,
}

/// Draws both sections, collapsed until they are opened. `suffix` ends the accessible names; it is empty where there is
/// only one export.
pub fn show(ui: &mut Ui, export: &ExportSettings, size: f32, suffix: &str) -> Option<Edit> {
    let mut changed = export.clone();
    let mut browses = false;
    let header = |title: &str| CollapsingHeader::new(RichText::new(title).size(size)).id_salt(title);
    let shown = header("Colour").show(ui, |ui| browses = colour(ui, &mut changed, suffix));
    let response = shown.header_response.accessible_name(name("Colour", suffix));
    response.on_hover_text("Colour space, conversion, dithering and dynamic range of the results.");
    let shown = header("Metadata").show(ui, |ui| metadata(ui, &mut changed, suffix));
    let response = shown.header_response.accessible_name(name("Metadata", suffix));
    response.on_hover_text("Exif, XMP, IPTC, resolution and file times of the results.");
    if browses {
        return Some(Edit::Browse);
    }
    (changed != *export).then_some(Edit::Export(changed))
}

/// The gesture of a change: only resolution and peak luminance are dragged; everything else is an undo step of its own.
pub fn gesture(before: &ExportSettings, after: &ExportSettings, press: u64, output: Option<usize>) -> Option<Gesture> {
    let dragged = [(before.metadata.dpi, after.metadata.dpi), (before.hdr.peak, after.hdr.peak)];
    let is_drag = |(before, after): &(Option<f64>, Option<f64>)| before.is_some() && after.is_some() && before != after;
    let control = dragged.iter().position(is_drag)?;
    Some(Gesture { press, target: EditTarget::ColourAndMetadata(output), control })
}

fn checkbox(ui: &mut Ui, on: &mut bool, label: &str, suffix: &str, help: &str) {
    ui.checkbox(on, label).accessible_name(name(label, suffix)).on_hover_text(help);
}

/// A combo box of values with their titles.
fn choice<T: PartialEq + Clone>(ui: &mut Ui, salt: &str, value: &mut T, all: &[(T, &str)]) -> Response {
    let title = all.iter().find(|(one, _)| one == value).map_or("", |(_, title)| *title);
    let combo = ComboBox::from_id_salt(salt).selected_text(title).width(240.0);
    let shown = combo.show_ui(ui, |ui| {
        for (one, title) in all {
            ui.selectable_value(value, one.clone(), *title);
        }
    });
    shown.response
}

/// A text field with the text that it edits.
fn text(ui: &mut Ui, salt: &str, value: &mut String, hint: &str, width: f32) -> Response {
    let id = ui.scope_id().with(salt);
    let style = TextFieldStyle { hint, width, margin: Margin::symmetric(8, 6) };
    let (response, typed) = text_field(ui, id, value, &style);
    if let Some(typed) = typed {
        typed.trim().clone_into(value);
    }
    response
}

/// Draws the section; returns whether a dialog for the profile is wanted.
fn colour(ui: &mut Ui, export: &mut ExportSettings, suffix: &str) -> bool {
    let mut browses = false;
    let choice_of = &mut export.colour;
    let path = match &choice_of.target {
        ColourTarget::File(file) => file.path.clone(),
        _ => String::new(),
    };
    let mut targets = vec![(ColourTarget::Keep, "Same as the source")];
    targets.extend(Space::ALL.map(|space| (ColourTarget::Space(space), space.title())));
    targets.push((ColourTarget::File(ProfileFile::new(&path)), "From a profile file"));
    named_row(
        ui,
        "Colour space",
        suffix,
        "Keep the profile of each source, or convert all results to one colour space.",
        |ui| choice(ui, "colour space", &mut choice_of.target, &targets),
    );
    if let ColourTarget::File(file) = &mut choice_of.target {
        named_row(ui, "Profile file", suffix, "Path of an ICC profile for RGB or grey pictures (.icc, .icm).", |ui| {
            let mut path = file.path.clone();
            let response = text(ui, "profile file", &mut path, "path of a profile", 160.0);
            let button = ui.add(labelled_button(Icon::File, "Choose…"));
            let button = button.accessible_name(name("Choose profile file", suffix));
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
    let converts = choice_of.target != ColourTarget::Keep;
    ui.add_enabled_ui(converts, |ui| {
        named_row(ui, "Intent", suffix, "What happens to colours outside the colour space.", |ui| {
            choice(ui, "intent", &mut choice_of.intent, &intents)
        });
        let help = "Maps black to black. Matters for table-based profiles, such as those of printers.";
        checkbox(ui, &mut choice_of.black_point, "Black-point compensation", suffix, help);
    });
    let mut dithers = choice_of.dither == Dither::BlueNoise;
    let help = "If a format holds fewer bits than the picture has, blue noise avoids banding in smooth areas.";
    checkbox(ui, &mut dithers, "Dither when reducing bit depth", suffix, help);
    choice_of.dither = if dithers { Dither::BlueNoise } else { Dither::Round };
    dynamic_range(ui, &mut export.hdr, suffix);
    let maps = GainMapChoice::ALL.map(|choice| (choice, choice.title()));
    let help =
        "Gain maps of phone photos make them brighter on HDR displays. Kept in JPEG; applied in formats that hold HDR.";
    named_row(ui, "Gain map", suffix, help, |ui| choice(ui, "gain map", &mut export.gain_map, &maps));
    browses
}

/// Draws the choices about high dynamic range.
fn dynamic_range(ui: &mut Ui, chosen: &mut HdrChoice, suffix: &str) {
    let modes = [
        (HdrMode::Keep, "Keep where the format can"),
        (HdrMode::ToneMap, "Tone map"),
        (HdrMode::Bt2390, "Tone map (ITU-R BT.2390)"),
        (HdrMode::Clip, "Clip highlights"),
    ];
    let help = "What happens to PQ and HLG pictures. PNG, AVIF and OpenEXR can keep them; in other formats, and when \
                converting to a colour space, highlights are compressed. BT.2390 leaves more room to highlights and \
                darkens what is below them.";
    named_row(ui, "HDR pictures", suffix, help, |ui| choice(ui, "hdr", &mut chosen.mode, &modes));
    let mut sets = chosen.peak.is_some();
    let help = "Luminance that becomes white when highlights are compressed. Otherwise it is what the file states, or its \
                brightest pixel.";
    checkbox(ui, &mut sets, "Set the peak luminance", suffix, help);
    chosen.peak = sets.then(|| chosen.peak.unwrap_or(1000.0));
    if let Some(peak) = &mut chosen.peak {
        named_row(ui, "Peak", suffix, help, |ui| {
            ui.add(DragValue::new(peak).range(PEAK).speed(5.0).max_decimals(0).suffix(" cd/m²"))
        });
    }
}

fn metadata(ui: &mut Ui, export: &mut ExportSettings, suffix: &str) {
    let chosen = &mut export.metadata;
    let keeps = [
        (Keep::All, "Everything"),
        (Keep::WithoutLocation, "Everything except the location"),
        (Keep::Nothing, "Nothing"),
    ];
    let help = "The location is coordinates and names of places in Exif, maker notes, XMP, IPTC and texts.";
    named_row(ui, "Keep", suffix, help, |ui| choice(ui, "metadata", &mut chosen.keep, &keeps));
    named_row(ui, "Artist", suffix, "Creator of the pictures; leave empty to keep what is there.", |ui| {
        text(ui, "artist", &mut chosen.artist, "same as the source", 240.0)
    });
    named_row(ui, "Copyright", suffix, "Written to Exif, XMP and IPTC; leave empty to keep what is there.", |ui| {
        text(ui, "copyright", &mut chosen.copyright, "same as the source", 240.0)
    });
    let mut sets = chosen.dpi.is_some();
    let help = "Pixels per inch for printing; the pixels do not change.";
    checkbox(ui, &mut sets, "Set the resolution", suffix, help);
    chosen.dpi = sets.then(|| chosen.dpi.unwrap_or(300.0));
    if let Some(dpi) = &mut chosen.dpi {
        named_row(ui, "Pixels per inch", suffix, help, |ui| {
            ui.add(DragValue::new(dpi).range(1.0..=10_000.0).speed(1.0))
        });
    }
    let help = "A picture without a profile is treated as sRGB.";
    checkbox(ui, &mut chosen.profile, "Embed the colour profile", suffix, help);
    let help = "Results get the modification times of their sources.";
    checkbox(ui, &mut chosen.file_times, "Keep file dates", suffix, help);
}
