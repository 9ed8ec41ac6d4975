//! Decoded pictures against what independent readers found: a collection of test images beside the checkout, with a
//! table of sizes, channels, depths and mean colours. Skipped, and said so, where the collection is missing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lightloom::batch::stage::{Rendered, StageError, render};
use lightloom::filter::Work;
use lightloom::picture::{Buffers, Depth};
use lightloom::recipe::{Purpose, Recipe};

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = std::env::var_os("LIGHTLOOM_CORPUS").map_or(beside, PathBuf::from);
    if folder.join("expect.tsv").exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("LIGHTLOOM_REQUIRE_CORPUS").is_none(), "the corpus is required and missing");
    println!("skipped: no corpus at {}", folder.display());
    None
}

/// Rows of a table as maps from column to cell.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines.map(|l| columns.iter().map(|c| (*c).to_owned()).zip(l.split('\t').map(str::to_owned)).collect()).collect()
}

fn decode(path: &Path) -> Result<Rendered, StageError> {
    let bytes = fs::read(path).unwrap();
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    render(&bytes, &Recipe::default(), Purpose::Export, &mut work)
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

/// What is wrong with a decoded picture by its row of the table.
fn disagreement(row: &BTreeMap<String, String>, rendered: &Rendered) -> Option<String> {
    let shape = rendered.picture.pixels.shape();
    let number = |column: &str| row[column].parse::<u32>().unwrap_or(0);
    if (shape.width, shape.height) != (number("oriented_w"), number("oriented_h")) {
        return Some(format!("size {}×{}", shape.width, shape.height));
    }
    let bits = if shape.depth == Depth::U8 { 8 } else { 16 };
    if number("bits") == 16 && bits != 16 {
        return Some("16 bits became 8".to_owned());
    }
    // The table's means are colour-managed; pictures with a profile keep it here and stay as they are stored.
    if row["icc"] != "0" || row["fmt"] == "JPEG" && row["channels"].contains("cmyk") {
        return None;
    }
    let expected: Vec<f64> = row["mean_rgb_vips"].split(' ').filter_map(|v| v.parse().ok()).collect();
    let found = mean(&rendered.picture.pixels.to_rgba8());
    let far = expected.len() == 3 && expected.iter().zip(found).any(|(e, f)| (e - f).abs() > 1.5);
    far.then(|| format!("mean {found:.1?} instead of {expected:.1?}"))
}

/// Files on which this program and the table disagree, with the reason.
const KNOWN: &[(&str, &str)] =
    &[("valid/imagers__simple_issue_1455_oversized.gif", "a frame larger than the screen: the screen's size is used")];

#[test]
fn what_is_decoded_agrees_with_independent_readers() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let ours = ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"];
    for row in table(&corpus.join("expect.tsv")) {
        if row["trust"] != "high" || !ours.contains(&row["fmt"].as_str()) {
            continue;
        }
        if let Some((file, why)) = KNOWN.iter().find(|(f, _)| *f == row["file"]) {
            let still = decode(&corpus.join(file)).map_or(true, |r| disagreement(&row, &r).is_some());
            assert!(still, "{file} agrees now; take it off the list of the known ({why})");
            continue;
        }
        let count = counts.entry(row["fmt"].clone()).or_default();
        match decode(&corpus.join(&row["file"])) {
            Ok(rendered) => {
                count.0 += 1;
                if let Some(what) = disagreement(&row, &rendered) {
                    wrong.push(format!("{}: {what}", row["file"]));
                }
            }
            // A refusal is told to the person; TIFF has kinds that are not read yet.
            Err(_) if row["fmt"] == "TIFF" => count.1 += 1,
            Err(error) => wrong.push(format!("{}: {error}", row["file"])),
        }
    }
    println!("decoded and refused by format: {counts:?}");
    assert!(wrong.is_empty(), "{} disagree:\n{}", wrong.len(), wrong.join("\n"));
    assert!(counts["JPEG"].0 >= 80 && counts["PNG"].0 >= 200 && counts["WEBP"].0 >= 100, "{counts:?}");
}

#[test]
fn hostile_files_end_soon_and_as_they_should() {
    let Some(corpus) = corpus() else { return };
    let mut wrong = Vec::new();
    let mut arguable = 0;
    let mut judged = 0;
    for row in table(&corpus.join("hostile.tsv")) {
        let path = corpus.join(&row["file"]);
        let ours = lightloom::codec::from_extension(&path).is_some();
        if !ours || !path.exists() {
            continue;
        }
        judged += 1;
        let begun = Instant::now();
        let end = decode(&path);
        // A hang, not a speed, is what this looks for.
        assert!(begun.elapsed() < Duration::from_secs(60), "{} took {:?}", row["file"], begun.elapsed());
        let told = end.as_ref().map_or(true, |r| r.partial.is_some() || !r.notes.is_empty());
        match row["expectation"].as_str() {
            "refuse" if end.is_ok() => wrong.push(format!("{} was decoded", row["file"])),
            "ok" if end.is_err() => wrong.push(format!("{}: {}", row["file"], end.err().unwrap())),
            // A byte or a chunk that is missing after the last pixel.
            "partial" if !told => arguable += 1,
            _ => {}
        }
    }
    println!("{judged} hostile files, {arguable} truncated behind their last pixel passed as whole");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 300 && arguable <= 20, "{judged} judged, {arguable} arguable");
}

#[test]
#[ignore = "prints what is refused and what is wrong"]
fn survey() {
    let Some(corpus) = corpus() else { return };
    for row in table(&corpus.join("expect.tsv")) {
        let begun = Instant::now();
        let end = decode(&corpus.join(&row["file"]));
        let what = match &end {
            Ok(r) => disagreement(&row, r).map_or("ok".to_owned(), |w| format!("WRONG {w}")),
            Err(e) => format!("REFUSED {e}"),
        };
        println!("EXPECT\t{}\t{}\t{}\t{what}\t{:?}", row["fmt"], row["trust"], row["file"], begun.elapsed());
    }
    for row in table(&corpus.join("hostile.tsv")) {
        let path = corpus.join(&row["file"]);
        if !path.exists() {
            continue;
        }
        let begun = Instant::now();
        let end = decode(&path);
        let what = match &end {
            Ok(r) => format!("DECODED partial={:?} notes={:?}", r.partial, r.notes),
            Err(e) => format!("REFUSED {e}"),
        };
        println!("HOSTILE\t{}\t{}\t{}\t{what}\t{:?}", row["expectation"], row["kind"], row["file"], begun.elapsed());
    }
}
