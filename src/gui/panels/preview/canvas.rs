//! The canvas of the preview: original and result at any size, moved by wheel and drag.

use egui::epaint::Vertex;
use egui::{
    Align2, Color32, CursorIcon, FontId, Mesh, Painter, Pos2, Rect, Response, Sense, Stroke, TextureId, Ui, Vec2, pos2,
    vec2,
};

use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::appearance::{PreviewMode, Zoom};
use crate::gui::model::view_memory::PreviewMemory;
use crate::gui::panels::preview::panes::{Layout, Pane, Placement, fitting_scale, pane_at, panes};
use crate::gui::tasks::preview::images::{Layer, PreviewImages};
use crate::gui::tasks::preview::request::Side;
use crate::gui::theme::{self, GRID, Palette};
use crate::picture::Geometry;

/// Tiles uploaded per frame.
const UPLOADS: usize = 3;
const UV: Rect = Rect { min: Pos2::ZERO, max: pos2(1.0, 1.0) };

/// What is painted on the canvas, and where.
pub struct Canvas {
    pub rect: Rect,
    pub layout: Layout,
    pub panes: Vec<Pane>,
    /// Whether it is written over the pictures which is which.
    pub names_sides: bool,
}

impl Canvas {
    /// Remembers the scale at which the result just fits.
    pub fn new(
        ui: &Ui,
        zoom: Zoom,
        mode: PreviewMode,
        memory: &mut PreviewMemory,
        images: &PreviewImages,
        rect: Rect,
    ) -> Self {
        let names_sides = mode != PreviewMode::After;
        // Until there is a result, the original stands in for it.
        let mode = if images.after.is_none() { PreviewMode::Before } else { mode };
        let panes = panes(mode, rect, memory.split);
        let (size, pixels_per_point) = (images.size(), ui.pixels_per_point());
        memory.fit = fitting_scale(panes[0].area, size, pixels_per_point);
        let scale = zoom.scale(memory.fit);
        memory.shown_side_px = size.max_elem() * scale;
        let centre = Vec2::from(memory.centre);
        let layout = Layout { zoom, mode, scale: scale / pixels_per_point, centre, pixels_per_point };
        Self { rect, layout, panes, names_sides }
    }

    /// The part of the result that an area shows, from its middle to its edge, as a share of width and height.
    pub fn half(&self, size: Vec2) -> Vec2 {
        self.panes[0].area.size() / (size * self.layout.scale) / 2.0
    }

    /// Puts a point of the picture into the middle, as far as there is picture around it.
    pub fn look_at(&mut self, memory: &mut PreviewMemory, size: Vec2, centre: Vec2) {
        let half = self.half(size);
        let clamp = |value: f32, half: f32| if half >= 0.5 { 0.5 } else { value.clamp(half, 1.0 - half) };
        memory.centre = [clamp(centre.x, half.x), clamp(centre.y, half.y)];
        self.layout.centre = Vec2::from(memory.centre);
    }
}

/// Changes size and position by wheel, pinch and drag.
pub fn navigate(
    ui: &Ui,
    canvas: &mut Canvas,
    memory: &mut PreviewMemory,
    size: Vec2,
    response: &Response,
    out: &mut Vec<Action>,
) {
    let Layout { zoom, scale, pixels_per_point, .. } = canvas.layout;
    if response.double_clicked() {
        let action = if zoom == Zoom::Fit { ViewAction::ZoomFull } else { ViewAction::ZoomFit };
        out.push(action.into());
    }
    let mut centre = Vec2::from(memory.centre);
    if response.dragged() {
        centre -= response.drag_delta() / (size * scale);
    }
    let is_over = response.hovered() || (memory.handle_has_pointer && response.contains_pointer());
    let pointer = ui.input(|i| i.pointer.latest_pos()).filter(|_| is_over);
    if let Some((pointer, pane)) = pointer.and_then(|at| Some((at, pane_at(&canvas.panes, at)?))) {
        let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
        let factor = pinch * (wheel / 240.0).exp();
        if (factor - 1.0).abs() > 0.001 {
            let next = zoom.zoomed(factor, memory.fit);
            // The point under the pointer stays under it.
            let offset = (pointer - pane.area.center()) / size;
            centre += offset / scale - offset / (next.scale(memory.fit) / pixels_per_point);
            out.push(ViewAction::ZoomTo(next).into());
        }
    }
    canvas.look_at(memory, size, centre);
}

/// Paints original and result.
pub fn paint(ui: &Ui, canvas: &Canvas, memory: &mut PreviewMemory, images: &mut PreviewImages) {
    let painter = ui.painter_at(canvas.rect);
    let mut uploads = UPLOADS;
    for pane in &canvas.panes {
        let placement = Placement::new(&canvas.layout, images, pane.area);
        paint_side(pane.side, &placement, images, &painter.with_clip_rect(pane.clip), &mut uploads);
    }
    if canvas.names_sides {
        badge(ui, &painter, canvas.rect.left_top() + Vec2::splat(GRID), "Before");
    }
    let [left, right] = &canvas.panes[..] else { return };
    if canvas.layout.mode == PreviewMode::SideBySide {
        badge(ui, &painter, right.clip.left_top() + Vec2::splat(GRID), "After");
        painter.vline(left.clip.right(), canvas.rect.y_range(), Stroke::new(1.0, Palette::of(ui).border));
    } else {
        badge(ui, &painter, canvas.rect.right_top() + vec2(-GRID - BADGE.x, GRID), "After");
        split_handle(ui, &painter, memory, canvas.rect, left.clip.right());
    }
}

/// Paints one of the two where its placement says.
pub fn paint_side(
    side: Side,
    placement: &Placement,
    images: &mut PreviewImages,
    painter: &Painter,
    uploads: &mut usize,
) {
    match (side, placement) {
        (Side::Before, Placement { after: Some(result), way: Some(way), .. }) => {
            let Some(layer) = &mut images.before else { return };
            if let Some(mesh) = moved(layer.overview.id(), *result, way) {
                painter.with_clip_rect(painter.clip_rect().intersect(*result)).add(mesh);
            } else if let Some(rect) = placement.before {
                paint_layer(layer, painter, rect, uploads);
            }
        }
        (Side::Before, placement) => {
            if let (Some(layer), Some(rect)) = (&mut images.before, placement.before) {
                paint_layer(layer, painter, rect, uploads);
            }
        }
        (Side::After, placement) => {
            if let (Some(layer), Some(rect)) = (&mut images.after, placement.after) {
                paint_layer(layer, painter, rect, uploads);
            }
        }
    }
}

/// Lines of the mesh on which a picture is painted that was turned or distorted, in each direction.
const MESH: u32 = 24;

/// An original as a mesh that takes its pixels where the geometry of the result in `result` takes them; `None` if a part of
/// it would be behind the viewer.
fn moved(texture: TextureId, result: Rect, way: &Geometry) -> Option<Mesh> {
    let (width, height) = way.source();
    let (result_width, result_height) = way.size();
    let mut mesh = Mesh::with_texture(texture);
    for row in 0..=MESH {
        for column in 0..=MESH {
            let uv = vec2(column as f32, row as f32) / MESH as f32;
            let (x, y) = way.point(f64::from(uv.x) * f64::from(width), f64::from(uv.y) * f64::from(height))?;
            let share = vec2(x as f32 / result_width as f32, y as f32 / result_height as f32);
            let pos = result.min + share * result.size();
            mesh.vertices.push(Vertex { pos, uv: uv.to_pos2(), color: Color32::WHITE });
        }
    }
    for row in 0..MESH {
        for column in 0..MESH {
            let corner = row * (MESH + 1) + column;
            mesh.add_triangle(corner, corner + 1, corner + MESH + 1);
            mesh.add_triangle(corner + 1, corner + MESH + 2, corner + MESH + 1);
        }
    }
    Some(mesh)
}

/// Paints a picture into `rect`, at full size where the overview is too coarse.
fn paint_layer(layer: &mut Layer, painter: &Painter, rect: Rect, uploads: &mut usize) {
    painter.image(layer.overview.id(), rect, UV, Color32::WHITE);
    let scale = rect.size() / layer.size;
    if rect.width() * painter.pixels_per_point() <= layer.overview.size_vec2().x {
        return;
    }
    for tile in &mut layer.tiles {
        let place = Rect::from_min_size(rect.min + tile.origin * scale, tile.size * scale);
        if !painter.clip_rect().intersects(place) {
            continue;
        }
        match tile.texture(painter.ctx(), uploads) {
            Some(texture) => {
                painter.image(texture.id(), place, UV, Color32::WHITE);
            }
            None => painter.ctx().request_repaint(),
        }
    }
}

const BADGE: Vec2 = vec2(58.0, 22.0);

fn badge(ui: &Ui, painter: &Painter, at: Pos2, text: &str) {
    let palette = Palette::of(ui);
    let rect = Rect::from_min_size(at, BADGE);
    painter.rect_filled(rect, theme::ROUND, palette.panel.gamma_multiply(0.85));
    painter.text(rect.center(), Align2::CENTER_CENTER, text, FontId::proportional(theme::SMALL), palette.text);
}

/// The line between original and result, which can be dragged.
fn split_handle(ui: &Ui, painter: &Painter, memory: &mut PreviewMemory, canvas: Rect, edge: f32) {
    let palette = Palette::of(ui);
    let handle = Rect::from_center_size(pos2(edge, canvas.center().y), vec2(16.0, canvas.height()));
    let grip = ui
        .interact(handle, ui.scope_id().with("split"), Sense::drag())
        .accessible_name("Split between original and result")
        .on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
    if grip.dragged() {
        memory.split = (memory.split + grip.drag_delta().x / canvas.width()).clamp(0.02, 0.98);
    }
    painter.vline(edge, canvas.y_range(), Stroke::new(2.0, palette.light));
    painter.circle_filled(pos2(edge, canvas.center().y), 7.0, palette.light);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a point of the original is painted, and which point is painted at a vertex.
    #[test]
    fn an_original_goes_the_way_of_its_result() {
        let result = Rect::from_min_size(pos2(100.0, 50.0), vec2(80.0, 40.0));
        let crop = Geometry::placed((400, 200), (200, 100), -100, -50);
        let turn = Geometry::turned(crate::picture::Turn::Right, (400, 200));
        for way in [crop, turn, crop.then(&Geometry::scaled((200, 100), (20, 10)))] {
            let mesh = moved(TextureId::default(), result, &way).unwrap();
            assert!(mesh.is_valid());
            for vertex in &mesh.vertices {
                let (x, y) = way.point(400.0 * f64::from(vertex.uv.x), 200.0 * f64::from(vertex.uv.y)).unwrap();
                let (width, height) = way.size();
                let share = (vertex.pos - result.min) / result.size();
                let expected = vec2(x as f32 / width as f32, y as f32 / height as f32);
                assert!((share - expected).length() < 1e-4, "{way:?}: {share:?} instead of {expected:?}");
            }
        }
        let mesh = moved(TextureId::default(), result, &crop).unwrap();
        assert_eq!(mesh.calc_bounds(), Rect::from_min_size(pos2(60.0, 30.0), vec2(160.0, 80.0)));
    }
}
