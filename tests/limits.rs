//! What a picture takes decides whether it is processed, not what it states.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;

use common::{batch, content, folder, recipe, run, settings};
use lightloom::batch::Outcome;

/// A grey JPEG of this many pixels a side, whose blocks are all the same: tables with a single code of one bit make each
/// of them two zero bits.
fn grey_jpeg(side: u16) -> Vec<u8> {
    let segment =
        |code: u8, content: &[u8]| [&[0xff, code][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat();
    let [high, low] = side.to_be_bytes();
    let table = |class: u8| [&[class, 1][..], &[0; 15], &[0]].concat();
    let blocks = usize::from(side.div_ceil(8)).pow(2);
    [
        vec![0xff, 0xd8],
        segment(0xdb, &[&[0][..], &[1; 64]].concat()),
        segment(0xc0, &[8, high, low, high, low, 1, 1, 0x11, 0]),
        segment(0xc4, &table(0)),
        segment(0xc4, &table(0x10)),
        segment(0xda, &[1, 1, 0, 0, 63, 0]),
        vec![0; blocks.div_ceil(4)],
        vec![0xff, 0xd9],
    ]
    .concat()
}

#[test]
fn a_jpeg_over_the_limit_is_processed_where_it_is_decoded_smaller() {
    let root = tempfile::tempdir().unwrap();
    let input = root.path().join("in");
    fs::create_dir(&input).unwrap();
    fs::write(input.join("huge.jpg"), grey_jpeg(36_000)).unwrap();
    let with = |filters: &[&str], name: &str| {
        run(batch(&input, &root.path().join(name), &recipe(filters, "png"), settings("hybrid", 2)))
    };
    let small = with(&["resize:width=1000"], "small");
    assert_eq!(small.totals.done, 1, "{small:?}");
    assert!(small.totals.peak_bytes < 300 << 20, "{}", small.totals.peak_bytes);
    let whole = with(&["invert"], "whole");
    let image = &whole.images[0];
    assert_eq!(image.outcome, Outcome::Failed);
    let reason = image.reason.as_deref().unwrap();
    assert!(reason.contains("36000 × 36000 pixels take 1235 MiB") && reason.contains("Resize"), "{reason}");
    assert!(content(&root.path().join("whole")).is_empty());
}

/// A picture that needs more than the system lets the program have is refused rather than the program's end.
#[test]
#[cfg(target_os = "linux")]
fn what_does_not_fit_the_address_space_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let input = folder(root.path(), 3, 120, 80);
    // A picture of one colour: 12,000 × 9,000 pixels of 16 bits, 648 MB.
    let header = b"P6 12000 9000 65535\n".as_slice();
    let pixels = vec![77_u8; 12_000 * 9_000 * 6];
    fs::write(input.join("large.ppm"), [header, &pixels].concat()).unwrap();
    let out = root.path().join("out");
    let program = env!("CARGO_BIN_EXE_lightloom");
    let limited =
        format!("ulimit -c 0; ulimit -v 2000000; exec {program} process --executor hybrid --out \"$1\" \"$0\"");
    let done = std::process::Command::new("sh").args(["-c", &limited]).args([&input, &out]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("the system lets this program have"), "{said}");
    assert_eq!(content(&out).len(), 3, "{said}");
}
