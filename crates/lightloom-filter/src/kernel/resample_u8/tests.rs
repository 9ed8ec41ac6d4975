use super::*;
use crate::kernel::resample::Resampler;
use crate::testing::psnr;
use lightloom_param::Choice as _;
use lightloom_picture::{Buffers, Sample};

fn picture(width: u32, height: u32, layout: Layout) -> Raster<u8> {
    let (w, channels) = (width as usize, layout.channels());
    let sample = |i: usize| {
        let (x, y) = (i / channels % w, i / channels / w);
        let tile = [210, 30, 90, 130, 180][(x / 13 + y / 9 * 2 + i % channels) % 5];
        (tile + x * 7 % 11 + y * 5 % 13) as u8
    };
    Raster::new(width, height, layout, (0..w * height as usize * channels).map(sample).collect())
}

fn resampled(source: &Raster<u8>, target: (u32, u32), how: (Kernel, Tones), split: bool) -> Raster<u8> {
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
    resample(source, Extent::whole(source.width(), source.height()), target, how, &mut work).unwrap().unwrap()
}

#[test]
fn as_good_as_floats_and_the_same_however_it_is_cut() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
    for (layout, size, target) in [
        (Layout::Rgb, (301, 207), (150, 103)),
        (Layout::Rgb, (301, 207), (301, 50)),
        (Layout::Rgb, (301, 207), (77, 207)),
        (Layout::Grey, (333, 90), (500, 200)),
        (Layout::Grey, (7, 5), (1, 1)),
        (Layout::Rgb, (3, 2), (40, 31)),
    ] {
        let source = picture(size.0, size.1, layout);
        for (&kernel, tones) in Kernel::ALL.iter().flat_map(|k| [(k, Tones::Encoded), (k, Tones::Light)]) {
            let whole = resampled(&source, target, (kernel, tones), false);
            let parts = pool.install(|| resampled(&source, target, (kernel, tones), true));
            assert!(whole == parts, "{kernel:?} of {size:?} to {target:?}");
            let mut exact = vec![0_u8; whole.samples().len()];
            let linear = tones == Tones::Light;
            Resampler::new(Extent::whole(size.0, size.1), target, layout, kernel, linear).rows(
                &source,
                0..target.1,
                &mut exact,
                &|| false,
            );
            let [whole, exact] = [whole.samples(), &exact].map(|v| v.iter().map(|v| v.to_unit()).collect::<Vec<_>>());
            let quality = psnr(&whole, &exact);
            assert!(quality > 56.0, "{kernel:?} of {size:?} to {target:?}, {tones:?}: {quality} dB");
        }
    }
}

#[test]
fn other_pictures_go_another_way() {
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    assert!(
        resample(&picture(9, 9, Layout::Rgba), Extent::whole(9, 9), (3, 3), (Kernel::Box, Tones::Encoded), &mut work)
            .is_none()
    );
}

#[test]
fn a_stop_is_noticed() {
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| true, split: false };
    assert!(
        resample(&picture(9, 9, Layout::Rgb), Extent::whole(9, 9), (3, 3), (Kernel::Box, Tones::Light), &mut work)
            .unwrap()
            .is_err()
    );
}
