//! What the file says beside its pixels, and what becomes of that in the result.

use egui::epaint::RectShape;
use egui::{
    Align, Button, Label, Layout, Rect, RichText, Role, ScrollArea, Sense, Shape, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::gui::model::view_memory::PreviewMemory;
use crate::gui::panels::preview::canvas::Canvas;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::preview::request::Described;
use crate::gui::theme::{self, GRID, Palette};
use crate::picture::description::Fate;

const WIDTH: f32 = 336.0;
/// Width of the names.
const NAME: f32 = 120.0;

/// Lists the metadata at the right of the canvas, with room for a histogram `below` or not.
pub fn show(ui: &mut Ui, canvas: &Canvas, memory: &mut PreviewMemory, images: &PreviewImages, below: f32) {
    let room = canvas.rect.shrink(GRID);
    let top = if canvas.names_sides { 4.0 * GRID } else { 0.0 };
    let size = vec2(WIDTH.min(room.width()), (room.height() - top - below).max(room.height().min(120.0)));
    let rect = Rect::from_min_size(room.right_top() + vec2(-size.x, top), size);
    // What lies below it is neither moved nor zoomed.
    let behind = rect.with_max_y(rect.bottom().min(rect.top() + memory.metadata_height));
    let behind = ui.interact(behind, ui.scope_id().with("metadata"), Sense::click_and_drag());
    behind.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Metadata"));
    // It is as high as what is in it, which is known afterwards.
    let background = ui.painter_at(canvas.rect).add(Shape::Noop);
    let within = UiBuilder::new().max_rect(rect.shrink2(vec2(12.0, GRID)));
    let content = ui.scope_builder(within, |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        list(ui, images);
    });
    let shown = rect.with_max_y(rect.bottom().min(content.response.rect.bottom() + GRID));
    memory.metadata_height = shown.height();
    let fill = Palette::of(ui).panel.gamma_multiply(0.96);
    ui.painter_at(canvas.rect).set(background, RectShape::filled(shown, theme::ROUND, fill));
}

/// Title and blocks.
fn list(ui: &mut Ui, images: &PreviewImages) {
    let described = images.metadata();
    ui.horizontal(|ui| {
        ui.label(RichText::new("Metadata").strong());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let copy = ui.add_enabled(!described.is_empty(), Button::new("Copy").small());
            if copy.accessible_name("Copy metadata").on_hover_text("Copy all of it as text.").clicked() {
                ui.copy_text(as_text(described));
            }
        });
    });
    if described.is_empty() {
        let text = if images.is_busy() { "Reading…" } else { "The file says nothing beside its pixels." };
        ui.label(RichText::new(text).color(Palette::of(ui).weak));
        return;
    }
    ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for block in described.chunk_by(|a, b| a.entry.block == b.entry.block) {
            ui.add_space(6.0);
            ui.label(RichText::new(block[0].entry.block.title()).size(theme::SMALL).strong());
            for described in block {
                row(ui, described);
            }
        }
    });
}

/// Name and value; what is not in the result is crossed out.
fn row(ui: &mut Ui, Described { entry, fate }: &Described) {
    let palette = Palette::of(ui);
    let small = |text: &str| RichText::new(text).size(theme::SMALL);
    ui.with_layout(Layout::left_to_right(Align::TOP), |ui| {
        ui.scope(|ui| {
            ui.set_width(NAME);
            ui.add(Label::new(small(&entry.name).color(palette.weak)).wrap());
        });
        ui.vertical(|ui| {
            let (gone, help) = match fate {
                Some(Fate::Changed(_)) => (true, "The result has another value."),
                Some(Fate::Removed) => (true, "The result does not have it."),
                Some(Fate::Kept) => (false, "The result has it too."),
                Some(Fate::Added) => (false, "Only the result has it."),
                None => (false, "What becomes of it is not known: the result cannot be encoded."),
            };
            let value = small(&entry.value);
            let value = if gone { value.strikethrough().color(palette.weak) } else { value.color(palette.text) };
            ui.add(Label::new(value).wrap()).on_hover_text(help);
            let says = |ui: &mut Ui, text: &str, colour| {
                ui.add(Label::new(small(text).color(colour)).wrap()).on_hover_text(help);
            };
            match fate {
                Some(Fate::Changed(value)) => says(ui, value, palette.text),
                Some(Fate::Removed) => says(ui, "left out", palette.warn),
                Some(Fate::Added) => says(ui, "added", palette.good),
                Some(Fate::Kept) | None => {}
            }
        });
    });
}

fn as_text(described: &[Described]) -> String {
    let lines = described.iter().map(|Described { entry, fate }| {
        let fate = match fate {
            Some(Fate::Changed(value)) => format!(" (in the result: {value})"),
            Some(Fate::Removed) => " (left out of the result)".to_owned(),
            Some(Fate::Added) => " (added in the result)".to_owned(),
            Some(Fate::Kept) | None => String::new(),
        };
        format!("{} {}: {}{fate}\n", entry.block.title(), entry.name, entry.value)
    });
    lines.collect()
}
