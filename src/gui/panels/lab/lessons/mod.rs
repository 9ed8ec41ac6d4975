//! The lessons: the list of all on the left, and the chosen one as a card.

mod card;
mod comparison;
mod drawing;

use egui::{Align, Button, Label, Layout, Margin, RichText, ScrollArea, Ui, vec2};

use crate::gui::model::action::Action;
use crate::gui::model::lab::LabTab;
use crate::gui::model::lessons::{LessonAction, LessonPage};
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::paint::dot;
use crate::gui::widgets::scroll;
use crate::lab::lessons::{Conclusion, LESSONS};

pub const LIST: Panel = Panel::left("lessons", list)
    .exact_size(268.0)
    .margin(Margin { left: 12, right: 12, top: 8, bottom: 8 })
    .shown_if(|state| state.page() == Page::Lab(LabTab::Lessons));

pub const PAGE: Panel = Panel::central("lesson", page)
    .margin(Margin::symmetric(20, 14))
    .shown_if(|state| state.page() == Page::Lab(LabTab::Lessons));

fn list(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let palette = Palette::of(ui);
    scroll::vertical(ui, ScrollArea::vertical().id_salt("list of lessons").auto_shrink(false), |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let mut chapter = None;
        for lesson in LESSONS {
            if chapter.replace(lesson.chapter) != Some(lesson.chapter) {
                ui.add_space(GRID);
                ui.label(RichText::new(lesson.chapter.title()).small().color(palette.weak));
                ui.add_space(2.0);
            }
            row(ui, state, LessonPage::Lesson(lesson.id), lesson.title, out);
        }
        ui.add_space(GRID);
        ui.label(RichText::new("Side by side").small().color(palette.weak));
        ui.add_space(2.0);
        row(ui, state, LessonPage::Table, "Threads and processes compared", out);
    });
}

/// An entry of the list, with a mark of what the lesson came to.
fn row(ui: &mut Ui, state: &State, page: LessonPage, title: &str, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let lessons = &state.lessons;
    let (colour, word) = match page {
        _ if lessons.trial.as_ref().is_some_and(|trial| trial.page == page) => (palette.light_mark, "under way"),
        LessonPage::Lesson(id) => match lessons.outcomes.get(id) {
            Some(Ok(outcome)) => (card::colour(palette, outcome.conclusion), outcome.conclusion.title()),
            Some(Err(_)) => (palette.bad, "failed"),
            None => (palette.border, "not tried yet"),
        },
        LessonPage::Table => match &lessons.table {
            Some(Ok(_)) => (card::colour(palette, Conclusion::Held), "measured"),
            Some(Err(_)) => (palette.bad, "failed"),
            None => (palette.border, "not measured yet"),
        },
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.spacing_mut().button_padding = vec2(6.0, 2.0);
        ui.spacing_mut().interact_size.y = 26.0;
        ui.allocate_ui_with_layout(vec2(8.0, 26.0), Layout::left_to_right(Align::Center), |ui| dot(ui, colour));
        let button = Button::selectable(lessons.page == page, RichText::new(title).size(theme::BODY - 1.0)).truncate();
        let response = ui.add(button).on_hover_text(format!("{title}: {word}."));
        if response.accessible_name(format!("{title}, {word}")).clicked() {
            out.push(LessonAction::Open(page).into());
        }
    });
}

fn page(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let palette = Palette::of(ui);
    let area = ScrollArea::vertical().id_salt(format!("{:?}", state.lessons.page)).auto_shrink(false);
    scroll::vertical(ui, area, |ui| {
        // Lines of text are not to be longer than can be read.
        ui.set_max_width(ui.available_width().min(820.0));
        match state.lessons.page {
            LessonPage::Lesson(id) => card::show(ui, state, id, out),
            LessonPage::Table => comparison::show(ui, state, out),
        }
        ui.add_space(GRID);
        let with = if state.pictures.is_empty() { "the sample photos" } else { "some of your pictures" };
        let hint = format!(
            "Lessons that need pictures use {with}, and leave no files behind. This machine has {}.",
            state.lab.machine
        );
        ui.add(Label::new(RichText::new(hint).small().color(palette.weak)).wrap());
    });
}
