//! The limits on what is read: a submenu of numbers.

use egui::{RichText, Ui};

use super::action::Action;
use super::state::State;
use super::theme::Palette;
use super::workers::Number;
use crate::codec::Limits;

/// Room before names, as in the other submenus.
const INDENT: f32 = 10.0;

/// Draws the submenu's contents.
pub fn menu(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let present = Limits::current();
    let enabled = state.why_not(&Action::SetLimits(present.clone())).is_none();
    let mut edited = present.clone();
    let mut number = |label, help, suffix, range, speed, value: usize| {
        Number { label, help, suffix, zero: None, range, speed, indent: INDENT }
            .show(ui, enabled, value)
            .unwrap_or(value)
    };
    let mib = |bytes: u64| (bytes >> 20) as usize;
    let file = number("File", "Larger files are refused.", " MiB", 1..=1 << 20, 16.0, mib(edited.file_bytes));
    let decoded = number(
        "Decoded picture",
        "Pictures that take more memory when decoded are refused before it is asked for.",
        " MiB",
        1..=1 << 20,
        16.0,
        mib(edited.decoded_bytes),
    );
    (edited.file_bytes, edited.decoded_bytes) = ((file as u64) << 20, (decoded as u64) << 20);
    let help = "Pictures that are wider or higher are refused.";
    edited.side = number("Width or height", help, " px", 1..=1 << 24, 64.0, edited.side as usize) as u32;
    let help = "Animations and files of many pages that hold more pictures are refused.";
    edited.frames = number("Frames or pages", help, "", 1..=1_000_000, 4.0, edited.frames as usize) as u32;
    let help = "Progressive JPEGs of more scans are not decoded to the end.";
    edited.scans = number("Scans of a JPEG", help, "", 1..=10_000, 1.0, edited.scans);
    let help = "Decoding a picture, or all frames of an animation, may take this long.";
    edited.seconds = number("Time to decode", help, " s", 1..=86_400, 1.0, edited.seconds as usize) as u32;
    ui.horizontal(|ui| {
        ui.add_space(INDENT);
        let words = "Files beyond a limit fail with the reason; the rest of the batch goes on.";
        ui.add(egui::Label::new(RichText::new(words).small().color(Palette::of(ui).weak)).wrap());
    });
    ui.horizontal(|ui| {
        ui.add_space(INDENT);
        let usual = Limits { drawing_side: present.drawing_side, ..Limits::default() };
        let button = ui.add_enabled(enabled && present != usual, egui::Button::new("Reset Limits"));
        if button.on_hover_text("Back to the limits that the program comes with.").clicked() {
            edited = usual;
        }
    });
    if edited != present {
        out.push(Action::SetLimits(edited));
    }
}
