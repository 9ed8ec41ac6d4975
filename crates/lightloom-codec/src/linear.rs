//! Formats that hold linear light. Everywhere else in the program samples have the sRGB transfer function, in floats too,
//! so light is encoded when it is read and made light again when it is written; both without limits, so that what is
//! brighter than white survives.

use lightloom_picture::{Picture, Pixels, Raster, linear_to_srgb, srgb_to_linear};

/// Gives light the sRGB transfer function, in place; alpha stays.
pub(super) fn to_encoded(pixels: &mut Pixels) {
    if let Pixels::F32(raster) = pixels {
        apply(raster, linear_to_srgb);
    }
}

/// A copy of a float picture as light.
pub(super) fn of(picture: &Picture) -> Picture {
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
