//! What a part of an OpenEXR file shows, read pixel by pixel: luminance by itself, which the decoder of the image crate does not
//! know, and files that are damaged, as far as they go.

use std::cell::RefCell;
use std::rc::Rc;

use exr::image::read::image::ReadLayers;
use exr::image::read::layers::ReadChannels;
use exr::image::read::read;
use exr::image::read::specific_channels::ReadSpecificChannel;
use exr::math::Vec2;
use exr::meta::MetaData;

use crate::{CodecError, Header, Input, Request};
use lightloom_picture::{Depth, Layout, Pixels, Raster};

/// What is displayed of the first part of a file that has these channels.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub width: u32,
    pub height: u32,
    pub layout: Layout,
    /// Where the data begin within what is displayed: column and row.
    offset: (i32, i32),
    /// Pixels of the data.
    pixels: u64,
}

/// Samples, and how many pixels were read. They outlive a reader that ends with an error.
type Kept = Rc<RefCell<(Vec<f32>, u64)>>;

impl Shown {
    /// Looks for luminance, or for colours.
    ///
    /// # Errors
    /// If the header of the file is damaged.
    pub fn find(input: &mut dyn Input, coloured: bool) -> Result<Option<Self>, CodecError> {
        let parts = MetaData::read_from_buffered(input, false).map_err(failed)?.headers;
        let has = |part: &exr::meta::header::Header, name: &str| {
            part.channels.list.iter().any(|channel| channel.name == *name && channel.sampling == Vec2(1, 1))
        };
        let wanted: &[&str] = if coloured { &["R", "G", "B"] } else { &["Y"] };
        let Some(part) = parts.iter().find(|part| !part.deep && wanted.iter().all(|name| has(part, name))) else {
            return Ok(None);
        };
        let shown = part.shared_attributes.display_window;
        let Vec2(x, y) = part.own_attributes.layer_position - shown.position;
        let side = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let layout = match (coloured, has(part, "A")) {
            (false, false) => Layout::Grey,
            (false, true) => Layout::GreyAlpha,
            (true, false) => Layout::Rgb,
            (true, true) => Layout::Rgba,
        };
        let (width, height) = (side(shown.size.0), side(shown.size.1));
        let pixels = part.layer_size.0 as u64 * part.layer_size.1 as u64;
        Ok(Some(Self { width, height, layout, offset: (x, y), pixels }))
    }

    fn keep(&self, kept: &Kept, at: Vec2<usize>, samples: &[f32]) {
        let place = |at: usize, offset: i32, side: u32| {
            u32::try_from(i64::try_from(at).ok()? + i64::from(offset)).ok().filter(|at| *at < side)
        };
        let mut kept = kept.borrow_mut();
        kept.1 += 1;
        if let (Some(x), Some(y)) = (place(at.0, self.offset.0, self.width), place(at.1, self.offset.1, self.height)) {
            let channels = self.layout.channels();
            let from = (y as usize * self.width as usize + x as usize) * channels;
            kept.0[from..from + channels].copy_from_slice(&samples[..channels]);
        }
    }

    /// Reads what is displayed, as far as that goes; where there are no data, it is black and transparent. Linear light.
    ///
    /// # Errors
    /// With the reason, if not a single pixel is there.
    pub fn decode(self, bytes: &[u8], request: &Request<'_>) -> Result<Seen, CodecError> {
        let Self { width, height, layout, .. } = self;
        request.limits.check(Header::new(width, height, layout, Depth::F32).stored)?;
        let samples = vec![0.0_f32; width as usize * height as usize * layout.channels()];
        let kept: Kept = Rc::new(RefCell::new((samples, 0)));
        let also = Rc::clone(&kept);
        let bytes = request.watch.bytes(bytes);
        let reading = read().no_deep_data().largest_resolution_level();
        // One block after the other, so that what stands in front of the damage has been kept when it is found.
        let read = if layout.colours() == 1 {
            let set = move |kept: &mut Kept, at, (y, a): (f32, f32)| self.keep(kept, at, &[y, a]);
            let reading = reading.specific_channels().required("Y").optional("A", 1.0_f32);
            let reading =
                reading.collect_pixels(move |_, _| Rc::clone(&also), set).first_valid_layer().all_attributes();
            reading.non_parallel().from_buffered(bytes).map(drop)
        } else {
            let set = move |kept: &mut Kept, at, (r, g, b, a): (f32, f32, f32, f32)| self.keep(kept, at, &[r, g, b, a]);
            let reading = reading.rgba_channels(move |_, _| Rc::clone(&also), set).first_valid_layer().all_attributes();
            reading.non_parallel().from_buffered(bytes).map(drop)
        };
        request.watch.check()?;
        let (samples, there) = kept.take();
        let end = read.err().map(failed);
        match end {
            Some(error) if there == 0 => Err(error),
            end => {
                let share = there as f64 / self.pixels.max(1) as f64;
                Ok(Seen { pixels: Raster::new(width, height, layout, samples).into(), share, end })
            }
        }
    }
}

/// What was read of a part.
pub(super) struct Seen {
    pub pixels: Pixels,
    /// How much of the data was there, from 0 to 1.
    pub share: f64,
    /// What ended the reading, if that was not the end.
    pub end: Option<CodecError>,
}

fn failed(error: exr::error::Error) -> CodecError {
    match error {
        exr::error::Error::NotSupported(what) => CodecError::Unsupported(format!("OpenEXR with {what}")),
        exr::error::Error::Io(error) => error.into(),
        exr::error::Error::Invalid(why) if why.contains("missing bytes") => {
            CodecError::Damaged("it ends too early".to_owned())
        }
        other => CodecError::undecodable(other),
    }
}
