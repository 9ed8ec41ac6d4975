//! Pictures of the window, drawn by the processor.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use dream_soft_render::{ClipRect, Color, Mesh, SoftwareRenderer, TextureId, Vertex};
use egui::epaint::{ImageData, Primitive};
use egui::{Color32, TexturesDelta};
use egui_kittest::{Harness, TestRenderer};
use image::RgbImage;
use lightloom::gui::App;

/// What draws a window, shared with the harness that says which textures it has.
#[derive(Clone, Default)]
pub struct Canvas(Rc<RefCell<Textures>>);

#[derive(Default)]
struct Textures {
    renderer: SoftwareRenderer,
    ids: BTreeMap<egui::TextureId, TextureId>,
}

impl TestRenderer for Canvas {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let Textures { renderer, ids } = &mut *self.0.borrow_mut();
        let images = delta.set.iter().flat_map(|(id, images)| images.iter().map(move |image| (id, image)));
        for (id, image) in images {
            let ImageData::Color(pixels) = &image.image;
            let [width, height] = pixels.size;
            let bytes: Vec<u8> = pixels.pixels.iter().flat_map(Color32::to_array).collect();
            match image.pos {
                Some([x, y]) => renderer.update_texture(ids[id], x, y, width, height, &bytes).unwrap(),
                None => {
                    let new = renderer.create_texture(width, height, &bytes).unwrap();
                    if let Some(old) = ids.insert(*id, new) {
                        renderer.free_texture(old).unwrap();
                    }
                }
            }
        }
        for id in &delta.free {
            if let Some(texture) = ids.remove(id) {
                renderer.free_texture(texture).unwrap();
            }
        }
        delta.clear();
    }
}

impl Canvas {
    /// Draws what the window shows, a pixel for a point.
    pub fn paint(&self, harness: &Harness<'_, App>) -> RgbImage {
        let Textures { renderer, ids } = &mut *self.0.borrow_mut();
        let size = harness.ctx.content_rect().size();
        let mut frame = renderer.begin_frame(size.x as usize, size.y as usize).unwrap();
        let background = harness.ctx.global_style().visuals.panel_fill;
        frame.clear(Color::from_rgb(background.r(), background.g(), background.b()));
        for primitive in harness.ctx.tessellate(harness.output().shapes.clone(), 1.0) {
            let Primitive::Mesh(mesh) = primitive.primitive else { continue };
            let vertex = |v: &egui::epaint::Vertex| {
                let [r, g, b, a] = v.color.to_array();
                Vertex::new(v.pos.into(), v.uv.into(), Color::from_rgba_premultiplied(r, g, b, a))
            };
            let vertices: Vec<Vertex> = mesh.vertices.iter().map(vertex).collect();
            let clip = primitive.clip_rect;
            let [left, top, right, bottom] =
                [clip.left(), clip.top(), clip.right(), clip.bottom()].map(|at| at.round().max(0.0) as u32);
            let texture = ids.get(&mesh.texture_id).copied();
            let mesh = Mesh { vertices: &vertices, indices: &mesh.indices, texture };
            frame.mesh(mesh, ClipRect::new(left, top, right, bottom)).unwrap();
        }
        let pixels = frame.surface().pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        RgbImage::from_raw(size.x as u32, size.y as u32, pixels).unwrap()
    }
}
