//! Every stage of a picture by itself: `cargo bench --bench stages -- [NAME …]`.
//!
//! Formats come from the list of them, those that are only read with the files that the tests have; settings are each
//! format's defaults, and all that differ from them in one choice or toggle. A case takes a second at most, or one
//! measurement where that is longer. `--max-time 0.2` limits it to 0.2 s, `--sample-count` says how many measurements
//! there may be, a name such as `encode` or `png` leaves out the others, and `LIGHTLOOM_BENCH_MEGAPIXELS` is the size of the
//! picture (2). `decode_to_nothing` takes the JPEG files of the folder `LIGHTLOOM_BENCH_PHOTOS`, if that is set.
#![allow(clippy::expect_used, reason = "a benchmark that cannot begin should say so and end")]

#[allow(dead_code, reason = "other benchmarks need more of it")]
mod shared;

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use lightloom::batch::{
    Batch, Event, OutputSettings, ResultSettings, Settings, Source, find_executor, plan_jobs, result_hash, source_hash,
    stage, start,
};
use lightloom::codec::{self, CODECS, Codec, EncodeOptions, Limits, RowEncoder};
use lightloom::filter::Work;
use lightloom::picture::{Buffers, Metadata, Picture, Pixels, RowForm, Shape};
use lightloom::recipe::Recipe;
use lightloom_param::ParamKind;

fn main() {
    divan::main();
    shared::remove_folders();
}

/// The picture that is encoded and decoded.
static PIXELS: LazyLock<Pixels> = LazyLock::new(|| shared::picture(shared::megapixels(2) as f64, 1));

/// The picture in its place for formats that hold none as large, such as icons.
static SMALL: LazyLock<Pixels> = LazyLock::new(|| shared::picture(0.04, 1));

/// The picture that a format is measured with.
fn pixels_for(format: &'static Codec) -> &'static Pixels {
    // Its first row tells as much as all of it.
    let row = Pixels::zeroed(Shape { height: 1, ..PIXELS.shape() });
    let takes_it = codec::encode(format, Picture::new(row), &EncodeOptions::default(), &mut Buffers::default()).is_ok();
    if takes_it { &PIXELS } else { &SMALL }
}

/// A format and how it is written or read.
struct Case {
    format: &'static Codec,
    /// Text of the setting, `key=value`; empty for the usual ones.
    setting: String,
    divisor: u8,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format.id)?;
        if !self.setting.is_empty() {
            write!(f, " {}", self.setting)?;
        }
        if self.divisor > 1 {
            write!(f, " at 1/{}", self.divisor)?;
        }
        Ok(())
    }
}

impl Case {
    fn usual(format: &'static Codec) -> Self {
        Self { format, setting: String::new(), divisor: 1 }
    }

    fn options(&self) -> EncodeOptions {
        let mut options = EncodeOptions::default();
        if let Some((key, value)) = self.setting.split_once('=') {
            options.set_text(key, value).expect("the setting is allowed");
        }
        options
    }
}

/// Every format that can be written.
fn written() -> impl Iterator<Item = &'static Codec> {
    CODECS.iter().copied().filter(|format| format.writes())
}

/// How each format can be written: as it usually is, and with every other word of a choice and state of a toggle.
fn encodings() -> Vec<Case> {
    let mut cases = Vec::new();
    for format in written() {
        cases.push(Case::usual(format));
        for option in format.options() {
            let others: Vec<String> = match option.kind {
                ParamKind::Choice { options, default, .. } => {
                    options.iter().filter(|word| **word != default).map(|word| (*word).to_owned()).collect()
                }
                ParamKind::Toggle { default } => vec![(!default).to_string()],
                _ => Vec::new(),
            };
            let setting = |value: String| Case { setting: format!("{}={value}", option.key), ..Case::usual(format) };
            cases.extend(others.into_iter().map(setting));
        }
    }
    cases
}

/// Every format at every factor by which its decoder can scale down.
fn decodings() -> Vec<Case> {
    let readable = CODECS.iter().copied().filter(|format| format.writes() || seed(format).is_some());
    readable
        .flat_map(|format| format.divisors.iter().map(move |&divisor| Case { divisor, ..Case::usual(format) }))
        .collect()
}

/// A file of a format that is only read, from the files that its tests have.
fn seed(format: &'static Codec) -> Option<Vec<u8>> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/lightloom-codec/tests/seeds");
    fs::read_dir(seeds).ok()?.flatten().find_map(|entry| {
        let bytes = fs::read(entry.path()).ok()?;
        let (found, _) = codec::header(&bytes, &Limits::default()).ok()?;
        (found == format).then_some(bytes)
    })
}

/// Files by the ids of their formats.
type Files = HashMap<&'static str, Arc<[u8]>>;

/// A file of a format, made once.
fn file(format: &'static Codec) -> Arc<[u8]> {
    static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || match format.writes() {
        true => shared::file(format, pixels_for(format), &EncodeOptions::default()).into(),
        false => seed(format).expect("it was there before").into(),
    };
    Arc::clone(files.entry(format.id).or_insert_with(make))
}

fn jpeg() -> &'static Codec {
    codec::find("jpeg").expect("JPEG is built in")
}

/// Reads a file as a run does: opens it, looks at its header, compiles the recipe, and reads the whole.
#[divan::bench(max_time = 1, sample_size = 1)]
fn read(bencher: Bencher) {
    let bytes = file(jpeg());
    let path = shared::folder().join("a.jpg");
    fs::write(&path, &bytes).expect("there is room");
    let output = OutputSettings { folder: Some(shared::folder()), ..OutputSettings::default() };
    let recipe = Recipe::default();
    let jobs = plan_jobs(&[path.into()], &recipe, &output);
    bencher.counter(BytesCount::of_slice(&*bytes)).bench_local(|| {
        let opened = stage::open(&jobs[0], &recipe, &Limits::default()).expect("it is a picture");
        stage::read(opened).expect("the disk works")
    });
}

#[divan::bench(args = decodings().into_iter().filter(|case| case.divisor == 1), max_time = 0.2)]
fn header(bencher: Bencher, case: &Case) {
    let bytes = file(case.format);
    bencher.bench_local(|| codec::header(black_box(&bytes), &Limits::default()).expect("it is a picture"));
}

#[divan::bench(args = decodings(), max_time = 1, sample_size = 1)]
fn decode(bencher: Bencher, case: &Case) {
    let (bytes, limits, mut buffers) = (file(case.format), Limits::default(), Buffers::default());
    let (format, header) = codec::header(&bytes, &limits).expect("it is a picture");
    bencher.counter(ItemsCount::new(header.stored.pixels())).bench_local(|| {
        let decoded = codec::decode(format, &bytes, &header, case.divisor, &limits, &mut buffers).expect("it is whole");
        black_box(&decoded.pixels);
        decoded.pixels.recycle(&mut buffers);
    });
}

/// Decodes a few rows at a time and drops them: what no program can do without where a picture is wanted. At an eighth that
/// is the entropy-coded data and little else.
#[divan::bench(args = decodings().into_iter().filter(decodes_rows), max_time = 1, sample_size = 1)]
fn decode_to_nothing(bencher: Bencher, case: &Case) {
    let files: Vec<Arc<[u8]>> = match shared::given_photos() {
        given if given.is_empty() || case.format != jpeg() => vec![file(case.format)],
        given => given.iter().map(|path| fs::read(path).expect("it can be read").into()).collect(),
    };
    let (limits, mut buffers) = (Limits::default(), Buffers::default());
    bencher.counter(ItemsCount::new(files.len())).bench_local(|| {
        for bytes in &files {
            let (format, header) = codec::header(bytes, &limits).expect("it is a picture");
            let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
            let take = &mut |rows: &mut [u8]| {
                black_box(rows);
                Ok(())
            };
            codec::decode_rows((format, bytes), &header, (case.divisor, None), &limits, &mut work, take)
                .expect("it is whole");
        }
    });
}

fn decodes_rows(case: &Case) -> bool {
    let bytes = match case.format.writes() {
        true => shared::file(case.format, &shared::picture(0.01, 1), &EncodeOptions::default()),
        false => seed(case.format).expect("it was there before"),
    };
    codec::header(&bytes, &Limits::default()).is_ok_and(|(format, header)| codec::decodes_rows(format, &header))
}

#[divan::bench(args = encodings(), max_time = 1, sample_size = 1)]
fn encode(bencher: Bencher, case: &Case) {
    let (pixels, options, mut buffers) = (pixels_for(case.format), case.options(), Buffers::default());
    bencher.counter(ItemsCount::new(pixels.shape().pixels())).bench_local(|| {
        let copy = pixels.copied(&mut buffers);
        codec::encode(case.format, Picture::new(copy), &options, &mut buffers).expect("it can be written").bytes
    });
}

/// Encodes a picture that arrives a few rows at a time.
#[divan::bench(args = encodings().into_iter().filter(encodes_rows), max_time = 1, sample_size = 1)]
fn encode_rows(bencher: Bencher, case: &Case) {
    let (pixels, options) = (pixels_for(case.format), case.options());
    let (shape, Pixels::U8(raster)) = (pixels.shape(), pixels) else { return };
    bencher.counter(ItemsCount::new(shape.pixels())).bench_local(|| {
        let mut encoder = RowEncoder::new(case.format, RowForm::Pixels(shape), &options).expect("it can be written so");
        raster.samples().chunks(16 * 3 * shape.width as usize).for_each(|rows| encoder.push(rows).expect("it fits"));
        encoder.finish(Metadata::default()).expect("all rows are there").bytes
    });
}

fn encodes_rows(case: &Case) -> bool {
    RowEncoder::new(case.format, RowForm::Pixels(shared::picture(0.01, 1).shape()), &case.options()).is_some()
}

/// Hashes a source, as a run does that keeps a journal.
#[divan::bench(max_time = 0.5)]
fn hash_source(bencher: Bencher) {
    let bytes = file(jpeg());
    let path = shared::folder().join("a.jpg");
    fs::write(&path, &bytes).expect("there is room");
    bencher.counter(BytesCount::of_slice(&*bytes)).bench_local(|| source_hash(&path).expect("the disk works"));
}

#[divan::bench(max_time = 0.5)]
fn hash_result(bencher: Bencher) {
    let bytes = file(jpeg());
    bencher.counter(BytesCount::of_slice(&*bytes)).bench_local(|| result_hash(&*bytes).expect("memory can be read"));
}

/// Writes results as a run does: temporary files that are synced, get their names, and last once the folder is synced. They
/// are copies of sources in memory, so that nothing is decoded; the time is that of all.
#[divan::bench(args = [1, 16, 64], max_time = 1, sample_size = 1)]
fn write(bencher: Bencher, results: usize) {
    let bytes = file(jpeg());
    let sources: Vec<_> = (0..results).map(|i| Source::memory(format!("{i}.jpg"), Arc::clone(&bytes)).into()).collect();
    let executor = find_executor("sequential").expect("there is one");
    bencher.counter(BytesCount::new(results * bytes.len())).with_inputs(shared::folder).bench_local_values(|folder| {
        let output = OutputSettings { folder: Some(folder), ..OutputSettings::default() };
        let mut recipe = Recipe::default();
        recipe.export.copy_unchanged = true;
        let jobs = plan_jobs(&sources, &recipe, &output);
        let settings = Settings { executor, ..Settings::default() };
        let batch = Batch { jobs, recipe, results: ResultSettings::default(), settings };
        let report = start(batch, Arc::new(|_: Event| {})).expect("threads can be started").wait();
        assert_eq!(report.totals.copied, results, "they are copies");
    });
}

/// A photo with Exif data, a profile and more.
fn sample() -> Vec<u8> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/studies/tomatoes.jpg");
    fs::read(sample).expect("the sample is there")
}

#[divan::bench(max_time = 0.5)]
fn metadata_read(bencher: Bencher) {
    let bytes = sample();
    bencher.bench_local(|| stage::metadata(black_box(&bytes), &Limits::default()).expect("it is a picture"));
}

/// A file of a few pixels with the metadata of a photo.
#[divan::bench(args = written().map(Case::usual), max_time = 0.2)]
fn metadata_written(bencher: Bencher, case: &Case) {
    let metadata = stage::metadata(&sample(), &Limits::default()).expect("it is a picture");
    let (pixels, mut buffers) = (shared::picture(0.001, 1), Buffers::default());
    bencher.bench_local(|| {
        let picture = Picture { pixels: pixels.clone(), metadata: metadata.clone() };
        codec::encode(case.format, picture, &EncodeOptions::default(), &mut buffers).expect("it can be written").bytes
    });
}
