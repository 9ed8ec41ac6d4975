//! What is written is read by other programs too: ImageMagick for single pictures, Pillow for animations. The same
//! pixels, where the format keeps them.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lightloom::codec::{CODECS, Codec, EncodeOptions, Limits, encode, find, frames_of};
use lightloom::picture::{Buffers, Depth, Layout, Picture, Pixels, Raster};
use lightloom_param::ParamKind;

/// Runs a program that a fresh machine may lack; where CI installs it, its absence is a failure.
fn run(program: &str, args: &[&str]) -> Option<Vec<u8>> {
    match Command::new(program).args(args).output() {
        Ok(output) if output.status.success() => Some(output.stdout),
        Ok(output) => panic!("{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => {
            assert!(std::env::var_os("CI").is_none(), "{program} is missing");
            println!("skipped: {program} is not installed");
            None
        }
    }
}

/// A Python that has Pillow.
fn python() -> Option<String> {
    let named = std::env::var("LIGHTLOOM_PYTHON").ok();
    let found = named.into_iter().chain(["python3", "/usr/bin/python3"].map(str::to_owned)).find(|python| {
        Command::new(python).args(["-c", "import PIL"]).output().is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "Pillow is missing");
        println!("skipped: no python3 with Pillow");
    }
    found
}

/// Smooth enough for lossy formats, with every channel of its own.
fn picture(layout: Layout, depth: Depth) -> Pixels {
    let channels = layout.channels();
    let (width, height) = (41_u32, 27_u32);
    let mut samples = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        for channel in 0..channels as u32 {
            let is_alpha = layout.has_alpha() && channel + 1 == channels as u32;
            let value = match channel {
                _ if is_alpha => 12_000 + x * 1_300,
                0 => x * 1_500 + y * 7,
                1 => y * 2_300 + x * 3,
                _ => 60_000 - (x + y) * 800,
            };
            samples.push(value as u16);
        }
    }
    Pixels::from(Raster::new(width, height, layout, samples)).into_depth(depth)
}

/// Samples as 16-bit RGBA.
fn rgba16(pixels: Pixels) -> Vec<u16> {
    match pixels.into_layout(Layout::Rgba).into_depth(Depth::U16) {
        Pixels::U16(raster) => raster.into_samples(),
        _ => unreachable!("that depth was asked for"),
    }
}

/// Usual values, and each word and toggle of every option that the format heeds.
fn variants(codec: &Codec) -> Vec<(String, EncodeOptions)> {
    let mut out = vec![("usual".to_owned(), EncodeOptions::default())];
    for spec in codec.options() {
        let values: Vec<&str> = match spec.kind {
            ParamKind::Choice { options, .. } => options.to_vec(),
            ParamKind::Toggle { .. } => vec!["true", "false"],
            _ => continue,
        };
        for value in values {
            let mut options = EncodeOptions::default();
            options.set_text(spec.key, value).unwrap();
            out.push((format!("{}={value}", spec.key), options));
        }
    }
    out
}

/// Formats that ImageMagick 6 reads on every machine where it is installed from a distribution.
const KNOWN_TO_IMAGEMAGICK: [&str; 7] = ["jpeg", "png", "webp", "tiff", "bmp", "gif", "pnm"];

/// A file that was written, and what our own reader finds in it; that is compared with what was sent beside the codecs.
struct Written {
    context: String,
    path: PathBuf,
    own: Vec<u16>,
    /// By how much a sample may differ.
    allowed: u16,
}

fn write(codec: &'static Codec, name: &str, options: &EncodeOptions, sent: Pixels, path: PathBuf) -> Written {
    let context = format!("{} {name}, {:?}", codec.id, sent.shape());
    let encoded = encode(codec, Picture::new(sent), options, &mut Buffers::default()).unwrap();
    fs::write(&path, &encoded.bytes).unwrap();
    let limits = Limits::default();
    let (_, header) = lightloom::codec::header(&encoded.bytes, &limits).unwrap();
    let own = lightloom::codec::decode(codec, &encoded.bytes, &header, 1, &limits, &mut Buffers::default()).unwrap();
    // Another JPEG or WebP decoder rounds otherwise, a float reader to the nearest of 65,535.
    let lossy = codec.is_lossy_with(options);
    let allowed = if lossy { 257 * 24 } else { u16::from(header.stored.depth == Depth::F32) };
    Written { context, path, own: rgba16(own.pixels), allowed }
}

#[test]
fn imagemagick_reads_the_same_pixels() {
    let dir = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for codec in CODECS.iter().copied().filter(|c| c.writes() && KNOWN_TO_IMAGEMAGICK.contains(&c.id)) {
        let mut files = Vec::new();
        for (name, options) in variants(codec) {
            for layout in [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba] {
                for depth in Depth::ALL {
                    let path = dir.path().join(format!("{}.{}", files.len(), codec.extension()));
                    files.push(write(codec, &name, &options, picture(layout, depth), path));
                }
            }
        }
        // All files of a format at once: starting the program takes longer than reading a small picture.
        let mut args = vec!["-quiet".to_owned()];
        args.extend(files.iter().map(|file| format!("{}[0]", file.path.display())));
        args.extend(["-colorspace", "sRGB", "-depth", "16", "-endian", "LSB", "rgba:-"].map(str::to_owned));
        let Some(bytes) = run("convert", &args.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
        let found: Vec<u16> = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
        assert_eq!(found.len(), files.iter().map(|file| file.own.len()).sum::<usize>(), "{}: other sizes", codec.id);
        let mut rest = found.as_slice();
        for Written { context, own, allowed, .. } in &files {
            let (found, others) = rest.split_at(own.len());
            rest = others;
            // What is under fully transparent pixels is seen by nobody.
            let differs = own.chunks_exact(4).zip(found.chunks_exact(4)).position(|(a, b)| {
                let unseen = a[3] == 0 && b[3] == 0;
                !unseen && a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > *allowed)
            });
            if let Some(at) = differs {
                panic!("{context}: pixel {at}: {:?} against {:?}", &own[at * 4..][..4], &found[at * 4..][..4]);
            }
            let mean = |samples: &[u16]| samples.iter().map(|s| f64::from(*s)).sum::<f64>() / samples.len() as f64;
            assert!((mean(own) - mean(found)).abs() < 257.0, "{context}: another mean");
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

/// A file, its frames (RGBA and how long each is shown), and how often it plays.
type Animation = (PathBuf, Vec<(Vec<u8>, u32)>, i64);

/// What Pillow says of an animation: for each frame its samples and milliseconds, and the loop count.
fn pillow(python: &str, files: &[PathBuf]) -> Vec<Animation> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/frames.py");
    let mut args = vec![script.to_str().unwrap().to_owned()];
    args.extend(files.iter().map(|f| f.to_str().unwrap().to_owned()));
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let text = String::from_utf8(run(python, &args).unwrap()).unwrap();
    let mut out: Vec<Animation> = files.iter().map(|f| (f.clone(), Vec::new(), -1)).collect();
    for line in text.lines() {
        let mut words = line.split(' ');
        let path = PathBuf::from(words.next().unwrap());
        let numbers: Vec<i64> = words.map(|w| w.parse().unwrap()).collect();
        let rgba = fs::read(format!("{}.{}.rgba", path.display(), numbers[0])).unwrap();
        let entry = out.iter_mut().find(|(p, _, _)| *p == path).unwrap();
        entry.1.push((rgba, numbers[3] as u32));
        entry.2 = numbers[4];
    }
    out
}

/// Alike where it can be seen.
fn same_picture(a: &[u8], b: &[u8], allowed: u8) -> bool {
    a.len() == b.len()
        && a.chunks_exact(4)
            .zip(b.chunks_exact(4))
            .all(|(a, b)| (a[3] == 0 && b[3] == 0) || a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= allowed))
}

#[test]
fn animations_are_composited_as_pillow_composites_them() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/frames.py");
    run(&python, &[script.to_str().unwrap(), "make", dir.path().to_str().unwrap()]).unwrap();
    let files: Vec<PathBuf> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(files.len() >= 10);
    for (path, expected, loops) in pillow(&python, &files) {
        let bytes = fs::read(&path).unwrap();
        let (codec, header) = lightloom::codec::header(&bytes, &Limits::default()).unwrap();
        let frames = frames_of(codec).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert_eq!(header.frames as usize, expected.len(), "{name}");
        let plays = frames.survey(&mut std::io::Cursor::new(&bytes), &Limits::default()).plays;
        // Of GIF, Pillow tells how often it is repeated; -1 stands for none.
        let expected_plays = match (codec.id, loops) {
            (_, 0) => 0,
            ("gif", n) if n > 0 => n + 1,
            (_, n) if n > 0 => n,
            _ => 1,
        };
        assert_eq!(i64::from(plays), expected_plays, "{name}");
        let mut reader = frames.open(&bytes, &Limits::default()).unwrap();
        for (number, (rgba, millis)) in expected.iter().enumerate() {
            let frame = reader.next().unwrap().unwrap();
            // libwebp approximates the division by which half transparent colours are mixed.
            let allowed = u8::from(name == "half.webp") * 2;
            assert!(same_picture(&frame.pixels.to_rgba8(), rgba, allowed), "{name}: frame {number} differs");
            assert_eq!(frame.delay.in_parts(1000), *millis, "{name}: frame {number}");
        }
        assert!(reader.next().unwrap().is_none());
    }
}

#[test]
fn pillow_reads_the_animations_that_we_write() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source");
    fs::create_dir(&source).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/frames.py");
    run(&python, &[script.to_str().unwrap(), "make", source.to_str().unwrap()]).unwrap();
    // Every kind from every kind, through the program.
    let sources = ["disposal1.gif", "disposal2.gif", "disposal1blend1.png", "lossless.webp"].map(|f| source.join(f));
    let expected = pillow(&python, &sources);
    for format in ["gif", "png", "webp"] {
        let out = dir.path().join(format);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
        command.arg("process").args(&sources).arg("--out").arg(&out).args(["--format", format, "--frames", "keep"]);
        command.args(["--option", "lossless=true", "--flat"]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let extension = find(format).unwrap().extension();
        for (source, expected, loops) in &expected {
            let stem = source.file_stem().unwrap().to_string_lossy();
            let result = out.join(format!("{stem}.{extension}"));
            let found = pillow(&python, std::slice::from_ref(&result)).remove(0);
            let name = format!("{} as {format}", source.display());
            assert_eq!(found.1.len(), expected.len(), "{name}");
            assert_eq!(found.2 == 0, *loops == 0, "{name}: for ever or not");
            for (number, (sent, got)) in expected.iter().zip(&found.1).enumerate() {
                assert!(same_picture(&sent.0, &got.0, 0), "{name}: frame {number} differs");
                assert_eq!(sent.1, got.1, "{name}: frame {number} takes another time");
            }
        }
    }
}
