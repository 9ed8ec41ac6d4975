//! The limits on what is read: a submenu of numbers.

use egui::{Button, Label, RichText, Ui};

use crate::codec::Limits;
use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::theme::Palette;
use crate::gui::widgets::number_field::NumberField;

/// Space before labels, as in the other submenus.
const INDENT: f32 = 10.0;

/// Draws the submenu's contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let present = state.settings.limits;
    let enabled = state.disabled_reason(&Action::SetLimits(present)).is_none();
    let mut edited = present;
    let mut number = |label, help, suffix, range, speed, value: usize| {
        NumberField { label, help, suffix, zero: None, range, speed, indent: INDENT }
            .show(ui, enabled, value)
            .unwrap_or(value)
    };
    let mib = |bytes: u64| (bytes >> 20) as usize;
    let file = number("File", "Larger files are refused.", " MiB", 1..=1 << 20, 16.0, mib(edited.file_bytes));
    let decoded = number(
        "Decoded picture",
        "Pictures that need more memory when decoded are refused before it is allocated.",
        " MiB",
        1..=1 << 20,
        16.0,
        mib(edited.decoded_bytes),
    );
    (edited.file_bytes, edited.decoded_bytes) = ((file as u64) << 20, (decoded as u64) << 20);
    let help = "Wider or taller pictures are refused.";
    edited.side = number("Width or height", help, " px", 1..=1 << 24, 64.0, edited.side as usize) as u32;
    let help = "Animations and multi-page files with more pictures are refused.";
    edited.frames = number("Frames or pages", help, "", 1..=1_000_000, 4.0, edited.frames as usize) as u32;
    let help = "Progressive JPEGs with more scans are not decoded to the end.";
    edited.scans = number("Scans per JPEG", help, "", 1..=10_000, 1.0, edited.scans);
    let help = "Decoding a picture, or all frames of an animation, may take at most this long.";
    edited.seconds = number("Time to decode", help, " s", 1..=86_400, 1.0, edited.seconds as usize) as u32;
    ui.horizontal(|ui| {
        ui.add_space(INDENT);
        let note = "Files beyond a limit fail with a reason; the rest of the batch goes on.";
        ui.add(Label::new(RichText::new(note).small().color(Palette::of(ui).weak)).wrap());
    });
    ui.horizontal(|ui| {
        ui.add_space(INDENT);
        let default = Limits { drawing_side: present.drawing_side, ..Limits::default() };
        let button = ui.add_enabled(enabled && present != default, Button::new("Reset Limits"));
        if button.on_hover_text("Restore the default limits.").clicked() {
            edited = default;
        }
    });
    if edited != present {
        out.push(Action::SetLimits(edited));
    }
}
