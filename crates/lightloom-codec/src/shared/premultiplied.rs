//! Colours that a file holds multiplied by alpha.

use lightloom_picture::with_raster;
use lightloom_picture::{Layout, Pixels, Raster, Sample};

/// Divides colours by alpha.
pub(crate) fn divide_by_alpha(pixels: &mut Pixels) {
    with_raster!(pixels, raster => divide(raster));
}

fn divide<S: Sample>(raster: &mut Raster<S>) {
    let layout: Layout = raster.layout();
    if !layout.has_alpha() {
        return;
    }
    for pixel in raster.samples_mut().chunks_exact_mut(layout.channels()) {
        let (alpha, colours) = pixel.split_last_mut().map_or((1.0, &mut [][..]), |(a, c)| (a.to_unit(), c));
        if alpha > 0.0 {
            for colour in colours {
                *colour = S::from_unit(colour.to_unit() / alpha);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_divided_and_what_is_clear_stays() {
        let mut pixels = Pixels::from(Raster::new(3, 1, Layout::GreyAlpha, vec![64_u8, 128, 9, 0, 77, 255]));
        divide_by_alpha(&mut pixels);
        assert_eq!(pixels, Raster::new(3, 1, Layout::GreyAlpha, vec![128_u8, 128, 9, 0, 77, 255]).into());
    }
}
