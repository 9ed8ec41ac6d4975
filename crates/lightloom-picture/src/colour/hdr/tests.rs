use super::*;
use crate::colour::{Conversion, Intent, for_display};
use crate::{Buffers, Depth, Metadata, Picture, linear_to_srgb, srgb_to_linear};

const PQ: Hdr = Hdr::new(HdrTransfer::Pq, Primaries::Bt2020);
const HLG: Hdr = Hdr::new(HdrTransfer::Hlg, Primaries::Bt2020);

fn with_work<T>(run: impl FnOnce(&mut Work<'_>) -> Result<T, Stopped>) -> T {
    run(&mut Work { buffers: &mut Buffers::default(), stop: &|| false, split: false }).unwrap()
}

fn floats(pixels: Pixels) -> Vec<f32> {
    let Pixels::F32(r) = pixels else { panic!("depth") };
    r.into_samples()
}

fn code(signal: f64) -> u16 {
    (signal * 65_535.0).round() as u16
}

/// Light in cd/m² of coded samples.
fn light(hdr: Hdr, layout: Layout, samples: &[f64]) -> Vec<f64> {
    let coded: Vec<u16> = samples.iter().map(|v| code(*v)).collect();
    let raster = Raster::new((coded.len() / layout.channels()) as u32, 1, layout, coded);
    let decoded = floats(with_work(|work| hdr.decode(raster.into(), work)));
    decoded.iter().map(|v| f64::from(srgb_to_linear(*v)) * DIFFUSE_WHITE).collect()
}

#[test]
fn diffuse_white_is_one_and_light_goes_on_above_it() {
    // Signals of 0, 203, 1000 and 10,000 cd/m² by ST 2084.
    let found = light(PQ, Layout::Grey, &[0.0, 0.580_688_9, 0.751_827_1, 1.0]);
    for (found, expected) in found.iter().zip([0.0, 203.0, 1000.0, 10_000.0]) {
        assert!((found - expected).abs() <= expected * 5e-4, "{found} instead of {expected}");
    }
    // HLG of 75 % is 203 cd/m² on a display of 1000 (BT.2408, table 1).
    let found = light(HLG, Layout::Grey, &[0.0, 0.75, 1.0]);
    for (found, expected) in found.iter().zip([0.0, 203.15, 1000.0]) {
        assert!((found - expected).abs() <= expected * 5e-4, "{found} instead of {expected}");
    }
}

/// BT.2100-2, table 5: the light of red alone is 0.2627 of white's, and so its gain 0.2627^0.2.
#[test]
fn the_gain_of_hlg_follows_luminance() {
    let found = light(HLG, Layout::Rgb, &[1.0, 0.0, 0.0]);
    assert!((found[0] - 1000.0 * 0.2627_f64.powf(0.2)).abs() < 0.5, "{found:?}");
    assert!(found[1].abs() < 1e-3 && found[2].abs() < 1e-3, "{found:?}");
}

#[test]
fn every_code_of_16_bits_comes_back() {
    for hdr in [PQ, HLG] {
        let all: Vec<u16> = (0..=u16::MAX).collect();
        let sent = Pixels::from(Raster::new(256, 256, Layout::Grey, all));
        let back = with_work(|work| {
            let decoded = hdr.decode(sent.clone(), work)?;
            hdr.encode(decoded, work)
        });
        let (Pixels::U16(sent), Pixels::U16(back)) = (&sent, &back) else { panic!("depth") };
        let far = sent.samples().iter().zip(back.samples()).find(|(a, b)| a.abs_diff(**b) > 0);
        assert_eq!(far, None, "{hdr:?}");
    }
}

#[test]
fn colours_and_alpha_come_back_from_every_depth() {
    for hdr in [PQ, HLG] {
        let sent = Pixels::from(Raster::new(2, 1, Layout::Rgba, vec![10_u8, 200, 90, 7, 255, 0, 128, 255]));
        for depth in Depth::ALL {
            let coded = sent.clone().into_depth(depth);
            let decoded = with_work(|work| hdr.decode(coded, work));
            assert_eq!(decoded.shape().depth, Depth::F32);
            let back = with_work(|work| hdr.encode(decoded, work));
            assert_eq!(back.into_depth(Depth::U8), sent, "{hdr:?} {depth}");
        }
    }
    let odd = Raster::new(2, 2, Layout::Grey, vec![f32::NAN, f32::INFINITY, -1.0, 1e9]);
    for hdr in [PQ, HLG] {
        let coded = with_work(|work| hdr.encode(odd.clone().into(), work));
        assert_eq!(coded, Raster::new(2, 2, Layout::Grey, vec![0, u16::MAX, 0, u16::MAX]).into(), "{hdr:?}");
    }
}

/// Light in cd/m² after a curve for a peak; computed from the formulas apart from this program.
#[test]
fn curves_are_their_closed_forms() {
    for (curve, peak, before, after) in [
        (ToneCurve::Bt2390, 600.0, 203.0, 172.205_7),
        (ToneCurve::Bt2390, 1000.0, 50.0, 50.0),
        (ToneCurve::Bt2390, 1000.0, 100.0, 99.361_1),
        (ToneCurve::Bt2390, 1000.0, 203.0, 159.041_9),
        (ToneCurve::Bt2390, 1000.0, 400.0, 193.609_1),
        (ToneCurve::Bt2390, 1000.0, 1000.0, 203.0),
        (ToneCurve::Bt2390, 4000.0, 100.0, 85.899_5),
        (ToneCurve::Bt2390, 10_000.0, 1000.0, 179.399_9),
        (ToneCurve::Mobius, 1000.0, 150.0, 150.0),
        (ToneCurve::Mobius, 1000.0, 203.0, 203.0 * 0.878_857),
        (ToneCurve::Mobius, 1000.0, 400.0, 203.0 * 0.968_345),
        (ToneCurve::Mobius, 300.0, 203.0, 203.0 * 0.900_919),
        (ToneCurve::Mobius, 10_000.0, 203.0, 203.0 * 0.875_323),
        (ToneCurve::Mobius, 10_000.0, 1000.0, 203.0 * 0.987_032),
        (ToneCurve::Clip, 1000.0, 180.0, 180.0),
        (ToneCurve::Clip, 1000.0, 400.0, 203.0),
    ] {
        let mapping = ToneMapping { curve, peak };
        let found = mapping.map(before / DIFFUSE_WHITE) * DIFFUSE_WHITE;
        assert!((found - after).abs() < 1e-3, "{mapping:?}: {before} became {found}, not {after}");
        // The same through a picture.
        let mut pixels = Pixels::from(Raster::new(1, 1, Layout::Grey, vec![linear_to_srgb((before / 203.0) as f32)]));
        with_work(|work| mapping.apply(&mut pixels, work));
        let found = f64::from(srgb_to_linear(floats(pixels)[0])) * DIFFUSE_WHITE;
        assert!((found - after).abs() < 0.02, "{mapping:?}: {before} became {found}, not {after}");
    }
}

#[test]
fn curves_rise_and_end_at_white() {
    for curve in [ToneCurve::Mobius, ToneCurve::Bt2390, ToneCurve::Clip] {
        for peak in [0.0, 100.0, 203.0, 203.1, 250.0, 1000.0, 10_000.0] {
            let mapping = ToneMapping { curve, peak };
            let values: Vec<f64> = (0..2000).map(|i| mapping.map(f64::from(i) / 30.0)).collect();
            assert!(values.windows(2).all(|w| w[1] >= w[0] - 1e-12), "{mapping:?}");
            assert!(values[0] == 0.0 && (values[1999] - 1.0).abs() < 1e-9, "{mapping:?}");
            let far = values.iter().zip(0..).find(|(v, i)| **v > f64::from(*i) / 30.0 + 1e-9);
            assert_eq!(far, None, "{mapping:?}: nothing becomes brighter");
        }
    }
}

#[test]
fn hues_stay_and_no_channel_is_clipped() {
    for curve in [ToneCurve::Mobius, ToneCurve::Bt2390] {
        let light = [3.0, 1.5, 0.3];
        let mut pixels = Pixels::from(Raster::new(
            1,
            1,
            Layout::Rgba,
            vec![linear_to_srgb(light[0]), linear_to_srgb(light[1]), linear_to_srgb(light[2]), 0.5],
        ));
        with_work(|work| ToneMapping { curve, peak: 1000.0 }.apply(&mut pixels, work));
        let found = floats(pixels);
        assert_eq!(found[3], 0.5);
        let mapped: Vec<f32> = found[..3].iter().map(|v| srgb_to_linear(*v)).collect();
        assert!(mapped[0] < 1.0 && (mapped[1] / mapped[0] - 0.5).abs() < 1e-4, "{mapped:?}");
        assert!((mapped[2] / mapped[0] - 0.1).abs() < 1e-4, "{mapped:?}");
    }
    let odd = vec![f32::INFINITY, 1.0, 0.0, f32::MAX, f32::MAX, 0.1, f32::NAN, 3.0, 3.0];
    for curve in [ToneCurve::Mobius, ToneCurve::Bt2390, ToneCurve::Clip] {
        let mut pixels = Pixels::from(Raster::new(3, 1, Layout::Rgb, odd.clone()));
        with_work(|work| ToneMapping { curve, peak: 1000.0 }.apply(&mut pixels, work));
        assert!(floats(pixels).iter().all(|v| v.is_nan() || (0.0..=1.0).contains(v)), "{curve:?}");
    }
}

#[test]
fn the_peak_is_stated_or_measured() {
    // Two pixels of 203 cd/m² in one channel, one of 1000.
    let coded = vec![code(0.580_688_9), 0, 0, 0, code(0.580_688_9), 0, code(0.751_827_1), 0, 0];
    let decoded = with_work(|work| PQ.decode(Raster::new(3, 1, Layout::Rgb, coded).into(), work));
    let measured = with_work(|work| ContentLight::measure(&decoded, work));
    assert!((measured.max - 1000.0).abs() < 0.5 && (measured.average - 468.67).abs() < 0.5, "{measured:?}");
    let peak = |hdr: Hdr, given: Option<f64>| {
        with_work(|work| hdr.tone_mapping(ToneCurve::Mobius, given, &decoded, work)).peak
    };
    assert!((peak(PQ, None) - 1000.0).abs() < 0.5);
    assert_eq!((peak(PQ, Some(400.0)), peak(HLG, None)), (400.0, 1000.0));
    let mastering = Some(Mastering { chromaticities: [[0; 2]; 4], brightest: 6_000_000, darkest: 1 });
    let content = |max| Some(ContentLight { max, average: 0.0 });
    assert_eq!(peak(Hdr { light: Light { content: content(0.0), mastering }, ..PQ }, None), 600.0);
    assert_eq!(peak(Hdr { light: Light { content: content(500.0), mastering }, ..PQ }, None), 500.0);
}

#[test]
fn a_screen_shows_diffuse_white_near_white_in_any_primaries() {
    let coded = |signal: f64| Raster::new(1, 1, Layout::Rgb, vec![code(signal); 3]).into();
    for primaries in [Primaries::Bt709, Primaries::Bt2020, Primaries::DciP3, Primaries::DisplayP3] {
        for (transfer, white, grey) in [(HdrTransfer::Pq, 0.580_688_9, 0.413_0), (HdrTransfer::Hlg, 0.75, 0.433)] {
            let hdr = Hdr {
                light: Light { content: Some(ContentLight { max: 4000.0, average: 0.0 }), mastering: None },
                ..Hdr::new(transfer, primaries)
            };
            let shown = |signal| {
                let pixels = with_work(|work| hdr.decode(coded(signal), work));
                let metadata = Metadata { hdr: Some(hdr), icc: hdr.profile(Layout::Rgb), ..Metadata::default() };
                for_display(Picture { pixels, metadata }).to_rgba8()
            };
            let [white, grey, black] = [white, grey, 0.0].map(shown);
            assert!(white.iter().all(|v| *v >= 238), "{hdr:?}: {white:?}");
            assert!(grey[..3].iter().all(|v| v.abs_diff(118) < 14), "{hdr:?}: {grey:?}");
            assert_eq!(black, [0, 0, 0, 255], "{hdr:?}");
        }
    }
}

#[test]
fn profiles_name_the_code_points_of_their_tag() {
    let tag = |primaries: u8, transfer: u8| {
        let mut icc = vec![0; 128];
        icc.extend(1_u32.to_be_bytes());
        icc.extend([&b"cicp"[..], &144_u32.to_be_bytes(), &12_u32.to_be_bytes()].concat());
        icc.extend([&b"cicp\0\0\0\0"[..], &[primaries, transfer, 0, 1]].concat());
        icc
    };
    assert_eq!(Hdr::of_profile(&tag(9, 16)), Some(PQ));
    assert_eq!(Hdr::of_profile(&tag(9, 18)), Some(HLG));
    assert_eq!(Hdr::of_profile(&tag(12, 13)), None);
    for cut in 0..tag(9, 16).len() {
        assert_eq!(Hdr::of_profile(&tag(9, 16)[..cut]), None, "{cut}");
    }
    let mut wild = tag(9, 16);
    wild[136..140].fill(0xff);
    assert_eq!(Hdr::of_profile(&wild), None);
}

/// A profile's curve and the closed form of decoded samples agree, so that greys stay grey levels.
#[test]
fn the_profile_of_decoded_samples_is_their_primaries_and_the_curve_of_srgb() {
    assert_eq!(Hdr::new(HdrTransfer::Pq, Primaries::Bt709).profile(Layout::Rgb), None);
    assert_eq!(PQ.profile(Layout::GreyAlpha), None);
    let own = Profile::parse(&PQ.profile(Layout::Rgba).unwrap()).unwrap();
    assert_eq!(own.title(), "BT.2020");
    let conversion = Conversion::new(&own, &Profile::named(Space::Srgb), Intent::Relative, true).unwrap();
    let greys: Vec<f32> = [0.0, 0.3, 1.0, 2.2].iter().flat_map(|v| [*v; 3]).collect();
    let pixels = Raster::new(4, 1, Layout::Rgb, greys.clone()).into();
    let found = floats(conversion.run(pixels, false, &|| false, &mut Buffers::default()).unwrap());
    assert!(found.iter().zip(&greys).all(|(a, b)| (a - b).abs() < 1e-4), "{found:?}");
}
