//! Conversions against numbers that others computed and against closed forms.

use super::*;
use crate::{Layout, Pixels, Raster, Sample};

fn named(space: Space) -> Profile {
    Profile::named(space)
}

fn convert(from: &Profile, to: &Profile, pixels: Pixels) -> Pixels {
    let conversion = Conversion::new(from, to, Intent::Relative, true).unwrap();
    conversion.run(pixels, false, &|| false, &mut Buffers::default()).unwrap()
}

fn floats(from: &Profile, to: &Profile, rgb: [f32; 3]) -> [f32; 3] {
    let pixels = convert(from, to, Raster::new(1, 1, Layout::Rgb, rgb.to_vec()).into());
    let Pixels::F32(r) = pixels else { panic!("depth changed") };
    [r.samples()[0], r.samples()[1], r.samples()[2]]
}

fn near(found: [f32; 3], expected: [f32; 3], within: f32) {
    let far = found.iter().zip(expected).any(|(a, b)| (a - b).abs() > within);
    assert!(!far, "{found:?} instead of {expected:?}");
}

/// A matrix profile with sRGB's primaries in another order and one gamma.
fn profile(order: [usize; 3], gamma: f32) -> Profile {
    let mut icc = moxcms::ColorProfile::new_srgb();
    let colourants = [icc.red_colorant, icc.green_colorant, icc.blue_colorant];
    (icc.red_colorant, icc.green_colorant, icc.blue_colorant) =
        (colourants[order[0]], colourants[order[1]], colourants[order[2]]);
    let curve = Some(moxcms::ToneReprCurve::Parametric(vec![gamma]));
    (icc.red_trc, icc.green_trc, icc.blue_trc) = (curve.clone(), curve.clone(), curve);
    Profile::built(&icc, "test").unwrap()
}

#[test]
fn our_own_profiles_can_be_read() {
    for space in Space::ALL {
        let profile = named(space);
        assert_eq!(profile.title(), space.title());
        assert!(profile.bytes().len() > 300 && profile.is_v4() && profile.fits(Layout::Rgba));
        assert!(matches!(profile.model, profile::Model::Matrix(..)));
        let read = Profile::parse(profile.bytes()).unwrap();
        assert!(read.is_like(&profile) && !read.is_like(&profile_of_other(space)));
    }
    let grey = Profile::grey_srgb();
    assert!(grey.is_grey() && grey.fits(Layout::GreyAlpha) && !grey.fits(Layout::Rgb));
}

fn profile_of_other(space: Space) -> Profile {
    named(if space == Space::Srgb { Space::AdobeRgb } else { Space::Srgb })
}

/// CSS Color 4 gives color(display-p3 1 0 0) as color(srgb 1.0930 -0.2267 -0.1501), green as -0.5116 1.0183 -0.3107.
#[test]
fn display_p3_primaries_are_where_css_says() {
    let (p3, srgb) = (named(Space::DisplayP3), named(Space::Srgb));
    near(floats(&p3, &srgb, [1.0, 0.0, 0.0]), [1.0930, -0.2267, -0.1501], 1.5e-3);
    near(floats(&p3, &srgb, [0.0, 1.0, 0.0]), [-0.5116, 1.0183, -0.3107], 1.5e-3);
    near(floats(&p3, &srgb, [0.5, 0.5, 0.5]), [0.5, 0.5, 0.5], 1e-5);
    let eight = convert(&p3, &srgb, Raster::new(1, 1, Layout::Rgb, vec![255_u8, 0, 0]).into());
    assert_eq!(eight, Raster::new(1, 1, Layout::Rgb, vec![255_u8, 0, 0]).into());
}

/// sRGB green is (0.5649, 1, 0.2344) in Adobe RGB: ((0.2126-based) matrix of Adobe's specification, gamma 563/256).
#[test]
fn srgb_green_in_adobe_rgb() {
    let found = floats(&named(Space::Srgb), &named(Space::AdobeRgb), [0.0, 1.0, 0.0]);
    near(found, [0.5649, 1.0, 0.2344], 2e-3);
}

#[test]
fn swapped_channels_come_back_in_order() {
    let swapped = profile([1, 0, 2], 2.2);
    let plain = profile([0, 1, 2], 2.2);
    let pixels = Raster::new(2, 1, Layout::Rgba, vec![10_u8, 200, 30, 7, 255, 0, 128, 255]);
    let result = convert(&swapped, &plain, pixels.into());
    assert_eq!(result, Raster::new(2, 1, Layout::Rgba, vec![200_u8, 10, 30, 7, 0, 255, 128, 255]).into());
}

/// Half of the light is 188 in sRGB, 0.7354 as a float.
#[test]
fn linear_samples_become_srgb() {
    let linear = profile([0, 1, 2], 1.0);
    near(floats(&linear, &named(Space::Srgb), [0.5; 3]), [0.735_357; 3], 2e-5);
    let eight = convert(&linear, &named(Space::Srgb), Raster::new(1, 1, Layout::Rgb, vec![128_u8; 3]).into());
    assert_eq!(eight, Raster::new(1, 1, Layout::Rgb, vec![188_u8; 3]).into());
}

#[test]
fn sixteen_bit_ramps_keep_their_levels() {
    let ramp: Vec<u16> = (0..=u16::MAX).flat_map(|v| [v; 3]).collect();
    let pixels = || Pixels::from(Raster::new(256, 256, Layout::Rgb, ramp.clone()));
    let levels = |pixels: Pixels| {
        let Pixels::U16(r) = pixels else { panic!("depth changed") };
        let grey: Vec<u16> = r.samples().chunks_exact(3).map(|p| p[1]).collect();
        assert!(r.samples().chunks_exact(3).all(|p| p[0].abs_diff(p[1]) <= 1 && p[1].abs_diff(p[2]) <= 1));
        assert!(grey.windows(2).all(|w| w[0] <= w[1]), "the ramp falls");
        assert_eq!((grey[0], grey[65_535]), (0, 65_535));
        let mut grey = grey;
        grey.dedup();
        grey.len()
    };
    let (p3, srgb, adobe) = (named(Space::DisplayP3), named(Space::Srgb), named(Space::AdobeRgb));
    assert_eq!(levels(convert(&p3, &srgb, pixels())), 65_536);
    // Another curve compresses somewhere: near black sRGB is steeper than a gamma.
    assert!(levels(convert(&srgb, &adobe, pixels())) > 60_000);
    assert_eq!(convert(&srgb, &srgb, pixels()), pixels());
    let there = convert(&p3, &profile([0, 1, 2], 2.2), pixels());
    let Pixels::U16(back) = convert(&profile([0, 1, 2], 2.2), &p3, there) else { panic!("depth") };
    let worst = back.samples().iter().zip(&ramp).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(worst <= Some(4), "{worst:?} of 65,535 after there and back");
}

#[test]
fn eight_bits_survive_there_and_back() {
    let (p3, srgb) = (named(Space::DisplayP3), named(Space::Srgb));
    let all: Vec<u8> = (0..=255_u8).flat_map(|r| [r, 255 - r, r / 2 + 60]).collect();
    let Pixels::U8(back) =
        convert(&p3, &srgb, convert(&srgb, &p3, Raster::new(256, 1, Layout::Rgb, all.clone()).into()))
    else {
        panic!("depth")
    };
    // Near black, where sRGB is steep, a rounding of a bright channel weighs several steps of a dark one.
    let worst = back.samples().iter().zip(&all).map(|(a, b)| a.abs_diff(*b)).max();
    let off = back.samples().iter().zip(&all).filter(|(a, b)| a.abs_diff(**b) > 1).count();
    assert!(worst <= Some(10) && off < 40, "{worst:?}, {off} of 768 off by more than 1");
}

#[test]
fn strips_change_nothing() {
    fn check<S: Sample>(value: impl Fn(usize) -> S) {
        let samples: Vec<S> = (0..3 * 211 * 157).map(value).collect();
        let (p3, srgb) = (named(Space::DisplayP3), named(Space::Srgb));
        let conversion = Conversion::new(&p3, &srgb, Intent::Relative, true).unwrap();
        let run = |split: bool, from: &[S]| {
            let mut to = vec![S::default(); from.len()];
            conversion.packed(from, &mut to, split);
            to
        };
        let whole = run(false, &samples);
        assert_eq!(whole, run(true, &samples));
        // Another cut of the same pixels.
        let cut = 3 * 1001;
        assert_eq!(whole, [run(true, &samples[..cut]), run(false, &samples[cut..])].concat());
    }
    check(|i| (i * 7919 % 256) as u8);
    check(|i| (i * 7919 % 65_536) as u16);
    check(|i| (i * 7919 % 1000) as f32 / 900.0 - 0.05);
}

#[test]
fn grey_profiles_convert_grey_pictures() {
    let mut icc = moxcms::ColorProfile::new_gray_with_gamma(2.2);
    // A dot gain of about 20 % as a table.
    let table = (0..=255).map(|i| (65_535.0 * (f64::from(i) / 255.0).powf(1.75)) as u16).collect();
    icc.gray_trc = Some(moxcms::ToneReprCurve::Lut(table));
    let dots = Profile::built(&icc, "Dot Gain 20%").unwrap();
    let half = || Pixels::from(Raster::new(1, 1, Layout::GreyAlpha, vec![128_u8, 9]));
    // (128/255)^1.75 = 0.2994 of the light, which is 0.5838 encoded as sRGB.
    let grey = convert(&dots, &Profile::grey_srgb(), half());
    assert_eq!(grey, Raster::new(1, 1, Layout::GreyAlpha, vec![149_u8, 9]).into());
    let rgb = convert(&dots, &named(Space::Srgb), half());
    assert_eq!(rgb, Raster::new(1, 1, Layout::Rgba, vec![149_u8, 149, 149, 9]).into());
}

#[test]
fn damaged_profiles_are_errors_and_nothing_else() {
    let whole = named(Space::DisplayP3).bytes().to_vec();
    let pixels = || Pixels::from(Raster::new(3, 1, Layout::Rgb, (0..9_u8).map(|v| v * 30).collect()));
    let try_one = |bytes: &[u8]| {
        if let Ok(profile) = Profile::parse(bytes)
            && profile.fits(Layout::Rgb)
            && let Ok(conversion) = Conversion::new(&profile, &named(Space::Srgb), Intent::Perceptual, true)
        {
            let _ = conversion.run(pixels(), false, &|| false, &mut Buffers::default());
        }
    };
    for cut in 0..whole.len() {
        try_one(&whole[..cut]);
    }
    let mut state = 1_u32;
    for _ in 0..3000 {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (state >> 8) as usize % bytes.len();
            bytes[at] = (state >> 24) as u8;
        }
        try_one(&bytes);
    }
    assert!(Profile::parse(b"").is_err() && Profile::parse(&whole[..200]).is_err());
}

#[test]
fn png_chunks_are_taken_in_the_order_of_the_specification() {
    let p3 = named(Space::DisplayP3).bytes().to_vec();
    let linear = PngColour { gamma: Some(100_000), ..PngColour::default() };
    let profile_of = |colour: PngColour| match colour.colours(false).0 {
        Colours::Srgb => None,
        Colours::Profile(icc) => Some(icc),
        Colours::Hdr(hdr) => panic!("{hdr:?}"),
    };
    assert_eq!(profile_of(PngColour { srgb: true, ..linear.clone() }), None);
    assert_eq!(profile_of(PngColour { icc: Some(p3.clone()), srgb: true, ..linear.clone() }), Some(p3.clone()));
    let cicp = PngColour { cicp: Some([1, 13, 0, 1]), icc: Some(p3.clone()), ..PngColour::default() };
    assert_eq!(profile_of(cicp), None, "cICP says sRGB and goes before iCCP");
    let unknown = PngColour { cicp: Some([1, 13, 5, 1]), icc: Some(p3.clone()), ..PngColour::default() };
    let (colours, notes) = unknown.colours(false);
    assert!(colours == Colours::Profile(p3) && notes[0].contains("cICP"));
    let from_cicp = profile_of(PngColour { cicp: Some([12, 13, 0, 1]), ..PngColour::default() }).unwrap();
    let from_cicp = Profile::parse(&from_cicp).unwrap();
    near(floats(&from_cicp, &named(Space::Srgb), [1.0, 0.0, 0.0]), [1.0930, -0.2267, -0.1501], 2e-3);

    let profile = Profile::parse(&profile_of(linear).unwrap()).unwrap();
    near(floats(&profile, &named(Space::Srgb), [0.5; 3]), [0.735_357; 3], 1e-4);
    let usual = PngColour { gamma: Some(45_455), ..PngColour::default() };
    assert_eq!(profile_of(usual), None);
    // Red and green exchanged.
    let swapped = [31_270, 32_900, 30_000, 60_000, 64_000, 33_000, 15_000, 6_000];
    let swapped = PngColour { gamma: Some(45_455), chromaticities: Some(swapped), ..PngColour::default() };
    let swapped = Profile::parse(&profile_of(swapped).unwrap()).unwrap();
    near(floats(&swapped, &named(Space::Srgb), [1.0, 0.2, 0.4]), [0.2, 1.0, 0.4], 2e-3);
    let nonsense = PngColour { gamma: Some(0), chromaticities: Some([0; 8]), ..PngColour::default() };
    let (colours, notes) = nonsense.colours(false);
    assert!(colours == Colours::Srgb && notes.len() == 1);
    let hdr = PngColour { cicp: Some([9, 16, 0, 1]), ..PngColour::default() };
    assert!(matches!(hdr.colours(false), (Colours::Hdr(_), notes) if notes.is_empty()));
}

#[test]
fn inks_without_a_profile_take_light_away() {
    let inks = [0_u8, 255, 0, 0, 0, 0, 0, 255, 51, 0, 0, 51];
    let rgb = Inks::Plain.to_srgb(3, 1, &inks, false);
    assert_eq!(rgb.samples(), [255, 0, 255, 0, 0, 0, 163, 204, 204]);
    let broken = Inks::new(Some(b"no profile"));
    assert!(broken.is_err() && Inks::new(Some(named(Space::Srgb).bytes())).is_err());
}

#[test]
fn stated_primaries_are_a_profile_unless_they_are_those_of_srgb() {
    let srgb = [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329];
    assert_eq!(Colours::of_primaries(srgb, "test"), Some(Colours::Srgb));
    assert_eq!(Colours::of_primaries([f64::NAN; 8], "test"), None);
    assert_eq!(Colours::of_primaries([0.0; 8], "test"), None);
    // ACES2065-1 (SMPTE ST 2065-1), whose blue lies below the axis.
    let aces = [0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.321_68, 0.337_67];
    let Some(Colours::Profile(icc)) = Colours::of_primaries(aces, "test") else { panic!("a profile") };
    let profile = Profile::parse(&icc).unwrap();
    let conversion = Conversion::new(&profile, &Profile::named(Space::Srgb), Intent::Relative, false).unwrap();
    // A grey, and the red of Rec. 709 in ACES (Academy TB-2014-012 has the matrix).
    let light = [0.2_f32, 0.2, 0.2, 0.439_7, 0.089_8, 0.017_5];
    let samples = light.map(crate::linear_to_srgb).to_vec();
    let pixels = Pixels::from(Raster::new(2, 1, Layout::Rgb, samples));
    let converted = conversion.run(pixels, false, &|| false, &mut Buffers::default()).unwrap();
    let Pixels::F32(raster) = converted else { panic!("floats") };
    let found: Vec<f32> = raster.samples().iter().map(|v| crate::srgb_to_linear(*v)).collect();
    for (found, expected) in found.iter().zip([0.2, 0.2, 0.2, 1.0, 0.0, 0.0]) {
        assert!((found - expected).abs() < 0.01, "{found} for {expected}");
    }
}
