//! The export settings: where results go, in which format, how good, and as which outputs.

use egui::{ComboBox, Margin, RichText, ScrollArea, Slider, TextEdit, Ui};

use super::action::Action;
use super::export_extras;
use super::export_options;
use super::history::{Gesture, Part};
use super::modals::buttons;
use super::outputs;
use super::shell::Panels;
use super::state::State;
use super::text;
use super::theme::{self, GRID, Palette};
use super::widgets::{Icon, labelled_button, primary_button};
use crate::batch::{OutputSettings, RESULT_FOLDER, Target, plan_jobs};
use crate::codec::EncodeOptions;
use crate::recipe::{Export, FormatChoice, Output};

/// Draws the content of the dialog.
pub fn show(ui: &mut Ui, state: &State, panels: &Panels, out: &mut Vec<Action>) {
    ui.set_width(480.0);
    ui.heading("Export settings");
    ui.add_space(GRID);
    // The buttons stay in sight however much there is to choose.
    let most = (ui.ctx().content_rect().height() - 170.0).max(160.0);
    ScrollArea::vertical().id_salt("export").max_height(most).show(ui, |ui| choices(ui, state, panels, out));
    buttons(ui, |ui| {
        if primary_button(ui, true, None, "Done").on_hover_text("Close (Esc).").clicked() {
            out.push(Action::CloseModal);
        }
    });
}

fn choices(ui: &mut Ui, state: &State, panels: &Panels, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    row(ui, "Folder", |ui, label| folder(ui, &state.output, label, out));
    if state.recipe().outputs.is_empty() {
        let export = &state.recipe().export;
        row(ui, "Format", |ui, label| {
            out.extend(format(ui, export, "Format", label).map(|export| Action::SetExport(export, None)));
        });
        row(ui, "Quality", |ui, label| {
            let gesture = Gesture { press: panels.presses, part: Part::Export(None), control: 0 };
            let edited = quality(ui, export, 220.0, "Quality", label);
            out.extend(edited.map(|export| Action::SetExport(export, Some(gesture))));
        });
        let edited = export_options::show(ui, export, &export_options::formats(state, export), "");
        out.extend(edited.map(|edited| {
            let gesture = Gesture { press: panels.presses, part: Part::Export(None), control: edited.control };
            Action::SetExport(edited.export, Some(gesture))
        }));
        match export_extras::show(ui, export, theme::BODY, "") {
            Some(export_extras::Edit::Export(edited)) => {
                let gesture = export_extras::gesture(export, &edited, panels.presses, None);
                out.push(Action::SetExport(edited, gesture));
            }
            Some(export_extras::Edit::Browse) => out.push(Action::BrowseProfile(None)),
            None => {}
        }
    }
    outputs::show(ui, state, panels, out);
    ui.add_space(GRID);
    if let Some(sample) = sample(state) {
        egui::Frame::new().fill(palette.sunken).corner_radius(theme::ROUND).inner_margin(Margin::same(10)).show(
            ui,
            |ui| {
                ui.set_min_width(ui.available_width());
                ui.label(
                    RichText::new(if state.recipe().outputs.len() > 1 {
                        "The first results"
                    } else {
                        "The first result"
                    })
                    .small()
                    .color(palette.weak),
                );
                ui.label(RichText::new(sample).font(theme::figures(theme::SMALL)));
            },
        );
    }
    let promise = "Originals are never touched. Where a name is taken, the new file gets -2, -3 and so on.";
    ui.label(RichText::new(promise).small().color(palette.weak));
}

/// A label on the left, at the height of the first of its controls on the right.
fn row(ui: &mut Ui, label: &str, controls: impl FnOnce(&mut Ui, egui::Id)) {
    ui.horizontal_top(|ui| {
        let cell = egui::vec2(theme::LABEL, theme::CONTROL);
        let label = ui.allocate_ui_with_layout(cell, egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.set_min_width(cell.x);
            ui.label(label).id
        });
        ui.vertical(|ui| controls(ui, label.inner));
    });
    ui.add_space(GRID / 2.0);
}

fn folder(ui: &mut Ui, output: &OutputSettings, label: egui::Id, out: &mut Vec<Action>) {
    let beside = format!("Beside the source, in a folder named {RESULT_FOLDER}");
    if ui
        .radio(output.folder.is_none(), beside)
        .on_hover_text("Each source folder gets its results beside it.")
        .clicked()
    {
        out.push(Action::SetOutput(OutputSettings { folder: None, ..output.clone() }));
    }
    let other = ui.radio(output.folder.is_some(), "This folder").on_hover_text("All results go into one folder.");
    if other.clicked() && output.folder.is_none() {
        out.push(Action::ChooseOutput);
    }
    ui.horizontal(|ui| {
        // The path is taken when the field is left, so that half a path is never a setting.
        let id = label.with("typed folder");
        let now = output.folder.as_ref().map(|f| f.display().to_string()).unwrap_or_default();
        let mut typed = ui.data_mut(|d| d.get_temp::<String>(id)).unwrap_or_else(|| now.clone());
        let field = TextEdit::singleline(&mut typed).hint_text("path of a folder").desired_width(228.0);
        let response = ui
            .add(field.margin(Margin::symmetric(8, 7)))
            .labelled_by(label)
            .on_hover_text("A folder that is not there is made.");
        if response.has_focus() {
            ui.data_mut(|d| d.insert_temp(id, typed));
        } else {
            ui.data_mut(|d| d.remove::<String>(id));
            if response.lost_focus() && typed.trim() != now {
                let path = std::path::PathBuf::from(typed.trim());
                let folder = (!typed.trim().is_empty()).then(|| std::path::absolute(&path).unwrap_or(path));
                out.push(Action::SetOutput(OutputSettings { folder, ..output.clone() }));
            }
        }
        if ui.add(labelled_button(Icon::Folder, "Choose…")).on_hover_text("Choose a folder.").clicked() {
            out.push(Action::ChooseOutput);
        }
    });
    let mut keep = output.keep_tree;
    let help = "Folders below the source folder are made again; otherwise all results lie in one folder.";
    if ui.checkbox(&mut keep, "Keep the tree of folders").on_hover_text(help).changed() {
        out.push(Action::SetOutput(OutputSettings { keep_tree: keep, ..output.clone() }));
    }
}

/// A format as a person reads it.
const fn format_title(choice: FormatChoice) -> &'static str {
    match choice {
        FormatChoice::Same => "Same as the source",
        FormatChoice::To(codec) => codec.title,
    }
}

/// A choice of the format; gives the settings with another one once it is chosen.
pub fn format(ui: &mut Ui, export: &Export, name: &str, label: egui::Id) -> Option<Export> {
    let mut chosen = export.format;
    let combo = ComboBox::from_id_salt(name).selected_text(format_title(chosen)).width(180.0);
    let shown = combo.show_ui(ui, |ui| {
        for choice in FormatChoice::all() {
            ui.selectable_value(&mut chosen, choice, format_title(choice));
        }
    });
    let response =
        if name == "Format" { shown.response.labelled_by(label) } else { shown.response.accessible_name(name) };
    response.on_hover_text("The format that results are saved in.");
    (chosen != export.format).then(|| Export { format: chosen, ..export.clone() })
}

/// A slider for the quality; gives the settings with another one once it is moved.
pub fn quality(ui: &mut Ui, export: &Export, width: f32, name: &str, label: egui::Id) -> Option<Export> {
    let lossy = matches!(export.format, FormatChoice::Same) || matches!(export.format, FormatChoice::To(c) if c.lossy);
    let mut quality = export.options.quality;
    ui.spacing_mut().slider_width = width;
    let slider = Slider::new(&mut quality, 1..=100);
    let help = "100 keeps the most and takes the most room; 80 to 92 suits photographs.";
    ui.name_inputs(name, |ui| {
        let response = ui.add_enabled(lossy, slider);
        let response = response.labelled_by(label).on_hover_text(help);
        response.on_disabled_hover_text("This format keeps everything; there is nothing to choose.");
    });
    (quality != export.options.quality)
        .then(|| Export { options: EncodeOptions { quality, ..export.options.clone() }, ..export.clone() })
}

/// Where the first picture goes, a line an output.
fn sample(state: &State) -> Option<String> {
    let source = &state.pictures.entries().first()?.source;
    let recipe = state.recipe();
    let job = plan_jobs(std::slice::from_ref(source), recipe, &state.output).into_iter().next()?;
    let outputs = recipe.all_outputs();
    let line = |(target, output): (&Target, &Output)| {
        let extension = output.export.format.extension(&source.path);
        let extension = extension.to_string_lossy();
        Some(format!("{}.{extension}", text::short_path(&target.path())))
    };
    let lines: Option<Vec<String>> = job.targets.iter().zip(outputs.iter()).take(4).map(line).collect();
    Some(lines?.join("\n"))
}
