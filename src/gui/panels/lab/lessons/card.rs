//! A lesson as a card: its claim, what is predicted, what happened, and what Python and Lightloom call it.

use egui::{
    Align, Align2, Color32, FontId, Frame, Label, Layout, Margin, Rect, RichText, Role, Sense, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::gui::model::action::Action;
use crate::gui::model::lessons::{LessonAction, LessonPage, Trial};
use crate::gui::model::state::State;
use crate::gui::panels::lab::lessons::drawing;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::{labelled_button, primary_button};
use crate::gui::widgets::card::{callout, card};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::paint::elided;
use crate::lab::lessons::{Conclusion, Figure, Lesson, Outcome, Prediction, find_lesson, number};

/// The colour of a conclusion.
pub const fn colour(palette: &Palette, conclusion: Conclusion) -> Color32 {
    match conclusion {
        Conclusion::Held => palette.good,
        Conclusion::DidNotHold => palette.warn,
        Conclusion::CannotBeShown => palette.waiting,
    }
}

/// Draws the lesson with this id.
pub fn show(ui: &mut Ui, state: &State, id: &str, out: &mut Vec<Action>) {
    let Some(lesson) = find_lesson(id) else { return };
    let page = LessonPage::Lesson(lesson.id);
    let outcome = state.lessons.outcomes.get(lesson.id);
    let label = if outcome.is_some() { "Try Again" } else { "Try It" };
    heading(ui, state, page, lesson.title, lesson.claim, label, out);
    if lesson.experiment().is_none() {
        shown_by(ui, lesson, out);
    }
    let trial = state.lessons.trial.as_ref().filter(|trial| trial.page == page);
    let experiment = lesson.experiment().is_some().then_some(lesson);
    let tried = experiment.or_else(|| lesson.shown_by().next());
    if let Some(trial) = trial {
        if let (Some(prediction), Some(tried)) = (&trial.prediction, tried) {
            predicted(ui, tried, prediction);
        }
        progress(ui, trial, out);
    }
    match outcome {
        Some(Ok(outcome)) => {
            if let Some(tried) = tried {
                predicted(ui, tried, &outcome.prediction);
            }
            shown(ui, outcome);
        }
        Some(Err(reason)) => {
            ui.label(RichText::new(reason).color(Palette::of(ui).bad));
        }
        None => {}
    }
    ui.add_space(GRID / 2.0);
    in_python(ui, lesson);
}

/// Title, claim, and the button that tries it.
pub fn heading(
    ui: &mut Ui,
    state: &State,
    page: LessonPage,
    title: &str,
    claim: &str,
    button: &str,
    out: &mut Vec<Action>,
) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let disabled_reason = state.disabled_reason(&LessonAction::Try(page).into());
            let response = primary_button(ui, disabled_reason.is_none(), Some(Icon::Start), button)
                .on_hover_text("Try this on this machine; it takes some seconds.")
                .on_disabled_hover_text(disabled_reason.unwrap_or_default());
            if response.accessible_name(format!("Try: {title}")).clicked() {
                out.push(LessonAction::Try(page).into());
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(title).heading()).truncate());
            });
        });
    });
    ui.add(Label::new(RichText::new(claim).size(theme::BODY + 1.0)).wrap());
    ui.add_space(GRID / 2.0);
}

/// For advice: the lessons that show why.
fn shown_by(ui: &mut Ui, lesson: &Lesson, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = GRID;
        ui.label(RichText::new("Shown by:").color(palette.weak));
        for other in lesson.shown_by() {
            if ui.link(other.title).on_hover_text(other.claim).clicked() {
                out.push(LessonAction::Open(LessonPage::Lesson(other.id)).into());
            }
        }
    });
}

fn predicted(ui: &mut Ui, lesson: &Lesson, prediction: &Prediction) {
    let Prediction::Value { value, sentence } = prediction else { return };
    let quantity = lesson.experiment().map_or("", |experiment| experiment.quantity);
    let palette = Palette::of(ui);
    ui.label(RichText::new("Prediction").small().color(palette.weak));
    ui.add(Label::new(format!("About {} {quantity}. {sentence}", number(*value))).wrap());
    ui.add_space(GRID / 2.0);
}

/// What goes on at the moment, and a button to stop it.
pub fn progress(ui: &mut Ui, trial: &Trial, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    let name = format!("Tried {:.0} %", 100.0 * trial.share());
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &name));
    ui.painter().rect_filled(rect, 4.0, palette.sunken);
    let done = Rect::from_min_size(rect.min, vec2(rect.width() * trial.share(), rect.height()));
    ui.painter().rect_filled(done, 4.0, palette.light_mark);
    ui.horizontal(|ui| {
        let stop = ui.add_enabled(!trial.is_stopped(), labelled_button(Icon::Stop, "Stop"));
        if stop.on_hover_text("Stop; nothing is kept of it.").accessible_name("Stop the lesson").clicked() {
            out.push(LessonAction::Stop.into());
        }
        ui.add(Label::new(RichText::new(trial.description()).small().color(palette.weak)).truncate());
    });
    if let Some(drawing) = &trial.drawing {
        drawing::show(ui, drawing);
    }
}

fn shown(ui: &mut Ui, outcome: &Outcome) {
    let palette = Palette::of(ui);
    callout(ui, colour(palette, outcome.conclusion), |ui| {
        ui.add(Label::new(&outcome.sentence).wrap());
        if !outcome.note.is_empty() {
            ui.add(Label::new(RichText::new(&outcome.note).color(palette.weak)).wrap());
        }
        if let Some(simulated) = outcome.simulated {
            ui.add(Label::new(RichText::new(format!("({simulated})")).small().color(palette.warn)).wrap());
        }
    });
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let mut unit = "";
        for figure in &outcome.figures {
            if figure.unit != unit {
                unit = figure.unit;
                ui.add_space(GRID / 2.0);
            }
            let of_unit = outcome.figures.iter().filter(|other| other.unit == figure.unit);
            let most = of_unit.map(|other| other.high.max(other.value)).fold(0.0, f64::max);
            bar(ui, figure, most);
        }
    });
    for drawing in &outcome.drawings {
        ui.add_space(GRID / 2.0);
        drawing::show(ui, drawing);
    }
}

fn bar(ui: &mut Ui, figure: &Figure, most: f64) {
    const NAME_WIDTH: f32 = 230.0;
    const FIGURE_WIDTH: f32 = 170.0;
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let value = format!("{} {}", number(figure.value), figure.unit);
    let name = format!("{}: {value}", figure.label);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let middle = rect.center().y;
    let at = pos2(rect.left(), middle - 9.0);
    elided(ui, at, NAME_WIDTH - GRID, &figure.label, FontId::proportional(theme::BODY), palette.text);
    let rail = Rect::from_min_max(
        pos2(rect.left() + NAME_WIDTH, middle - 6.0),
        pos2(rect.right() - FIGURE_WIDTH, middle + 6.0),
    );
    ui.painter().rect_filled(rail, 4.0, palette.sunken);
    let place = |value: f64| rail.left() + rail.width() * (value / most.max(1e-12)).clamp(0.0, 1.0) as f32;
    let filled = Rect::from_min_max(rail.min, pos2(place(figure.value).max(rail.left() + 3.0), rail.bottom()));
    ui.painter().rect_filled(filled, 4.0, palette.loom);
    let (low, high) = (place(figure.low), place(figure.high));
    if high - low > 2.0 {
        let stroke = Stroke::new(1.5, palette.text);
        ui.painter().hline(low..=high, middle, stroke);
        for x in [low, high] {
            ui.painter().vline(x, middle - 3.0..=middle + 3.0, stroke);
        }
    }
    let figures = theme::figures(theme::SMALL + 1.0);
    ui.painter().text(pos2(rect.right(), middle), Align2::RIGHT_CENTER, &value, figures, palette.text);
    response.on_hover_text(format!(
        "Rounds from {} to {} {}; the bar is the median.",
        number(figure.low),
        number(figure.high),
        figure.unit
    ));
}

/// What Python and Lightloom use for it.
fn in_python(ui: &mut Ui, lesson: &Lesson) {
    let palette = Palette::of(ui);
    card(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.horizontal(|ui| {
            ui.label(RichText::new("In Python").small().color(palette.weak));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let link = ui.hyperlink_to(RichText::new("Python documentation").small(), lesson.python.page);
                link.on_hover_text(lesson.python.page);
            });
        });
        Frame::new().fill(palette.sunken).corner_radius(theme::ROUND).inner_margin(Margin::symmetric(8, 6)).show(
            ui,
            |ui| {
                ui.set_min_width(ui.available_width());
                ui.add(Label::new(RichText::new(lesson.python.words).monospace()).wrap());
            },
        );
        ui.add_space(GRID / 2.0);
        ui.label(RichText::new("In Lightloom").small().color(palette.weak));
        let mut idea = lesson.here.idea.to_owned();
        idea.replace_range(..1, &idea[..1].to_uppercase());
        ui.add(Label::new(format!("{idea}.")).wrap());
        ui.label(RichText::new(lesson.here.file).small().monospace().color(palette.weak));
    });
}
