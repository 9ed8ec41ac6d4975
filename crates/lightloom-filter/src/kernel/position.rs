//! Random numbers that depend on the position: a pixel gets the same number in every strip, on every machine.
//!
//! The mixing function is the 32-bit one that Wellons found by search ("lowbias32", public domain).

/// A number without visible correlation to those of neighbouring pixels.
#[inline(always)]
pub(crate) fn hash(x: u32, y: u32, seed: u32) -> u32 {
    mix(x ^ mix(y ^ mix(seed)))
}

#[inline(always)]
fn mix(mut v: u32) -> u32 {
    v = (v ^ (v >> 16)).wrapping_add(0x9e37_79b9);
    v = (v ^ (v >> 16)).wrapping_mul(0x7feb_352d);
    v = (v ^ (v >> 15)).wrapping_mul(0x846c_a68b);
    v ^ (v >> 16)
}

/// Uniformly distributed from −1 to 1.
#[inline(always)]
pub(crate) fn uniform(hash: u32) -> f32 {
    (hash >> 8) as f32 * (2.0 / 16_777_216.0) - 1.0 + 1.0 / 16_777_216.0
}

/// Nearly normally distributed, mean 0, variance 1, within ±3.5: the sum of four uniform distributions.
#[inline(always)]
pub(crate) fn normal(hash: u32) -> f32 {
    let sum = (hash & 255) + ((hash >> 8) & 255) + ((hash >> 16) & 255) + (hash >> 24);
    // four bytes have a mean of 510 and a variance of 4·(256² − 1)/12
    (sum as f32 - 510.0) * (1.0 / 147.800_77)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_neighbours() {
        let values: Vec<f32> = (0..250_000).map(|i| normal(hash(i % 500, i / 500, 3))).collect();
        let mean = |v: &mut dyn Iterator<Item = f32>| v.map(f64::from).sum::<f64>() / 249_499.0;
        assert!(mean(&mut values.iter().copied()).abs() < 0.01);
        assert!((mean(&mut values.iter().map(|v| v * v)) - 1.0).abs() < 0.01);
        for step in [1, 500, 501] {
            let product = mean(&mut values.iter().zip(&values[step..]).map(|(a, b)| a * b));
            assert!(product.abs() < 0.01, "{step}: {product}");
        }
        let even: Vec<f32> = (0..250_000).map(|i| uniform(hash(i, 9, 0))).collect();
        assert!((mean(&mut even.iter().map(|v| v * v)) - 1.0 / 3.0).abs() < 0.01);
        assert!(even.iter().all(|v| v.abs() <= 1.0));
    }
}
