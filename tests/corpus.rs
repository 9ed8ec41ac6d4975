//! Decoded pictures against what independent readers found: a collection of test images beside the checkout, with a
//! table of sizes, channels, depths and mean colours. Skipped, and said so, where the collection is missing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "common/corpus.rs"]
mod common;

use common::{corpus, skipped, table};
use lightloom::batch::stage::{Cause, Rendered, StageError, render};
use lightloom::codec::{CodecError, Header, Limits};
use lightloom::filter::Work;
use lightloom::picture::colour::for_display;
use lightloom::picture::{Buffers, Depth, Shape};
use lightloom::recipe::{Purpose, Recipe};

fn decode(path: &Path) -> Result<Rendered, StageError> {
    let bytes = fs::read(path).unwrap();
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    render(&bytes, &Recipe::default(), Purpose::Export, &Limits::default(), &mut work)
}

/// Mean of each colour over white, 0–255.
fn mean(rgba: &[u8]) -> [f64; 3] {
    let mut sum = [0.0; 3];
    for pixel in rgba.chunks_exact(4) {
        let alpha = f64::from(pixel[3]) / 255.0;
        for (sum, v) in sum.iter_mut().zip(pixel) {
            *sum += f64::from(*v) * alpha + 255.0 * (1.0 - alpha);
        }
    }
    sum.map(|s| s / (rgba.len() / 4) as f64)
}

/// Number of a cell, 0 where there is none.
fn number(row: &BTreeMap<String, String>, column: &str) -> u32 {
    row[column].parse().unwrap_or(0)
}

/// What is wrong with a file's header by its row of the table: bits, channels, profile, frames.
fn header_disagreement(row: &BTreeMap<String, String>, header: &Header, bytes: &[u8]) -> Option<String> {
    let Shape { layout, depth, .. } = header.stored;
    if number(row, "bits") > 8 && depth == Depth::U8 {
        return Some(format!("{} bits became 8", row["bits"]));
    }
    // High dynamic range becomes floats, whatever its depth.
    if number(row, "bits") <= 8 && depth != Depth::U8 && header.metadata.hdr.is_none() {
        return Some(format!("{} bits became {depth}", row["bits"]));
    }
    let channels = row["channels"].as_str();
    let (grey, alpha) = (channels.starts_with("gray"), channels.ends_with('a') || channels.ends_with("+trns"));
    // A palette of greys, and colours that are converted, may come out either way; alpha that a frame leaves unused too.
    if grey && layout.colours() != 1 && row["fmt"] == "PNG" || channels.starts_with("rgb") && layout.colours() != 3 {
        return Some(format!("{channels} became {layout:?}"));
    }
    if alpha && !layout.has_alpha() {
        return Some(format!("{channels} lost its alpha"));
    }
    let icc = row["icc"] != "0";
    // Other ways to state a colour space become a profile too.
    let stated = [&b"gAMA"[..], b"cHRM", b"cICP", b"nclx"].iter().any(|chunk| bytes.windows(4).any(|w| w == *chunk));
    if icc != header.metadata.icc.is_some() && !channels.contains("cmyk") && (icc || !stated) {
        return Some(if icc { "its profile was lost".to_owned() } else { "a profile appeared".to_owned() });
    }
    let frames = number(row, "frames").max(1);
    (frames != header.frames).then(|| format!("{} pictures instead of {frames}", header.frames))
}

/// What is wrong with a decoded picture by its row of the table.
fn disagreement(row: &BTreeMap<String, String>, rendered: Rendered) -> Option<String> {
    let shape = rendered.picture.pixels.shape();
    if (shape.width, shape.height) != (number(row, "oriented_w"), number(row, "oriented_h")) {
        return Some(format!("size {}×{}", shape.width, shape.height));
    }
    let expected: Vec<f64> = row["mean_rgb_vips"].split(' ').filter_map(|v| v.parse().ok()).collect();
    // The table's means are those of sRGB where there is a profile. Its readers ignore what files state in other ways, so
    // there they are those of the samples as they stand.
    let managed = row["icc"] != "0" || row["channels"].contains("cmyk");
    let hdr = rendered.picture.metadata.hdr;
    let pixels = match hdr {
        _ if managed => for_display(rendered.picture),
        Some(hdr) => {
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            hdr.encode(rendered.picture.pixels, &mut work).unwrap()
        }
        None => rendered.picture.pixels,
    };
    let found = mean(&pixels.to_rgba8());
    let far = expected.len() == 3 && expected.iter().zip(found).any(|(e, f)| (e - f).abs() > 1.5);
    far.then(|| format!("mean {found:.1?} instead of {expected:.1?}"))
}

/// Files on which this program and a table disagree, with the reason: `table file reason`, separated by tabs.
fn exceptions(table: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus-exceptions.tsv");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|l| !l.starts_with('#')).map(|l| l.splitn(3, '\t').collect::<Vec<_>>());
    rows.filter(|r| r[0] == table).map(|r| (r[1].to_owned(), r[2].to_owned())).collect()
}

/// Compares what disagrees with what is listed, both ways.
fn assert_listed(listed: &BTreeMap<String, String>, wrong: &BTreeMap<String, String>) {
    let news: Vec<_> = wrong.iter().filter(|(f, _)| !listed.contains_key(*f)).collect();
    let gone: Vec<_> = listed.keys().filter(|f| !wrong.contains_key(*f)).collect();
    let text = news.iter().map(|(f, w)| format!("{f}\t{w}")).collect::<Vec<_>>().join("\n");
    assert!(news.is_empty(), "{} disagree and are not listed:\n{text}", news.len());
    assert!(gone.is_empty(), "these agree now; take them off the list: {gone:#?}");
}

/// Whether a row is about a format that this build leaves out.
fn left_out(row: &BTreeMap<String, String>) -> bool {
    row["fmt"] == "AVIF" && lightloom::codec::find("avif").is_none()
}

#[test]
fn what_is_decoded_agrees_with_independent_readers() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let rows = table(&corpus.join("expect.tsv"));
    for row in rows.iter().filter(|r| r["trust"] == "high" && !left_out(r)) {
        let path = corpus.join(&row["file"]);
        *counts.entry(row["fmt"].clone()).or_default() += 1;
        let bytes = fs::read(&path).unwrap();
        let what = match lightloom::codec::header(&bytes, &Limits::default()) {
            Err(error) => Some(error.to_string()),
            Ok((_, header)) => match decode(&path) {
                Err(error) => Some(error.to_string()),
                Ok(rendered) => disagreement(row, rendered).or_else(|| header_disagreement(row, &header, &bytes)),
            },
        };
        if let Some(what) = what {
            wrong.insert(row["file"].clone(), what);
        }
    }
    let total: usize = counts.values().sum();
    println!("{} of {total} agree; by format: {counts:?}", total - wrong.len());
    for (file, what) in &wrong {
        println!("{file}\t{what}");
    }
    assert_listed(&exceptions("expect"), &wrong);
    assert!(wrong.len() * 50 <= total, "less than 98 % agree: {} of {total} do not", wrong.len());
}

#[test]
fn hostile_files_end_soon_and_as_they_should() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = BTreeMap::new();
    let mut judged = 0;
    let mut slowest = (Duration::ZERO, String::new());
    for row in table(&corpus.join("hostile.tsv")) {
        let path = corpus.join(&row["file"]);
        if !path.exists() {
            continue;
        }
        judged += 1;
        let begun = Instant::now();
        let end = decode(&path);
        slowest = slowest.max((begun.elapsed(), row["file"].clone()));
        let told = end.as_ref().map_or(true, |r| r.partial.is_some() || !r.notes.is_empty());
        let what = match (row["expectation"].as_str(), &end) {
            ("refuse", Ok(_)) => "was decoded".to_owned(),
            // A build without a large format cannot read it.
            ("ok", Err(error)) if error.cause != Cause::Codec(CodecError::Unrecognised) => error.to_string(),
            ("partial", Ok(_)) if !told => "passed as whole".to_owned(),
            _ => continue,
        };
        wrong.insert(row["file"].clone(), what);
    }
    println!("{judged} hostile files, {} end otherwise than expected; the slowest: {slowest:?}", wrong.len());
    for (file, what) in &wrong {
        println!("{file}\t{what}");
    }
    assert_listed(&exceptions("hostile"), &wrong);
    assert!(judged > 400 && wrong.len() * 100 <= judged, "{} of {judged}", wrong.len());
    // Five seconds on a quiet machine; an unoptimised build on a busy one gets more.
    assert!(slowest.0 < Duration::from_secs(60), "{slowest:?}");
}

#[test]
fn what_a_disk_can_hold_besides_pictures_ends_as_its_own_error() {
    let Some(corpus) = corpus() else { return };
    let dir = tempfile::tempdir().unwrap();
    let script = |arguments: &[&std::ffi::OsStr]| {
        let mut command = std::process::Command::new("bash");
        command.arg(corpus.join("make_fs.sh")).args(arguments).output().unwrap()
    };
    let made = script(&[dir.path().as_os_str()]);
    if !made.status.success() {
        skipped(&format!("the script cannot run here: {}", String::from_utf8_lossy(&made.stderr)));
        return;
    }
    let (sources, out) = (dir.path().join("fs"), dir.path().join("out"));
    let begun = Instant::now();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .env("XDG_STATE_HOME", std::env::temp_dir().join("lightloom-test-state"))
        .args(["process", "--json", "--filter", "invert", "--out"])
        .args([&out, &sources])
        .output()
        .unwrap();
    let spent = begun.elapsed();
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let images = report["images"].as_array().unwrap();
    let failed: Vec<_> = images.iter().filter(|i| i["outcome"] == "failed").collect();
    println!("{} files, {} failed, in {spent:?}", images.len(), failed.len());
    assert!(matches!(run.status.code(), Some(0 | 1)), "{:?}", run.status);
    assert!(images.len() > 40 && failed.len() * 2 < images.len(), "{} of {}", failed.len(), images.len());
    assert!(failed.iter().all(|i| i["reason"].is_string()), "every failure has a reason");
    assert!(spent < Duration::from_secs(120), "{spent:?}");
    let original = fs::read(corpus.join("valid/pillow__hopper.jpg")).unwrap();
    assert_eq!(fs::read(sources.join("good.jpg")).unwrap(), original, "sources stay as they are");
    script(&["--clean".as_ref(), dir.path().as_os_str()]);
}
