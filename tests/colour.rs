//! Colours of pictures with profiles against what independent readers found, where the collection of test images lies
//! beside the checkout. Skipped, and said so, where it is missing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lightloom::batch::stage::render;
use lightloom::filter::Work;
use lightloom::picture::Buffers;
use lightloom::picture::colour::{Conversion, Intent, Profile, Space, for_display};
use lightloom::picture::{Layout, Pixels, Raster};
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

/// Files on which this program and the table disagree, with the reason.
const KNOWN: &[(&str, &str)] = &[(
    "odd/zune__jpeg_weird_sampling_2.jpeg",
    "a profile of tables that connects by XYZ (XYB), which the library does not convert: a note says so",
)];

#[test]
fn pictures_with_profiles_have_the_colours_that_others_find() {
    let Some(corpus) = corpus() else { return };
    let text = fs::read_to_string(corpus.join("expect.tsv")).unwrap();
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let (mut agree, mut wrong) = (0, Vec::new());
    for line in lines {
        let row: BTreeMap<&str, &str> = columns.iter().copied().zip(line.split('\t')).collect();
        if row["trust"] != "high" || row["icc"] == "0" {
            continue;
        }
        let bytes = fs::read(corpus.join(row["file"])).unwrap();
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        let Ok(rendered) = render(&bytes, &Recipe::default(), Purpose::Export, &mut work) else {
            println!("not read: {}", row["file"]);
            continue;
        };
        let found = mean(&for_display(rendered.picture).to_rgba8());
        let expected: Vec<f64> = row["mean_rgb_vips"].split(' ').filter_map(|v| v.parse().ok()).collect();
        let far = expected.iter().zip(found).any(|(e, f)| (e - f).abs() > 1.5);
        let known = KNOWN.iter().any(|(file, _)| *file == row["file"]);
        assert!(far || !known, "{} agrees now; take it off the list of the known", row["file"]);
        if far && !known {
            wrong.push(format!(
                "{} ({} {}): mean {found:.1?} instead of {expected:.1?}",
                row["file"], row["channels"], row["icc_desc"]
            ));
        } else if !far {
            agree += 1;
        }
    }
    println!("{agree} with profiles agree");
    assert!(wrong.is_empty(), "{} disagree, {agree} agree:\n{}", wrong.len(), wrong.join("\n"));
    assert!(agree >= 20, "{agree}");
}

/// Values that LittleCMS gives for our own profiles, written by `tests/reference/colour.py`.
#[test]
fn conversions_agree_with_littlecms() {
    let space = |name: &str| Space::ALL.into_iter().find(|s| s.id() == name).unwrap();
    let mut lines = 0;
    for line in include_str!("reference/colour.txt").lines().filter(|l| !l.starts_with('#')) {
        let parts: Vec<&str> = line.split('\t').collect();
        let numbers = |text: &str| text.split(' ').map(|v| v.parse().unwrap()).collect::<Vec<u8>>();
        let (from, to, pixel, expected) = (space(parts[0]), space(parts[1]), numbers(parts[2]), numbers(parts[3]));
        let conversion = Conversion::new(&Profile::named(from), &Profile::named(to), Intent::Relative, false).unwrap();
        let pixels = Raster::new(1, 1, Layout::Rgb, pixel.clone()).into();
        let found = conversion.run(pixels, false, &|| false, &mut Buffers::default()).unwrap();
        let Pixels::U8(found) = found else { panic!("depth") };
        // LittleCMS has 14 bits of light for 8-bit samples: below 1/16384 it sees black.
        let far = found.samples().iter().zip(&expected).any(|(a, b)| a.abs_diff(*b) > 1 && *a.max(b) > 4);
        assert!(!far, "{from:?} → {to:?} {pixel:?}: {:?} instead of {expected:?}", found.samples());
        lines += 1;
    }
    assert!(lines > 100, "{lines}");
}

/// Writes the profiles for `tests/reference/colour.py` into the folder that PROFILES names.
#[test]
#[ignore = "writes files for the reference script"]
fn write_profiles() {
    let folder = PathBuf::from(std::env::var_os("PROFILES").unwrap());
    for space in Space::ALL {
        fs::write(folder.join(format!("{}.icc", space.id())), Profile::named(space).bytes()).unwrap();
    }
}
