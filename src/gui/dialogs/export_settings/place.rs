//! Where results go: beside the originals, into a folder, or into an archive.

use egui::{ComboBox, DragValue, Id, Label, Margin, RichText, Ui};

use crate::batch::{OutputSettings, RESULT_FOLDER};
use crate::gui::model::action::Action;
use crate::gui::model::archive_kind::{ArchiveKind, is_archive, placed};
use crate::gui::theme::Palette;
use crate::gui::widgets::button::labelled_button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::text_field::{TextFieldStyle, text_field};

/// Sizes of shards that can be chosen, in MiB.
const SHARD_MIB: std::ops::RangeInclusive<u64> = 1..=1_048_576;

/// Draws the choices.
pub fn show(ui: &mut Ui, output: &OutputSettings, label: Id, out: &mut Vec<Action>) {
    let archive = is_archive(output);
    let beside = format!("Next to the originals, in a folder named {RESULT_FOLDER}");
    let beside = ui.radio(output.folder.is_none(), beside);
    if beside.on_hover_text("Results are saved next to each source folder.").clicked() {
        out.push(Action::SetOutput(placed(output, None)));
    }
    let is_folder = output.folder.is_some() && !archive;
    let folder = ui.radio(is_folder, "This folder").on_hover_text("All results go into one folder.");
    if folder.clicked() && !is_folder {
        out.push(Action::ChooseOutputFolder);
    }
    let help = "All results go into one file, which is written once the run has ended: whole or not at all.";
    if ui.radio(archive, "An archive").on_hover_text(help).clicked() && !archive {
        out.push(Action::ChooseOutputArchive);
    }
    path(ui, output, label, out);
    if archive {
        kind(ui, output, out);
    }
    let mut keep = output.keep_tree;
    let help = "Recreate the folders below the source folder; otherwise all results go into one folder.";
    if ui.checkbox(&mut keep, "Keep subfolders").on_hover_text(help).changed() {
        out.push(Action::SetOutput(OutputSettings { keep_tree: keep, ..output.clone() }));
    }
}

/// The path of the folder or archive.
fn path(ui: &mut Ui, output: &OutputSettings, label: Id, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let now = output.folder.as_ref().map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
        let archive = is_archive(output);
        let hint = if archive { "path of an archive" } else { "path of a folder" };
        let style = TextFieldStyle { hint, width: 228.0, margin: Margin::symmetric(8, 7) };
        let (field, typed) = text_field(ui, label.with("typed folder"), &now, &style);
        let help =
            "The folder is created if it does not exist. A name that ends in .zip or .tar is that of an archive.";
        field.labelled_by(label).on_hover_text(help);
        if let Some(typed) = typed.filter(|typed| typed.trim() != now) {
            let path = std::path::PathBuf::from(typed.trim());
            let folder = (!typed.trim().is_empty()).then(|| std::path::absolute(&path).unwrap_or(path));
            out.push(Action::SetOutput(placed(output, folder)));
        }
        let (action, help) = if archive {
            (Action::ChooseOutputArchive, "Choose where the archive is saved.")
        } else {
            (Action::ChooseOutputFolder, "Choose a folder.")
        };
        if ui.add(labelled_button(Icon::Folder, "Choose…")).on_hover_text(help).clicked() {
            out.push(action);
        }
    });
}

/// The kind of archive, and the size of shards.
fn kind(ui: &mut Ui, output: &OutputSettings, out: &mut Vec<Action>) {
    let now = ArchiveKind::of(output);
    ui.horizontal(|ui| {
        let mut chosen = now;
        let title = now.map_or("Choose a format", ArchiveKind::title);
        let combo = ComboBox::from_id_salt("archive format").selected_text(title).width(180.0).show_ui(ui, |ui| {
            for kind in ArchiveKind::ALL {
                let entry = ui.selectable_value(&mut chosen, Some(kind), kind.title());
                entry.on_hover_text(format!("{}.", kind.help()));
            }
        });
        let help = now.map_or("The format of the archive", ArchiveKind::help);
        combo.response.accessible_name("Archive format").on_hover_text(format!("{help}."));
        if let Some(kind) = chosen.filter(|_| chosen != now) {
            out.push(Action::SetOutput(kind.chosen(output)));
        }
        if let Some(bytes) = output.shard_bytes.filter(|_| now == Some(ArchiveKind::Shards)) {
            let before = bytes >> 20;
            let mut mib = before;
            let field = DragValue::new(&mut mib).range(SHARD_MIB).speed(4.0).suffix(" MiB").update_while_editing(false);
            let help =
                "A new shard is begun once one has this size; a picture and what belongs to it are never divided.";
            ui.add(field).accessible_name("Shard size").on_hover_text(help);
            if mib != before {
                out.push(Action::SetOutput(OutputSettings { shard_bytes: Some(mib << 20), ..output.clone() }));
            }
        }
    });
    if now.is_none() {
        let sentence = "Archives of this format are only read. Choose Zip, Tar or WebDataset shards.";
        ui.add(Label::new(RichText::new(sentence).small().color(Palette::of(ui).bad)).wrap());
    }
}
