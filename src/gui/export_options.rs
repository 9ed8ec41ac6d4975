//! The options of the format that is written, made from what the table of options says of them: only those that count
//! for a format at hand are shown.

use egui::{Align, ComboBox, DragValue, Layout, RichText, Slider, Ui, vec2};

use super::state::State;
use super::theme;
use crate::codec::{CODECS, Codec, OPTIONS, OptionKind, OptionSpec, OptionValue};
use crate::recipe::{Export, FormatChoice, FrameChoice};

/// An export that was changed, and by which control: for undo.
pub struct Edited {
    /// As it is now.
    pub export: Export,
    /// A number of the control.
    pub control: usize,
}

/// The formats that results may be written in: one, or those of the pictures at hand.
pub fn formats(state: &State, export: &Export) -> Vec<&'static Codec> {
    if let FormatChoice::To(codec) = export.format {
        return vec![codec];
    }
    let paths = state.pictures.entries().iter().map(|entry| entry.source.path.as_path());
    let of_pictures: Vec<&'static Codec> = CODECS
        .iter()
        .copied()
        .filter(|codec| {
            paths.clone().any(|path| crate::codec::from_extension(path).is_some_and(|c| c.same() == *codec))
        })
        .collect();
    if of_pictures.is_empty() { CODECS.iter().copied().filter(|c| c.export).collect() } else { of_pictures }
}

/// Draws a control for each option that counts for one of the formats. `whose` ends the names for those who do not see
/// the labels; empty where there is but one export.
pub fn show(ui: &mut Ui, export: &Export, formats: &[&'static Codec], whose: &str) -> Option<Edited> {
    let mut edited = None;
    for (index, option) in OPTIONS.iter().enumerate() {
        // Quality stands beside the format.
        if option.key == "quality" || !formats.iter().any(|codec| option.applies_to(codec)) {
            continue;
        }
        let now = option.get(&export.options);
        let value = control(ui, option, now, whose);
        if value != now {
            let mut export = export.clone();
            export.options.set(option, value);
            edited = Some(Edited { export, control: index + 1 });
        }
    }
    let frames = frames(ui, export.frames, whose);
    if frames != export.frames {
        edited = Some(Edited { export: Export { frames, ..export.clone() }, control: OPTIONS.len() + 1 });
    }
    edited
}

fn name(label: &str, whose: &str) -> String {
    if whose.is_empty() { label.to_owned() } else { format!("{label} {whose}") }
}

fn row<R>(ui: &mut Ui, label: &str, help: &str, controls: impl FnOnce(&mut Ui) -> R) -> R {
    let row = ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(vec2(theme::LABEL, theme::CONTROL), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(theme::LABEL);
            ui.label(RichText::new(label).size(theme::SMALL + 1.0)).on_hover_text(help);
        });
        controls(ui)
    });
    row.inner
}

fn control(ui: &mut Ui, option: &OptionSpec, now: OptionValue, whose: &str) -> OptionValue {
    let help = format!("{}. Allowed: {}.", option.help, option.allowed());
    let name = name(option.label, whose);
    match (option.kind, now) {
        (OptionKind::Integer { min, max, unit, zero_is_off }, OptionValue::Integer(n)) => {
            let mut edited = n;
            row(ui, option.label, &help, |ui| {
                if max <= 256 {
                    ui.spacing_mut().slider_width = 180.0;
                    ui.name_inputs(&name, |ui| ui.add(Slider::new(&mut edited, min..=max)).on_hover_text(&help));
                } else {
                    let value = DragValue::new(&mut edited).range(min..=max).speed(1.0).update_while_editing(false);
                    let value = value.custom_formatter(move |n, _| match n as u32 {
                        0 if zero_is_off => "any size".to_owned(),
                        n => format!("{n} {unit}").trim_end().to_owned(),
                    });
                    let digits = |text: &str| text.trim().trim_end_matches(char::is_alphabetic).trim().parse().ok();
                    ui.add(value.custom_parser(digits)).accessible_name(&name).on_hover_text(&help);
                }
            });
            OptionValue::Integer(edited)
        }
        (OptionKind::Choice(words), OptionValue::Word(word)) => {
            let title = words.iter().find(|(known, _)| *known == word).map_or(word, |(_, title)| *title);
            let mut edited = word;
            row(ui, option.label, &help, |ui| {
                let combo = ComboBox::from_id_salt((option.key, whose)).selected_text(title).width(180.0);
                let shown = combo.show_ui(ui, |ui| {
                    for (word, title) in words {
                        ui.selectable_value(&mut edited, *word, *title);
                    }
                });
                shown.response.accessible_name(&name).on_hover_text(&help);
            });
            OptionValue::Word(edited)
        }
        (OptionKind::Toggle, OptionValue::Toggle(on)) => {
            let mut edited = on;
            row(ui, "", &help, |ui| {
                ui.checkbox(&mut edited, option.label).accessible_name(&name).on_hover_text(&help);
            });
            OptionValue::Toggle(edited)
        }
        (OptionKind::Colour, OptionValue::Colour(colour)) => {
            let mut edited = colour;
            row(ui, option.label, &help, |ui| {
                ui.color_edit_button_srgb(&mut edited).accessible_name(&name).on_hover_text(&help);
            });
            OptionValue::Colour(edited)
        }
        // A value is always of its option's kind.
        _ => now,
    }
}

fn frames(ui: &mut Ui, now: FrameChoice, whose: &str) -> FrameChoice {
    let help = "What becomes of animations and of files with several pages. Animations can be kept as GIF, PNG and WebP; \
                where they cannot, the first picture is used and a note says so.";
    let mut chosen = now;
    row(ui, "Animations", help, |ui| {
        let combo = ComboBox::from_id_salt(("frames", whose)).selected_text(now.title()).width(180.0);
        let shown = combo.show_ui(ui, |ui| {
            for choice in FrameChoice::ALL {
                ui.selectable_value(&mut chosen, choice, choice.title());
            }
        });
        shown.response.accessible_name(name("Animations", whose)).on_hover_text(help);
    });
    chosen
}
