//! Each kind of place in metadata, through each kind of geometry: it goes where its pixels go, or it is gone and a note
//! says so.

use crate::exif::{Exif, Section};
use crate::{Geometry, Metadata, Turn};

/// Stored size of the picture.
const SIZE: (u32, u32) = (400, 200);

/// A face in the left upper quarter: columns 80–120 and rows 40–80. Through each geometry it becomes another rectangle
/// (left, top, width, height), or lies outside.
fn geometries() -> Vec<(&'static str, Geometry, Option<[f64; 4]>)> {
    let crop = Geometry::placed(SIZE, (100, 100), -60, -20);
    // A trapezium, as perspective correction draws it: the middle of the upper edge stays.
    let slanted = Geometry::drawn_from(SIZE, SIZE, &[[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]).unwrap();
    vec![
        ("half", Geometry::scaled(SIZE, (200, 100)), Some([40.0, 20.0, 20.0, 20.0])),
        ("stretched", Geometry::scaled(SIZE, (400, 400)), Some([80.0, 80.0, 40.0, 80.0])),
        ("crop", crop, Some([20.0, 20.0, 40.0, 40.0])),
        ("crop and half", crop.then(&Geometry::scaled((100, 100), (50, 50))), Some([10.0, 10.0, 20.0, 20.0])),
        ("crop through it", Geometry::placed(SIZE, (300, 200), -90, 0), Some([0.0, 40.0, 30.0, 40.0])),
        ("crop elsewhere", Geometry::placed(SIZE, (100, 100), -200, 0), None),
        ("frame", Geometry::placed(SIZE, (420, 220), 10, 10), Some([90.0, 50.0, 40.0, 40.0])),
        ("right", Geometry::turned(Turn::Right, SIZE), Some([120.0, 80.0, 40.0, 40.0])),
        ("left", Geometry::turned(Turn::Left, SIZE), Some([40.0, 280.0, 40.0, 40.0])),
        ("half turn", Geometry::turned(Turn::Half, SIZE), Some([280.0, 120.0, 40.0, 40.0])),
        ("mirror", Geometry::turned(Turn::Mirror, SIZE), Some([280.0, 40.0, 40.0, 40.0])),
        ("flip", Geometry::turned(Turn::Flip, SIZE), Some([80.0, 120.0, 40.0, 40.0])),
        ("transpose", Geometry::turned(Turn::Transpose, SIZE), Some([40.0, 80.0, 40.0, 40.0])),
        ("transverse", Geometry::turned(Turn::Transverse, SIZE), Some([120.0, 280.0, 40.0, 40.0])),
        // Around the slanted face: x goes left by half of y, counted from pixel centres.
        ("slanted", slanted, Some([40.25, 40.0, 60.0, 40.0])),
    ]
}

fn packet(properties: &str) -> Vec<u8> {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4'>{properties}\
         </rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    .into_bytes()
}

fn followed(properties: &str, geometry: &Geometry) -> (String, Vec<String>) {
    let mut metadata = Metadata { xmp: Some(packet(properties)), ..Metadata::default() };
    let notes = super::follow(&mut metadata, geometry, true);
    let text = String::from_utf8(metadata.xmp.unwrap()).unwrap();
    assert!(text.contains("Rating"), "{text}");
    (text, notes)
}

/// What stands between two words.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    Some(rest.split_once(after)?.0)
}

fn mwg(area: &str) -> String {
    format!(
        "<mwg:Regions xmlns:mwg='http://www.metadataworkinggroup.com/schemas/regions/' \
         xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#' xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#' \
         rdf:parseType='Resource'><mwg:AppliedToDimensions stDim:w='400' stDim:h='200' stDim:unit='pixel'/>\
         <mwg:RegionList><rdf:Bag><rdf:li><rdf:Description mwg:Name='Zoë' mwg:Type='Face'>{area}</rdf:Description></rdf:li>\
         </rdf:Bag></mwg:RegionList></mwg:Regions>"
    )
}

/// The face in the form of each schema, and how to read it from the result in shares: left, top, width, height.
type Reading = fn(&str) -> Option<Vec<f64>>;

fn schemas() -> Vec<(&'static str, String, Reading)> {
    fn numbers(texts: &[Option<&str>]) -> Option<Vec<f64>> {
        texts.iter().map(|text| text.as_ref()?.parse().ok()).collect()
    }
    let attributes: Reading = |text| {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|name| between(text, &format!("stArea:{name}=\""), "\""));
        let found = numbers(&[x, y, w, h])?;
        Some(vec![found[0] - found[2] / 2.0, found[1] - found[3] / 2.0, found[2], found[3]])
    };
    let elements: Reading = |text| {
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|name| between(text, &format!("<stArea:{name}>"), "<"));
        let found = numbers(&[x, y, w, h])?;
        Some(vec![found[0] - found[2] / 2.0, found[1] - found[3] / 2.0, found[2], found[3]])
    };
    let microsoft: Reading =
        |text| between(text, "Rectangle=\"", "\"")?.split(',').map(|v| v.trim().parse().ok()).collect();
    let iptc: Reading = |text| {
        let found = ["rbX", "rbY", "rbW", "rbH"].map(|name| between(text, &format!("e:{name}=\""), "\""));
        numbers(&found)
    };
    vec![
        ("mwg", mwg("<mwg:Area stArea:x='0.25' stArea:y='0.3' stArea:w='0.1' stArea:h='0.2' stArea:unit='normalized'/>"), attributes),
        (
            "mwg in elements",
            mwg(
                "<mwg:Area rdf:parseType='Resource'><stArea:x>0.25</stArea:x><stArea:y>0.3</stArea:y><stArea:w>0.1</stArea:w>\
                 <stArea:h>0.2</stArea:h><stArea:unit>normalized</stArea:unit></mwg:Area>",
            ),
            elements,
        ),
        (
            "microsoft",
            "<MP:RegionInfo xmlns:MP='http://ns.microsoft.com/photo/1.2/' \
             xmlns:MPRI='http://ns.microsoft.com/photo/1.2/t/RegionInfo#' \
             xmlns:MPReg='http://ns.microsoft.com/photo/1.2/t/Region#' rdf:parseType='Resource'><MPRI:Regions><rdf:Bag>\
             <rdf:li MPReg:Rectangle='0.2, 0.2, 0.1, 0.2' MPReg:PersonDisplayName='Zoë'/></rdf:Bag></MPRI:Regions></MP:RegionInfo>"
                .to_owned(),
            microsoft,
        ),
        (
            "iptc",
            "<e:ImageRegion xmlns:e='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'><rdf:Bag><rdf:li rdf:parseType='Resource'>\
             <e:Name>Zoë</e:Name><e:RegionBoundary e:rbUnit='relative' e:rbShape='rectangle' e:rbX='0.2' e:rbY='0.2' \
             e:rbW='0.1' e:rbH='0.2'/></rdf:li></rdf:Bag></e:ImageRegion>"
                .to_owned(),
            iptc,
        ),
    ]
}

#[test]
fn regions_of_every_schema_follow_every_geometry() {
    for (schema, properties, read) in schemas() {
        for (name, geometry, expected) in geometries() {
            let (text, notes) = followed(&properties, &geometry);
            let found = read(&text);
            let Some([left, top, width, height]) = expected else {
                assert!(found.is_none() && !text.contains("Zoë"), "{schema}, {name}: {text}");
                assert!(notes.iter().any(|note| note.contains("1 of 1 regions")), "{schema}, {name}: {notes:?}");
                continue;
            };
            let (w, h) = (f64::from(geometry.size().0), f64::from(geometry.size().1));
            let expected = [left / w, top / h, width / w, height / h];
            let found = found.unwrap_or_else(|| panic!("{schema}, {name}: {text}"));
            assert!(
                found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5),
                "{schema}, {name}: {found:?}, not {expected:?}"
            );
            assert!(text.contains("Zoë") && notes.is_empty(), "{schema}, {name}: {notes:?}");
            if schema.starts_with("mwg") {
                assert!(text.contains(&format!("stDim:w=\"{w}\"")), "{schema}, {name}: {text}");
            }
        }
    }
}

#[test]
fn regions_that_are_unclear_are_removed_unless_shares_stay_as_they_are() {
    let circle = mwg("<mwg:Area stArea:x='0.5' stArea:y='0.5' stArea:d='0.1' stArea:unit='normalized'/>");
    let other_shape =
        mwg("<mwg:Area stArea:x='0.5' stArea:y='0.5' stArea:w='0.1' stArea:h='0.1'/>").replace("'400'", "'900'");
    let no_structure =
        "<m:Regions xmlns:m='http://www.metadataworkinggroup.com/schemas/regions/'>x</m:Regions>".to_owned();
    for properties in [circle, other_shape, no_structure] {
        let (text, notes) = followed(&properties, &Geometry::scaled(SIZE, (40, 20)));
        assert!(text.contains("Regions") && notes.is_empty(), "{text} {notes:?}");
        let (text, notes) = followed(&properties, &Geometry::placed(SIZE, (300, 200), 0, 0));
        assert!(!text.contains("Regions") && notes.len() == 1, "{text} {notes:?}");
    }
}

#[test]
fn circles_and_polygons_of_iptc_follow() {
    let region = |boundary: &str| {
        format!(
            "<e:ImageRegion xmlns:e='http://iptc.org/std/Iptc4xmpExt/2008-02-29/'><rdf:Bag><rdf:li rdf:parseType='Resource'>\
             {boundary}</rdf:li></rdf:Bag></e:ImageRegion>"
        )
    };
    let crop = Geometry::placed(SIZE, (200, 100), -100, -50);
    let circle =
        region("<e:RegionBoundary e:rbUnit='relative' e:rbShape='circle' e:rbX='0.5' e:rbY='0.5' e:rbRx='0.1'/>");
    let (text, _) = followed(&circle, &crop);
    assert!(text.contains("rbX=\"0.5\"") && text.contains("rbRx=\"0.2\""), "{text}");
    let polygon = region(
        "<e:RegionBoundary e:rbUnit='pixel' e:rbShape='polygon'><e:rbVertices><rdf:Seq><rdf:li e:rbX='150' e:rbY='60'/>\
         <rdf:li e:rbX='180' e:rbY='90'/></rdf:Seq></e:rbVertices></e:RegionBoundary>",
    );
    let (text, notes) = followed(&polygon, &crop);
    assert!(text.contains("rbX=\"50\" e:rbY=\"10\"") && text.contains("rbX=\"80\" e:rbY=\"40\""), "{text}");
    assert!(notes.is_empty());
}

#[test]
fn subjects_of_exif_and_xmp_follow_every_geometry() {
    for (name, geometry, expected) in geometries() {
        let mut exif = Exif::default();
        exif.set_shorts(Section::Exif, 0x9214, &[100, 60, 40, 40]);
        exif.set_shorts(Section::Exif, 0xa214, &[100, 60]);
        let subject = "<exif:SubjectArea xmlns:exif='http://ns.adobe.com/exif/1.0/'><rdf:Seq><rdf:li>100</rdf:li>\
                       <rdf:li>60</rdf:li><rdf:li>40</rdf:li><rdf:li>40</rdf:li></rdf:Seq></exif:SubjectArea>";
        let mut metadata = Metadata { exif: Some(exif.to_block()), xmp: Some(packet(subject)), ..Metadata::default() };
        let notes = super::follow(&mut metadata, &geometry, true);
        let text = String::from_utf8(metadata.xmp.unwrap()).unwrap();
        let Some([left, top, width, height]) = expected else {
            assert!(metadata.exif.is_none_or(|block| Exif::parse(&block).unwrap().is_empty()), "{name}");
            assert!(!text.contains("SubjectArea") && notes.iter().any(|n| n.contains("subject")), "{name}: {notes:?}");
            continue;
        };
        let exif = Exif::parse(metadata.exif.as_deref().unwrap()).unwrap();
        let near = |found: &[u32], expected: &[f64]| {
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (f64::from(*a) - b).abs() <= 0.5)
        };
        let area = [left + width / 2.0, top + height / 2.0, width, height];
        assert!(near(&exif.numbers(Section::Exif, 0x9214), &area), "{name}");
        if !name.contains("through") {
            assert!(near(&exif.numbers(Section::Exif, 0xa214), &area[..2]), "{name}");
        }
        let items: Vec<u32> =
            text.split("<rdf:li>").skip(1).map(|t| t.split_once('<').unwrap().0.parse().unwrap()).collect();
        assert!(near(&items, &area), "{name}: {text}");
    }
}

#[test]
fn positions_in_a_larger_picture_that_was_scaled_before_are_understood() {
    let mut exif = Exif::default();
    exif.set_shorts(Section::Exif, 0xa214, &[1000, 600]);
    exif.set_long(Section::Exif, 0xa002, 4000);
    exif.set_long(Section::Exif, 0xa003, 2000);
    let mut metadata = Metadata { exif: Some(exif.to_block()), ..Metadata::default() };
    super::follow(&mut metadata, &Geometry::placed(SIZE, (100, 100), -60, -20), true);
    let exif = Exif::parse(metadata.exif.as_deref().unwrap()).unwrap();
    assert_eq!(exif.numbers(Section::Exif, 0xa214), [40, 40]);
}

#[test]
fn the_resolution_of_the_sensor_follows_and_focus_points_are_noted() {
    let mut exif = Exif::default();
    exif.set_text(Section::Picture, 0x010f, "FUJIFILM");
    exif.set_ratio(Section::Exif, 0xa20e, 1000.0);
    exif.set_ratio(Section::Exif, 0xa20f, 1000.0);
    let note = b"FUJIFILM\x0c\0\0\0\x01\0\x23\x10\x03\0\x02\0\0\0\0\0\0\0\0\0\0\0";
    exif.set_maker_note(note);
    for (name, geometry, _) in geometries() {
        let mut metadata = Metadata { exif: Some(exif.to_block()), ..Metadata::default() };
        let notes = super::follow(&mut metadata, &geometry, true);
        let after = Exif::parse(metadata.exif.as_deref().unwrap()).unwrap();
        let noted = notes.iter().any(|note| note.contains("focus points"));
        assert_eq!(noted, !geometry.is_scaling(), "{name}");
        assert_eq!(after.maker_note(), Some(&note[..]), "{name}");
        let expected = geometry.upright().map(|upright| 1000.0 * upright.scale.1.abs());
        assert_eq!(after.ratio(Section::Exif, 0xa20f), expected, "{name}");
    }
}

#[test]
fn panoramas_stay_where_they_can() {
    let pano = |fields: &[(&str, u32)]| {
        let fields: String = fields.iter().map(|(name, value)| format!(" G:{name}='{value}'")).collect();
        format!(
            "<rdf:Description xmlns:G='http://ns.google.com/photos/1.0/panorama/' G:ProjectionType='equirectangular'{fields}/>"
        )
    };
    let as_packet = |fields: &[(&str, u32)]| {
        // Its own description, as cameras write it.
        String::from_utf8(packet("")).unwrap().replace("</rdf:RDF>", &format!("{}</rdf:RDF>", pano(fields)))
    };
    let number = |text: &str, name: &str| {
        let attribute = between(text, &format!("{name}=\""), "\"");
        attribute
            .or_else(|| {
                between(text, &format!("{name} xmlns:GPano=\"http://ns.google.com/photos/1.0/panorama/\">"), "<")
            })
            .map(|v| v.parse::<u32>().unwrap())
    };
    let whole = [("FullPanoWidthPixels", 400), ("FullPanoHeightPixels", 200)];
    let part = [
        ("FullPanoWidthPixels", 1000),
        ("FullPanoHeightPixels", 500),
        ("CroppedAreaImageWidthPixels", 400),
        ("CroppedAreaImageHeightPixels", 200),
        ("CroppedAreaLeftPixels", 300),
        ("CroppedAreaTopPixels", 150),
    ];
    let names = part.map(|(name, _)| name);
    for (name, geometry, _) in geometries() {
        for (fields, kind) in [(&whole[..], "whole"), (&part[..], "part")] {
            let mut metadata = Metadata { xmp: Some(as_packet(fields).into_bytes()), ..Metadata::default() };
            let notes = super::follow(&mut metadata, &geometry, true);
            let text = String::from_utf8(metadata.xmp.unwrap()).unwrap();
            let expected = match (name, kind) {
                ("half", "whole") => Some([Some(200), Some(100), None, None, None, None]),
                ("half", _) => Some([500, 250, 200, 100, 150, 75].map(Some)),
                ("stretched", "whole") => Some([Some(400), Some(400), None, None, None, None]),
                ("stretched", _) => Some([1000, 1000, 400, 400, 300, 300].map(Some)),
                ("crop", "whole") => Some([400, 200, 100, 100, 60, 20].map(Some)),
                ("crop", _) => Some([1000, 500, 100, 100, 360, 170].map(Some)),
                ("crop and half", "whole") => Some([200, 100, 50, 50, 30, 10].map(Some)),
                ("crop and half", _) => Some([500, 250, 50, 50, 180, 85].map(Some)),
                ("crop through it", "whole") => Some([400, 200, 300, 200, 90, 0].map(Some)),
                ("crop through it", _) => Some([1000, 500, 300, 200, 390, 150].map(Some)),
                ("crop elsewhere", "whole") => Some([400, 200, 100, 100, 200, 0].map(Some)),
                ("crop elsewhere", _) => Some([1000, 500, 100, 100, 500, 150].map(Some)),
                // A frame of a part shows what the panorama has there; only it is not that.
                ("frame", "part") => Some([1000, 500, 420, 220, 290, 140].map(Some)),
                ("mirror" | "flip" | "half turn", "whole") => Some([Some(400), Some(200), None, None, None, None]),
                ("mirror" | "flip" | "half turn", _) => Some([1000, 500, 400, 200, 300, 150].map(Some)),
                _ => None,
            };
            match expected {
                Some(expected) => {
                    assert_eq!(names.map(|name| number(&text, name)), expected, "{name}, {kind}: {text}");
                    assert!(text.contains("equirectangular") && notes.is_empty(), "{name}, {kind}: {notes:?}");
                }
                None => {
                    assert!(!text.contains("equirectangular"), "{name}, {kind}: {text}");
                    assert!(notes.iter().any(|note| note.contains("GPano")), "{name}, {kind}: {notes:?}");
                }
            }
        }
    }
}

#[test]
fn places_of_camera_raw_are_removed() {
    let crop = "<c:CropTop xmlns:c='http://ns.adobe.com/camera-raw-settings/1.0/'>0.2</c:CropTop>\
                <c:Exposure2012 xmlns:c='http://ns.adobe.com/camera-raw-settings/1.0/'>1</c:Exposure2012>";
    for (name, geometry, _) in geometries() {
        let (text, notes) = followed(crop, &geometry);
        assert!(text.contains("Exposure2012"), "{name}");
        assert_eq!(
            (text.contains("CropTop"), notes.is_empty()),
            (geometry.is_scaling(), geometry.is_scaling()),
            "{name}"
        );
    }
}
