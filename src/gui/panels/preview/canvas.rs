//! The canvas of the preview: original and result at any size, moved by wheel and drag.

use egui::epaint::Vertex;
use egui::{
    Align2, Color32, CursorIcon, FontId, Mesh, Painter, Pos2, Rect, Response, Sense, Stroke, TextureId, Ui, Vec2, pos2,
    vec2,
};

use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::appearance::{PreviewMode, Zoom};
use crate::gui::model::view_memory::PreviewMemory;
use crate::gui::tasks::preview::images::{Layer, PreviewImages};
use crate::gui::theme::{self, GRID, Palette};
use crate::picture::Geometry;

/// Tiles uploaded per frame.
const UPLOADS: usize = 3;
const UV: Rect = Rect { min: Pos2::ZERO, max: pos2(1.0, 1.0) };

/// Points per pixel of the result; remembers the scale at which it just fits.
fn points_per_pixel(zoom: Zoom, memory: &mut PreviewMemory, canvas: Rect, size: Vec2, pixels_per_point: f32) -> f32 {
    let room = canvas.shrink(GRID).size() * pixels_per_point;
    memory.fit = (room.x / size.x).min(room.y / size.y).clamp(0.001, 1.0);
    let scale = zoom.scale(memory.fit);
    memory.shown_side_px = size.max_elem() * scale;
    scale / pixels_per_point
}

/// Changes size and position by wheel, pinch and drag.
pub fn navigate(
    ui: &Ui,
    zoom: Zoom,
    memory: &mut PreviewMemory,
    size: Vec2,
    response: &Response,
    out: &mut Vec<Action>,
) {
    let canvas = response.rect;
    let pixels_per_point = ui.pixels_per_point();
    let scale = points_per_pixel(zoom, memory, canvas, size, pixels_per_point);
    if response.double_clicked() {
        let action = if zoom == Zoom::Fit { ViewAction::ZoomFull } else { ViewAction::ZoomFit };
        out.push(action.into());
    }
    let mut centre = Vec2::from(memory.centre);
    if response.dragged() {
        centre -= response.drag_delta() / (size * scale);
    }
    if let Some(pointer) = response.hover_pos() {
        let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta().y, i.zoom_delta()));
        let factor = pinch * (wheel / 240.0).exp();
        if (factor - 1.0).abs() > 0.001 {
            let next = zoom.zoomed(factor, memory.fit);
            // The point under the pointer stays under it.
            let offset = (pointer - canvas.center()) / size;
            centre += offset / scale - offset / (next.scale(memory.fit) / pixels_per_point);
            out.push(ViewAction::ZoomTo(next).into());
        }
    }
    let half = canvas.size() / (size * scale) / 2.0;
    let clamp = |value: f32, half: f32| if half >= 0.5 { 0.5 } else { value.clamp(half, 1.0 - half) };
    memory.centre = [clamp(centre.x, half.x), clamp(centre.y, half.y)];
}

/// Paints original and result as `mode` says.
pub fn paint(
    ui: &Ui,
    zoom: Zoom,
    mode: PreviewMode,
    memory: &mut PreviewMemory,
    images: &mut PreviewImages,
    canvas: Rect,
) {
    let scale = points_per_pixel(zoom, memory, canvas, images.size(), ui.pixels_per_point());
    let position = |size: Vec2| {
        let extent = size * scale;
        Rect::from_center_size(canvas.center() + (Vec2::splat(0.5) - Vec2::from(memory.centre)) * extent, extent)
    };
    let after_rect = images.after.as_ref().map(|after| position(after.size));
    let before_rect = images.before.as_ref().map(|before| match (&images.after, after_rect) {
        // A result that was only resized lies exactly over its original.
        (Some(after), Some(rect)) if has_same_shape(before.size, after.size) => rect,
        _ if zoom == Zoom::Fit => {
            let room = canvas.shrink(GRID).size();
            let fit = (room.x / before.size.x).min(room.y / before.size.y).min(1.0 / ui.pixels_per_point());
            Rect::from_center_size(canvas.center(), before.size * fit)
        }
        _ => position(before.size),
    });
    // Until there is a result, the original stands in for it.
    let painted = if images.after.is_none() { PreviewMode::Before } else { mode };
    let edge = match painted {
        PreviewMode::After => canvas.left(),
        PreviewMode::Before => canvas.right(),
        PreviewMode::Split => canvas.left() + canvas.width() * memory.split,
    };
    let painter = ui.painter_at(canvas);
    let mut uploads = UPLOADS;
    let clip = |from: f32, to: f32| painter.with_clip_rect(Rect::from_x_y_ranges(from..=to, canvas.y_range()));
    // Beside its result, the original goes the way of the result: both sides show the same part of the picture.
    let way = images.after.as_ref().map(|after| after.geometry);
    let way = way.filter(|way| painted == PreviewMode::Split && !way.is_scaling());
    if let (Some(layer), Some(rect), true) = (&mut images.before, before_rect, edge > canvas.left()) {
        let painter = clip(canvas.left(), edge);
        let mesh = way.zip(after_rect).and_then(|(way, result)| {
            let painter = painter.with_clip_rect(painter.clip_rect().intersect(result));
            Some((painter, moved(layer.overview.id(), result, &way)?))
        });
        match mesh {
            Some((painter, mesh)) => {
                painter.add(mesh);
            }
            None => paint_layer(layer, &painter, rect, &mut uploads),
        }
    }
    if let (Some(layer), Some(rect), true) = (&mut images.after, after_rect, edge < canvas.right()) {
        paint_layer(layer, &clip(edge, canvas.right()), rect, &mut uploads);
    }
    if mode != PreviewMode::After {
        badge(ui, &painter, canvas.left_top() + Vec2::splat(GRID), Align2::LEFT_TOP, "Before");
    }
    if painted == PreviewMode::Split {
        badge(ui, &painter, canvas.right_top() + vec2(-GRID, GRID), Align2::RIGHT_TOP, "After");
        split_handle(ui, &painter, memory, canvas, edge);
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

/// Whether two pictures have the same proportions, to within rounding.
fn has_same_shape(a: Vec2, b: Vec2) -> bool {
    (a.x * b.y / (a.y * b.x) - 1.0).abs() < 0.01
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

fn badge(ui: &Ui, painter: &Painter, at: Pos2, align: Align2, text: &str) {
    let palette = Palette::of(ui);
    let rect = align.anchor_size(at, vec2(58.0, 22.0));
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
