//! Tables of Parquet that other programs wrote, with every encoding and compression: the same list. Damaged ones: an error.
//!
//! `data/write.py` made them, with pyarrow 26 and Polars 2.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

use lightloom_web::Address;
use lightloom_web::list::{Column, Entry, Form, ListError, read};

const READ: &[&str] = &["plain", "snappy", "gzip-v2", "zstd-v2", "delta", "split", "polars"];

fn table(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).with_extension("parquet");
    fs::read(path).unwrap()
}

fn list(table: &[u8], column: Option<&str>) -> Result<Vec<Entry>, ListError> {
    read(table, Form::of("list.parquet", table), column)
}

/// Row by row what `write.py` writes.
fn expected() -> Vec<Entry> {
    let row = |row: i64| {
        let mut columns = vec![Column { name: "id".into(), value: (row * 1_000_000_007 - 9).to_string() }];
        let mut add = |name: &str, value: String| columns.push(Column { name: name.into(), value });
        if row % 3 != 1 {
            add("caption", format!("a hut — {}", row % 5));
        }
        add("width", (640 - row).to_string());
        add("score", (row as f64 / 8.0 - 1.5).to_string());
        add("ratio", (row as f32 / 4.0).to_string());
        add("seen", (row % 7 < 3).to_string());
        let address = if row == 4 { "" } else { &format!("https://e.org/pictures/{row:04}.jpg") };
        Entry { line: row as u64 + 1, address: Address::parse(address), columns }
    };
    (0..40).map(row).collect()
}

#[test]
fn each_way_to_write_a_table_gives_the_same_list() {
    for name in READ {
        let list = list(&table(name), None).unwrap();
        assert_eq!(list.len(), 40, "{name}");
        for (found, expected) in list.iter().zip(expected()) {
            assert_eq!(found, &expected, "{name}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let said = |name: &str, column| list(&table(name), column).unwrap_err().to_string();
    assert!(said("brotli", None).contains("compressed by Brotli"), "{}", said("brotli", None));
    assert!(said("lz4", None).contains("compressed by LZ4"));
    let missing = said("snappy", Some("photo"));
    // Neither the nested column nor the one of bytes can hold an address.
    assert!(missing.contains("no column 'photo'") && missing.ends_with("'score', 'ratio', 'seen'"), "{missing}");
    let whole = table("snappy");
    for cut in [4, 11, whole.len() / 2, whole.len() - 1] {
        assert!(matches!(list(&whole[..cut], None), Err(ListError::Parquet(_))), "cut at {cut}");
    }
}

/// Each damage at a place of its own, the same each time.
#[test]
fn damaged_tables_are_read_without_harm() {
    let mut noise = 1_u64;
    let mut next = move |below: usize| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 33) as usize % below
    };
    for name in READ {
        let whole = table(name);
        for _ in 0..100 {
            let mut damaged = whole.clone();
            for _ in 0..=next(3) {
                let at = next(damaged.len());
                damaged[at] = [0, 0xff, 0x80, damaged[at] ^ 1 << next(8)][next(4)];
            }
            if next(8) == 0 {
                let from = next(damaged.len());
                damaged.drain(from..(from + next(64)).min(whole.len()));
            }
            let _ = list(&damaged, None);
        }
    }
    if let Some(peak) = peak_mib() {
        assert!(peak < 1500, "{peak} MiB were used");
    }
}

/// The most memory that this process had, on Linux.
fn peak_mib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kib| kib >> 10)
}
