//! A gain map taken through the geometry of its picture.

use super::GainMap;
use crate::{Geometry, Raster, Stopped, Work};

/// Most samples per side that are averaged for one pixel of a smaller map.
const MOST_SAMPLES: u32 = 16;

/// Rows that are drawn between two looks at `stop`.
const BAND: usize = 32;

/// The samples of a map at any position.
pub(super) struct Sampler<'a> {
    pixels: &'a Raster<u8>,
}

impl<'a> Sampler<'a> {
    pub(super) const fn new(pixels: &'a Raster<u8>) -> Self {
        Self { pixels }
    }

    /// Shares of the full scale for red, green and blue at a position in pixels from the top left corner, interpolated
    /// linearly; the nearest ones beyond the edge.
    pub(super) fn at(&self, x: f64, y: f64) -> [f64; 3] {
        let channels = self.pixels.layout().channels();
        let around = |v: f64, side: u32| {
            let v = (v - 0.5).clamp(0.0, f64::from(side - 1));
            let low = v.floor();
            (low as u32, (low as u32 + 1).min(side - 1), v - low)
        };
        let (left, right, dx) = around(x, self.pixels.width());
        let (top, bottom, dy) = around(y, self.pixels.height());
        let (upper, lower) = (self.pixels.row(top), self.pixels.row(bottom));
        let value = |channel: usize| {
            let at = |row: &[u8], x: u32| f64::from(row[x as usize * channels + channel]);
            let of = |row: &[u8]| at(row, left) * (1.0 - dx) + at(row, right) * dx;
            (of(upper) * (1.0 - dy) + of(lower) * dy) / 255.0
        };
        if channels >= 3 { [value(0), value(1), value(2)] } else { [value(0); 3] }
    }
}

impl GainMap {
    /// The map of a picture whose pixels went where `geometry` says, in the same proportion to it as before. What lies
    /// beyond the former picture gets no gain. `None` if the geometry has no inverse.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn through(&self, geometry: &Geometry, work: &mut Work<'_>) -> Result<Option<Self>, Stopped> {
        if geometry.is_identity() {
            return Ok(Some(self.clone()));
        }
        let Some(back) = geometry.inverse() else { return Ok(None) };
        let own = (self.pixels.width(), self.pixels.height());
        let size = self.target(geometry);
        let way = Geometry::scaled(size, geometry.size()).then(&back).then(&Geometry::scaled(geometry.source(), own));
        let layout = self.pixels.layout();
        let neutral = self.metadata.curves.map(|curve| curve.neutral());
        let samples = |side: f64| (side.ceil() as u32).clamp(1, MOST_SAMPLES);
        let (across, down) = way.magnification();
        let (across, down) = (samples(across - 1e-6), samples(down - 1e-6));
        let sampler = Sampler::new(&self.pixels);
        // Kernels and rounding may reach a little beyond the edge.
        let is_within = |v: f64, side: u32| (-1.0..=f64::from(side) + 1.0).contains(&v);
        let sample = |x: f64, y: f64| match way.point(x, y) {
            Some((u, v)) if is_within(u, own.0) && is_within(v, own.1) => sampler.at(u, v),
            _ => neutral,
        };
        let pixels = work.draw::<u8>(size, layout, BAND, |rows, target| {
            let stride = size.0 as usize * layout.channels();
            for (y, row) in rows.zip(target.chunks_exact_mut(stride)) {
                for (x, pixel) in row.chunks_exact_mut(layout.channels()).enumerate() {
                    let mut sum = [0.0; 3];
                    for (i, j) in (0..down).flat_map(|i| (0..across).map(move |j| (i, j))) {
                        let offset = |at: u32, of: u32| (f64::from(at) + 0.5) / f64::from(of);
                        let shares = sample(x as f64 + offset(j, across), y as f64 + offset(i, down));
                        sum.iter_mut().zip(shares).for_each(|(sum, share)| *sum += share);
                    }
                    for (sample, sum) in pixel.iter_mut().zip(sum) {
                        *sample = (sum / f64::from(across * down) * 255.0).round() as u8;
                    }
                }
            }
        })?;
        Ok(Some(Self { pixels, metadata: self.metadata }))
    }

    /// Size of the map for the result.
    fn target(&self, geometry: &Geometry) -> (u32, u32) {
        let (source, size) = (geometry.source(), geometry.size());
        let share = |own: u32, of: u32| f64::from(own) / f64::from(of.max(1));
        let (x, y) = (share(self.pixels.width(), source.0), share(self.pixels.height(), source.1));
        // A quarter turn makes columns of rows; maps of other proportions than their picture are rare.
        let (x, y) = if geometry.upright().is_some() { (x, y) } else { ((x * y).sqrt(), (x * y).sqrt()) };
        let side = |size: u32, share: f64| ((f64::from(size) * share).round() as u32).clamp(1, size.max(1));
        (side(size.0, x), side(size.1, y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gain_map::tests::two_stops;
    use crate::{Buffers, Layout, Turn};

    fn through(map: &GainMap, geometry: &Geometry) -> GainMap {
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        map.through(geometry, &mut work).unwrap().unwrap()
    }

    /// 40 × 20 for a picture of 160 × 80, each pixel its column number or, in the other layout, also its row number.
    fn ramp(layout: Layout) -> GainMap {
        let pixel = |at: u32| match layout {
            Layout::Grey => vec![(at % 40) as u8 * 4],
            _ => vec![(at % 40) as u8 * 4, (at / 40) as u8 * 4, 7],
        };
        two_stops(Raster::new(40, 20, layout, (0..800).flat_map(pixel).collect()))
    }

    #[test]
    fn turns_and_whole_crops_copy() {
        let map = ramp(Layout::Rgb);
        let turned = through(&map, &Geometry::turned(Turn::Right, (160, 80)));
        assert_eq!((turned.pixels.width(), turned.pixels.height()), (20, 40));
        // What stood at the bottom left stands at the top left.
        assert_eq!(turned.pixels.row(0)[..3], [0, 76, 7]);
        assert_eq!(turned.pixels.row(39)[57..], [156, 0, 7]);
        let cropped = through(&map, &Geometry::placed((160, 80), (80, 40), -20, -12));
        assert_eq!((cropped.pixels.width(), cropped.pixels.height()), (20, 10));
        assert_eq!(cropped.pixels.row(0)[..3], [20, 12, 7]);
        assert_eq!(through(&map, &Geometry::identity((160, 80))), map);
    }

    #[test]
    fn a_smaller_map_averages_and_a_crop_between_pixels_interpolates() {
        let map = ramp(Layout::Grey);
        let half = through(&map, &Geometry::scaled((160, 80), (80, 40)));
        assert_eq!((half.pixels.width(), half.pixels.height()), (20, 10));
        // The mean of columns 2n and 2n + 1.
        assert_eq!(half.pixels.row(3)[..3], [2, 10, 18]);
        // Two pixels of the picture are half of one of the map.
        let shifted = through(&map, &Geometry::placed((160, 80), (80, 80), -2, 0));
        assert_eq!(shifted.pixels.row(0)[..3], [2, 6, 10]);
    }

    #[test]
    fn frames_get_no_gain() {
        let mut map = ramp(Layout::Grey);
        map.metadata.curves.iter_mut().for_each(|curve| curve.min = -2.0);
        let framed = through(&map, &Geometry::placed((160, 80), (240, 160), 40, 40));
        assert_eq!((framed.pixels.width(), framed.pixels.height()), (60, 40));
        // From −2 to 2 stops, none is half of the scale.
        assert_eq!(framed.pixels.row(0)[0], 128);
        assert_eq!(framed.pixels.row(20)[12], 8);
    }
}
