//! The selected picture, large: the result, the original, or both side by side, at any size.

use egui::{
    Align, Align2, Color32, ColorImage, Context, CursorIcon, FontId, Layout, Margin, Painter, Rect, RichText, Role,
    Sense, Stroke, TextureFilter, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::action::Action;
use super::develop::{Encoded, News, Side, View};
use super::input::holds_before;
use super::state::{Shown, State, Zoom};
use super::text;
use super::theme::{self, GRID, Palette};
use super::widgets::{Segment, segmented};

/// Tiles uploaded a frame.
const UPLOADS: usize = 3;
const UV: Rect = Rect { min: egui::Pos2::ZERO, max: pos2(1.0, 1.0) };

/// What the preview holds on the graphics card.
#[derive(Default)]
pub struct Preview {
    generation: u64,
    id: Option<u64>,
    before: Option<Layer>,
    after: Option<Layer>,
    failed: Option<String>,
    busy: bool,
    /// Whether the result is wanted as its file will hold it.
    encoded: bool,
    /// The point of the picture in the middle of the canvas; 0 is left or top, 1 right or bottom.
    centre: Vec2,
    /// Where original and result meet, as a share of the canvas.
    split: f32,
    /// Screen pixels for each pixel of the result when it just fits.
    fit: f32,
}

/// One picture.
struct Layer {
    size: Vec2,
    source: [u32; 2],
    overview: TextureHandle,
    tiles: Vec<Tile>,
    exact: bool,
    notes: Vec<String>,
    hash: Option<String>,
    encoded: Option<Encoded>,
}

struct Tile {
    at: Vec2,
    size: Vec2,
    /// Until it is first visible.
    image: Option<ColorImage>,
    texture: Option<TextureHandle>,
}

impl Layer {
    fn new(ctx: &Context, view: View) -> Self {
        let smooth = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };
        let tile = |([x, y], image): ([usize; 2], ColorImage)| Tile {
            at: vec2(x as f32, y as f32),
            size: vec2(image.width() as f32, image.height() as f32),
            image: Some(image),
            texture: None,
        };
        Self {
            size: vec2(view.size[0] as f32, view.size[1] as f32),
            source: view.source,
            overview: ctx.load_texture("preview", view.overview, smooth),
            tiles: view.tiles.into_iter().map(tile).collect(),
            exact: view.exact,
            notes: view.notes,
            hash: view.hash,
            encoded: view.encoded,
        }
    }

    /// Draws the picture into `rect`; pixel for pixel where that is worth it.
    fn paint(&mut self, painter: &Painter, rect: Rect, uploads: &mut usize) {
        painter.image(self.overview.id(), rect, UV, Color32::WHITE);
        let scale = rect.size() / self.size;
        if rect.width() * painter.pixels_per_point() <= self.overview.size_vec2().x {
            return;
        }
        for tile in &mut self.tiles {
            let place = Rect::from_min_size(rect.min + tile.at * scale, tile.size * scale);
            if !painter.clip_rect().intersects(place) {
                continue;
            }
            if tile.texture.is_none() && *uploads == 0 {
                painter.ctx().request_repaint();
                continue;
            }
            if let Some(image) = tile.image.take() {
                *uploads -= 1;
                let sharp = TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };
                tile.texture = Some(painter.ctx().load_texture("preview tile", image, sharp));
            }
            if let Some(texture) = &tile.texture {
                painter.image(texture.id(), place, UV, Color32::WHITE);
            }
        }
    }
}

impl Preview {
    /// Prepares for the answers to request `generation` about picture `id`, `encoded` or not.
    pub fn expect(&mut self, generation: u64, id: Option<u64>, encoded: bool) {
        self.generation = generation;
        self.failed = None;
        self.busy = id.is_some();
        self.encoded = encoded;
        if self.id != id {
            *self = Self {
                generation,
                id,
                encoded,
                busy: self.busy,
                centre: Vec2::splat(0.5),
                split: 0.5,
                ..Self::default()
            };
        }
    }

    /// Takes up a message of the preview's thread.
    pub fn take_up(&mut self, ctx: &Context, news: News) {
        match news {
            News::Ready { id, side: Side::Before, view, .. } if self.id == Some(id) => {
                self.before = Some(Layer::new(ctx, *view));
            }
            News::Ready { generation, side: Side::After, view, .. } if generation == self.generation => {
                self.busy = !view.exact || (self.encoded && view.encoded.is_none());
                self.after = Some(Layer::new(ctx, *view));
            }
            News::Failed { generation, reason } if generation == self.generation => {
                self.busy = false;
                self.failed = Some(reason);
            }
            _ => {}
        }
    }

    /// Whether the exact result, as the export would write it, is shown.
    pub fn is_settled(&self) -> bool {
        !self.busy && (self.failed.is_some() || self.after.as_ref().is_some_and(|a| a.exact))
    }

    /// BLAKE3 hash of the pixels that are shown, once they are exact.
    pub fn hash(&self) -> Option<&str> {
        self.after.as_ref()?.hash.as_deref()
    }

    /// What is shown as its file will hold it, where that was asked for and is there.
    pub fn encoded(&self) -> Option<Encoded> {
        self.after.as_ref()?.encoded
    }

    /// Size of the result in pixels, once it is known.
    pub fn result_size(&self) -> Option<[u32; 2]> {
        self.after.as_ref().map(|a| [a.size.x as u32, a.size.y as u32])
    }

    /// Whether the overview is too coarse for `scale` screen pixels a pixel.
    pub fn needs_detail(&self, scale: f32) -> bool {
        self.after.as_ref().is_some_and(|a| a.size.x * scale > a.overview.size_vec2().x + 0.5)
    }

    /// Whether the original of picture `id` is missing, and whether its pixels are missing where `detail` is wanted.
    pub fn lacks_before(&self, id: u64, detail: bool) -> (bool, bool) {
        match &self.before {
            Some(layer) if self.id == Some(id) => (false, detail && layer.tiles.is_empty()),
            _ => (true, detail),
        }
    }

    /// `zoom` times `factor`, in steps that pass through 100 %.
    pub fn zoomed(&self, zoom: Zoom, factor: f32) -> Zoom {
        let now = match zoom {
            Zoom::Fit => self.fit.max(0.01),
            Zoom::Scale(scale) => scale,
        };
        let next = (now * factor).clamp(0.02, 16.0);
        Zoom::Scale(if (now < 0.99 && next > 1.0) || (now > 1.01 && next < 1.0) { 1.0 } else { next })
    }
}

/// Draws title, picture and controls.
pub fn show(ui: &mut Ui, state: &State, preview: &mut Preview, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let strip = egui::Frame::new().inner_margin(Margin::symmetric(16, 8));
    let shown = if holds_before(ui.ctx()) { Shown::Before } else { state.look.shown };
    egui::Panel::top("preview title").frame(strip).show_separator_line(false).resizable(false).show(ui, |ui| {
        title(ui, state, preview);
    });
    egui::Panel::bottom("preview controls").frame(strip).show_separator_line(false).resizable(false).show(ui, |ui| {
        controls(ui, state, preview, shown, out);
    });
    let (canvas, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    let name = state.pictures.current().map(|e| text::file_name(&e.source.path)).unwrap_or_default();
    let side = match shown {
        Shown::After => "result",
        Shown::Split => "original and result",
        Shown::Before => "original",
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Preview of {name}, {side}")));

    let painter = ui.painter_at(canvas);
    if let Some(reason) = &preview.failed {
        let font = FontId::proportional(theme::BODY);
        let job = egui::text::LayoutJob::simple(reason.clone(), font, palette.bad, (canvas.width() - 64.0).max(64.0));
        let galley = painter.layout_job(egui::text::LayoutJob { halign: Align::Center, ..job });
        painter.galley(canvas.center() - vec2(0.0, galley.size().y / 2.0), galley, palette.bad);
        return;
    }
    if preview.after.is_none() && preview.before.is_none() {
        let at = canvas.center();
        painter.text(at, Align2::CENTER_CENTER, "Loading…", FontId::proportional(theme::BODY), palette.weak);
        return;
    }
    navigate(ui, state, preview, canvas, &response, out);
    pictures(ui, state, preview, canvas, shown);
}

fn title(ui: &mut Ui, state: &State, preview: &Preview) {
    let palette = Palette::of(ui);
    let Some(entry) = state.pictures.current() else { return };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if preview.busy {
                ui.add(egui::Spinner::new().size(14.0)).on_hover_text("A quick look; the exact result is on its way.");
            } else if preview.failed.is_none() {
                let (word, help) = match (preview.encoded(), preview.hash()) {
                    (Some(_), _) => ("encoded", "This is what the file will hold.".to_owned()),
                    (None, Some(hash)) => {
                        let help = "This is what the export writes, before it is compressed.";
                        ("exact", format!("{help} BLAKE3 of its pixels: {hash}."))
                    }
                    (None, None) => ("exact", "This is what the export writes, before it is compressed.".to_owned()),
                };
                ui.label(RichText::new(word).small().color(palette.good)).on_hover_text(help);
            }
            if let Some(after) = &preview.after {
                let [w, h] = after.source;
                let (rw, rh) = (after.size.x as u32, after.size.y as u32);
                let size = if after.exact && [w, h] != [rw, rh] {
                    format!("{w} × {h} to {rw} × {rh}")
                } else {
                    format!("{w} × {h}")
                };
                ui.label(RichText::new(size).font(theme::figures(theme::SMALL)).color(palette.weak));
                for note in &after.notes {
                    ui.label(RichText::new("note").small().color(palette.warn)).on_hover_text(text::sentence(note));
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = RichText::new(text::file_name(&entry.source.path)).size(theme::BODY + 1.0);
                ui.add(egui::Label::new(name).truncate()).on_hover_text(entry.source.path.display().to_string());
            });
        });
    });
}

fn controls(ui: &mut Ui, state: &State, preview: &Preview, shown: Shown, out: &mut Vec<Action>) {
    file(ui, state, preview, out);
    ui.horizontal(|ui| {
        const CHOICES: [(Shown, &str, &str); 3] = [
            (Shown::Before, "Before", "The original. Hold \\ for a short look."),
            (Shown::Split, "Split", "The original on the left, the result on the right."),
            (Shown::After, "After", "The result."),
        ];
        let segments = CHOICES.map(|(choice, text, help)| Segment::new(text, help, choice == shown));
        if let Some(index) = segmented(ui, true, theme::CONTROL, &segments) {
            out.push(Action::Show(CHOICES[index].0));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let scale = match state.look.zoom {
                Zoom::Fit => preview.fit,
                Zoom::Scale(scale) => scale,
            };
            let segments = [
                Segment::new("Fit", "Show the whole picture (0).", state.look.zoom == Zoom::Fit),
                Segment::new(
                    "100 %",
                    "Show each pixel as one pixel of the screen (1).",
                    state.look.zoom == Zoom::Scale(1.0),
                ),
            ];
            match segmented(ui, true, theme::CONTROL, &segments) {
                Some(0) => out.push(Action::ZoomFit),
                Some(_) => out.push(Action::ZoomFull),
                None => {}
            }
            let percent = format!("{:.0} %", 100.0 * scale);
            ui.label(RichText::new(percent).font(theme::figures(theme::SMALL)).color(Palette::of(ui).weak));
        });
    });
}

/// Which output is shown, and whether as its file will hold it, with the size of the file.
fn file(ui: &mut Ui, state: &State, preview: &Preview, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let outputs = &state.recipe().outputs;
        if let Some(shown) = outputs.get(state.shown_output()) {
            let mut chosen = state.shown_output();
            let combo = egui::ComboBox::from_id_salt("shown output").selected_text(&shown.name).width(96.0);
            let response = combo.show_ui(ui, |ui| {
                for (index, output) in outputs.iter().enumerate() {
                    ui.selectable_value(&mut chosen, index, &output.name);
                }
            });
            let response = response.response.accessible_name("Output shown");
            response.on_hover_text("Which output of the recipe is shown.");
            if chosen != state.shown_output() {
                out.push(Action::ShowOutput(chosen));
            }
        }
        let mut encoded = state.look.encoded;
        let help = "Show the result as its file will hold it, compressed at the export settings, with the size of the file (E).";
        if ui.checkbox(&mut encoded, "Encoded").on_hover_text(help).changed() {
            out.push(Action::ToggleEncoded);
        }
        if let Some(Encoded { bytes, source_bytes, format }) = preview.encoded() {
            let share = 100.0 * bytes as f64 / source_bytes.max(1) as f64;
            let words = format!("{format}, {}, {share:.0} % of the source", text::bytes(bytes));
            ui.label(RichText::new(words).font(theme::figures(theme::SMALL)).color(Palette::of(ui).weak));
        } else if state.look.encoded && !preview.is_settled() {
            ui.label(RichText::new("compressing…").small().color(Palette::of(ui).weak));
        }
    });
}

/// Points for each pixel of the result.
fn scale_in_points(state: &State, preview: &mut Preview, canvas: Rect, pixels_per_point: f32) -> f32 {
    let size = preview.after.as_ref().or(preview.before.as_ref()).map_or(Vec2::splat(1.0), |l| l.size);
    let room = canvas.shrink(GRID).size() * pixels_per_point;
    preview.fit = (room.x / size.x).min(room.y / size.y).clamp(0.001, 1.0);
    match state.look.zoom {
        Zoom::Fit => preview.fit / pixels_per_point,
        Zoom::Scale(scale) => scale / pixels_per_point,
    }
}

/// Wheel and drag: size and place.
fn navigate(
    ui: &Ui,
    state: &State,
    preview: &mut Preview,
    canvas: Rect,
    response: &egui::Response,
    out: &mut Vec<Action>,
) {
    let pixels_per_point = ui.pixels_per_point();
    let scale = scale_in_points(state, preview, canvas, pixels_per_point);
    let size = preview.after.as_ref().or(preview.before.as_ref()).map_or(Vec2::splat(1.0), |l| l.size);
    if response.double_clicked() {
        out.push(if state.look.zoom == Zoom::Fit { Action::ZoomFull } else { Action::ZoomFit });
    }
    let mut centre = preview.centre;
    if response.dragged() {
        centre -= response.drag_delta() / (size * scale);
    }
    if let Some(pointer) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
        let factor = pinch * (wheel / 240.0).exp();
        if (factor - 1.0).abs() > 0.001 {
            let Zoom::Scale(next) = (match state.look.zoom {
                Zoom::Fit => Zoom::Scale((preview.fit * factor).clamp(0.02, 16.0)),
                Zoom::Scale(s) => Zoom::Scale((s * factor).clamp(0.02, 16.0)),
            }) else {
                return;
            };
            // The point under the pointer stays under it.
            let offset = (pointer - canvas.center()) / size;
            centre += offset / scale - offset / (next / pixels_per_point);
            out.push(Action::ZoomTo(Zoom::Scale(next)));
        }
    }
    let half = canvas.size() / (size * scale) / 2.0;
    let keep = |value: f32, half: f32| if half >= 0.5 { 0.5 } else { value.clamp(half, 1.0 - half) };
    preview.centre = vec2(keep(centre.x, half.x), keep(centre.y, half.y));
}

fn pictures(ui: &Ui, state: &State, preview: &mut Preview, canvas: Rect, shown: Shown) {
    let palette = Palette::of(ui);
    let scale = scale_in_points(state, preview, canvas, ui.pixels_per_point());
    let place = |size: Vec2, centre: Vec2| {
        let extent = size * scale;
        Rect::from_center_size(canvas.center() + (Vec2::splat(0.5) - centre) * extent, extent)
    };
    let after_rect = preview.after.as_ref().map(|a| place(a.size, preview.centre));
    let before_rect = preview.before.as_ref().map(|before| match (&preview.after, after_rect) {
        // A result that was only resized lies exactly over its original.
        (Some(after), Some(rect))
            if (before.size.x * after.size.y / (before.size.y * after.size.x) - 1.0).abs() < 0.01 =>
        {
            rect
        }
        _ if state.look.zoom == Zoom::Fit => {
            let room = canvas.shrink(GRID).size();
            let fit = (room.x / before.size.x).min(room.y / before.size.y).min(1.0 / ui.pixels_per_point());
            Rect::from_center_size(canvas.center(), before.size * fit)
        }
        _ => place(before.size, preview.centre),
    });
    // Until there is a result, its original stands in for it.
    let chosen = shown;
    let shown = if preview.after.is_none() { Shown::Before } else { shown };
    let painter = ui.painter_at(canvas);
    let mut uploads = UPLOADS;
    let edge = canvas.left() + canvas.width() * preview.split;
    let (left, right) = match shown {
        Shown::After => (canvas.left(), canvas.left()),
        Shown::Before => (canvas.right(), canvas.right()),
        Shown::Split => (edge, edge),
    };
    let clip = |from: f32, to: f32| painter.with_clip_rect(Rect::from_x_y_ranges(from..=to, canvas.y_range()));
    if let (Some(layer), Some(rect), true) = (&mut preview.before, before_rect, left > canvas.left()) {
        layer.paint(&clip(canvas.left(), left), rect, &mut uploads);
    }
    if let (Some(layer), Some(rect), true) = (&mut preview.after, after_rect, right < canvas.right()) {
        layer.paint(&clip(right, canvas.right()), rect, &mut uploads);
    }
    let badge = |at: egui::Pos2, align: Align2, word: &str| {
        let rect = align.anchor_size(at, vec2(58.0, 22.0));
        painter.rect_filled(rect, theme::ROUND, palette.panel.gamma_multiply(0.85));
        painter.text(rect.center(), Align2::CENTER_CENTER, word, FontId::proportional(theme::SMALL), palette.text);
    };
    if chosen != Shown::After {
        badge(canvas.left_top() + Vec2::splat(GRID), Align2::LEFT_TOP, "Before");
    }
    if shown == Shown::Split {
        badge(canvas.right_top() + vec2(-GRID, GRID), Align2::RIGHT_TOP, "After");
        let handle = Rect::from_center_size(pos2(edge, canvas.center().y), vec2(16.0, canvas.height()));
        let grip = ui.interact(handle, ui.scope_id().with("split"), Sense::drag());
        let grip = grip
            .accessible_name("Split between original and result")
            .on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
        if grip.dragged() {
            preview.split = (preview.split + grip.drag_delta().x / canvas.width()).clamp(0.02, 0.98);
        }
        painter.vline(edge, canvas.y_range(), Stroke::new(2.0, palette.light));
        painter.circle_filled(pos2(edge, canvas.center().y), 7.0, palette.light);
    }
}
