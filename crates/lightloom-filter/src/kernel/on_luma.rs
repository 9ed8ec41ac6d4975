//! Operations that change how bright a picture is and leave its colours: its luma is changed as a grey picture, and what a
//! pixel gains is added to each of its channels.
//!
//! Luma is that of ITU-R BT.601, with which Cb and Cr then stay as they are. JPEG stores those three (ITU-T T.871), so
//! pictures in planes only have their Y changed. Integers are rounded to luma and to the result; what the result clips may
//! change colours after all.

use std::ops::Range;

use multiversion::multiversion;

use crate::kernel::by_plane::{ByPlane, Unchanged};
use crate::kernel::each_plane::OfPlane;
use crate::kernel::scratch::Pool;
use crate::{Area, Dependence, FilterContext, Operation, Planes, Point, RowWise, Strip, Unfit};
use lightloom_param::{Field, toggle};
use lightloom_picture::{Buffers, Layout, Planar, Sample, Shape, View};

/// Weights of red, green and blue.
pub(crate) const LUMA_601: [f32; 3] = [0.299, 0.587, 0.114];

/// The parameter of filters that may leave colours as they are.
pub(crate) const LUMA_ONLY: Field<bool> = toggle(
    "Luma only",
    "Changes how bright pixels are and not their colours: edges get no coloured fringes, and coloured noise stays as it is",
    false,
);

#[inline(always)]
fn luma(rgb: [f32; 3]) -> f32 {
    LUMA_601[0] * rgb[0] + LUMA_601[1] * rgb[1] + LUMA_601[2] * rgb[2]
}

/// What `compile` returns for grey pictures, of luma alone. It must be a point or an area operation that leaves grey
/// pictures grey.
pub(crate) fn on_luma(
    context: &FilterContext,
    compile: impl FnOnce(&FilterContext) -> Result<Operation, Unfit>,
) -> Result<Operation, Unfit> {
    let layout = context.shape.layout.grey();
    let operation = compile(&FilterContext { shape: Shape { layout, ..context.shape }, ..*context })?;
    if context.shape.layout == layout {
        return Ok(operation);
    }
    Ok(match operation {
        Operation::Points(points) => {
            Operation::Points(points.into_iter().map(|point| Box::new(PointOnLuma(point)) as _).collect())
        }
        Operation::Area(area) => Operation::Area(Box::new(AreaOnLuma { area, spare: Pool::default() })),
        Operation::Identity => Operation::Identity,
        Operation::Measured(_) | Operation::Whole(_) => {
            return Err(Unfit("cannot be limited to brightness".to_owned()));
        }
    })
}

struct PointOnLuma(Box<dyn Point>);

impl Point for PointOnLuma {
    fn dependence(&self) -> Dependence {
        self.0.dependence().max(Dependence::Pixel)
    }

    fn on_luma(&self) -> Option<&dyn Point> {
        Some(&*self.0)
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        let (width, top) = (strip.width, strip.top);
        let Some(planes) = strip.rgb() else { return self.0.apply(strip) };
        let mut before = vec![0.0; planes[0].len()];
        lumas(&mut before, [&*planes[0], &*planes[1], &*planes[2]]);
        let mut changed = Planes::grey(before.clone());
        self.0.apply(&mut Strip::new(&mut changed, width, top));
        for plane in planes {
            gain(plane, &before, &changed.all()[0]);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn lumas(to: &mut [f32], [red, green, blue]: [&[f32]; 3]) {
    for (((to, red), green), blue) in to.iter_mut().zip(red).zip(green).zip(blue) {
        *to = luma([*red, *green, *blue]);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn gain(plane: &mut [f32], before: &[f32], after: &[f32]) {
    plane.iter_mut().zip(before.iter().zip(after)).for_each(|(v, (before, after))| *v += after - before);
}

struct AreaOnLuma {
    area: Box<dyn Area>,
    spare: Pool<Buffers>,
}

impl AreaOnLuma {
    fn rows<S: Sample>(
        &self,
        source: View<'_, S>,
        rows: Range<u32>,
        target: &mut [S],
        area: impl Fn(View<'_, S>, Range<u32>, &mut [S]),
    ) {
        let halo = self.area.halo();
        let needed = rows.start.saturating_sub(halo)..source.height().min(rows.end.saturating_add(halo));
        let layout = source.layout().grey();
        let stride = source.width() as usize * layout.channels();
        self.spare.with(|spare| {
            let mut before: Vec<S> = spare.take_for_overwrite(stride * needed.len());
            for (y, to) in needed.clone().zip(before.chunks_exact_mut(stride)) {
                match source.layout() {
                    Layout::Rgba => luma_row::<S, 4, 2>(to, source.row(y)),
                    _ => luma_row::<S, 3, 1>(to, source.row(y)),
                }
            }
            let mut after: Vec<S> = spare.take_for_overwrite(stride * rows.len());
            let view = View::new((source.width(), source.height()), layout, needed.start, &before);
            area(view, rows.clone(), &mut after);
            let targets = target.chunks_exact_mut(source.stride().max(1)).zip(after.chunks_exact(stride.max(1)));
            for (y, (to, after)) in rows.zip(targets) {
                match source.layout() {
                    Layout::Rgba => gain_row::<S, 4, 2>(to, source.row(y), view.row(y), after),
                    _ => gain_row::<S, 3, 1>(to, source.row(y), view.row(y), after),
                }
            }
            spare.give(before);
            spare.give(after);
        });
    }
}

/// Luma of a row, and alpha where there is a second channel.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn luma_row<S: Sample, const N: usize, const GREY: usize>(to: &mut [S], from: &[S]) {
    for (to, from) in to.as_chunks_mut::<GREY>().0.iter_mut().zip(from.as_chunks::<N>().0) {
        to[0] = S::from_unit(luma([from[0].to_unit(), from[1].to_unit(), from[2].to_unit()]));
        if GREY == 2 {
            to[1] = from[N - 1];
        }
    }
}

/// Adds to each colour what luma gained.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn gain_row<S: Sample, const N: usize, const GREY: usize>(to: &mut [S], from: &[S], before: &[S], after: &[S]) {
    let lumas = before.as_chunks::<GREY>().0.iter().zip(after.as_chunks::<GREY>().0);
    for ((to, from), (before, after)) in to.as_chunks_mut::<N>().0.iter_mut().zip(from.as_chunks::<N>().0).zip(lumas) {
        let gain = after[0].to_unit() - before[0].to_unit();
        for (to, from) in to.iter_mut().zip(from).take(3) {
            *to = S::from_unit(from.to_unit() + gain);
        }
        if GREY == 2 {
            to[N - 1] = from[N - 1];
        }
    }
}

impl Area for AreaOnLuma {
    fn halo(&self) -> u32 {
        self.area.halo()
    }

    fn rows_u8(&self, source: View<'_, u8>, rows: Range<u32>, target: &mut [u8]) {
        self.rows(source, rows, target, |source, rows, target| self.area.rows_u8(source, rows, target));
    }

    fn rows_u16(&self, source: View<'_, u16>, rows: Range<u32>, target: &mut [u16]) {
        self.rows(source, rows, target, |source, rows, target| self.area.rows_u16(source, rows, target));
    }

    fn rows_f32(&self, source: View<'_, f32>, rows: Range<u32>, target: &mut [f32]) {
        self.rows(source, rows, target, |source, rows, target| self.area.rows_f32(source, rows, target));
    }

    fn by_bands(&self, source: Planar, step: u32) -> Option<Box<dyn RowWise + '_>> {
        let planes = (OfPlane::new(Some(&*self.area)), Unchanged);
        Some(Box::new(ByPlane::new((source, source), planes, step)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::{Layout, Pixels, Raster};

    /// Y, Cb and Cr.
    fn ycbcr(rgb: &[f32]) -> [f32; 3] {
        let y = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
        [y, (rgb[2] - y) / 1.772, (rgb[0] - y) / 1.402]
    }

    /// Colours that nothing here clips.
    fn colours() -> Vec<f32> {
        (0..30 * 20 * 3).map(|i| 0.35 + 0.3 * ((i * 37 % 101) as f32 / 101.0)).collect()
    }

    #[test]
    fn luma_is_what_it_is_as_a_grey_picture_and_colours_stay() {
        let before = colours();
        let source: Pixels = Raster::new(30, 20, Layout::Rgb, before.clone()).into();
        let lumas: Vec<f32> = before.chunks(3).map(|rgb| ycbcr(rgb)[0]).collect();
        let grey: Pixels = Raster::new(30, 20, Layout::Grey, lumas).into();
        for (filter, params) in [
            ("unsharp_mask", &[("luma", "true"), ("sigma", "2")][..]),
            ("sharpen", &[("luma", "true")]),
            ("levels", &[("channel", "luma"), ("gamma", "1.3")]),
            ("curves", &[("luma", "0:0,0.5:0.6,1:1")]),
        ] {
            let changed = run(filter, params, source.clone());
            let of_grey = run(filter, params, grey.clone());
            for ((before, after), luma) in before.chunks(3).zip(floats(&changed).chunks(3)).zip(floats(&of_grey)) {
                let ([_, cb, cr], after) = (ycbcr(before), ycbcr(after));
                let expected = [*luma, cb, cr];
                assert!(
                    after.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4),
                    "{filter}: {after:?}, {expected:?}"
                );
            }
            assert_ne!(floats(&changed), before, "{filter}");
        }
    }

    #[test]
    fn levels_of_8_bits_are_those_of_floats_and_alpha_stays() {
        let levels: Vec<[u8; 3]> = colours().chunks(3).map(|rgb| [0, 1, 2].map(|i| (rgb[i] * 255.0) as u8)).collect();
        let with_alpha: Vec<f32> =
            levels.iter().flat_map(|rgb| rgb.map(|v| f32::from(v) / 255.0).into_iter().chain([1.0])).collect();
        for (filter, params) in
            [("unsharp_mask", &[("luma", "true")][..]), ("levels", &[("channel", "luma"), ("gamma", "1.3")])]
        {
            let small = run(filter, params, rgb8(&levels));
            let exact = run(filter, params, float(Layout::Rgba, &with_alpha));
            for (found, exact) in bytes(&small).chunks(3).zip(floats(&exact).chunks(4)) {
                assert!(found.iter().zip(exact).all(|(a, b)| (f32::from(*a) - b * 255.0).abs() < 1.6), "{filter}");
                assert_eq!(exact[3], 1.0, "{filter}");
            }
        }
    }
}
