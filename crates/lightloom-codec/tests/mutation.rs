//! Twenty thousand damaged files: bits flipped, tails cut, pieces of two files put together. Each must end in a picture
//! or an error, without a crash and soon. Deterministic: a case's number is its seed. In the slow part of CI
//! (`cargo test --workspace --test mutation -- --ignored`).
#![allow(clippy::unwrap_used, reason = "tests")]

mod damage;

use std::time::{Duration, Instant};

use damage::damaged;
use lightloom_codec::{self as codec, CODECS, CodecError, Decoded, Limits};
use lightloom_picture::{Buffers, Depth, Layout, Picture, Pixels, Raster};

/// Small valid files: what we write ourselves in every depth and layout, and what `seeds` holds of other formats.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = Vec::new();
    for codec in CODECS.iter().filter(|c| c.writes() && c.id != "avif") {
        for depth in Depth::ALL {
            for layout in [Layout::Grey, Layout::Rgba] {
                let samples = (0..24 * 17 * layout.channels()).map(|i| (i * 2611 % 65_536) as u16).collect();
                let pixels = Pixels::from(Raster::new(24, 17, layout, samples)).into_depth(depth);
                let encoded = codec::encode(
                    codec,
                    Picture::new(pixels),
                    &codec::EncodeOptions::with_quality(80),
                    &mut Buffers::default(),
                )
                .unwrap();
                seeds.push((codec.id.to_owned(), encoded.bytes));
            }
        }
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    #[cfg(feature = "heic")]
    {
        let rgb: Vec<u8> = (0..40 * 30 * 3).map(|i| (i * 7 % 256) as u8).collect();
        let options = heifer::EncodeOptions::default();
        seeds.push(("heic".to_owned(), heifer::encode_rgb8(40, 30, &rgb, &options).unwrap()));
    }
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e != "py"));
    files.sort();
    seeds.extend(files.into_iter().map(|f| (f.display().to_string(), std::fs::read(f).unwrap())));
    seeds
}

/// Decodes; a panic, which costs the program one picture, is returned.
fn end(bytes: &[u8], limits: &Limits) -> Result<(), String> {
    let decode = || {
        let (codec, header) = codec::header(bytes, limits)?;
        codec::decode(codec, bytes, &header, 1, limits, &mut Buffers::default())
    };
    let ended = decode();
    match &ended {
        Err(error) => check_words(&error.to_string()),
        Ok(decoded) => decoded.partial.iter().chain(&decoded.notes).for_each(|text| check_words(text)),
    }
    match ended {
        Err(CodecError::Panic(text)) => Err(text),
        Ok(Decoded { partial: Some(text), .. }) if text.contains("internal error") => Err(text),
        _ => Ok(()),
    }
}

/// Words and signs of source code, which say nothing to a person.
const INTERNAL: [&str; 10] = ["::", "`", "{", "Err(", "Some(", "None", "unwrap", "assert", "internal", "index"];

/// Fails if a message has words of a decoder outside the parentheses that are for them.
fn check_words(message: &str) {
    let plain = message.split_once(" (").map_or(message, |(plain, _)| plain);
    let found = INTERNAL.iter().find(|word| plain.contains(**word));
    assert_eq!(found, None, "{message}");
    assert!(plain.chars().any(char::is_whitespace) && message.len() < 600 && !message.contains('\n'), "{message}");
}

fn run(cases: impl Iterator<Item = u64>) -> (usize, Vec<String>) {
    let seeds = seeds();
    // A quarter of a gibibyte: a case that asks for more is refused.
    let limits = Limits { decoded_bytes: 1 << 28, ..Limits::default() };
    let mut panics = Vec::new();
    let mut count = 0;
    for case in cases {
        let (name, bytes) = damaged(&seeds, case);
        let begun = Instant::now();
        if let Err(text) = end(&bytes, &limits) {
            panics.push(format!("case {case} of {name}: {text}"));
        }
        let spent = begun.elapsed();
        assert!(spent < Duration::from_secs(20), "case {case} of {name} took {spent:?}");
        count += 1;
    }
    (count, panics)
}

#[test]
fn a_few_damaged_files_do_not_hang_or_crash() {
    let (_, panics) = run((0..20_000).step_by(40));
    println!("{} panics, contained", panics.len());
}

#[test]
#[ignore = "slow: part of CI"]
fn twenty_thousand_damaged_files_do_not_hang_or_crash() {
    let begun = Instant::now();
    let workers = std::thread::available_parallelism().map_or(2, |n| n.get() as u64);
    let ends: Vec<_> = std::thread::scope(|scope| {
        let spawn = |w| scope.spawn(move || run((0..20_000).skip(w as usize).step_by(workers as usize)));
        let handles: Vec<_> = (0..workers).map(spawn).collect();
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    });
    let panics: Vec<String> = ends.iter().flat_map(|(_, p)| p.clone()).collect();
    let count: usize = ends.iter().map(|(n, _)| n).sum();
    println!("{count} cases in {:?}; {} panics, contained:\n{}", begun.elapsed(), panics.len(), panics.join("\n"));
    assert_eq!(count, 20_000);
    // Panics of other people's decoders cost one picture each; more than a few are a defect to look at.
    assert!(panics.len() <= 40, "{} panics", panics.len());
}

#[test]
fn every_format_has_a_fuzz_target() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for codec in CODECS {
        let target = std::fs::read_to_string(folder.join(format!("fuzz_targets/{}.rs", codec.id)));
        assert!(target.is_ok_and(|text| text.contains(&format!("\"{}\"", codec.id))), "{}", codec.id);
        assert!(manifest.contains(&format!("name = \"{}\"", codec.id)), "{} is not in fuzz/Cargo.toml", codec.id);
    }
}
