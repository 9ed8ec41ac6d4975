//! What files say beside Exif, XMP and IPTC of usual sizes: texts, comments, profiles in digits, long packets, maker notes; and
//! places wherever they stand.

use std::fs;
use std::path::{Path, PathBuf};

use lightloom::codec::{self, EncodeOptions};
use lightloom::picture::exif::{Exif, Section};
use lightloom::picture::photoshop::{self, Resources};
use lightloom::picture::{Buffers, Metadata, Picture, TextEntry};

use crate::common::photo;
use crate::{complaints, exiftool, has_exiftool, has_value, process, tags};

/// A file with this metadata, by our own encoder.
fn written(folder: &Path, name: &str, metadata: Metadata) -> PathBuf {
    let path = folder.join(name);
    let codec = codec::from_extension(&path).unwrap();
    let picture = Picture { pixels: photo(60, 40, 3), metadata };
    let encoded = codec::encode(codec, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
    assert_eq!(encoded.notes, Vec::<String>::new());
    fs::write(&path, encoded.bytes).unwrap();
    path
}

fn texts() -> Metadata {
    let described = TextEntry { language: "de".to_owned(), ..TextEntry::new("Description", "Grüße 水") };
    let zipped = TextEntry { compressed: true, ..TextEntry::new("Comment", "zipped ".repeat(60)) };
    Metadata {
        texts: vec![TextEntry::new("parameters", "a cat, Steps: 20, Seed: 42"), described, zipped],
        ..Metadata::default()
    }
}

#[test]
fn texts_of_image_generators_and_comments_are_carried() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let png = written(dir.path(), "a.png", texts());
    let expected = tags(&png);
    assert_eq!(expected["PNG:Parameters"], "a cat, Steps: 20, Seed: 42");
    let kept = tags(&process(dir.path(), &png, "png", &["--filter", "invert"]));
    for key in ["PNG:Parameters", "PNG:Description-de", "PNG:Comment"] {
        assert_eq!(kept[key], expected[key], "{key}: {kept:#?}");
    }
    for target in ["jpg", "webp", "tif", "avif"] {
        let found = tags(&process(dir.path(), &png, target, &[]));
        assert_eq!(found["XMP-dc:Description"], "Grüße 水", "{target}: {found:#?}");
        assert_eq!(found["ExifIFD:UserComment"], "a cat, Steps: 20, Seed: 42", "{target}: {found:#?}");
    }
    let jpeg = written(dir.path(), "b.jpg", Metadata { texts: vec![TextEntry::new("Comment", "Grüße")], ..texts() });
    let comment = |path: &Path| exiftool(&["-s3", "-Comment"], path).trim().to_owned();
    for target in ["jpg", "png", "gif"] {
        assert_eq!(comment(&process(dir.path(), &jpeg, target, &[])), "Grüße", "{target}");
    }
    let gif = process(dir.path(), &jpeg, "gif", &[]);
    assert_eq!(comment(&process(dir.path(), &gif, "jpg", &[])), "Grüße");
    for source in [png, jpeg] {
        let found = tags(&process(dir.path(), &source, "png", &["--metadata", "none"]));
        assert!(!has_value(&found, "Seed") && !has_value(&found, "Grüße"), "{found:#?}");
    }
}

/// As ImageMagick writes profiles: a name, a length, hexadecimal digits.
fn in_digits(kind: &str, data: &[u8]) -> TextEntry {
    let digits: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<&str> = (0..digits.len()).step_by(72).map(|at| &digits[at..(at + 72).min(digits.len())]).collect();
    let text = format!("\n{kind}\n{:8}\n{}\n", data.len(), lines.join("\n"));
    TextEntry { compressed: true, ..TextEntry::new(format!("Raw profile type {kind}"), text) }
}

#[test]
fn profiles_in_digits_are_read_as_what_they_are() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut exif = Exif::default();
    exif.set_text(Section::Picture, 0x010f, "RawMaker");
    exif.set_short(Section::Picture, 0x0112, 6);
    exif.set_text(Section::Exif, 0x9003, "2024:05:06 07:08:09");
    let mut resources = Resources::default();
    resources.put(photoshop::IPTC, b"\x1c\x02\x05\0\x05Title");
    let texts = vec![
        in_digits("exif", &[b"Exif\0\0", &exif.to_block()[..]].concat()),
        in_digits("iptc", &resources.to_block()),
    ];
    let png = written(dir.path(), "raw.png", Metadata { texts, ..Metadata::default() });
    assert_eq!(tags(&png)["IFD0:Make"], "RawMaker", "exiftool reads it too");
    for target in ["jpg", "png", "tif"] {
        let found = tags(&process(dir.path(), &png, target, &[]));
        assert_eq!(found["IFD0:Make"], "RawMaker", "{target}: {found:#?}");
        assert_eq!(found["ExifIFD:DateTimeOriginal"], "2024:05:06 07:08:09", "{target}");
        assert_eq!(found["IPTC:ObjectName"], "Title", "{target}");
        // It was turned by the orientation, which is gone.
        assert!(found.get("IFD0:Orientation").is_none_or(|value| *value == 1), "{target}");
    }
}

#[test]
fn xmp_of_any_length_is_carried() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let long = "long ".repeat(40_000);
    let xmp = format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' \
         xmp:Rating='4'><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Short</rdf:li></rdf:Alt></dc:title>\
         <dc:description><rdf:Alt><rdf:li xml:lang='x-default'>{long}</rdf:li></rdf:Alt></dc:description>\
         </rdf:Description></rdf:RDF></x:xmpmeta>"
    );
    let source = written(dir.path(), "long.jpg", Metadata { xmp: Some(xmp.into_bytes()), ..Metadata::default() });
    let bytes = fs::read(&source).unwrap();
    let extension = b"http://ns.adobe.com/xmp/extension/\0";
    assert!(bytes.windows(extension.len()).filter(|w| w == extension).count() >= 3, "several segments");
    for target in ["jpg", "png", "tif", "webp", "avif", "gif"] {
        let result = process(dir.path(), &source, target, &[]);
        let found = tags(&result);
        assert_eq!(found["XMP-dc:Title"], "Short", "{target}");
        assert_eq!(found["XMP-xmp:Rating"], 4, "{target}");
        assert_eq!(found["XMP-dc:Description"].as_str().map(str::len), Some(long.len()), "{target}");
        assert_eq!(found.contains_key("XMP-xmpNote:HasExtendedXMP"), target == "jpg", "{target}");
        assert_eq!(complaints(&result), Vec::<String>::new(), "{target}");
    }
}

#[test]
fn no_place_is_left_anywhere() {
    if !has_exiftool() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let texts = vec![TextEntry::new("Comment", "KEEP")];
    let source = written(dir.path(), "places.jpg", Metadata { texts, ..Metadata::default() });
    let place = |tag: &str| format!("-{tag}=XQZTOWN");
    let mut args: Vec<String> = [
        "EXIF:GPSAreaInformation",
        "IPTC:City",
        "IPTC:Sub-location",
        "IPTC:Province-State",
        "IPTC:Country-PrimaryLocationName",
        "IPTC:ContentLocationName",
        "XMP-photoshop:City",
        "XMP-photoshop:State",
        "XMP-photoshop:Country",
        "XMP-iptcCore:Location",
        "XMP-iptcExt:LocationShownCity",
        "XMP-iptcExt:LocationCreatedSublocation",
        "XMP-dc:Coverage",
        "XMP-mediapro:Location",
        "XMP-prism:Location",
        "XMP-xmpDM:ShotLocation",
    ]
    .map(place)
    .to_vec();
    let others = [
        "-EXIF:GPSLatitude=47.123456",
        "-EXIF:GPSLatitudeRef=N",
        "-XMP-exif:GPSLatitude=47.123456",
        "-XMP-geo:Lat=47.123456",
        "-XMP-geo:Long=8.654321",
        "-XMP-dc:Title=KEEP",
        "-XMP-dc:Subject=KEEP",
        "-XMP-dc:Subject=geo:lat=47.123456",
        "-XMP-lr:HierarchicalSubject=Places|XQZTOWN",
        "-IPTC:Headline=KEEP",
        "-EXIF:Make=KEEP",
    ];
    args.extend(others.map(str::to_owned));
    let args: Vec<&str> =
        ["-q", "-overwrite_original", "-n"].into_iter().chain(args.iter().map(String::as_str)).collect();
    exiftool(&args, &source);
    assert!(has_value(&tags(&source), "XQZTOWN") && has_value(&tags(&source), "47.123"));
    for target in ["jpg", "png", "webp", "tif", "avif", "gif"] {
        let result = process(dir.path(), &source, target, &["--metadata", "no-location"]);
        let found = tags(&result);
        for left in ["XQZTOWN", "47.123", "8.654"] {
            assert!(!has_value(&found, left), "{target}: {left} in {found:#?}");
        }
        let is_place = |key: &&String| {
            ["GPS", "Lat", "Location", "City", "State", "Country", "Province", "geo"]
                .iter()
                .any(|word| key.contains(word))
        };
        assert_eq!(found.keys().find(is_place), None, "{target}");
        assert_eq!(found["XMP-dc:Title"], "KEEP", "{target}: {found:#?}");
        let bytes = fs::read(&result).unwrap();
        assert!(!bytes.windows(7).any(|w| w == b"XQZTOWN"), "{target}");
    }
}
