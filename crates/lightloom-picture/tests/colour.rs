//! Colour conversions against what other libraries make of the same. Pictures with profiles are compared in `corpus.rs`.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::PathBuf;

use lightloom_picture::Buffers;
use lightloom_picture::colour::{Conversion, Intent, Profile, Space};
use lightloom_picture::{Layout, Pixels, Raster};

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
