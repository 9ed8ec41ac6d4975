//! Formats that hold linear light: OpenEXR, Radiance HDR, PFM. Everywhere else in the program samples, floats included,
//! are encoded with the sRGB transfer function, so light is encoded on reading and decoded on writing. Neither clips,
//! so that highlights above white survive.

use lightloom_picture::{Picture, Pixels, Raster, linear_to_srgb, srgb_to_linear};

/// Encodes linear light with the sRGB transfer function, in place; alpha stays.
pub(crate) fn to_encoded(pixels: &mut Pixels) {
    if let Pixels::F32(raster) = pixels {
        apply(raster, linear_to_srgb);
    }
}

/// A copy of a float picture in linear light.
pub(crate) fn of(picture: &Picture) -> Picture {
    let mut copy = picture.clone();
    if let Pixels::F32(raster) = &mut copy.pixels {
        apply(raster, srgb_to_linear);
    }
    copy
}

fn apply(raster: &mut Raster<f32>, function: fn(f32) -> f32) {
    let layout = raster.layout();
    for pixel in raster.samples_mut().chunks_exact_mut(layout.channels()) {
        for sample in &mut pixel[..layout.colours()] {
            *sample = function(*sample);
        }
    }
}
