//! Lists, patterns, archives and pipes on the command line: results and reports are those of a folder, byte for byte.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/archives.rs"]
mod made;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{content, photo, save};
use made::{SevenFile, ZipFile, gzip, seven_zip, tar, tar_entry, zip};
use serde_json::Value;

/// The program in this folder, with a history of its own, and what it is given on standard input.
fn lightloom(dir: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command.args(args).current_dir(dir).env("XDG_STATE_HOME", dir.join("state")).env("HOME", dir.join("home"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn well(dir: &Path, args: &[&str]) -> String {
    let output = lightloom(dir, args, b"");
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Pictures in two folders, and their files with their paths.
fn pictures(dir: &Path) -> Vec<(String, Vec<u8>)> {
    for (index, name) in ["a 10.png", "a 9.jpg", "deep/b.png", "deep/ü.jpg", "deep/er/c.webp"].iter().enumerate() {
        save(&dir.join("photos").join(name), photo(60, 40, index as u32));
    }
    let all = content(&dir.join("photos")).into_iter();
    all.map(|(path, bytes)| (path.to_str().unwrap().to_owned(), bytes)).collect()
}

fn archives(files: &[(String, Vec<u8>)]) -> Vec<(&'static str, Vec<u8>)> {
    let borrowed: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let deflated: Vec<ZipFile> = borrowed.iter().map(|(name, bytes)| ZipFile::deflated(name, bytes)).collect();
    let tarred = tar(&borrowed);
    let zstd = ruzstd::encoding::compress_to_vec(&tarred[..], ruzstd::encoding::CompressionLevel::Fastest);
    let seven: Vec<SevenFile> = borrowed.iter().map(|(name, bytes)| SevenFile::new(name, bytes)).collect();
    vec![
        ("p.zip", zip(&deflated)),
        ("p.tgz", gzip(&tarred)),
        ("p.tar.zst", zstd),
        ("p.7z", seven_zip(&seven)),
        ("p.tar", tarred),
    ]
}

#[test]
fn archives_have_the_results_of_folders_under_every_executor() {
    let dir = tempfile::tempdir().unwrap();
    let files = pictures(dir.path());
    let options = ["--filter", "invert", "--format", "png", "--name", "{relpath}/{name}", "--flat"];
    well(dir.path(), &[&["process", "photos", "--out", "out"], &options[..]].concat());
    let expected = content(&dir.path().join("out"));
    assert_eq!(expected.len(), 5);
    for (name, bytes) in archives(&files) {
        fs::write(dir.path().join(name), bytes).unwrap();
        for executor in ["sequential", "threads", "cores", "hybrid", "processes", "async"] {
            let out = format!("out-{name}-{executor}");
            let args = ["process", name, "--out", &out, "--executor", executor];
            well(dir.path(), &[&args[..], &options[..]].concat());
            assert!(content(&dir.path().join(&out)) == expected, "{name}, {executor}");
        }
    }
}

#[test]
fn runs_of_archives_are_resumed_verified_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let files = pictures(dir.path());
    for (name, bytes) in archives(&files) {
        fs::write(dir.path().join(name), bytes).unwrap();
        let out = format!("out-{}", name.replace('.', "-"));
        well(dir.path(), &["process", name, "--out", &out, "--filter", "invert"]);
        well(dir.path(), &["verify", "last"]);
        let changed: Value = serde_json::from_str(&well(
            dir.path(),
            &["process", name, "--out", &out, "--filter", "invert", "--changed", "--json"],
        ))
        .unwrap();
        assert_eq!(changed["totals"]["skipped"], 5, "{name}: nothing has changed");
        let gone = dir.path().join(&out).join("a 9.jpg");
        let before = fs::read(&gone).unwrap();
        well(dir.path(), &["process", name, "--out", &format!("{out}-2"), "--filter", "invert"]);
        let gone = dir.path().join(format!("{out}-2/a 9.jpg"));
        fs::remove_file(&gone).unwrap();
        well(dir.path(), &["resume", "last"]);
        assert_eq!(fs::read(&gone).unwrap(), before, "{name}");
    }
}

#[test]
fn hostile_archives_write_only_below_the_output_folder() {
    let dir = tempfile::tempdir().unwrap();
    save(&dir.path().join("one.png"), photo(20, 10, 1));
    let picture = fs::read(dir.path().join("one.png")).unwrap();
    let names = [
        "../../up.png",
        "/abs.png",
        "C:\\x\\drive.png",
        "up.png",
        "a\x1b]0;x\x07\n.png",
        "con.png",
        "..\\..\\back.png",
    ];
    let mut files: Vec<ZipFile> = names.iter().map(|name| ZipFile::deflated(name, &picture)).collect();
    files.push(ZipFile { mode: 0o120_777, ..ZipFile::stored("link.png", b"/etc/passwd") });
    files.push(ZipFile { flags: 1, ..ZipFile::stored("secret.png", &picture) });
    files.push(ZipFile { stated_length: Some(8), ..ZipFile::deflated("bomb.png", &vec![0; 1 << 22]) });
    files.push(ZipFile { stated_length: Some(u32::MAX - 1), ..ZipFile::deflated("large.png", &picture) });
    fs::write(dir.path().join("bad.zip"), zip(&files)).unwrap();
    let mut tarred: Vec<u8> = names.iter().flat_map(|name| tar_entry(name.as_bytes(), b'0', &picture)).collect();
    tarred.extend(tar_entry(b"link.png", b'2', b""));
    tarred.extend([0; 1024]);
    fs::write(dir.path().join("bad.tar"), tarred).unwrap();
    let mut seven: Vec<SevenFile> = names.iter().map(|name| SevenFile::new(name, &picture)).collect();
    seven.push(SevenFile { mode: 0o120_777, ..SevenFile::new("link.png", b"/etc/passwd") });
    seven.push(SevenFile { stated_length: Some(1 << 40), ..SevenFile::new("large.png", &picture) });
    fs::write(dir.path().join("bad.7z"), seven_zip(&seven)).unwrap();
    let work = dir.path().join("a/b/c");
    fs::create_dir_all(&work).unwrap();
    for archive in ["bad.zip", "bad.tar", "bad.7z"] {
        let output = lightloom(&work, &["process", &format!("../../../{archive}"), "--out", "out"], b"");
        let said = said(&output);
        assert_eq!(output.status.code(), Some(i32::from(archive != "bad.tar")), "{said}");
        assert!(said.contains("1 link or device") && !said.contains('\x1b'), "{said}");
        if archive == "bad.zip" {
            assert!(said.contains("a file that is encrypted") && said.contains("over the limit"), "{said}");
        }
        let made = content(&work.join("out"));
        assert!(archive != "bad.7z" || said.contains("over the limit"), "{said}");
        // In a tar and a 7z, a backslash is a part of a name, which makes the last one a hidden file.
        let expected = if archive == "bad.zip" { names.len() } else { names.len() - 1 };
        let made: Vec<&PathBuf> = made.iter().map(|(path, _)| path).collect();
        assert_eq!(made.len(), expected, "{made:?}");
        fs::remove_dir_all(work.join("out")).unwrap();
    }
    let all: Vec<PathBuf> = content(dir.path()).into_iter().map(|(path, _)| path).collect();
    let stray = |path: &&PathBuf| !path.starts_with("a/b/c/state") && !path.starts_with("a/b/c/home");
    let stray: Vec<&PathBuf> = all.iter().filter(stray).collect();
    assert_eq!(stray.len(), 4, "{stray:?}");
}

#[test]
fn lists_and_patterns_name_inputs() {
    let dir = tempfile::tempdir().unwrap();
    pictures(dir.path());
    let count = |args: &[&str], input: &[u8]| {
        let output =
            lightloom(dir.path(), &[&["process", "--out", "out", "--dry-run", "--json"], args].concat(), input);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
        let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
        plan["pictures"].as_array().unwrap().len()
    };
    fs::write(dir.path().join("list.txt"), "photos/a 9.jpg\r\n\r\nphotos/deep\r\n").unwrap();
    assert_eq!(count(&["--from-file", "list.txt"], b""), 4);
    assert_eq!(count(&["--from-file", "-"], b"photos/a 9.jpg\0photos/deep/er\0"), 2);
    assert_eq!(count(&["photos/**/*.jpg"], b""), 2);
    assert_eq!(count(&["photos/*.{png,JPG}"], b""), 2);
    assert_eq!(count(&["pho*/deep"], b""), 3);
    assert_eq!(count(&["photos", "--include", "*.png"], b""), 2);
    assert_eq!(count(&["photos", "--exclude", "deep/er", "--exclude", "a*"], b""), 2);
    let output = lightloom(dir.path(), &["process", "--from-file", "list.txt", "--out", "out", "--include", "["], b"");
    assert!(output.status.code() == Some(2) && said(&output).contains("the pattern '['"), "{}", said(&output));
    fs::write(dir.path().join("list.txt"), "photos\ngone.jpg\n").unwrap();
    let output = lightloom(dir.path(), &["process", "--from-file", "list.txt", "--out", "out"], b"");
    assert!(
        said(&output).contains("gone.jpg: cannot be opened: no such file or directory (list.txt, line 2)"),
        "{}",
        said(&output)
    );
    let output = lightloom(dir.path(), &["process", "no*.jpg", "--out", "out"], b"");
    assert!(said(&output).contains("matches no file"), "{}", said(&output));
    let output = lightloom(dir.path(), &["process", "--from-file", "none.txt", "--out", "out"], b"");
    assert!(
        output.status.code() == Some(2) && said(&output).contains("the list none.txt cannot be read"),
        "{}",
        said(&output)
    );
}

#[test]
fn one_picture_goes_through_a_pipe() {
    let dir = tempfile::tempdir().unwrap();
    let files = pictures(dir.path());
    let (_, picture) = files.iter().find(|(name, _)| name == "a 9.jpg").unwrap();
    well(dir.path(), &["process", "photos/a 9.jpg", "--out", "out", "--filter", "invert"]);
    let expected = fs::read(dir.path().join("out/a 9.jpg")).unwrap();
    let piped = lightloom(dir.path(), &["process", "-", "--out", "-", "--filter", "invert"], picture);
    assert_eq!(piped.status.code(), Some(0), "{}", said(&piped));
    assert_eq!(piped.stdout, expected);
    let png = lightloom(dir.path(), &["process", "photos/a 9.jpg", "--out", "-", "--format", "png"], b"");
    assert!(png.stdout.starts_with(b"\x89PNG"), "{}", said(&png));
    for (args, input, code, reason) in [
        (&["process", "-", "--out", "-"][..], &b"no picture"[..], 1, "failed"),
        (&["process", "-", "--out", "-"], b"", 2, "standard input is empty"),
        (&["process", "photos", "--out", "-"], b"", 2, "there are 5 pictures"),
        (&["process", "-", "--from-file", "-", "--out", "out"], b"", 2, "can be read once"),
        (&["process", "-", "--out", "-", "--json"], b"", 2, "name a folder for --json"),
    ] {
        let output = lightloom(dir.path(), args, input);
        assert!(output.status.code() == Some(code) && said(&output).contains(reason), "{args:?}: {}", said(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn results_are_packed_in_order_whoever_makes_them() {
    let dir = tempfile::tempdir().unwrap();
    pictures(dir.path());
    well(dir.path(), &["process", "photos", "--out", "out", "--filter", "invert"]);
    let expected = content(&dir.path().join("out"));
    for ending in ["zip", "tar"] {
        let mut before = None;
        for executor in ["sequential", "cores", "hybrid", "processes"] {
            let packed = format!("{executor}.{ending}");
            well(dir.path(), &["process", "photos", "--out", &packed, "--filter", "invert", "--executor", executor]);
            let bytes = fs::read(dir.path().join(&packed)).unwrap();
            assert_eq!(before.get_or_insert_with(|| bytes.clone()), &bytes, "{packed}");
        }
        // What is in it is what is in the folder: read by this program, unchanged.
        let again = format!("again-{ending}");
        well(dir.path(), &["process", &format!("hybrid.{ending}"), "--out", &again]);
        let names = |all: &[(PathBuf, Vec<u8>)]| all.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
        assert_eq!(names(&content(&dir.path().join(&again))), names(&expected));
        let bytes = fs::read(dir.path().join(format!("hybrid.{ending}"))).unwrap();
        for (path, result) in &expected {
            assert!(bytes.windows(result.len()).any(|window| window == result), "{}", path.display());
        }
    }
    fs::write(dir.path().join("there.zip"), "there").unwrap();
    well(dir.path(), &["process", "photos", "--out", "there.zip"]);
    assert_eq!(fs::read(dir.path().join("there.zip")).unwrap(), b"there");
    assert!(dir.path().join("there-2.zip").exists());
    let original = fs::read(dir.path().join("hybrid.zip")).unwrap();
    let output =
        lightloom(dir.path(), &["process", "hybrid.zip", "--out", "hybrid.zip", "--conflict", "overwrite"], b"");
    assert!(output.status.code() == Some(2) && said(&output).contains("originals"), "{}", said(&output));
    assert_eq!(fs::read(dir.path().join("hybrid.zip")).unwrap(), original);
    let left = fs::read_dir(dir.path()).unwrap().flatten();
    let left: Vec<_> = left.filter(|entry| entry.file_name().to_string_lossy().starts_with(".lightloom")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn samples_of_a_dataset_stay_together() {
    let dir = tempfile::tempdir().unwrap();
    let files = pictures(dir.path());
    let (picture, label) = (&files[0].1, |number: usize| format!("{{\"label\":{number}}}").into_bytes());
    let mut tarred = Vec::new();
    for number in 0..6 {
        tarred.extend(tar_entry(format!("{number:06}.png").as_bytes(), b'0', picture));
        tarred.extend(tar_entry(format!("{number:06}.json").as_bytes(), b'0', &label(number)));
        tarred.extend(tar_entry(format!("{number:06}.seg.cls").as_bytes(), b'0', b"7"));
    }
    tarred.extend([0; 1024]);
    fs::write(dir.path().join("set.tar"), tarred).unwrap();
    well(
        dir.path(),
        &[
            "process",
            "set.tar",
            "--out",
            "new.tar",
            "--format",
            "bmp",
            "--filter",
            "resize:width=900,height=900,enlarge=true",
            "--shard",
            "1",
        ],
    );
    let mut shards: Vec<PathBuf> = fs::read_dir(dir.path())
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .filter(|p| p.to_string_lossy().contains("new-0"))
        .collect();
    shards.sort();
    assert!(shards.len() > 1 && shards[0].ends_with("new-000000.tar"), "{shards:?}");
    let mut names = Vec::new();
    for shard in &shards {
        let listing =
            lightloom::archive::list(lightloom::archive::Format::Tar, fs::File::open(shard).unwrap()).unwrap();
        let of_shard: Vec<String> =
            listing.members.iter().map(|member| member.path.to_string_lossy().into_owned()).collect();
        assert_eq!(of_shard.len() % 3, 0, "no sample is divided: {of_shard:?}");
        names.extend(of_shard);
    }
    let expected: Vec<String> =
        (0..6).flat_map(|number| ["bmp", "json", "seg.cls"].map(|ending| format!("{number:06}.{ending}"))).collect();
    assert_eq!(names, expected);
}
