//! What filters share: reading pixels and their neighbours, sums over windows, resampling, projective maps,
//! tables and curves. Kernels know no filter.

pub(crate) mod anchor;
pub(crate) mod colour;
pub(crate) mod convolution;
pub(crate) mod curve;
pub(crate) mod each;
pub(crate) mod falloff;
pub(crate) mod field;
pub(crate) mod fixed_point;
pub(crate) mod gaussian;
pub(crate) mod gaussian_u8;
pub(crate) mod halving;
pub(crate) mod histogram;
pub(crate) mod levels_curve;
pub(crate) mod linear;
pub(crate) mod lut;
pub(crate) mod median;
pub(crate) mod median_counts;
pub(crate) mod median_histogram;
pub(crate) mod median_network;
pub(crate) mod median_ranks;
pub(crate) mod morphology;
pub(crate) mod overlay;
pub(crate) mod pair_weights;
pub(crate) mod position;
pub(crate) mod resample;
pub(crate) mod resample_u8;
pub(crate) mod rows;
pub(crate) mod scratch;
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
pub(crate) mod window;

#[cfg(test)]
mod convolution_tests;
