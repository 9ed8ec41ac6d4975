//! Pictures made smaller by a whole number after they were decoded, where the decoder did not do so: rare files, of which
//! the size must be what was asked for.

use lightloom_picture::{Raster, Sample};

/// Each pixel is the mean of the square of `divisor` pixels that it covers, or of the part of it that is in the picture.
pub(super) fn shrunk<S: Sample + Into<u64> + TryFrom<u64>>(raster: Raster<S>, divisor: u8) -> Raster<S> {
    if divisor <= 1 {
        return raster;
    }
    let (step, layout) = (usize::from(divisor), raster.layout());
    let (channels, stride) = (layout.channels(), raster.stride());
    let size @ (width, height) = (raster.width().div_ceil(divisor.into()), raster.height().div_ceil(divisor.into()));
    let mut samples = Vec::with_capacity(width as usize * height as usize * channels);
    for rows in raster.samples().chunks(step * stride) {
        let count = rows.len() / stride;
        for left in (0..stride).step_by(step * channels) {
            let right = stride.min(left + step * channels);
            let pixels = (count * (right - left) / channels) as u64;
            samples.extend((0..channels).map(|channel| {
                let row = |y: usize| rows[y * stride..][left..right].iter().skip(channel).step_by(channels);
                let sum: u64 = (0..count).flat_map(row).map(|sample| (*sample).into()).sum();
                S::try_from((sum + pixels / 2) / pixels).unwrap_or_default()
            }));
        }
    }
    Raster::new(size.0, size.1, layout, samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Layout;

    #[test]
    fn pixels_at_the_edges_are_means_of_what_is_there() {
        let source = || Raster::new(3, 3, Layout::Grey, vec![0_u16, 2, 60_000, 4, 6, 65_535, 100, 201, 7]);
        assert_eq!(shrunk(source(), 2).samples(), [3, 62_768, 151, 7]);
        assert_eq!(shrunk(source(), 4).samples(), [13_984]);
        assert_eq!(shrunk(source(), 1), source());
        let colours = Raster::new(2, 1, Layout::Rgb, vec![1_u8, 10, 100, 3, 30, 255]);
        assert_eq!(shrunk(colours, 8).samples(), [2, 20, 178]);
    }
}
