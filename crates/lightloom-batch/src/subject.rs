//! What is known of a picture and its file, for the tokens of texts.

use std::ffi::OsStr;
use std::path::Path;
use std::time::SystemTime;

use super::Source;
use lightloom_filter::Subject;
use lightloom_filter::tokens::Moment;
use lightloom_picture::Metadata;
use lightloom_picture::exif::{Exif, Section};

/// Tags of TIFF 6.0 that Exif takes over.
const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;
const COPYRIGHT: u16 = 0x8298;

/// Of Exif: when the picture was taken, and when it was digitized.
const TAKEN: [u16; 2] = [0x9003, 0x9004];

/// Describes a source by its name and times and by its picture's metadata; it is the `number`th of its batch. What
/// cannot be found out stays unknown.
pub fn subject(source: &Source, metadata: &Metadata, number: usize) -> Subject {
    with_time(source, source.modified(), metadata, number)
}

/// As [`subject`], without asking the disk.
pub(super) fn with_time(source: &Source, modified: Option<SystemTime>, metadata: &Metadata, number: usize) -> Subject {
    let exif = metadata.exif.as_deref().and_then(Exif::parse);
    let tag = |tag| exif.as_ref().and_then(|exif| exif.text(Section::Picture, tag)).unwrap_or_default();
    let taken = |tag| Moment::from_exif(&exif.as_ref()?.text(Section::Exif, tag)?);
    let taken = TAKEN.into_iter().find_map(taken);
    let camera = exif.as_ref().map(camera_of).unwrap_or_default();
    let date = taken.or_else(|| modified.map(Moment::of));
    Subject { date, camera, copyright: tag(COPYRIGHT), ..by_name(source, number) }
}

/// Maker and model of the camera that a picture was taken with, if its Exif data name it.
pub(super) fn camera(metadata: &Metadata) -> Option<String> {
    let exif = metadata.exif.as_deref().and_then(Exif::parse)?;
    Some(camera_of(&exif)).filter(|camera| !camera.is_empty())
}

/// Maker and model; empty if neither is named.
fn camera_of(exif: &Exif) -> String {
    let tag = |tag| exif.text(Section::Picture, tag).unwrap_or_default();
    let (make, model) = (tag(MAKE), tag(MODEL));
    // many models begin with the name of their maker
    let first = make.split(' ').next().unwrap_or_default().to_lowercase();
    let camera = if model.to_lowercase().starts_with(&first) { model } else { format!("{make} {model}") };
    camera.trim().to_owned()
}

/// Describes a source by its name alone; it is the `number`th of its batch.
pub(super) fn by_name(source: &Source, number: usize) -> Subject {
    let text = |part: Option<&OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let name = source.name();
    // a relative path of one word has no folder in it
    let whole = source.absolute();
    Subject {
        number: Some(number),
        name: text(name.file_stem()),
        extension: text(name.extension()),
        parent: text(whole.name().parent().and_then(Path::file_name)),
        ..Subject::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn files_are_described() {
        let folder = tempfile::tempdir().unwrap();
        let trip = folder.path().join("trip");
        fs::create_dir(&trip).unwrap();
        fs::write(trip.join("a.b.JPG"), "").unwrap();
        let found = subject(&trip.join("a.b.JPG").into(), &Metadata::default(), 7);
        assert_eq!((&*found.name, &*found.extension, &*found.parent), ("a.b", "JPG", "trip"));
        assert_eq!(found.number, Some(7));
        let modified = fs::metadata(trip.join("a.b.JPG")).unwrap().modified().unwrap();
        assert_eq!(found.date, Some(Moment::of(modified)));
        assert_eq!(subject(&"nowhere".into(), &Metadata::default(), 1).date, None);
    }

    #[test]
    fn cameras_are_named_once() {
        let camera = |make: &str, model: &str| {
            let mut exif = Exif::default();
            exif.set_text(Section::Picture, MAKE, make);
            exif.set_text(Section::Picture, MODEL, model);
            exif.set_text(Section::Picture, COPYRIGHT, "© A. Body");
            exif.set_text(Section::Exif, TAKEN[1], "2024:02:29 12:34:56");
            let metadata = Metadata { exif: Some(exif.to_block()), ..Metadata::default() };
            let found = subject(&"a.jpg".into(), &metadata, 1);
            assert_eq!(found.copyright, "© A. Body");
            assert_eq!(found.date, Moment::from_exif("2024:02:29 12:34:56"));
            found.camera
        };
        assert_eq!(camera("Canon", "Canon EOS R5"), "Canon EOS R5");
        assert_eq!(camera("NIKON CORPORATION", "NIKON Z 8"), "NIKON Z 8");
        assert_eq!(camera("Apple", "iPhone 16"), "Apple iPhone 16");
        assert_eq!(subject(&"a.jpg".into(), &Metadata::default(), 1).camera, "");
    }
}
