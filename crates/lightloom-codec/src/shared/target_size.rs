//! The largest quality whose file is within a size.

use crate::{CodecError, Encoded};

/// Encodes with `at` at decreasing quality until the file has at most `max_bytes`: bisection, since file size usually
/// grows with quality; at most eight times. Returns the best that fits and its quality, or quality 1 where none fits.
///
/// # Errors
/// If encoding fails.
pub(crate) fn search(
    best: u8,
    max_bytes: usize,
    at: &mut dyn FnMut(u8) -> Result<Encoded, CodecError>,
) -> Result<(Encoded, u8), CodecError> {
    let mut encoded = at(best)?;
    if encoded.bytes.len() <= max_bytes || best <= 1 {
        return Ok((encoded, best));
    }
    // Invariant: `fits` fits (0: none known yet), `too_large` does not.
    let (mut fits, mut too_large) = (0, best);
    let mut found = None;
    while too_large - fits > 1 {
        let middle = fits.midpoint(too_large);
        encoded = at(middle)?;
        if encoded.bytes.len() <= max_bytes {
            fits = middle;
            found = Some((encoded, middle));
            encoded = Encoded { bytes: Vec::new(), notes: Vec::new() };
        } else {
            too_large = middle;
        }
    }
    // If none fitted, the last attempt was quality 1.
    Ok(found.unwrap_or((encoded, 1)))
}

/// The note for the person.
pub(crate) fn note(encoded: &Encoded, quality: u8, max_kib: u32) -> String {
    let kib = encoded.bytes.len() as f64 / 1024.0;
    if encoded.bytes.len() <= max_kib as usize * 1024 {
        format!("quality {quality} gives {kib:.1} KiB, within {max_kib} KiB")
    } else {
        format!("even quality {quality} gives {kib:.1} KiB, more than {max_kib} KiB; make the picture smaller")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes as many bytes as `size` says for the quality; counts.
    fn run(best: u8, max_bytes: usize, size: impl Fn(u8) -> usize) -> (u8, usize, usize) {
        let mut count = 0;
        let mut at = |quality| {
            count += 1;
            Ok(Encoded { bytes: vec![0; size(quality)], notes: Vec::new() })
        };
        let (encoded, quality) = search(best, max_bytes, &mut at).unwrap();
        assert_eq!(encoded.bytes.len(), size(quality), "the bytes are those of the quality");
        (quality, encoded.bytes.len(), count)
    }

    #[test]
    fn the_largest_quality_within_the_size_is_found_in_eight_tries() {
        for best in 1..=100 {
            for wanted in 0..=100_usize {
                let (quality, bytes, count) = run(best, wanted * 10, |q| usize::from(q) * 10);
                assert_eq!(usize::from(quality), wanted.clamp(1, best.into()), "best {best}, wanted {wanted}");
                assert_eq!(bytes <= wanted * 10, wanted > 0);
                assert!(count <= 8, "{count} tries");
            }
        }
    }

    #[test]
    fn what_fits_at_once_is_encoded_once() {
        assert_eq!(run(90, 5000, |_| 5000), (90, 5000, 1));
        assert_eq!(run(90, 4999, |_| 5000).0, 1, "nothing fits");
    }
}
