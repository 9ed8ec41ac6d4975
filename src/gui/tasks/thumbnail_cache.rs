//! Thumbnails on disk, as the freedesktop Thumbnail Managing Standard 0.9 has them: PNG files of at most 256 pixels that are
//! named after the MD5 digest of the picture's URI. Only those that Lightloom has made are used, since others say nothing of
//! damage; what cannot be read or written is as if it were not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::UNIX_EPOCH;

use egui::ColorImage;

use crate::batch::PictureFacts;
use crate::codec::{self, EncodeOptions, Limits};
use crate::gui::model::pictures::Facts;
use crate::picture::{Buffers, Layout, Metadata, Picture, Raster, TextEntry, md5};

/// Pictures with fewer pixels are as quickly decoded as their thumbnails.
const FEWEST_PIXELS: u64 = 512 * 512;
/// Largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;
const SOFTWARE: &str = "Lightloom";
/// A keyword of our own, of which the standard says that it begins with `X-` and the name of the program.
const CAMERA: &str = "X-Lightloom::Camera";
/// That the picture names no camera, unlike that it was not looked for.
const NO_CAMERA: &str = "-";

/// The user's thumbnails.
#[derive(Debug, Clone)]
pub struct ThumbnailCache {
    /// That of the thumbnails of at most 256 pixels.
    folder: PathBuf,
}

/// A file as it is when its thumbnail is loaded or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    uri: String,
    modified_secs: u64,
    bytes: u64,
}

impl Stamp {
    /// Of a file that is there.
    pub fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok()?;
        let modified = about.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self { uri: uri(&std::path::absolute(path).ok()?), modified_secs: modified.as_secs(), bytes: about.len() })
    }

    fn texts(&self, facts: &Facts) -> Vec<TextEntry> {
        let numbers = [
            ("Thumb::MTime", self.modified_secs),
            ("Thumb::Size", self.bytes),
            ("Thumb::Image::Width", u64::from(facts.picture.width)),
            ("Thumb::Image::Height", u64::from(facts.picture.height)),
        ];
        let camera = facts.picture.camera.as_deref().unwrap_or(NO_CAMERA);
        let texts = [("Thumb::URI", &*self.uri), ("Software", SOFTWARE), (CAMERA, camera)];
        let texts = texts.map(|(key, text)| (key, text.to_owned()));
        let numbers = numbers.map(|(key, number)| (key, number.to_string()));
        texts.into_iter().chain(numbers).map(|(key, text)| TextEntry::new(key, text)).collect()
    }
}

impl ThumbnailCache {
    /// In the user's folder for caches, which other programs use too; `None` where the system has no such convention.
    pub fn folder_of_user() -> Option<PathBuf> {
        use etcetera::BaseStrategy as _;
        if cfg!(not(all(unix, not(target_os = "macos")))) {
            return None;
        }
        etcetera::choose_base_strategy().ok().map(|folders| folders.cache_dir().join("thumbnails"))
    }

    /// In this folder, which is created when it is needed.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.join("large") }
    }

    fn file(&self, stamp: &Stamp) -> PathBuf {
        self.folder.join(format!("{}.png", md5::hex(stamp.uri.as_bytes()).to_ascii_lowercase()))
    }

    /// The thumbnail of a file that is as it was when its thumbnail was made.
    pub fn load(&self, stamp: &Stamp) -> Option<(ColorImage, Facts)> {
        let mut bytes = Vec::new();
        File::open(self.file(stamp)).ok()?.take(LARGEST).read_to_end(&mut bytes).ok()?;
        let limits = Limits::default();
        let (format, header) = codec::header(&bytes, &limits).ok()?;
        let shape = header.upright();
        if shape.width.max(shape.height) > 256 {
            return None;
        }
        let texts = &header.metadata.texts;
        let text = |key: &str| texts.iter().find(|entry| entry.keyword == key).map(|entry| entry.text.as_str());
        let side = |key: &str| text(key)?.parse().ok();
        let picture = PictureFacts {
            width: side("Thumb::Image::Width")?,
            height: side("Thumb::Image::Height")?,
            camera: Some(text(CAMERA)?).filter(|camera| *camera != NO_CAMERA).map(Into::into),
        };
        let facts = Facts { picture, bytes: stamp.bytes };
        let is_current = stamp.texts(&facts).iter().all(|wanted| text(&wanted.keyword) == Some(&wanted.text));
        if !is_current {
            return None;
        }
        let decoded = codec::decode(format, &bytes, &header, 1, &limits, &mut Buffers::default()).ok()?;
        let size = [decoded.pixels.width() as usize, decoded.pixels.height() as usize];
        Some((ColorImage::from_rgba_unmultiplied(size, &decoded.pixels.to_rgba8()), facts))
    }

    /// Keeps the thumbnail of a file, whole or not at all.
    pub fn store(&self, stamp: &Stamp, facts: &Facts, (width, height): (u32, u32), rgba: Vec<u8>) {
        let is_small = facts.picture.pixels() < FEWEST_PIXELS;
        if !is_small && !Path::new(&stamp.uri).starts_with(uri(&self.folder)) {
            // A cache that cannot be written is none.
            let _ = self.try_store(stamp, facts, (width, height), rgba);
        }
    }

    fn try_store(&self, stamp: &Stamp, facts: &Facts, size: (u32, u32), rgba: Vec<u8>) -> io::Result<()> {
        let metadata = Metadata { texts: stamp.texts(facts), ..Metadata::default() };
        let pixels = Raster::new(size.0, size.1, Layout::Rgba, rgba).into();
        let png = codec::from_extension(Path::new("a.png")).ok_or_else(|| io::Error::other("PNG cannot be written"))?;
        let options = EncodeOptions::default();
        let encoded = codec::encode(png, Picture { pixels, metadata }, &options, &mut Buffers::default());
        let encoded = encoded.map_err(io::Error::other)?;
        create_private_folder(&self.folder)?;
        let file = self.file(stamp);
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let unique = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let unfinished = file.with_extension(format!("{unique}.tmp"));
        let written = create_private(&unfinished)
            .and_then(|mut file| file.write_all(&encoded.bytes))
            .and_then(|()| fs::rename(&unfinished, &file));
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written
    }
}

/// A file that only the user can read, as the standard asks for.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The URI of an absolute path, escaped as GLib does, since the digest of other programs is of that.
fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"!$&'()*+,-./:=@_~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_the_standard_says() {
        // The example of the standard.
        let stamp = Stamp { uri: uri(Path::new("/home/jens/photos/me.png")), modified_secs: 0, bytes: 0 };
        assert_eq!(stamp.uri, "file:///home/jens/photos/me.png");
        let cache = ThumbnailCache::at(Path::new("/cache"));
        assert_eq!(cache.file(&stamp), Path::new("/cache/large/c6ee772d9e49320e97ec29a7eb5b1697.png"));
        // As GLib.filename_to_uri has it.
        assert_eq!(
            uri(Path::new("/Fotos/für Oma;a [1]#%.jpg")),
            "file:///Fotos/f%C3%BCr%20Oma%3Ba%20%5B1%5D%23%25.jpg"
        );
    }

    #[test]
    fn a_thumbnail_is_that_of_the_file_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let cache = ThumbnailCache::at(&dir.path().join("thumbnails"));
        let photo = dir.path().join("a.jpg");
        fs::write(&photo, "12345").unwrap();
        let stamp = Stamp::of(&photo).unwrap();
        let picture = PictureFacts { width: 4000, height: 3000, camera: Some("Foto Müller 3".into()) };
        let facts = Facts { picture: picture.clone(), bytes: 5 };
        assert!(cache.load(&stamp).is_none());
        let rgba: Vec<u8> = (0..32).collect();
        cache.store(&stamp, &facts, (4, 2), rgba.clone());
        let (image, found) = cache.load(&stamp).unwrap();
        assert_eq!((found, image), (facts.clone(), ColorImage::from_rgba_unmultiplied([4, 2], &rgba)));
        let newer = Stamp { modified_secs: stamp.modified_secs + 1, ..stamp.clone() };
        assert!(cache.load(&newer).is_none(), "the file was changed");
        assert!(cache.load(&Stamp { bytes: 6, ..stamp.clone() }).is_none(), "within a second");
        let small = PictureFacts { width: 100, height: 100, ..picture.clone() };
        cache.store(&newer, &Facts { picture: small, bytes: 5 }, (4, 2), rgba.clone());
        assert!(cache.load(&newer).is_none(), "small pictures have none");
        let unnamed = Facts { picture: PictureFacts { camera: None, ..picture }, bytes: 5 };
        cache.store(&stamp, &unnamed, (4, 2), rgba);
        assert_eq!(cache.load(&stamp).map(|(_, found)| found), Some(unnamed));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&cache.folder), mode(&cache.file(&stamp))), (0o700, 0o600));
        }
        let files: Vec<_> = fs::read_dir(&cache.folder).unwrap().collect();
        assert_eq!(files.len(), 1, "nothing unfinished is left");
        fs::write(cache.file(&stamp), "no picture").unwrap();
        assert!(cache.load(&stamp).is_none());
    }
}
