//! What files hold that results do not get: the report names it, once.

use std::fs;
use std::process::Command;

use lightloom::codec::{self, EncodeOptions};
use lightloom::picture::colour::{Profile, Space};
use lightloom::picture::{Buffers, Metadata, Picture};
use serde_json::Value;

use crate::common::photo;

/// The warnings on each source, by its name.
fn warnings(folder: &std::path::Path, format: &str) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .env("XDG_STATE_HOME", std::env::temp_dir().join("lightloom-test-state"))
        .args(["process", "--no-journal", "--json", folder.to_str().unwrap(), "--format", format])
        .args(["--out", tempfile::tempdir().unwrap().path().to_str().unwrap()])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |image: &Value| {
        assert_eq!(image["outcome"], "done", "{image}");
        (image["source"].as_str().unwrap().to_owned(), image["warnings"].to_string())
    };
    report["images"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn damaged_profiles_are_named_from_every_format_to_every_other() {
    let sources = tempfile::tempdir().unwrap();
    let whole = Profile::named(Space::DisplayP3).bytes().to_vec();
    let short = &whole[..100];
    for extension in ["jpg", "png", "webp", "tif", "avif"] {
        for (kind, icc) in [("short", short), ("cut", &whole[..whole.len() - 20]), ("whole", &whole)] {
            let path = sources.path().join(format!("{kind}.{extension}"));
            let metadata = Metadata { icc: Some(icc.to_vec()), ..Metadata::default() };
            let picture = Picture { pixels: photo(16, 16, 3), metadata };
            let codec = codec::from_extension(&path).unwrap();
            let encoded = codec::encode(codec, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
            fs::write(&path, encoded.bytes).unwrap();
        }
    }
    for format in ["jpeg", "png", "gif", "bmp"] {
        let warnings = warnings(sources.path(), format);
        assert_eq!(warnings.len(), 15);
        for (source, said) in warnings {
            let why = match source.rsplit('/').next().unwrap() {
                name if name.starts_with("short") => "100 bytes, which is less than the header of a profile",
                name if name.starts_with("cut") => "it is cut off",
                _ => "",
            };
            let is_named = said.contains("the colour profile is ignored, sRGB is assumed");
            assert!(said.contains(why) && is_named != why.is_empty(), "{source} → {format}: {said}");
        }
    }
}

#[test]
fn the_video_of_a_motion_photo_is_named_once() {
    let sources = tempfile::tempdir().unwrap();
    let packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
                  <rdf:Description rdf:about='' xmlns:G='http://ns.google.com/photos/1.0/camera/' \
                  G:MicroVideo='1' G:MicroVideoOffset='24'/></rdf:RDF></x:xmpmeta>";
    let metadata = Metadata { xmp: Some(packet.into()), ..Metadata::default() };
    let picture = Picture { pixels: photo(16, 16, 3), metadata };
    let jpeg = codec::find("jpeg").unwrap();
    let still = codec::encode(jpeg, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap().bytes;
    fs::write(sources.path().join("still.jpg"), &still).unwrap();
    let video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
    fs::write(sources.path().join("motion.jpg"), [&still[..], video].concat()).unwrap();
    for (source, said) in warnings(sources.path(), "jpeg") {
        // Without the video, what XMP says of it is what is lost.
        let word = if source.ends_with("motion.jpg") { "the video of the motion photo" } else { "XMP data on a video" };
        assert!(said.contains(word) && said.matches("video").count() == 1, "{source}: {said}");
    }
}
