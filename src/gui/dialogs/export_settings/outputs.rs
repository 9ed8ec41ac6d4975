//! The outputs of a recipe: what each picture is saved as.

use egui::{Align, CollapsingHeader, DragValue, Id, Layout, Margin, RichText, Ui};

use crate::filter::Value;
use crate::gui::dialogs::export_settings::rows::{format, quality};
use crate::gui::dialogs::export_settings::{colour_and_metadata, format_options};
use crate::gui::model::action::{Action, LabAction, RecipeAction, ViewAction};
use crate::gui::model::history::{EditTarget, Gesture};
use crate::gui::model::stack::Stack;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::{icon_button, labelled_button};
use crate::gui::widgets::card::card;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::text_field::{TextFieldStyle, text_field};
use crate::recipe::{ExportSettings, MAX_OUTPUTS, Output, Recipe, Step};

/// Sides of new outputs: what most users want in addition to the original.
const SIDES: [u32; 3] = [1920, 256, 1080];

/// Sides that can be chosen.
const RANGE: std::ops::RangeInclusive<u32> = 1..=65_535;

/// Draws the list, with a button to add another output.
pub fn show(ui: &mut Ui, state: &State, press: u64, out: &mut Vec<Action>) {
    let outputs = &state.recipe().outputs;
    if !outputs.is_empty() {
        for index in 0..outputs.len() {
            ui.push_id(("output", index), |ui| OutputEditor { state, index, press, out }.show(ui));
            ui.add_space(GRID / 2.0);
        }
    }
    ui.horizontal(|ui| {
        let button = ui.add_enabled(outputs.len() < MAX_OUTPUTS, labelled_button(Icon::Add, "Add Output"));
        let help = "Save each picture once more, with its own size, format and name; it is decoded only once.";
        if button.on_hover_text(help).clicked() {
            out.push(RecipeAction::SetOutputs(with_another(state.recipe()), None).into());
        }
        if outputs.is_empty() {
            let hint = "Each picture is saved once. Add an output for another size or format.";
            ui.label(RichText::new(hint).small().color(Palette::of(ui).weak));
        }
    });
}

/// The recipe's outputs and one more. The first time, what the recipe itself says becomes the first of two.
fn with_another(recipe: &Recipe) -> Vec<Output> {
    let mut outputs = recipe.outputs.clone();
    if outputs.is_empty() {
        let export = recipe.export.clone();
        outputs.push(Output { suffix: String::new(), export, ..Output::named("full size") });
    }
    let export = outputs.last().map_or_else(ExportSettings::default, |last| last.export.clone());
    let common = SIDES.into_iter().map(|side| (side.to_string(), side));
    let numbered = (2..).map(|n: u32| (format!("output {n}"), SIDES[0]));
    for (name, side) in common.chain(numbered) {
        let mut next = Output { export: export.clone(), ..Output::named(&name) };
        set_side(&mut next, Some(side));
        outputs.push(next);
        let all = Recipe { outputs: outputs.clone(), ..Recipe::default() };
        if all.check_outputs().is_ok() {
            break;
        }
        outputs.pop();
    }
    outputs
}

/// The outputs without the one at `index`.
fn without(outputs: &[Output], index: usize) -> Vec<Output> {
    let mut left = outputs.to_vec();
    if index < left.len() {
        left.remove(index);
    }
    left
}

/// The side of the square that an output is fitted into, if it is.
fn side(output: &Output) -> Option<u32> {
    let first = output.filters.first()?;
    let (width, height) = first.params.fit_box().filter(|_| first.enabled)?;
    Some(width.max(height))
}

/// Fits an output into a square with this side, or not.
fn set_side(output: &mut Output, wanted: Option<u32>) {
    if side(output).is_some() {
        output.filters.remove(0);
    }
    let step = wanted.and_then(|side| {
        let mut step = Step::new("resize").ok()?;
        for key in ["width", "height"] {
            step.params.set(key, Value::Integer(side.into())).ok()?;
        }
        Some(step)
    });
    if let Some(step) = step {
        output.filters.insert(0, step);
    }
}

/// One output of the list as it is edited.
struct OutputEditor<'a> {
    state: &'a State,
    index: usize,
    /// Number of the current press of the pointer.
    press: u64,
    out: &'a mut Vec<Action>,
}

impl OutputEditor<'_> {
    fn output(&self) -> &Output {
        &self.state.recipe().outputs[self.index]
    }

    fn number(&self) -> usize {
        self.index + 1
    }

    fn gesture(&self, target: EditTarget, control: usize) -> Option<Gesture> {
        Some(Gesture { press: self.press, target, control })
    }

    fn edit(&mut self, gesture: Option<Gesture>, edit: impl FnOnce(&mut Output)) {
        let mut outputs = self.state.recipe().outputs.clone();
        edit(&mut outputs[self.index]);
        self.out.push(RecipeAction::SetOutputs(outputs, gesture).into());
    }

    fn show(&mut self, ui: &mut Ui) {
        card(ui).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.horizontal(|ui| self.names(ui));
            ui.horizontal(|ui| self.size_and_filters(ui));
            ui.horizontal(|ui| self.format_and_quality(ui));
            self.options(ui);
            self.colour_and_metadata(ui);
        });
    }

    fn names(&mut self, ui: &mut Ui) {
        let number = self.number();
        let Output { name, suffix, folder, .. } = self.output().clone();
        if let Some(name) = field(ui, "Name", number, &name, 110.0, "The name of this output, here and in reports.") {
            self.edit(None, |output| output.name = name);
        }
        let help = "Appended to the name of each file, before the extension.";
        if let Some(suffix) = field(ui, "Suffix", number, &suffix, 80.0, help) {
            self.edit(None, |output| output.suffix = suffix);
        }
        let help = "A subfolder of the folder for results; leave empty for that folder itself.";
        if let Some(folder) = field(ui, "Folder", number, &folder, 80.0, help) {
            self.edit(None, |output| output.folder = folder);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Close, &format!("Remove output {number}"), true).clicked() {
                let outputs = without(&self.state.recipe().outputs, self.index);
                self.out.push(RecipeAction::SetOutputs(outputs, None).into());
            }
        });
    }

    fn size_and_filters(&mut self, ui: &mut Ui) {
        let number = self.number();
        let now = side(self.output());
        let mut fits = now.is_some();
        let help = "Shrink to fit into a square with this side; smaller pictures keep their size.";
        let fit = ui.checkbox(&mut fits, "Fit into").accessible_name(format!("Fit output {number}"));
        if fit.on_hover_text(help).changed() {
            self.edit(None, |output| set_side(output, fits.then_some(SIDES[0])));
        }
        if let Some(now) = now {
            let mut edited = now;
            let field = DragValue::new(&mut edited).range(RANGE).speed(4.0).suffix(" px").update_while_editing(false);
            ui.add(field).accessible_name(format!("Side of output {number}")).on_hover_text(help);
            if edited != now {
                let gesture = self.gesture(EditTarget::Side(self.index), 0);
                self.edit(gesture, |output| set_side(output, Some(edited)));
            }
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if filters_button(ui, self.output(), number) {
                let show = ViewAction::ShowStack(Stack::Output(self.index)).into();
                self.out.extend([Action::CloseDialog, LabAction::Close.into(), show]);
            }
        });
    }

    fn format_and_quality(&mut self, ui: &mut Ui) {
        let number = self.number();
        let label = ui.label(RichText::new("Save as").size(theme::SMALL + 1.0)).id;
        if let Some(export) = format(ui, &self.output().export, &format!("Format of output {number}"), label) {
            self.edit(None, |output| output.export = export);
        }
        if let Some(export) = quality(ui, &self.output().export, 110.0, &format!("Quality of output {number}"), label) {
            let gesture = self.gesture(EditTarget::Export(Some(self.index)), 0);
            self.edit(gesture, |output| output.export = export);
        }
    }

    fn options(&mut self, ui: &mut Ui) {
        let suffix = format!("of output {}", self.number());
        let header = CollapsingHeader::new(RichText::new("Options").size(theme::SMALL + 1.0)).id_salt("options");
        let shown = header.show(ui, |ui| {
            let export = &self.output().export;
            let formats = format_options::formats(self.state, export);
            format_options::show(ui, export, &formats, &suffix)
        });
        let response = shown.header_response.accessible_name(format!("Options {suffix}"));
        response.on_hover_text("How the format is written, and what becomes of animations.");
        if let Some(edited) = shown.body_returned.flatten() {
            let gesture = self.gesture(EditTarget::Export(Some(self.index)), edited.control);
            self.edit(gesture, |output| output.export = edited.export);
        }
    }

    fn colour_and_metadata(&mut self, ui: &mut Ui) {
        let suffix = format!("of output {}", self.number());
        let export = &self.output().export;
        match colour_and_metadata::show(ui, export, theme::SMALL + 1.0, &suffix) {
            Some(colour_and_metadata::Edit::Export(edited)) => {
                let gesture = colour_and_metadata::gesture(export, &edited, self.press, Some(self.index));
                self.edit(gesture, |output| output.export = edited);
            }
            Some(colour_and_metadata::Edit::Browse) => self.out.push(Action::BrowseProfile(Some(self.index))),
            None => {}
        }
    }
}

/// The button that leads to the output's own stack of filters; returns whether it was clicked.
fn filters_button(ui: &mut Ui, output: &Output, number: usize) -> bool {
    let count = output.filters.len();
    let names: Vec<_> = output.filters.iter().map(|step| step.params.spec().title).collect();
    let (title, name, help) = if names.is_empty() {
        let help = "Show this output's own filters, which are applied after the common ones.".to_owned();
        ("Add filters…".to_owned(), format!("Add filters to output {number}"), help)
    } else {
        let title = format!("Edit {}", text::plural(count, "filter"));
        let help = format!("Show this output's own filters: {}.", names.join(", "));
        (title.clone(), format!("{title} of output {number}"), help)
    };
    ui.button(RichText::new(title).size(theme::SMALL + 1.0)).accessible_name(name).on_hover_text(help).clicked()
}

/// A text field of output `number`; returns what was typed once the field has been left.
fn field(ui: &mut Ui, label: &str, number: usize, now: &str, width: f32, help: &str) -> Option<String> {
    let name = format!("{label} of output {number}");
    let style = TextFieldStyle { hint: label, width, margin: Margin::symmetric(6, 4) };
    let (response, typed) = text_field(ui, Id::unique(("output field", &name)), now, &style);
    response.accessible_name(&name).on_hover_text(help);
    typed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_come_and_go() {
        let mut recipe = Recipe::default();
        recipe.export.options.set_quality(77);
        recipe.outputs = with_another(&recipe);
        let names = |recipe: &Recipe| recipe.outputs.iter().map(|o| (o.name.clone(), side(o))).collect::<Vec<_>>();
        assert_eq!(names(&recipe), [("full size".to_owned(), None), ("1920".to_owned(), Some(1920))]);
        assert!(recipe.outputs.iter().all(|o| o.export.options.quality() == 77));
        for _ in 0..4 {
            recipe.outputs = with_another(&recipe);
        }
        assert_eq!(recipe.outputs.len(), 6);
        assert_eq!(recipe.check_outputs(), Ok(()));
        recipe.outputs = without(&recipe.outputs, 1);
        assert_eq!(names(&recipe)[1], ("256".to_owned(), Some(256)));
        recipe.outputs = with_another(&recipe);
        assert!(names(&recipe).contains(&("1920".to_owned(), Some(1920))), "the name is free again");
        set_side(&mut recipe.outputs[0], Some(8));
        set_side(&mut recipe.outputs[1], None);
        assert_eq!((side(&recipe.outputs[0]), recipe.outputs[1].filters.len()), (Some(8), 0));
    }
}
