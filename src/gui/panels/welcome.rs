//! What an empty window shows: an invitation, and what went wrong with the last attempt.

use egui::{Align, Button, Color32, Frame, Layout, Margin, RichText, Shape, Stroke, TextEdit, Ui, Vec2, vec2};
use lightloom_param::shown;

use crate::gui::model::action::Action;
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::pasted_paths::paths_in;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::{labelled_button, primary_button};
use crate::gui::widgets::icon::{Icon, paint_icon};

pub const PANEL: Panel = Panel::central("welcome", show)
    .margin(Margin::ZERO)
    .shown_if(|state| state.page() == Page::Pictures && state.pictures.is_empty());

/// Width of the column in the middle.
const COLUMN: f32 = 380.0;
/// Folders that are offered again.
const RECENT: usize = 4;

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let palette = Palette::of(ui);
    let room = ui.available_rect_before_wrap();
    let frame = room.shrink(2.0 * GRID);
    let corners = [frame.left_top(), frame.right_top(), frame.right_bottom(), frame.left_bottom(), frame.left_top()];
    ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(1.5, palette.border), 8.0, 6.0));

    let recent = state.recent_folders.len().min(RECENT);
    let height = 330.0 + if recent > 0 { 34.0 + 28.0 * recent as f32 } else { 0.0 };
    ui.add_space((room.height() - height).max(3.0 * GRID) / 2.0);
    ui.vertical_centered(|ui| {
        ui.set_max_width(COLUMN.min(room.width() - 6.0 * GRID));
        let (icon, _) = ui.allocate_exact_size(Vec2::splat(56.0), egui::Sense::hover());
        paint_icon(ui.painter(), Icon::Picture, icon, palette.light_mark);
        ui.add_space(GRID);
        ui.label(RichText::new("Drop a folder or pictures here").size(theme::DISPLAY));
        let promise = "Every picture passes through the filters on the right and is saved as a new file. Originals are never changed.";
        ui.label(RichText::new(promise).color(palette.weak));
        ui.add_space(2.0 * GRID);
        let width = 136.0 + 128.0 + GRID;
        ui.allocate_ui_with_layout(vec2(width, theme::BUTTON), Layout::left_to_right(Align::Center), |ui| {
            if primary_button(ui, true, Some(Icon::Folder), "Add Folder…").on_hover_text("Choose folders; pictures in them are added at any depth.").clicked() {
                out.push(Action::AddFolder);
            }
            if ui.add(labelled_button(Icon::File, "Add Files…")).on_hover_text("Choose pictures to add to the list.").clicked() {
                out.push(Action::AddFiles);
            }
        });
        ui.add_space(GRID);
        path_field(ui, out);
        let samples = Button::new(RichText::new("Try the samples").color(palette.loom)).frame_when_inactive(false);
        let help = "Add twelve pictures that come with Lightloom.";
        if ui.add(samples).on_hover_text(help).clicked() {
            out.push(Action::TrySamples);
        }
        recent_folders(ui, state, out);
        problem(ui, state);
    });
}

fn recent_folders(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    if state.recent_folders.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    ui.add_space(GRID);
    ui.label(RichText::new("Recent folders").small().color(palette.weak));
    ui.spacing_mut().item_spacing.y = 0.0;
    for folder in state.recent_folders.iter().take(RECENT) {
        let button = Button::new(text::short_path(folder)).frame_when_inactive(false).truncate();
        if ui.add(button).on_hover_text(shown(folder)).clicked() {
            out.push(Action::AddPaths(vec![folder.clone()]));
        }
    }
}

fn path_field(ui: &mut Ui, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let id = ui.scope_id().with("typed path");
    let mut typed = ui.data_mut(|d| d.get_temp::<String>(id).unwrap_or_default());
    let field = TextEdit::singleline(&mut typed)
        .hint_text("or paste a path and press Enter")
        .desired_width(336.0)
        .margin(Margin::symmetric(10, 6))
        .background_color(palette.panel);
    let response = ui
        .add(field)
        .accessible_name("Path of a file or folder")
        .on_hover_text("The path of a file or folder, or several, one per line.");
    if response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter)) {
        let mut paths = paths_in(&typed);
        if paths.is_empty() && !typed.trim().is_empty() {
            paths.push(typed.trim().into());
        }
        if !paths.is_empty() {
            out.push(Action::AddPaths(paths));
        }
        typed.clear();
    }
    ui.data_mut(|d| d.insert_temp(id, typed));
}

/// The problem of the last attempt, where the user looks.
fn problem(ui: &mut Ui, state: &State) {
    let palette = Palette::of(ui);
    if state.discovering > 0 {
        ui.add_space(GRID);
        ui.label(RichText::new("Searching for pictures…").color(palette.weak));
        return;
    }
    let Some(problem) = state.pictures.problems.last() else { return };
    ui.add_space(GRID);
    let sentence = format!("{} {}.", text::file_name(&problem.path), problem.reason);
    let tint: Color32 = palette.bad.gamma_multiply(0.14);
    Frame::new().fill(tint).corner_radius(theme::ROUND).inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.label(RichText::new(sentence).color(palette.bad));
    });
}
