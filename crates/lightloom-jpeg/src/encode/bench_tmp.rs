use super::*;
struct Instant(u64);
fn cpu() -> u64 { std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse().unwrap() }
struct Elapsed(f64);
impl Elapsed { fn as_secs_f64(&self) -> f64 { self.0 } }
impl Instant { fn now() -> Self { std::thread::yield_now(); Self(cpu()) } fn elapsed(&self) -> Elapsed { std::thread::yield_now(); Elapsed((cpu() - self.0) as f64 * 1e-9) } }

#[test]
#[ignore]
fn bench() {
    let paths = std::env::var("PHOTOS").unwrap();
    for path in paths.split(' ') {
        let bytes = std::fs::read(path).unwrap();
        let mut d = libjpeg_turbo_rs::Decoder::new(&bytes).unwrap();
        d.set_output_format(libjpeg_turbo_rs::PixelFormat::Rgb);
        let im = d.decode_image().unwrap();
        let (w, h) = (im.width as usize, im.height as usize);
        for (q, s, ts) in [(90, Sampling::S420, libjpeg_turbo_rs::Subsampling::S420), (95, Sampling::S444, libjpeg_turbo_rs::Subsampling::S444)] {
            let mut best = [f64::MAX; 3];
            let shape = Shape { width: w, height: h, format: Format::Rgb };
            let options = Options { quality: q, sampling: s, best_codes: false, segments: &[] };
            let (cw, ch) = (w.div_ceil(s.columns()), h.div_ceil(s.rows()));
            let (mut y, mut cb, mut cr) = (vec![0; w * h], vec![0; cw * ch], vec![0; cw * ch]);
            let mut strip = Strip::new(w, 16, s, true);
            for (r, row) in im.data.chunks_exact(3 * w).enumerate() {
                strip.push_rgb(row);
                strip.test_take(r, &mut y, &mut cb, &mut cr, w, cw);
            }
            let planes = [Plane { samples: &y, pitch: w }, Plane { samples: &cb, pitch: cw }, Plane { samples: &cr, pitch: cw }];
            let mut n = (0, 0);
            let only = std::env::var("ONLY").ok();
            let rounds = std::env::var("ROUNDS").map_or(9, |v| v.parse().unwrap());
            for _ in 0..rounds {
                if only.as_deref().is_none_or(|o| o == "ours") {
                let t = Instant::now();
                n.0 = std::hint::black_box(encode(&im.data, shape, &options).unwrap()).len();
                best[0] = best[0].min(t.elapsed().as_secs_f64());
                }
                if only.as_deref().is_none_or(|o| o == "turbo") {
                let t = Instant::now();
                n.1 = std::hint::black_box(libjpeg_turbo_rs::Encoder::new(&im.data, w, h, libjpeg_turbo_rs::PixelFormat::Rgb).quality(q).subsampling(ts).encode().unwrap()).len();
                best[1] = best[1].min(t.elapsed().as_secs_f64());
                }
                if only.as_deref().is_none_or(|o| o == "planes") {
                let t = Instant::now();
                std::hint::black_box(encode_planes(&planes, Shape { format: Format::YCbCr, ..shape }, &options).unwrap());
                best[2] = best[2].min(t.elapsed().as_secs_f64());
                }
            }
            println!("{w}x{h} q{q} {s:?}: ours {:.1} turbo {:.1} planes {:.1} ratio {:.3} {:.3} bytes {n:?}", best[0] * 1e3, best[1] * 1e3, best[2] * 1e3, best[0] / best[1], best[2] / best[1]);
        }
    }
}
