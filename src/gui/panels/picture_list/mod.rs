//! The list of pictures: rows or a contact sheet, of which only the visible part is drawn, however long it is.

mod band;
mod entry;
mod layout;

pub use entry::thumbnail_in;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use egui::containers::menu::MenuButton;
use egui::{
    Align, Align2, Key, Layout, Margin, Rangef, Rect, Role, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2,
};
use lightloom_param::shown;

use crate::batch::LeftOut;
use crate::gui::menus::entry::{MENU_WIDTH, entries, menu_config};
use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::listed::ListAction;
use crate::gui::model::presentation::{Menu, SORT_SECTION};
use crate::gui::model::state::{Page, State};
use crate::gui::model::view_memory::{HeldInPlace, ListMemory, Move};
use crate::gui::panels::failures;
use crate::gui::panels::panel::{Panel, ResizableSize, Room, View};
use crate::gui::panels::picture_list::layout::{Item, ListLayout, Rows};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::{icon_button, icon_menu_button};
use crate::gui::widgets::icon::{Icon, paint_icon};
use crate::gui::widgets::paint::{elided, focus_ring};
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
    header(ui, state, memory, out);
    let pictures = &state.pictures;
    let only_failed = state.appearance.only_failed;
    let sheet = state.appearance.sheet && !only_failed;
    if only_failed && pictures.failed.len() + pictures.problems.len() == 0 {
        memory.moves.clear();
        ui.add_space(GRID);
        ui.weak("No failures.");
        return;
    }
    let rows = match (sheet, only_failed || pictures.is_empty()) {
        (true, _) => Rows::Sheet,
        (false, true) => Rows::Failures,
        (false, false) => Rows::List,
    };
    let shown = state.shown();
    if shown.len() == 0 && !pictures.is_empty() && pictures.problems.is_empty() {
        memory.moves.clear();
        ui.add_space(GRID);
        ui.weak("No picture has that in its path or camera.");
        return;
    }
    if memory.reveal_current
        && let Some(folder) = pictures.current_index().and_then(|index| folder_of(state, index))
    {
        memory.folded.remove(folder);
    }
    let is_folded =
        |first| !memory.folded.is_empty() && folder_of(state, first).is_some_and(|f| memory.folded.contains(f));
    let list = ListLayout::new(rows, ui.available_width(), pictures, shown, is_folded);
    let mut out_of_keys = follow_keys(state, memory, &list);
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
    } else if memory.rearranged != state.listed.rearranged()
        && let Some(held) = memory.held_in_place
        && let Some(place) = shown.place(held.index)
    {
        // The order changed by itself: what is looked at stays where it is.
        area = area.vertical_scroll_offset((list.place_of(place).min - held.top).max(0.0));
    }
    memory.rearranged = state.listed.rearranged();
    let output = scroll::in_margin(ui, |ui| {
        area.show_viewport(ui, |ui, viewport| {
            scroll::content(ui);
            let origin = ui.max_rect().min;
            let content = Rect::from_min_size(origin, vec2(ui.max_rect().width(), list.height));
            // Also below the last picture.
            ui.allocate_rect(content, Sense::hover());
            let behind = content.union(ui.clip_rect());
            let dragged = ui.interact(behind, ui.scope_id().with("band"), Sense::drag());
            let mut visible = Vec::new();
            for (item, place) in list.visible(viewport.y_range()) {
                let rect = place.translate(origin.to_vec2());
                match item {
                    Item::Problem(index) => entry::problem(ui, rect, index, &pictures.problems[index]),
                    Item::Heading(first) => {
                        heading(ui, rect, state, first, list.count_from(first), &mut memory.folded);
                    }
                    Item::Picture(place) => {
                        let Some(index) = shown.index(place) else { continue };
                        entry::picture(ui, rect, state, index, sheet, thumbnails, out);
                        visible.push(index);
                    }
                }
            }
            band::follow(ui, &dragged, &mut memory.band, state, &list, origin, out);
            let entries = pictures.entries();
            let wanted = visible.iter().map(|&i| (entries[i].id, &entries[i].found.source));
            thumbnails.request(wanted, state.settings.limits);
        })
    });
    memory.offset = output.state.clamped_offset().y;
    memory.height = output.inner_rect.height();
    memory.held_in_place = held_in_place(ui, state, &list, output.inner_rect, memory.offset);
    // What has been chosen by a key is the current one from the next frame on.
    memory.reveal_current |= !out_of_keys.is_empty();
    out.append(&mut out_of_keys);
}

/// Turns what keys ask for into selections, which depend on where the pictures are.
fn follow_keys(state: &State, memory: &mut ListMemory, list: &ListLayout) -> Vec<Action> {
    let shown = state.shown();
    let mut at = place_of_current(state);
    let mut actions = Vec::new();
    for Move { motion, mode } in memory.moves.drain(..) {
        // Where the current picture is not shown, a key leads to the first that is.
        let place = at.map_or(0, |place| list.place_after(motion, place, memory.height));
        at = Some(place);
        actions.extend(shown.index(place).map(|index| Action::Select(index, mode)));
    }
    actions
}

/// What stays where it is when the order changes by itself: the picture under the pointer, or else the current one if it is
/// visible. At the top of the list, what comes first is shown.
fn held_in_place(ui: &Ui, state: &State, list: &ListLayout, seen: Rect, offset: f32) -> Option<HeldInPlace> {
    let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|at| seen.contains(*at));
    let held = |place: usize| {
        let top = list.place_of(place).min - offset;
        Some(HeldInPlace { index: state.shown().index(place)?, top })
    };
    let pointed = pointer.and_then(|at| {
        let y = at.y - seen.top() + offset;
        list.visible(Rangef::point(y)).into_iter().find_map(|(item, rect)| match item {
            Item::Picture(place) if rect.x_range().contains(at.x - seen.left()) => Some(place),
            _ => None,
        })
    });
    let current = || place_of_current(state).filter(|_| offset > 0.0);
    let visible = |place: &usize| {
        let rows = list.place_of(*place);
        rows.max > offset && rows.min < offset + seen.height()
    };
    pointed.or_else(current).filter(visible).and_then(held)
}

/// The place of the current picture among those that are listed.
fn place_of_current(state: &State) -> Option<usize> {
    state.shown().place(state.pictures.current_index()?)
}

/// The folder of a picture.
fn folder_of(state: &State, index: usize) -> Option<&Path> {
    state.pictures.entries().get(index)?.found.source.name().parent()
}

/// The folder of the pictures below, and how many they are; a click folds it.
fn heading(ui: &Ui, rect: Rect, state: &State, first: usize, count: usize, all_folded: &mut HashSet<PathBuf>) {
    let palette = Palette::of(ui);
    let found = &state.pictures.entries()[first].found;
    let Some(folder) = found.source.name().parent() else { return };
    // Below the folder that was given, the path begins with its name.
    let base = found.root.as_deref().and_then(Path::parent);
    let title = base
        .and_then(|base| folder.strip_prefix(base).ok())
        .map_or_else(|| text::short_path(folder), |below| shown(below).into_owned());
    let response = ui.interact(rect, ui.scope_id().with(("folder", first)), Sense::click());
    let folded = all_folded.contains(folder);
    let name = format!("{title}, {}", text::pictures(count));
    response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, &name));
    response.ctx.accesskit_node_builder(response.id, |node| node.set_expanded(!folded));
    if response.clicked() {
        if folded {
            all_folded.remove(folder);
        } else {
            all_folded.insert(folder.to_path_buf());
        }
    }
    let icon = Rect::from_center_size(pos2(rect.left() + 5.0, rect.bottom() - 12.0), vec2(10.0, 10.0));
    paint_icon(ui.painter(), if folded { Icon::Folded } else { Icon::Unfolded }, icon, palette.weak);
    let font = egui::FontId::proportional(theme::SMALL);
    let number = ui.painter().layout_no_wrap(text::count(count), font.clone(), palette.weak);
    let width = number.size().x;
    let y = rect.bottom() - number.size().y - 4.0;
    ui.painter().galley(pos2(rect.right() - width, y), number, palette.weak);
    elided(ui, pos2(icon.right() + 4.0, y), rect.width() - width - GRID - 14.0, &title, font, palette.weak);
    ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, egui::Stroke::new(1.0, palette.border));
    focus_ring(ui, &response, theme::ROUND);
    response.on_hover_text(format!("{}\nClick to {}.", shown(folder), if folded { "unfold" } else { "fold" }));
}

fn header(ui: &mut Ui, state: &State, memory: &mut ListMemory, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.heading("Pictures");
        let selected = state.pictures.selected();
        let all = text::count(state.pictures.len());
        let count = match state.listed.arrangement.find.as_str() {
            "" => all,
            _ => format!("{} of {all}", text::count(state.shown().len())),
        };
        let mut parts = vec![count];
        if selected > 1 {
            parts.push(format!("{} selected", text::count(selected)));
        }
        if state.pictures.excluded() > 0 {
            parts.push(format!("{} excluded", text::count(state.pictures.excluded())));
        }
        ui.weak(parts.join(", "));
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
    } else if !state.pictures.is_empty() {
        find_and_sort(ui, state, memory, out);
    }
    left_out(ui, state, out);
    ui.add_space(GRID / 2.0);
}

/// The field that finds pictures, and the menu of their order.
fn find_and_sort(ui: &mut Ui, state: &State, memory: &mut ListMemory, out: &mut Vec<Action>) {
    ui.add_space(GRID / 2.0);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (sort, _) = MenuButton::from_button(icon_menu_button(Icon::Sort)).config(menu_config()).ui(ui, |ui| {
                ui.set_width(MENU_WIDTH);
                entries(ui, Menu::View, |section| section == SORT_SECTION, state, out);
            });
            sort.accessible_name("Order of pictures").on_hover_text("Sort the pictures.");
            let find = &mut memory.find;
            let before = find.clone();
            if !find.is_empty() && icon_button(ui, Icon::Close, "Show all pictures", true).clicked() {
                find.clear();
            }
            let field =
                TextEdit::singleline(find).id_salt("find pictures").hint_text("Find").margin(Margin::symmetric(8, 4));
            let field = ui.add(field.align(Align2::LEFT_CENTER).desired_width(f32::INFINITY));
            if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
                find.clear();
            }
            if *find != before {
                out.push(ListAction::Find(find.clone()).into());
            }
            let field = field.accessible_name("Find pictures");
            if std::mem::take(&mut memory.focus_find) {
                field.request_focus();
            }
            let help = "Show only the pictures whose path or camera contains what you type.";
            field.on_hover_text(text::with_keys(ui.ctx(), help, state.keys.keys_for(ListAction::FocusFind)));
        });
    });
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
