//! What filters share: reading pixels and their neighbours, sums over windows, resampling, projective maps,
//! tables and curves. Kernels know no filter.
//!
//! - Reading pixels and their neighbours: `rows` and `window` (rows with a margin), `tile` (planes with a margin, for
//!   filters that compare many neighbours), `field` (a small copy of the picture, for slow changes of light),
//!   `position` (random numbers that depend on the position alone).
//! - Weighted sums: `convolution` and `gaussian`; `falloff` has weights that fall off exponentially.
//! - Neighbourhoods: `surface_mean_u8` (weighted by likeness), the `median_*` files, of which `median` chooses, and
//!   `morphology`.
//! - Moving pixels: `turn` and `cropped`.
//! - Resampling: `resample` (with `weights`), `sizing` and `framing` for resizing, `warp` for projective maps.
//! - Pictures in planes of luma and chroma: `by_plane`, `resample_bands`, `grey_bands`, `on_luma` (what
//!   changes luma alone) and `each_plane` (what does the same to each).
//! - Functions of samples: `each` and `colour` (loops over strips), `curve` (slow functions as tables), `tone_curve`,
//!   `lut`, `linear` (an area operation on linear light) and `light_u8` (the same of 8-bit levels).
//! - Text: `shaping`, `text_layer` and `mask` (what glyphs cover).
//! - Memory that strips reuse: `scratch`.
//!
//! The `_u8` kernels compute pictures of 8 bits without alpha in integers; all other pictures take the kernel of the
//! same name in floats. They, `fixed_point`, `halving`, `median_network`, `median_counts`, `morphology`, `curve` and
//! `bilateral` are written so that the compiler finds the vector instructions: look at the assembly before changing
//! their loops.

pub(crate) mod anchor;
pub(crate) mod by_plane;
pub(crate) mod colour;
pub(crate) mod convolution;
pub(crate) mod cropped;
pub(crate) mod curve;
pub(crate) mod each;
pub(crate) mod each_plane;
pub(crate) mod falloff;
pub(crate) mod field;
pub(crate) mod fixed_point;
pub(crate) mod framing;
pub(crate) mod gaussian;
pub(crate) mod gaussian_u8;
pub(crate) mod grey_bands;
pub(crate) mod halving;
pub(crate) mod histogram;
pub(crate) mod levels_curve;
pub(crate) mod light_u8;
pub(crate) mod linear;
pub(crate) mod lut;
pub(crate) mod mask;
pub(crate) mod median;
pub(crate) mod median_counts;
pub(crate) mod median_histogram;
pub(crate) mod median_network;
pub(crate) mod median_ranks;
pub(crate) mod morphology;
pub(crate) mod on_luma;
pub(crate) mod overlay;
pub(crate) mod pair_weights;
pub(crate) mod position;
pub(crate) mod resample;
pub(crate) mod resample_bands;
pub(crate) mod resample_u8;
pub(crate) mod rows;
pub(crate) mod scratch;
pub(crate) mod shaping;
pub(crate) mod sizing;
pub(crate) mod surface_mean_u8;
pub(crate) mod surround;
pub(crate) mod text_layer;
pub(crate) mod tile;
pub(crate) mod tone_curve;
pub(crate) mod transpose;
pub(crate) mod turn;
pub(crate) mod warp;
pub(crate) mod warp_f32;
pub(crate) mod warp_map;
pub(crate) mod warp_u8;
pub(crate) mod weights;
pub(crate) mod window;

#[cfg(test)]
mod convolution_tests;
