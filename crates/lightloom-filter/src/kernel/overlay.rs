//! Drawing on the picture: a layer with opacity is composited over a part of it.
//!
//! Compositing is `source-over` with the separable blend modes of W3C Compositing and Blending, on encoded sRGB values
//! with straight alpha, as image editors do. Only the rows and columns under the layer are touched; every other sample
//! stays exactly as it is.

use crate::{Stopped, Work};
use lightloom_param::choice;
use lightloom_picture::with_raster;
use lightloom_picture::{Pixels, Raster, Sample};

/// Pixels to draw: red, green, blue and alpha in 0–1, straight.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layer {
    pub(crate) width: u32,
    /// Row by row.
    pub(crate) pixels: Vec<[f32; 4]>,
}

choice! {
    /// How the layer's colours are blended with those below.
    pub(crate) enum Blend {
        Normal = "normal",
        Multiply = "multiply",
        Screen = "screen",
        Overlay = "overlay",
        SoftLight = "soft_light",
    }
}

impl Blend {
    /// The blend of `source` on `backdrop`.
    #[inline(always)]
    fn of(self, backdrop: f32, source: f32) -> f32 {
        let screen = |a: f32, b: f32| a + b - a * b;
        match self {
            Self::Normal => source,
            Self::Multiply => backdrop * source,
            Self::Screen => screen(backdrop, source),
            Self::Overlay if backdrop <= 0.5 => 2.0 * backdrop * source,
            Self::Overlay => screen(2.0 * backdrop - 1.0, source),
            Self::SoftLight if source <= 0.5 => backdrop - (1.0 - 2.0 * source) * backdrop * (1.0 - backdrop),
            Self::SoftLight => {
                let bent = if backdrop <= 0.25 {
                    ((16.0 * backdrop - 12.0) * backdrop + 4.0) * backdrop
                } else {
                    backdrop.sqrt()
                };
                backdrop + (2.0 * source - 1.0) * (bent - backdrop)
            }
        }
    }
}

/// Draws `layer` with its top left corner at `left`, `top`; what lies beyond the picture is not drawn. A grey picture
/// takes the layer's red.
pub(crate) fn draw(
    mut picture: Pixels,
    layer: &Layer,
    (left, top): (i64, i64),
    blend: Blend,
    work: &mut Work<'_>,
) -> Result<Pixels, Stopped> {
    with_raster!(&mut picture, r => composite(r, layer, (left, top), blend, work))?;
    Ok(picture)
}

fn composite<S: Sample>(
    picture: &mut Raster<S>,
    layer: &Layer,
    (left, top): (i64, i64),
    blend: Blend,
    work: &Work<'_>,
) -> Result<(), Stopped> {
    /// Rows per piece of work.
    const ROWS: usize = 32;
    let layout = picture.layout();
    let (channels, colours, has_alpha) = (layout.channels(), layout.colours(), layout.has_alpha());
    let (width, height, stride) = (i64::from(picture.width()), i64::from(picture.height()), picture.stride());
    let layer_width = i64::from(layer.width);
    let layer_height = if layer.width == 0 { 0 } else { layer.pixels.len() as i64 / layer_width };
    let (first, last) = (left.clamp(0, width), (left + layer_width).clamp(0, width));
    let (upper, lower) = (top.clamp(0, height), (top + layer_height).clamp(0, height));
    if (work.stop)() {
        return Err(Stopped);
    }
    if first >= last || upper >= lower {
        return Ok(());
    }
    let rows = &mut picture.samples_mut()[upper as usize * stride..lower as usize * stride];
    work.fill(rows, stride * ROWS, |piece, rows| {
        for (row, y) in rows.chunks_exact_mut(stride).zip(upper + (piece * ROWS) as i64..) {
            let from = (y - top) * layer_width + first - left;
            let drawn = &layer.pixels[from as usize..][..(last - first) as usize];
            let under = row[first as usize * channels..last as usize * channels].chunks_exact_mut(channels);
            for (under, over) in under.zip(drawn) {
                let opacity = over[3];
                // where the layer is transparent the sample stays as it is, without rounding
                if opacity <= 0.0 {
                    continue;
                }
                let below = if has_alpha { under[channels - 1].to_unit() } else { 1.0 };
                let result = opacity + below * (1.0 - opacity);
                for c in 0..colours {
                    let backdrop = under[c].to_unit();
                    let mixed = (1.0 - below) * over[c] + below * blend.of(backdrop, over[c]);
                    let colour = (opacity * mixed + below * backdrop * (1.0 - opacity)) / result;
                    under[c] = S::from_unit(colour);
                }
                if has_alpha {
                    under[channels - 1] = S::from_unit(result);
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Buffers, Layout};

    fn one(picture: impl Into<Pixels>, layer: [f32; 4], blend: Blend) -> Vec<f32> {
        let layer = Layer { width: 1, pixels: vec![layer] };
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        match draw(picture.into(), &layer, (0, 0), blend, &mut work).unwrap() {
            Pixels::F32(r) => r.samples().to_vec(),
            other => panic!("{:?}", other.shape()),
        }
    }

    #[test]
    fn source_over_in_closed_form() {
        let near = |a: Vec<f32>, b: &[f32]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        let rgb = || Raster::new(1, 1, Layout::Rgb, vec![0.2, 0.4, 0.6]);
        assert!(near(one(rgb(), [1.0, 0.0, 0.5, 0.25], Blend::Normal), &[0.4, 0.3, 0.575]));
        assert!(near(one(rgb(), [1.0, 0.0, 0.5, 1.0], Blend::Multiply), &[0.2, 0.0, 0.3]));
        assert!(near(one(rgb(), [1.0, 0.0, 0.5, 1.0], Blend::Screen), &[1.0, 0.4, 0.8]));
        assert!(near(one(rgb(), [1.0, 0.0, 0.5, 1.0], Blend::Overlay), &[0.4, 0.0, 0.6]));
        assert!(near(one(rgb(), [0.5, 0.0, 1.0, 1.0], Blend::SoftLight), &[0.2, 0.16, 0.6_f32.sqrt()]));
        // on a transparent picture only the layer is visible, whatever the mode
        let clear = || Raster::new(1, 1, Layout::Rgba, vec![0.2, 0.4, 0.6, 0.0]);
        assert!(near(one(clear(), [1.0, 0.0, 0.5, 0.25], Blend::Multiply), &[1.0, 0.0, 0.5, 0.25]));
        let half = Raster::new(1, 1, Layout::GreyAlpha, vec![0.2, 0.5]);
        assert!(near(one(half, [1.0, 1.0, 1.0, 0.5], Blend::Normal), &[(0.5 + 0.25 * 0.2) / 0.75, 0.75]));
    }

    #[test]
    fn layers_are_cut_at_the_edges() {
        let layer = Layer { width: 3, pixels: vec![[1.0; 4]; 9] };
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: true };
        for (place, count) in [((-1, -1), 4), ((2, 2), 4), ((-3, 0), 0), ((0, 9), 0), ((1, 1), 9), ((-2, 3), 1)] {
            let picture: Pixels = Raster::new(4, 4, Layout::Grey, vec![0_u8; 16]).into();
            let drawn = draw(picture, &layer, place, Blend::Normal, &mut work).unwrap();
            let Pixels::U8(drawn) = drawn else { panic!() };
            assert_eq!(drawn.samples().iter().filter(|v| **v == 255).count(), count, "{place:?}");
        }
    }
}
