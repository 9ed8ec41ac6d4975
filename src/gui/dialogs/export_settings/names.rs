//! How results are called, and what happens where a file is there already.

use egui::text::{CCursor, CCursorRange};
use egui::{Button, ComboBox, Frame, Id, Label, Margin, RichText, TextEdit, Ui, vec2};

use crate::batch::{Conflict, OutputSettings, TOKENS, Template};
use crate::gui::dialogs::export_settings::rows::row;
use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};

/// Width of the list of tokens.
const TOKEN_MENU: f32 = 470.0;

/// Draws the rows.
pub fn show(ui: &mut Ui, output: &OutputSettings, out: &mut Vec<Action>) {
    row(ui, "Names", |ui, label| {
        if let Some(names) = template(ui, &output.names, label) {
            out.push(Action::SetOutput(OutputSettings { names, ..output.clone() }));
        }
    });
    row(ui, "Existing files", |ui, label| {
        if let Some(conflict) = conflict(ui, output.conflict, label) {
            out.push(Action::SetOutput(OutputSettings { conflict, ..output.clone() }));
        }
    });
}

/// A field for the template; returns it as soon as what is typed is one.
fn template(ui: &mut Ui, now: &Template, label: Id) -> Option<Template> {
    let id = label.with("template");
    // What is typed need not be a template yet.
    let mut typed = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| now.as_str().to_owned());
    let before = typed.clone();
    let has_focus = ui
        .horizontal(|ui| {
            let field =
                TextEdit::singleline(&mut typed).id(id).desired_width(244.0).font(theme::figures(theme::SMALL + 1.0));
            let field = ui.add(field.margin(Margin::symmetric(8, 7))).labelled_by(label);
            let help = "Text, tokens in braces, and / between folders. The extension follows by itself.";
            let field = field.on_hover_text(help);
            let list = ComboBox::from_id_salt("token").selected_text("Insert token").width(120.0).height(440.0);
            let list = list.show_ui(ui, |ui| {
                ui.set_min_width(TOKEN_MENU);
                for token in TOKENS {
                    let entry = Button::selectable(false, token.token).shortcut_text(token.help);
                    let entry = ui.add(entry.min_size(vec2(TOKEN_MENU, 0.0)));
                    if entry.accessible_name(format!("{}, {}", token.token, token.help)).clicked() {
                        insert(ui, id, &mut typed, token.token);
                    }
                }
            });
            let help = "Insert what differs from picture to picture where the cursor is.";
            list.response.accessible_name("Insert token").on_hover_text(help);
            field.has_focus()
        })
        .inner;
    let parsed = Template::parse(&typed);
    match &parsed {
        // Once the field is left, it shows the template as it is kept.
        Ok(template) if template == now && !has_focus => {
            ui.data_mut(|data| data.remove::<String>(id));
        }
        _ => {
            ui.data_mut(|data| data.insert_temp(id, typed.clone()));
        }
    }
    if let Err(error) = &parsed {
        let sentence = format!("{}.", text::sentence(&error.to_string()));
        ui.add(Label::new(RichText::new(sentence).small().color(Palette::of(ui).bad)).wrap());
    }
    parsed.ok().filter(|template| template != now && typed != before)
}

/// Inserts a token where the cursor is, and goes on typing behind it.
fn insert(ui: &Ui, field: Id, typed: &mut String, token: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    let end = typed.chars().count();
    let selected = state.cursor.char_range().map(|range| range.as_sorted_char_range());
    let (from, to) = selected.map_or((end, end), |range| (range.start.0.min(end), range.end.0.min(end)));
    let before: String = typed.chars().take(from).collect();
    let after: String = typed.chars().skip(to).collect();
    *typed = format!("{before}{token}{after}");
    let behind = CCursor::new(from + token.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(behind)));
    state.store(ui.ctx(), field);
    ui.ctx().memory_mut(|memory| memory.request_focus(field));
}

fn conflict(ui: &mut Ui, now: Conflict, label: Id) -> Option<Conflict> {
    let mut chosen = now;
    let combo = ComboBox::from_id_salt("conflict").selected_text(now.title()).width(180.0);
    let shown = combo.show_ui(ui, |ui| {
        for conflict in Conflict::ALL {
            ui.selectable_value(&mut chosen, conflict, conflict.title()).on_hover_text(format!("{}.", conflict.help()));
        }
    });
    let help = format!("What happens if a file with the name of a result exists. {}.", now.help());
    shown.response.labelled_by(label).on_hover_text(help);
    (chosen != now).then_some(chosen)
}

/// Shows how the first results will be called.
pub fn samples(ui: &mut Ui, state: &State) {
    if state.name_samples.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    let frame = Frame::new().fill(palette.sunken).corner_radius(theme::ROUND);
    frame.inner_margin(Margin::same(10)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = GRID / 2.0;
        let title = if state.name_samples.len() > 1 { "The first results" } else { "The first result" };
        ui.label(RichText::new(title).small().color(palette.weak));
        for sample in &state.name_samples {
            let path = RichText::new(&sample.path).font(theme::figures(theme::SMALL));
            ui.add(Label::new(path).truncate().show_tooltip_when_elided(false)).on_hover_text(&sample.path);
            if let Some(note) = &sample.note {
                let note = format!("{}.", text::sentence(note));
                ui.add(Label::new(RichText::new(note).small().color(palette.warn)).wrap());
            }
        }
    });
    ui.add_space(GRID / 2.0);
}
