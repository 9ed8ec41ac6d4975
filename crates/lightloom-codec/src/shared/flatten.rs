//! Composites transparent pixels over a colour, for formats without alpha.

use lightloom_picture::with_raster;
use lightloom_picture::{Layout, Pixels, Raster, Sample};

/// The picture without alpha, over `background` in encoded sRGB. A grey picture stays grey over a grey background.
pub(crate) fn flatten(pixels: Pixels, background: [u8; 3]) -> Pixels {
    let grey = background[0] == background[1] && background[1] == background[2];
    let pixels = if grey { pixels } else { into_coloured(pixels) };
    with_raster!(&pixels, raster => over(raster, background).into())
}

fn into_coloured(pixels: Pixels) -> Pixels {
    let layout = pixels.shape().layout;
    pixels.into_layout(layout.coloured())
}

fn over<S: Sample>(raster: &Raster<S>, background: [u8; 3]) -> Raster<S> {
    let layout = raster.layout();
    let opaque: Layout = layout.opaque();
    let below = background.map(|v| f32::from(v) / 255.0);
    let mut samples = Vec::with_capacity(raster.width() as usize * raster.height() as usize * opaque.channels());
    for pixel in raster.samples().chunks_exact(layout.channels()) {
        let alpha = if layout.has_alpha() { pixel[layout.channels() - 1].to_unit() } else { 1.0 };
        for (colour, below) in pixel[..layout.colours()].iter().zip(below) {
            // Opaque samples stay as they are: float ones may lie outside 0–1.
            samples.push(if alpha >= 1.0 {
                *colour
            } else {
                S::from_unit(colour.to_unit() * alpha + below * (1.0 - alpha))
            });
        }
    }
    Raster::new(raster.width(), raster.height(), opaque, samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_shows_the_background() {
        let pixels =
            Pixels::from(Raster::new(3, 1, Layout::Rgba, vec![9_u8, 9, 9, 0, 200, 100, 0, 255, 255, 0, 0, 51]));
        let flat = flatten(pixels, [10, 20, 30]);
        assert_eq!(flat, Raster::new(3, 1, Layout::Rgb, vec![10_u8, 20, 30, 200, 100, 0, 59, 16, 24]).into());
        let grey = Pixels::from(Raster::new(1, 1, Layout::GreyAlpha, vec![0_u16, 0]));
        assert_eq!(flatten(grey.clone(), [128; 3]), Raster::new(1, 1, Layout::Grey, vec![32_896_u16]).into());
        assert_eq!(flatten(grey, [255, 0, 0]), Raster::new(1, 1, Layout::Rgb, vec![65_535_u16, 0, 0]).into());
    }
}
