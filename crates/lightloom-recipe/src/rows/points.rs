//! Fused point operations on rows, of pixels or of the luma in bands of planes.

use super::super::fold_luts::LookupTables;
use super::super::pass::Fused;
use lightloom_filter::{Planes, Point};
use lightloom_picture::{Depth, Layout, Planar, Shape};

/// Puts each sample's result in its place.
type Replace<'p> = Box<dyn Fn(&mut [u8]) + Send + 'p>;

/// Fused point operations.
pub(super) struct PointRows<'p> {
    /// Without those in the tables.
    points: Vec<&'p dyn Point>,
    tables: LookupTables,
    /// If all operations are in the tables.
    replace: Option<Replace<'p>>,
    source: Shape,
    /// Rows that have passed.
    passed: u32,
    planes: Planes,
    /// Where the layout changes.
    changed: Vec<u8>,
}

impl<'p> PointRows<'p> {
    pub(super) fn new(mut points: Vec<&'p dyn Point>, source: Shape) -> Self {
        let tables = LookupTables::new(&points, source.layout);
        points.drain(..tables.points);
        let replace = points.is_empty().then(|| Box::new(tables.replacing(source.layout)) as Box<_>);
        Self { points, tables, replace, source, passed: 0, planes: Planes::default(), changed: Vec::new() }
    }

    pub(super) fn result(&self) -> Shape {
        let layout = Fused::new(&self.points, self.source.layout, self.source.width).result_layout;
        Shape { layout, ..self.source }
    }

    pub(super) fn changed<'r>(&'r mut self, rows: &'r mut [u8]) -> &'r mut [u8] {
        if let Some(replace) = &self.replace {
            replace(rows);
            return rows;
        }
        let fused = Fused::new(&self.points, self.source.layout, self.source.width);
        let (source_strip, result_strip) = fused.strip_samples();
        let top = self.passed;
        let Shape { width, layout, .. } = self.source;
        let channels = layout.channels();
        self.passed += (rows.len() / channels / (width as usize).max(1)) as u32;
        let is_in_place = fused.result_layout == layout;
        if !is_in_place {
            self.changed.resize(rows.len() / channels * fused.result_layout.channels(), 0);
        }
        for (index, from) in rows.chunks_mut(source_strip).enumerate() {
            self.tables.load(from, &mut self.planes, layout);
            fused.compute(&mut self.planes, top, index);
            if is_in_place {
                self.planes.store(from, layout);
            } else {
                let place = index * result_strip..self.changed.len().min((index + 1) * result_strip);
                fused.store(&self.planes, from, &mut self.changed[place]);
            }
        }
        if is_in_place { rows } else { &mut self.changed }
    }
}

/// Fused point operations on luma.
pub(super) struct LumaPoints<'p> {
    planar: Planar,
    points: PointRows<'p>,
}

impl<'p> LumaPoints<'p> {
    /// Of what they do to luma as a grey picture.
    pub(super) fn new(points: Vec<&'p dyn Point>, planar: Planar) -> Self {
        let Planar { width, height, .. } = planar;
        let luma = Shape { width, height, layout: Layout::Grey, depth: Depth::U8 };
        Self { planar, points: PointRows::new(points, luma) }
    }

    /// Changes whole bands.
    pub(super) fn change(&mut self, bands: &mut [u8]) {
        for band in bands.chunks_exact_mut(self.planar.band_samples()) {
            let [luma, ..] = self.planar.planes_mut(band);
            self.points.changed(luma);
        }
    }
}
