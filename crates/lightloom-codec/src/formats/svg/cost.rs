//! What a drawing costs to render, before it is rendered: the bytes that its layers, patterns, masks, filters and pictures
//! hold at once, and the time, both estimated by following the renderer through the drawing.
//!
//! A layer is a picture of its own, as large as the part of the drawing that it may show, and lives as long as what is
//! drawn into it; so layers within layers add up. Each part of a filter keeps its result until the filter ends. Time is
//! counted in nanoseconds as if a pixel took one in the simplest operation.

use resvg::tiny_skia::{IntRect, Rect, Transform};
use resvg::usvg::{ClipPath, Fill, Group, Image, ImageKind, Mask, Node, Paint, Path, Pattern, Stroke, Tree, filter};

use super::embedded;
use crate::{CodecError, Limits};

/// What rendering a drawing takes, beside the picture that it is drawn into.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    /// At the worst moment.
    pub bytes: u64,
    pub nanos: f64,
}

/// Where something is drawn.
#[derive(Clone, Copy)]
struct Canvas {
    width: u32,
    height: u32,
    /// How far layers reach at most, in pixels of the canvas.
    bounds: IntRect,
    /// Bytes of this and all other canvases that are in memory.
    held: u64,
}

impl Canvas {
    fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Pixels of it that lie in a rectangle.
    fn shown(&self, rect: Option<Rect>) -> f64 {
        let Some(rect) = rect else { return 0.0 };
        let along = |from: f32, to: f32, side: u32| f64::from((to.min(side as f32) - from.max(0.0)).max(1.0));
        along(rect.left(), rect.right(), self.width) * along(rect.top(), rect.bottom(), self.height)
    }
}

/// Nanoseconds for whatever is visited.
const VISIT: f64 = 500.0;
/// Of a pixel that is put over another, and of one that is taken from between others.
const BLEND: f64 = 2.0;
const SAMPLE: f64 = 10.0;
/// Of a piece of a path.
const SEGMENT: f64 = 50.0;
/// Most dashes of one path; the renderer draws no path with more.
const MOST_DASHES: f64 = 1e6;
/// Bytes of a pixel of a canvas, and of a mask.
const PIXEL: u64 = 4;
const MASK_PIXEL: u64 = 1;

/// The cost of a drawing on a canvas of this size.
///
/// # Errors
/// If it is over the limits of decoded bytes or of time.
pub(super) fn of(tree: &Tree, (width, height): (u32, u32), scale: f32, limits: &Limits) -> Result<Cost, CodecError> {
    let mut walk = Walk { limits, cost: Cost::default() };
    let canvas = Canvas { width, height, bounds: bounds(width, height)?, held: 0 };
    let canvas = Canvas { held: canvas.pixels() * PIXEL, ..canvas };
    walk.holds(canvas.held)?;
    walk.nodes(tree.root(), Transform::from_scale(scale, scale), canvas)?;
    Ok(Cost { bytes: walk.cost.bytes.saturating_sub(canvas.held), ..walk.cost })
}

/// As far as layers may reach: two canvases beyond each side.
fn bounds(width: u32, height: u32) -> Result<IntRect, CodecError> {
    let back = |side: u32| i32::try_from(side).unwrap_or(i32::MAX).saturating_mul(-2);
    IntRect::from_xywh(back(width), back(height), width.saturating_mul(5), height.saturating_mul(5))
        .ok_or_else(|| CodecError::OverLimit(format!("a drawing of {width} × {height} pixels")))
}

/// The part of a rectangle that lies in bounds.
fn clipped(rect: IntRect, bounds: IntRect) -> Option<IntRect> {
    IntRect::from_ltrb(
        rect.left().max(bounds.left()),
        rect.top().max(bounds.top()),
        rect.right().min(bounds.right()),
        rect.bottom().min(bounds.bottom()),
    )
}

struct Walk<'a> {
    limits: &'a Limits,
    cost: Cost,
}

type Walked = Result<(), CodecError>;

impl Walk<'_> {
    fn holds(&mut self, bytes: u64) -> Walked {
        self.cost.bytes = self.cost.bytes.max(bytes);
        if bytes <= self.limits.decoded_bytes {
            return Ok(());
        }
        Err(CodecError::OverLimit(format!(
            "its layers, filters and pictures would take {} MiB at once, and {} MiB are allowed",
            bytes >> 20,
            self.limits.decoded_bytes >> 20
        )))
    }

    fn takes(&mut self, nanos: f64) -> Walked {
        self.cost.nanos += nanos;
        if self.cost.nanos <= f64::from(self.limits.seconds) * 1e9 {
            return Ok(());
        }
        Err(CodecError::OverLimit(format!(
            "rendering the drawing would take longer than {} s; if the file is to be trusted, raise the limit on the command line with --max-seconds",
            self.limits.seconds
        )))
    }

    fn nodes(&mut self, parent: &Group, transform: Transform, canvas: Canvas) -> Walked {
        for node in parent.children() {
            self.takes(VISIT)?;
            match node {
                Node::Group(group) => self.group(group, transform, canvas)?,
                Node::Path(path) => self.path(path, transform, canvas)?,
                Node::Image(image) => self.image(image, transform, canvas)?,
                Node::Text(text) => self.group(text.flattened(), transform, canvas)?,
            }
        }
        Ok(())
    }

    fn group(&mut self, group: &Group, transform: Transform, canvas: Canvas) -> Walked {
        let transform = transform.pre_concat(group.transform());
        if !group.should_isolate() {
            return self.nodes(group, transform, canvas);
        }
        // What cannot be placed is not drawn.
        let Some((layer, inner)) = layer(group, transform, canvas) else { return Ok(()) };
        self.holds(layer.held)?;
        self.takes(layer.pixels() as f64 * (BLEND + SAMPLE))?;
        self.nodes(group, inner, layer)?;
        for filter in group.filters() {
            self.filter(filter, inner, layer)?;
        }
        if let Some(clip) = group.clip_path() {
            self.clip(clip, inner, layer)?;
        }
        group.mask().map_or(Ok(()), |mask| self.mask(mask, inner, layer))
    }

    fn clip(&mut self, clip: &ClipPath, transform: Transform, canvas: Canvas) -> Walked {
        let held = canvas.held + canvas.pixels() * (PIXEL + MASK_PIXEL);
        self.holds(held)?;
        self.takes(VISIT + canvas.pixels() as f64 * 3.0 * BLEND)?;
        let inner = Canvas { held, ..canvas };
        self.clip_nodes(clip.root(), transform.pre_concat(clip.transform()), inner)?;
        clip.clip_path().map_or(Ok(()), |clip| self.clip(clip, transform, inner))
    }

    fn clip_nodes(&mut self, parent: &Group, transform: Transform, canvas: Canvas) -> Walked {
        for node in parent.children() {
            self.takes(VISIT)?;
            match node {
                Node::Path(path) => self.area(path, transform, canvas)?,
                Node::Text(text) => self.clip_nodes(text.flattened(), transform, canvas)?,
                Node::Group(group) => {
                    let transform = transform.pre_concat(group.transform());
                    match group.clip_path() {
                        None => self.clip_nodes(group, transform, canvas)?,
                        Some(clip) => {
                            let inner = Canvas { held: canvas.held + canvas.pixels() * PIXEL, ..canvas };
                            self.holds(inner.held)?;
                            self.takes(canvas.pixels() as f64 * 2.0 * BLEND)?;
                            self.clip_nodes(group, transform, inner)?;
                            self.clip(clip, transform, inner)?;
                        }
                    }
                }
                Node::Image(_) => {}
            }
        }
        Ok(())
    }

    fn mask(&mut self, mask: &Mask, transform: Transform, canvas: Canvas) -> Walked {
        let held = canvas.held + canvas.pixels() * (PIXEL + 2 * MASK_PIXEL);
        self.holds(held)?;
        self.takes(VISIT + canvas.pixels() as f64 * 4.0 * BLEND)?;
        let inner = Canvas { held, ..canvas };
        self.nodes(mask.root(), transform, inner)?;
        mask.mask().map_or(Ok(()), |mask| self.mask(mask, transform, inner))
    }

    fn path(&mut self, path: &Path, transform: Transform, canvas: Canvas) -> Walked {
        if !path.is_visible() {
            return Ok(());
        }
        self.area(path, transform, canvas)?;
        let paints = [path.fill().map(Fill::paint), path.stroke().map(Stroke::paint)];
        for paint in paints.into_iter().flatten() {
            if let Paint::Pattern(pattern) = paint {
                self.pattern(pattern, transform, canvas)?;
                self.takes(canvas.shown(path.stroke_bounding_box().transform(transform)) * SAMPLE)?;
            }
        }
        Ok(())
    }

    /// Covers pixels with a path.
    fn area(&mut self, path: &Path, transform: Transform, canvas: Canvas) -> Walked {
        let dashes = path.stroke().and_then(|stroke| {
            let interval: f32 = stroke.dasharray()?.iter().sum();
            let bounds = path.bounding_box();
            // No piece is longer than the bounds allow.
            let longest = path.data().len() as f32 * (bounds.width() + bounds.height());
            Some(f64::from(longest / interval.max(f32::MIN_POSITIVE)).min(MOST_DASHES))
        });
        let pieces = path.data().len() as f64 + dashes.unwrap_or(0.0);
        let passes = u8::from(path.fill().is_some()) + u8::from(path.stroke().is_some());
        let pixels = canvas.shown(path.stroke_bounding_box().transform(transform));
        self.takes(pieces * SEGMENT + pixels * BLEND * f64::from(passes))
    }

    fn pattern(&mut self, pattern: &Pattern, transform: Transform, canvas: Canvas) -> Walked {
        let (sx, sy) = transform.pre_concat(pattern.transform()).get_scale();
        let rect = pattern.rect();
        let (width, height) = ((rect.width() * sx).round() as u32, (rect.height() * sy).round() as u32);
        let tile = Canvas { width, height, ..canvas };
        let tile = Canvas { held: canvas.held.saturating_add(tile.pixels().saturating_mul(PIXEL)), ..tile };
        self.holds(tile.held)?;
        self.takes(VISIT + tile.pixels() as f64)?;
        self.nodes(pattern.root(), Transform::from_scale(sx, sy), tile)
    }

    fn image(&mut self, image: &Image, transform: Transform, canvas: Canvas) -> Walked {
        if !image.is_visible() {
            return Ok(());
        }
        if let ImageKind::SVG(tree) = image.kind() {
            let held = canvas.held + canvas.pixels() * PIXEL;
            self.holds(held)?;
            self.takes(canvas.pixels() as f64 * 2.0 * BLEND)?;
            let inner = Canvas { bounds: bounds(canvas.width, canvas.height)?, held, ..canvas };
            return self.nodes(tree.root(), transform, inner);
        }
        let Some(shape) = embedded::size(image.kind(), self.limits)? else { return Ok(()) };
        // As the decoder's samples, and as those of a canvas.
        self.holds(canvas.held.saturating_add(2 * shape.bytes()).saturating_add(shape.pixels() * PIXEL))?;
        let shown = canvas.shown(image.size().to_rect(0.0, 0.0).and_then(|rect| rect.transform(transform)));
        self.takes(shape.pixels() as f64 * SAMPLE + shown * 2.0 * SAMPLE)
    }

    fn filter(&mut self, filter: &filter::Filter, transform: Transform, canvas: Canvas) -> Walked {
        let whole = IntRect::from_xywh(0, 0, canvas.width, canvas.height);
        let placed = filter.rect().transform(transform).map(|rect| rect.to_int_rect());
        let Some(region) = placed.zip(whole).and_then(|(rect, whole)| clipped(rect, whole)) else { return Ok(()) };
        let inner = Canvas { width: region.width(), height: region.height(), ..canvas };
        let each = inner.pixels() * PIXEL;
        let scale = transform.get_scale();
        // The part of the layer that is filtered, and what one primitive works on at a time.
        let mut held = canvas.held + 4 * each;
        for primitive in filter.primitives() {
            held = held.saturating_add(each);
            if let filter::Kind::Image(image) = primitive.kind() {
                let canvas = Canvas {
                    bounds: IntRect::from_xywh(0, 0, region.width(), region.height()).unwrap_or(region),
                    held,
                    ..inner
                };
                self.nodes(image.root(), Transform::from_scale(scale.0, scale.1), canvas)?;
            }
            self.holds(held.saturating_add(inner.pixels().saturating_mul(scratch(primitive.kind()))))?;
            self.takes(VISIT + inner.pixels() as f64 * per_pixel(primitive.kind(), scale, inner))?;
        }
        Ok(())
    }
}

/// The layer of a group, and how its content is drawn into it.
fn layer(group: &Group, transform: Transform, canvas: Canvas) -> Option<(Canvas, Transform)> {
    let filtered = !group.filters().is_empty();
    // Filters work in the scale of the drawing; turns come afterwards.
    let turn = if filtered {
        let (sx, sy) = (transform.sx.hypot(transform.ky), transform.kx.hypot(transform.sy));
        Transform::from_row(transform.sx / sx, transform.ky / sx, transform.kx / sy, transform.sy / sy, 0.0, 0.0)
    } else {
        Transform::identity()
    };
    let back = turn.invert()?;
    let bounds = canvas.bounds.to_rect().transform(back)?.round_out()?;
    let inner = back.pre_concat(transform);
    let rect = group.layer_bounding_box().transform(inner)?;
    // Without filters, two pixels are added on each side for smooth edges.
    let (margin, least) = if filtered { (0, 1.0) } else { (2_u16, 0.0) };
    let placed = IntRect::from_xywh(
        (rect.x().floor() as i32).checked_sub(margin.into())?,
        (rect.y().floor() as i32).checked_sub(margin.into())?,
        (rect.width().ceil().max(least) as u32).checked_add(2 * u32::from(margin))?,
        (rect.height().ceil().max(least) as u32).checked_add(2 * u32::from(margin))?,
    )?;
    let placed = clipped(placed, bounds)?;
    let layer = Canvas { width: placed.width(), height: placed.height(), bounds, held: 0 };
    let held = canvas.held.saturating_add(layer.pixels() * PIXEL);
    let shifted = Transform::from_translate(-placed.x() as f32, -placed.y() as f32).pre_concat(inner);
    Some((Canvas { held, ..layer }, shifted))
}

/// Bytes for each pixel that a primitive works with beside its input and its result.
fn scratch(kind: &filter::Kind) -> u64 {
    match kind {
        // A plane of doubles.
        filter::Kind::GaussianBlur(_) | filter::Kind::DropShadow(_) => 8,
        filter::Kind::Morphology(_) | filter::Kind::ConvolveMatrix(_) => PIXEL,
        _ => 0,
    }
}

/// Nanoseconds for each pixel of a primitive.
fn per_pixel(kind: &filter::Kind, (sx, sy): (f32, f32), canvas: Canvas) -> f64 {
    /// Copies and conversions that all have.
    const USUAL: f64 = 10.0;
    USUAL
        + match kind {
            filter::Kind::GaussianBlur(_) | filter::Kind::DropShadow(_) => 20.0,
            filter::Kind::Morphology(of) => {
                let side = |radius: f32, scale: f32, side: u32| {
                    f64::from((2.0 * (radius * scale).round() + 1.0).min(side as f32))
                };
                side(of.radius_x().get(), sx, canvas.width) * side(of.radius_y().get(), sy, canvas.height)
            }
            filter::Kind::ConvolveMatrix(of) => 2.0 * of.matrix().data().len() as f64,
            filter::Kind::Turbulence(of) => 40.0 * f64::from(of.num_octaves()),
            filter::Kind::Merge(of) => USUAL * of.inputs().len() as f64,
            filter::Kind::DiffuseLighting(_) | filter::Kind::SpecularLighting(_) => 30.0,
            _ => 0.0,
        }
}
