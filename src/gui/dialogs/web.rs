//! Pictures of the web: addresses are typed or pasted, and the pictures that they lead to are chosen from a list, of which
//! only the visible rows are drawn and fetched.

use egui::{Checkbox, Label, Margin, Rect, RichText, ScrollArea, Sense, Spinner, TextEdit, Ui, UiBuilder, pos2, vec2};
use lightloom_param::shown_text;

use crate::gui::model::action::Action;
use crate::gui::model::web::{FoundPicture, WebAction};
use crate::gui::panels::panel::View;
use crate::gui::panels::thumbnail_in;
use crate::gui::text;
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::dialog_parts::{buttons, heading, secondary_button};

/// Height of a row.
const ROW: f32 = 60.0;
/// Problems that are shown.
const PROBLEMS: usize = 4;

/// Draws its contents.
pub fn show(ui: &mut Ui, view: &mut View<'_>) {
    let screen = ui.ctx().content_rect();
    ui.set_width((screen.width() - 120.0).min(680.0));
    heading(ui, "Add from the web");
    let web = &view.state.web;
    ask(ui, view);
    if !web.title.is_empty() {
        ui.add_space(GRID);
        ui.label(RichText::new(shown_text(&web.title)).strong());
    }
    for problem in web.problems.iter().take(PROBLEMS) {
        ui.label(RichText::new(shown_text(problem)).color(Palette::of(ui).bad));
    }
    if web.problems.len() > PROBLEMS {
        ui.weak(format!("and {} more", web.problems.len() - PROBLEMS));
    }
    if !web.found.is_empty() {
        choices(ui, view, (screen.height() - 420.0).clamp(2.0 * ROW, 6.0 * ROW));
    }
    let chosen = web.chosen();
    buttons(ui, |ui| {
        let add = primary_button(ui, chosen > 0, None, &format!("Add {}", text::pictures(chosen)));
        if add.on_hover_text("Add the chosen pictures to the list.").clicked() {
            view.out.push(WebAction::Add.into());
        }
        if ui.add(secondary_button("Cancel")).on_hover_text("Close this dialog (Esc).").clicked() {
            view.out.push(Action::CloseDialog);
        }
    });
}

/// The field for addresses, and what is done with them.
fn ask(ui: &mut Ui, view: &mut View<'_>) {
    let web = &view.state.web;
    let label = ui.label("Addresses of pictures, pages or lists");
    let mut typed = web.text.clone();
    let field = TextEdit::multiline(&mut typed).desired_rows(3).desired_width(f32::INFINITY);
    let field = ui.add(field.hint_text("https://…").margin(Margin::symmetric(10, 6))).labelled_by(label.id);
    if web.text.is_empty() && web.found.is_empty() && !field.has_focus() {
        field.request_focus();
    }
    if field.changed() {
        view.out.push(WebAction::Edit(typed).into());
    }
    ui.horizontal(|ui| {
        let look = ui.add_enabled(!web.looking && !web.text.trim().is_empty(), secondary_button("Look"));
        if look.on_hover_text("See which pictures are there.").clicked() {
            view.out.push(WebAction::Look.into());
        }
        let mut allows = web.allows_private;
        let explanation = "Let pages and redirects lead to this computer and to private networks.";
        if ui.checkbox(&mut allows, "Private networks").on_hover_text(explanation).changed() {
            view.out.push(WebAction::AllowPrivate(allows).into());
        }
        if web.looking {
            ui.add(Spinner::new().size(14.0)).on_hover_text("Looking at the addresses…");
        }
    });
}

/// The pictures that were found.
fn choices(ui: &mut Ui, view: &mut View<'_>, height: f32) {
    let web = &view.state.web;
    ui.horizontal(|ui| {
        ui.weak(format!("{} found, {} chosen", text::pictures(web.found.len()), web.chosen()));
        for (name, chosen) in [("All", true), ("None", false)] {
            if ui.small_button(name).on_hover_text(format!("Choose {}.", name.to_lowercase())).clicked() {
                view.out.push(WebAction::ChooseAll(chosen).into());
            }
        }
    });
    ui.spacing_mut().item_spacing.y = 2.0;
    let area = ScrollArea::vertical().id_salt("web pictures").auto_shrink([false, true]).max_height(height);
    area.show_rows(ui, ROW, web.found.len(), |ui, range| {
        for at in range.clone() {
            row(ui, view, at, &web.found[at]);
        }
        if let Some(thumbnails) = &mut view.web_thumbnails {
            let visible = web.found[range].iter().map(|picture| (picture.id, &picture.source));
            thumbnails.request(visible, view.state.settings.limits);
        }
    });
}

fn row(ui: &mut Ui, view: &mut View<'_>, at: usize, picture: &FoundPicture) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width() - GRID, ROW), Sense::hover());
    let image = Rect::from_min_size(rect.left_top() + vec2(0.0, 4.0), vec2(ROW, ROW - 8.0));
    if let Some(thumbnails) = view.web_thumbnails.as_deref_mut() {
        thumbnail_in(ui, image, thumbnails, picture.id);
    }
    let beside = Rect::from_min_max(pos2(image.right() + 1.5 * GRID, rect.top() + 4.0), rect.max);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(beside));
    inside.spacing_mut().item_spacing.y = 0.0;
    let mut chosen = picture.chosen;
    let name = picture.source.file_name();
    let response = inside.add(Checkbox::new(&mut chosen, name.as_str()));
    if response.on_hover_text(picture.source.to_string()).changed() {
        view.out.push(WebAction::Choose(at, chosen).into());
    }
    let known = picture
        .fetched
        .as_ref()
        .map(|fetched| format!("{}, {}", text::dimensions(&fetched.picture), text::bytes(fetched.bytes)));
    let about = [Some(picture.kind.to_owned()), known, Some(shown_text(&picture.text).into_owned())];
    let about: Vec<String> = about.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    match &picture.fault {
        Some(fault) => inside.add(Label::new(RichText::new(fault).color(palette.bad)).truncate()),
        None => inside.add(Label::new(RichText::new(about.join(" · ")).weak()).truncate()),
    };
}
