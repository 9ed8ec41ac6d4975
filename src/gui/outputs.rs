//! What each picture is saved as: one result, or a list of outputs from one decode.

use egui::{DragValue, Id, Margin, RichText, TextEdit, Ui};

use super::action::Action;
use super::export::{format, quality};
use super::history::{Gesture, Part};
use super::lab::LabAction;
use super::shell::{Panels, card};
use super::state::State;
use super::tabs::Stack;
use super::text;
use super::theme::{self, GRID, Palette};
use super::widgets::{Icon, icon_button, labelled_button};
use super::{export_extras, export_options};
use crate::filter::Value;
use crate::recipe::{Export, MOST_OUTPUTS, Output, Recipe, Step};

/// Sides of new outputs: what most people want beside the original.
const SIDES: [u32; 3] = [1920, 256, 1080];

/// Sides that can be chosen.
const RANGE: std::ops::RangeInclusive<u32> = 1..=65_535;

/// Draws the list, with a button for another one.
pub fn show(ui: &mut Ui, state: &State, panels: &Panels, out: &mut Vec<Action>) {
    let outputs = &state.recipe().outputs;
    if !outputs.is_empty() {
        for index in 0..outputs.len() {
            ui.push_id(("output", index), |ui| output(ui, state, index, panels.presses, out));
            ui.add_space(GRID / 2.0);
        }
    }
    ui.horizontal(|ui| {
        let button = ui.add_enabled(outputs.len() < MOST_OUTPUTS, labelled_button(Icon::Add, "Add Output"));
        let help = "Save each picture once more from the same decode, with a size, format and name of its own.";
        if button.on_hover_text(help).clicked() {
            out.push(Action::SetOutputs(with_another(state.recipe()), None));
        }
        if outputs.is_empty() {
            let words = "Each picture is saved once. Add an output for a second size or format.";
            ui.label(RichText::new(words).small().color(Palette::of(ui).weak));
        }
    });
}

/// The recipe's outputs and one more; the first time, the one that there was becomes the first of two.
pub fn with_another(recipe: &Recipe) -> Vec<Output> {
    let mut outputs = recipe.outputs.clone();
    if outputs.is_empty() {
        let export = recipe.export.clone();
        outputs.push(Output { suffix: String::new(), export, ..Output::named("full size") });
    }
    let export = outputs.last().map_or_else(Export::default, |last| last.export.clone());
    let usual = SIDES.into_iter().map(|side| (side.to_string(), side));
    let numbered = (2..).map(|n: u32| (format!("output {n}"), SIDES[0]));
    for (name, side) in usual.chain(numbered) {
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

/// The outputs without one; a last one that only says how to save is what the recipe itself can say.
pub fn without(outputs: &[Output], index: usize) -> Vec<Output> {
    let mut left = outputs.to_vec();
    if index < left.len() {
        left.remove(index);
    }
    left
}

/// The box that an output is fitted into, if it is.
fn side(output: &Output) -> Option<u32> {
    let first = output.filters.first()?;
    let (width, height) = first.params.fit_box().filter(|_| first.enabled)?;
    Some(width.max(height))
}

/// Has an output fitted into a box of this side, or not.
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

fn output(ui: &mut Ui, state: &State, index: usize, press: u64, out: &mut Vec<Action>) {
    let all = &state.recipe().outputs;
    let this = &all[index];
    let number = index + 1;
    let mut changed = |edit: &dyn Fn(&mut Output), gesture: Option<Gesture>| {
        let mut outputs = all.to_vec();
        edit(&mut outputs[index]);
        out.push(Action::SetOutputs(outputs, gesture));
    };
    let (mut remove, mut edits, mut browses) = (false, false, false);
    card(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal(|ui| {
            let name = field(ui, "Name", number, &this.name, 110.0, "What this output is called, here and in reports.");
            if let Some(name) = name {
                changed(&|o| o.name.clone_from(&name), None);
            }
            let help = "Appended to the name of each file, before the extension.";
            if let Some(suffix) = field(ui, "Suffix", number, &this.suffix, 80.0, help) {
                changed(&|o| o.suffix.clone_from(&suffix), None);
            }
            let help = "A folder below the folder for results; none for that folder itself.";
            if let Some(folder) = field(ui, "Folder", number, &this.folder, 80.0, help) {
                changed(&|o| o.folder.clone_from(&folder), None);
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                remove = icon_button(ui, Icon::Close, &format!("Remove output {number}"), true).clicked();
            });
        });
        ui.horizontal(|ui| {
            let mut fits = side(this).is_some();
            let help = "Shrink to fit a square of this side; smaller pictures stay as they are.";
            let tick = ui.checkbox(&mut fits, "Fit into").accessible_name(format!("Fit output {number}"));
            if tick.on_hover_text(help).changed() {
                changed(&|o| set_side(o, fits.then_some(SIDES[0])), None);
            }
            if let Some(now) = side(this) {
                let mut edited = now;
                let value =
                    DragValue::new(&mut edited).range(RANGE).speed(4.0).suffix(" px").update_while_editing(false);
                let response = ui.add(value).accessible_name(format!("Side of output {number}"));
                response.on_hover_text(help);
                if edited != now {
                    changed(
                        &|o| set_side(o, Some(edited)),
                        Some(Gesture { press, part: Part::Side(index), control: 0 }),
                    );
                }
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                edits = edit_button(ui, this, number);
            });
        });
        ui.horizontal(|ui| {
            let label = ui.label(RichText::new("Save as").size(theme::SMALL + 1.0)).id;
            if let Some(export) = format(ui, &this.export, &format!("Format of output {number}"), label) {
                changed(&|o| o.export = export.clone(), None);
            }
            if let Some(export) = quality(ui, &this.export, 110.0, &format!("Quality of output {number}"), label) {
                changed(
                    &|o| o.export = export.clone(),
                    Some(Gesture { press, part: Part::Export(Some(index)), control: 0 }),
                );
            }
        });
        let folded = egui::CollapsingHeader::new(RichText::new("Options").size(theme::SMALL + 1.0));
        let whose = format!("of output {number}");
        let shown = folded.id_salt("options").show(ui, |ui| {
            let formats = export_options::formats(state, &this.export);
            if let Some(edited) = export_options::show(ui, &this.export, &formats, &whose) {
                let gesture = Gesture { press, part: Part::Export(Some(index)), control: edited.control };
                changed(&|o| o.export = edited.export.clone(), Some(gesture));
            }
        });
        let response = shown.header_response.accessible_name(format!("Options {whose}"));
        response.on_hover_text("How the format is written, and what becomes of animations.");
        match export_extras::show(ui, &this.export, theme::SMALL + 1.0, &whose) {
            Some(export_extras::Edit::Export(edited)) => {
                let gesture = export_extras::gesture(&this.export, &edited, press, Some(index));
                changed(&|o| o.export = edited.clone(), gesture);
            }
            Some(export_extras::Edit::Browse) => browses = true,
            None => {}
        }
    });
    if remove {
        out.push(Action::SetOutputs(without(all, index), None));
    }
    if browses {
        out.push(Action::BrowseProfile(Some(index)));
    }
    if edits {
        out.extend([Action::CloseModal, Action::Lab(LabAction::Close), Action::ShowStack(Stack::Output(index))]);
    }
}

/// Leads to the output's own stack of filters.
fn edit_button(ui: &mut Ui, output: &Output, number: usize) -> bool {
    let count = output.filters.len();
    let names: Vec<_> = output.filters.iter().map(|step| step.params.spec().title).collect();
    let (words, spoken, help) = if names.is_empty() {
        let help = "Show this output's own filters, which follow the common ones.".to_owned();
        ("Add filters…".to_owned(), format!("Add filters to output {number}"), help)
    } else {
        let words = format!("Edit {}", text::plural(count, "filter"));
        let help = format!("Show this output's own filters: {}.", names.join(", "));
        (words.clone(), format!("{words} of output {number}"), help)
    };
    ui.button(RichText::new(words).size(theme::SMALL + 1.0)).accessible_name(spoken).on_hover_text(help).clicked()
}

/// A field for a text that is taken when it is left.
fn field(ui: &mut Ui, label: &str, number: usize, now: &str, width: f32, help: &str) -> Option<String> {
    let name = format!("{label} of output {number}");
    let id = Id::unique(("output field", &name));
    let mut typed = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| now.to_owned());
    let field = TextEdit::singleline(&mut typed).hint_text(label).desired_width(width);
    let response = ui.add(field.margin(Margin::symmetric(6, 4))).accessible_name(&name).on_hover_text(help);
    if response.has_focus() {
        ui.data_mut(|d| d.insert_temp(id, typed));
        return None;
    }
    ui.data_mut(|d| d.remove::<String>(id));
    (response.lost_focus() && typed != now).then_some(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_come_and_go() {
        let mut recipe = Recipe::default();
        recipe.export.options.quality = 77;
        recipe.outputs = with_another(&recipe);
        let names = |recipe: &Recipe| recipe.outputs.iter().map(|o| (o.name.clone(), side(o))).collect::<Vec<_>>();
        assert_eq!(names(&recipe), [("full size".to_owned(), None), ("1920".to_owned(), Some(1920))]);
        assert!(recipe.outputs.iter().all(|o| o.export.options.quality == 77));
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
