//! CMYK pictures to sRGB: which conversion applies, and the notes it calls for.

use lightloom_picture::colour::Inks;
use lightloom_picture::{Buffers, Layout, Raster, Sample};

/// The conversion for this profile, and the notes it calls for.
pub(crate) fn rule(icc: Option<&[u8]>) -> (Inks, Vec<String>) {
    match Inks::new(icc) {
        Ok(inks) => {
            let note = inks.note().to_owned();
            (inks, vec![note])
        }
        Err(error) => {
            (Inks::Plain, vec![format!("the CMYK profile is ignored: {error}"), Inks::Plain.note().to_owned()])
        }
    }
}

/// Converts interleaved inks, 0 for none, of which a fifth sample is alpha.
pub(crate) fn to_srgb<S: Sample>(
    rule: &Inks,
    (width, height): (u32, u32),
    samples: Vec<S>,
    has_alpha: bool,
    buffers: &mut Buffers,
) -> Raster<S> {
    if !has_alpha {
        let raster = rule.to_srgb(width, height, &samples, true);
        buffers.give(samples);
        return raster;
    }
    let mut inks = buffers.take_for_overwrite::<S>(samples.len() / 5 * 4);
    for (to, from) in inks.chunks_exact_mut(4).zip(samples.chunks_exact(5)) {
        to.copy_from_slice(&from[..4]);
    }
    let rgb = rule.to_srgb(width, height, &inks, true);
    // As many samples are needed with alpha as there are inks.
    for ((to, rgb), from) in inks.chunks_exact_mut(4).zip(rgb.samples().chunks_exact(3)).zip(samples.chunks_exact(5)) {
        to[..3].copy_from_slice(rgb);
        to[3] = from[4];
    }
    buffers.give(samples);
    buffers.give(rgb.into_samples());
    Raster::new(width, height, Layout::Rgba, inks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_stays_beside_the_inks() {
        let (rule, notes) = rule(None);
        assert!(notes[0].contains("approximate"));
        let mut buffers = Buffers::default();
        let opaque = to_srgb(&rule, (2, 1), vec![0_u8, 0, 0, 0, 255, 0, 0, 0], false, &mut buffers);
        assert_eq!(opaque.samples(), [255, 255, 255, 0, 255, 255]);
        let clear = to_srgb(&rule, (2, 1), vec![0_u8, 0, 0, 0, 9, 0, 0, 0, 255, 200], true, &mut buffers);
        assert_eq!((clear.layout(), clear.samples()), (Layout::Rgba, &[255, 255, 255, 9, 0, 0, 0, 200][..]));
    }
}
