//! The list of pictures: rows or a contact sheet, of which only the visible part is drawn, however long it is.

mod entry;
mod layout;

use egui::{Align, Layout, Margin, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use lightloom_param::shown;

use crate::batch::LeftOut;
use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::state::{Page, State};
use crate::gui::panels::failures;
use crate::gui::panels::panel::{Panel, ResizableSize, Room, View};
use crate::gui::panels::picture_list::layout::{Item, ListLayout, Rows};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::paint::elided;
use crate::gui::widgets::scroll;
use crate::gui::widgets::segmented::{Segment, segmented};

/// Least width: one picture of the contact sheet.
const MIN_WIDTH: f32 = 152.0;
/// Width that is left to the picture and the filters.
const REST: f32 = 480.0;

pub const PANEL: Panel = Panel::left("pictures", show)
    .margin(Margin::symmetric(8, 8))
    .resizable(|Room { available, window }| ResizableSize {
        default: (0.22 * window).clamp(176.0, 420.0),
        min: MIN_WIDTH,
        max: available - REST,
    })
    .shown_if(|state| {
        let is_empty = state.pictures.is_empty() && state.pictures.problems.is_empty();
        state.page() == Page::Pictures && !is_empty
    });

fn show(ui: &mut Ui, View { state, memory, thumbnails, out, .. }: &mut View<'_>) {
    let memory = &mut memory.picture_list;
    header(ui, state, out);
    let pictures = &state.pictures;
    let only_failed = state.appearance.only_failed;
    let sheet = state.appearance.sheet && !only_failed;
    if only_failed && pictures.failed.len() + pictures.problems.len() == 0 {
        ui.add_space(GRID);
        ui.weak("No failures.");
        return;
    }
    let rows = match (sheet, only_failed || pictures.is_empty()) {
        (true, _) => Rows::Sheet,
        (false, true) => Rows::Failures,
        (false, false) => Rows::List,
    };
    let list = ListLayout::new(rows, ui.available_width(), pictures, only_failed);
    memory.columns = list.columns;
    let mut area = ScrollArea::vertical().id_salt(("pictures", sheet, only_failed)).auto_shrink(false);
    if std::mem::take(&mut memory.reveal_current)
        && let Some(place) = place_of_current(state).map(|place| list.place_of(place))
    {
        area = match place {
            place if place.min < memory.offset => area.vertical_scroll_offset(place.min),
            place if place.max > memory.offset + memory.height => {
                area.vertical_scroll_offset(place.max - memory.height)
            }
            _ => area,
        };
    }
    let output = scroll::in_margin(ui, |ui| {
        area.show_viewport(ui, |ui, viewport| {
            scroll::content(ui);
            let origin = ui.max_rect().min;
            ui.allocate_rect(Rect::from_min_size(origin, vec2(ui.max_rect().width(), list.height)), Sense::hover());
            let mut visible = Vec::new();
            for (item, place) in list.visible(viewport.y_range()) {
                let rect = place.translate(origin.to_vec2());
                match item {
                    Item::Problem(index) => entry::problem(ui, rect, index, &pictures.problems[index]),
                    Item::Heading(first) => heading(ui, rect, state, first, list.count_from(first)),
                    Item::Picture(place) => {
                        let index = if only_failed { pictures.failed[place] } else { place };
                        entry::picture(ui, rect, state, index, sheet, thumbnails, out);
                        visible.push(index);
                    }
                }
            }
            let entries = pictures.entries();
            let wanted = visible.iter().map(|&i| (entries[i].id, &entries[i].found.source));
            thumbnails.request(wanted, state.settings.limits);
        })
    });
    memory.offset = output.state.clamped_offset().y;
    memory.height = output.inner_rect.height();
}

/// The place of the current picture among those that are listed.
fn place_of_current(state: &State) -> Option<usize> {
    let index = state.pictures.current_index()?;
    if state.appearance.only_failed { state.pictures.failed.iter().position(|&i| i == index) } else { Some(index) }
}

/// The folder of the pictures below, and how many they are.
fn heading(ui: &Ui, rect: Rect, state: &State, first: usize, count: usize) {
    let palette = Palette::of(ui);
    let found = &state.pictures.entries()[first].found;
    let Some(folder) = found.source.name().parent() else { return };
    // Below the folder that was given, the path begins with its name.
    let base = found.root.as_deref().and_then(std::path::Path::parent);
    let title = base
        .and_then(|base| folder.strip_prefix(base).ok())
        .map_or_else(|| text::short_path(folder), |below| shown(below).into_owned());
    let response = ui.interact(rect, ui.scope_id().with(("folder", first)), Sense::hover());
    let name = format!("{title}, {}", text::pictures(count));
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &name));
    let font = egui::FontId::proportional(theme::SMALL);
    let number = ui.painter().layout_no_wrap(text::count(count), font.clone(), palette.weak);
    let width = number.size().x;
    let y = rect.bottom() - number.size().y - 4.0;
    ui.painter().galley(pos2(rect.right() - width, y), number, palette.weak);
    elided(ui, pos2(rect.left(), y), rect.width() - width - GRID, &title, font, palette.weak);
    ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, egui::Stroke::new(1.0, palette.border));
    response.on_hover_text(shown(folder));
}

fn header(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.heading("Pictures");
        let selected = state.pictures.selected();
        let count = text::count(state.pictures.len());
        ui.weak(if selected > 1 { format!("{count}, {} selected", text::count(selected)) } else { count });
        if state.discovering > 0 {
            // No spinner: drawing it would take a core from the search where there is no graphics card.
            ui.weak("searching…").on_hover_text("Searching for pictures…");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (icon, name) = if state.appearance.sheet {
                (Icon::List, "Show as a list")
            } else {
                (Icon::Sheet, "Show as a contact sheet")
            };
            if icon_button(ui, icon, name, !state.appearance.only_failed).clicked() {
                out.push(ViewAction::ToggleSheet.into());
            }
        });
    });
    let failed = state.pictures.failed.len() + state.pictures.problems.len();
    if failed > 0 && !state.pictures.is_empty() {
        let (all, failures) =
            (format!("All {}", text::count(state.pictures.len())), format!("Failed {}", text::count(failed)));
        let only = state.appearance.only_failed;
        let segments = [
            Segment::new(&all, "Every picture in the list.", !only),
            Segment::new(&failures, "Failed pictures, with stage and reason.", only),
        ];
        if let Some(chosen) = segmented(ui, true, theme::CONTROL, &segments) {
            out.push(ViewAction::OnlyFailed(chosen == 1).into());
        }
    }
    if state.appearance.only_failed {
        failures::show(ui, state, out);
    }
    left_out(ui, state, out);
    ui.add_space(GRID / 2.0);
}

/// What was left out of the folders, and the offer to look into it.
pub(super) fn left_out(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let count: usize = state.pictures.not_looked_into().map(LeftOut::count).sum();
    if count == 0 || state.discovering > 0 {
        return;
    }
    ui.horizontal(|ui| {
        let sentences: Vec<String> = state.pictures.not_looked_into().map(|one| format!("{one}.")).collect();
        ui.weak(format!("{} left out", text::plural(count, "file"))).on_hover_text(sentences.join("\n"));
        let help =
            "Look into the files whose names are not those of pictures, and add those that are pictures all the same.";
        if ui.button("Look Inside").on_hover_text(help).clicked() {
            out.push(Action::LookIntoLeftOut);
        }
    });
}
