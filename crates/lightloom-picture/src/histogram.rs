//! How often each value occurs in a picture, per channel and as luma.

/// Counts of the 256 values of 8 bits.
pub type Counts = [u32; 256];

/// How often each value occurs among the pixels that are not transparent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// Red, green and blue.
    pub colours: [Counts; 3],
    /// Luma with the weights of Rec. 709, on encoded values.
    pub luma: Counts,
    pixels: u32,
}

impl Histogram {
    /// Of pixels with 8 bits each of red, green, blue and alpha.
    pub fn of_rgba8(rgba: &[u8]) -> Self {
        let mut found = Self { colours: [[0; 256]; 3], luma: [0; 256], pixels: 0 };
        for pixel in rgba.as_chunks::<4>().0 {
            let [r, g, b, alpha] = *pixel;
            if alpha == 0 {
                continue;
            }
            found.pixels += 1;
            for (counts, value) in found.colours.iter_mut().zip([r, g, b]) {
                counts[usize::from(value)] += 1;
            }
            // 0.2126, 0.7152 and 0.0722 of 65536, rounded so that they add up.
            let luma = (u32::from(r) * 13_933 + u32::from(g) * 46_871 + u32::from(b) * 4_732 + 32_768) >> 16;
            found.luma[luma.min(255) as usize] += 1;
        }
        found
    }

    /// Share of the pixels in which at least one channel must be at the lowest value, and at the highest: of the channel that
    /// has most of them.
    pub fn clipped(&self) -> (f32, f32) {
        let share = |value: usize| {
            let most = self.colours.iter().map(|counts| counts[value]).max().unwrap_or(0);
            most as f32 / self.pixels.max(1) as f32
        };
        (share(0), share(255))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_per_channel() {
        let histogram = Histogram::of_rgba8(&[255, 0, 0, 255, 255, 255, 255, 128, 9, 8, 7, 255, 1, 2, 3, 0]);
        assert_eq!((histogram.colours[0][255], histogram.colours[0][9], histogram.colours[0][1]), (2, 1, 0));
        assert_eq!((histogram.colours[1][0], histogram.colours[1][255], histogram.colours[2][7]), (1, 1, 1));
        assert_eq!((histogram.luma[54], histogram.luma[255], histogram.luma[8]), (1, 1, 1));
        let (dark, light) = histogram.clipped();
        assert!((dark - 1.0 / 3.0).abs() < 1e-6 && (light - 2.0 / 3.0).abs() < 1e-6);
        assert_eq!(Histogram::of_rgba8(&[]).clipped(), (0.0, 0.0));
    }

    #[test]
    fn grey_has_the_same_counts_in_all_channels() {
        let ramp: Vec<u8> = (0..=255).flat_map(|v| [v, v, v, 255]).collect();
        let histogram = Histogram::of_rgba8(&ramp);
        assert!(histogram.colours.iter().chain([&histogram.luma]).all(|counts| counts.iter().all(|count| *count == 1)));
    }
}
