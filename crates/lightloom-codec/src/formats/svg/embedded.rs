//! Pictures within a drawing: those that it holds as data are checked by their headers before anything decodes them, and
//! those that it only refers to are left out.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resvg::usvg::{ImageHrefResolver, ImageKind, Options};

use super::{expansion, is_svg, xml};
use crate::formats::{gif, jpeg, png, webp};
use crate::{Codec, CodecError, Limits};
use lightloom_picture::Shape;

/// The renderer's own way to a picture: kind, content, options.
type Resolver = dyn Fn(&str, Arc<Vec<u8>>, &Options<'_>) -> Option<ImageKind>;

/// What the pictures of one drawing come to.
pub(super) struct Pictures<'a> {
    limits: &'a Limits,
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    /// Bytes of their files and elements, each counted as often as the drawing shows it.
    bytes: u64,
    /// Why the drawing is refused.
    refusal: Option<CodecError>,
    notes: BTreeSet<&'static str>,
}

const LINKED: &str =
    "a picture to which the drawing refers is left out: only pictures that the file itself holds are shown";
const UNREADABLE: &str = "a picture that the drawing holds cannot be read and is left out";

impl<'a> Pictures<'a> {
    pub fn new(limits: &'a Limits) -> Self {
        Self { limits, found: Mutex::default() }
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens no file and no address.
    pub fn resolver(&self) -> ImageHrefResolver<'_> {
        let usual = ImageHrefResolver::default_data_resolver();
        ImageHrefResolver {
            resolve_data: Box::new(move |kind, data, options| self.admit(&usual, kind, data, options)),
            resolve_string: Box::new(|_, _| {
                self.found().notes.insert(LINKED);
                None
            }),
        }
    }

    fn admit(&self, usual: &Resolver, kind: &str, data: Arc<Vec<u8>>, options: &Options<'_>) -> Option<ImageKind> {
        if self.found().refusal.is_some() {
            return None;
        }
        let checked = self.check(&data).and_then(|()| {
            let picture = usual(kind, data, options);
            match &picture {
                Some(raster) => size(raster, self.limits).map(|_| picture),
                None => Ok(None),
            }
        });
        match checked {
            Ok(Some(picture)) => Some(picture),
            Ok(None)
            | Err(
                CodecError::Damaged(_)
                | CodecError::Undecodable { .. }
                | CodecError::Unsupported(_)
                | CodecError::Unrecognised,
            ) => {
                self.found().notes.insert(UNREADABLE);
                None
            }
            Err(error) => {
                self.found().refusal = Some(CodecError::OverLimit(format!("a picture in the drawing: {error}")));
                None
            }
        }
    }

    /// Adds up what lies in memory.
    fn check(&self, data: &[u8]) -> Result<(), CodecError> {
        let elements = if is_svg(data) { expansion::bytes(&xml(data)?, self.limits)? } else { 0 };
        let mut found = self.found();
        found.bytes = found.bytes.saturating_add(elements + data.len() as u64);
        if found.bytes > self.limits.decoded_bytes {
            let (all, most) = (found.bytes >> 20, self.limits.decoded_bytes >> 20);
            let reason = format!("the files of all pictures take {all} MiB, and {most} MiB are allowed");
            return Err(CodecError::OverLimit(reason));
        }
        Ok(())
    }

    /// What the pictures take beside their pixels, in bytes, and what should be known.
    ///
    /// # Errors
    /// If one is over a limit.
    pub fn conclude(self) -> Result<(u64, Vec<String>), CodecError> {
        let Found { bytes, refusal, notes } = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        match refusal {
            Some(refusal) => Err(refusal),
            None => Ok((bytes, notes.into_iter().map(str::to_owned).collect())),
        }
    }
}

/// Size of a picture of pixels, from its header; none of a drawing.
///
/// # Errors
/// If it is over a limit, or cannot be read.
pub(super) fn size(picture: &ImageKind, limits: &Limits) -> Result<Option<Shape>, CodecError> {
    let (codec, data): (&Codec, &[u8]) = match picture {
        ImageKind::JPEG(data) => (&jpeg::CODEC, data),
        ImageKind::PNG(data) => (&png::CODEC, data),
        ImageKind::GIF(data) => (&gif::CODEC, data),
        ImageKind::WEBP(data) => (&webp::CODEC, data),
        ImageKind::SVG(_) => return Ok(None),
    };
    let shape = (codec.header)(&mut Cursor::new(data), limits)?.stored;
    limits.check(shape)?;
    Ok(Some(shape))
}
