//! What filters share: how pixels and their neighbours are read, sums over windows, resampling, drawing through maps,
//! tables and curves. A kernel knows no filter.

pub(crate) mod anchor;
pub(crate) mod colour;
pub(crate) mod convolution;
pub(crate) mod curve;
pub(crate) mod each;
pub(crate) mod falloff;
pub(crate) mod field;
pub(crate) mod fixed;
pub(crate) mod gaussian;
pub(crate) mod gaussian_fixed;
pub(crate) mod halving;
pub(crate) mod histogram;
pub(crate) mod linear;
pub(crate) mod lut;
pub(crate) mod median_counts;
pub(crate) mod median_histogram;
pub(crate) mod median_network;
pub(crate) mod median_ranks;
pub(crate) mod morphology;
pub(crate) mod overlay;
pub(crate) mod position;
pub(crate) mod resample;
pub(crate) mod resample_levels;
pub(crate) mod rows;
pub(crate) mod scratch;
pub(crate) mod surround;
pub(crate) mod text_layer;
pub(crate) mod tile;
pub(crate) mod tone_curve;
pub(crate) mod transpose;
pub(crate) mod turn;
pub(crate) mod turn_rgb;
pub(crate) mod warp;
pub(crate) mod warp_floats;
pub(crate) mod warp_levels;
pub(crate) mod warp_map;
pub(crate) mod window;

#[cfg(test)]
mod convolution_tests;
