//! SVG drawings, rendered by resvg at the size that the drawing states or that is asked for. Only read.
//!
//! Nothing but the file itself is looked at: linked pictures are left out. Text uses the system's fonts and a bundled one.
//!
//! A few bytes of a drawing can ask for any amount of memory and time, whatever size it states. So it is refused by what
//! it would take: [`expansion`] counts its elements with all copies, [`embedded`] checks the pictures in it, and [`cost`]
//! follows the renderer through layers and filters.

mod cost;
mod embedded;
mod expansion;

use std::sync::{Arc, OnceLock};
use std::thread;

use resvg::usvg::roxmltree::{Document, ParsingOptions};
use resvg::{tiny_skia, usvg};

use embedded::Pictures;

use crate::decode::guarded;
use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::{Buffers, Depth, Layout, Raster, Shape};

pub(crate) static CODEC: Codec = Codec {
    id: "svg",
    title: "SVG",
    extensions: &["svg"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    isolates: true,
    frames: None,
    recognises: is_svg,
    header,
    decode,
    decode_rows: None,
    write: None,
};

/// Whether text begins with an `svg` element, whatever declarations and comments stand before it.
fn is_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('<') && (text.contains("<svg") || text.contains(":svg"))
}

/// The elements of a drawing. Entities within the file are replaced, and outside it nothing is looked at.
fn xml(bytes: &[u8]) -> Result<Document<'_>, CodecError> {
    let text = std::str::from_utf8(bytes).map_err(|_| CodecError::Damaged("its text is not UTF-8".to_owned()))?;
    let options = ParsingOptions { allow_dtd: true, nodes_limit: expansion::MOST_NODES, entity_resolver: None };
    Document::parse_with_options(text, options).map_err(|e| match e {
        usvg::roxmltree::Error::NodesLimitReached => {
            CodecError::OverLimit(format!("the drawing has more than {} elements", expansion::MOST_NODES))
        }
        other => CodecError::undecodable(other),
    })
}

/// A drawing that is within the limits.
struct Drawing {
    tree: usvg::Tree,
    size: Size,
    /// What it takes beside the picture that it is drawn into.
    bytes: u64,
    notes: Vec<String>,
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Drawing, CodecError> {
    let elements = xml(bytes)?;
    let of_elements = expansion::bytes(&elements, limits)?;
    let pictures = Pictures::new(limits);
    let options = usvg::Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: fonts(bytes),
        image_href_resolver: pictures.resolver(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_xmltree(&elements, &options);
    drop(options);
    let (of_pictures, notes) = pictures.conclude()?;
    let tree = tree.map_err(CodecError::undecodable)?;
    let size = size(&tree, limits)?;
    let shape = Shape { width: size.width, height: size.height, layout: Layout::Rgba, depth: Depth::U8 };
    limits.check(shape)?;
    let of_layers = cost::of(&tree, (size.width, size.height), size.scale, limits)?.bytes;
    Ok(Drawing { tree, size, bytes: of_elements + of_pictures + of_layers, notes })
}

/// Runs work that may go as deep as [`expansion`] allows, on a stack that suffices for it.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, CodecError> + Send) -> Result<T, CodecError> {
    /// Levels times what each takes, measured without optimisation. Only what is used is ever taken from the system.
    const STACK_BYTES: usize = 64 << 20;
    thread::scope(|scope| {
        let run = thread::Builder::new()
            .name("drawing".to_owned())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || guarded(work));
        match run.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(CodecError::Panic("the renderer failed".to_owned())),
            Err(error) => Err(CodecError::Io(error.to_string())),
        }
    })
}

/// Fonts, which only drawings with text need: finding them takes a moment, once.
fn fonts(bytes: &[u8]) -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    if !bytes.windows(5).any(|w| w == b"<text" || w == b":text") {
        return Arc::default();
    }
    let load = || {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(include_bytes!("../../../../../assets/fonts/DejaVuSans.ttf").to_vec());
        fonts.load_system_fonts();
        for family in [usvg::fontdb::Database::set_sans_serif_family, usvg::fontdb::Database::set_serif_family] {
            family(&mut fonts, "DejaVu Sans");
        }
        Arc::new(fonts)
    };
    Arc::clone(FONTS.get_or_init(load))
}

/// Into how many pixels a drawing is rendered.
struct Size {
    width: u32,
    height: u32,
    /// Pixels per unit of the drawing.
    scale: f32,
}

fn size(tree: &usvg::Tree, limits: &Limits) -> Result<Size, CodecError> {
    let (width, height) = (tree.size().width(), tree.size().height());
    let longest = width.max(height);
    let scale = limits.drawing_side.map_or(1.0, |side| side as f32 / longest);
    let side = |length: f32| (length * scale).round().max(1.0);
    if side(longest) > limits.side as f32 {
        let clip = |length: f32| side(length).min(u32::MAX as f32) as u32;
        return Err(CodecError::TooWide { width: clip(width), height: clip(height), limit: limits.side });
    }
    Ok(Size { width: side(width) as u32, height: side(height) as u32, scale })
}

fn header(input: &mut dyn Input, limits: &Limits) -> Result<Header, CodecError> {
    let bytes = image_crate::read_all(input)?;
    let (size, decoder_bytes, notes) = on_deep_stack(|| {
        let Drawing { size, bytes, notes, .. } = read(&bytes, limits)?;
        Ok((size, bytes, notes))
    })?;
    let header = Header::new(size.width, size.height, Layout::Rgba, Depth::U8);
    Ok(Header { decoder_bytes, notes, ..header })
}

fn decode(bytes: &[u8], request: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
    let (size, samples) = on_deep_stack(|| {
        let Drawing { tree, size, .. } = read(bytes, request.limits)?;
        let (width, height) = (size.width, size.height);
        let mut target = tiny_skia::Pixmap::new(width, height)
            .ok_or_else(|| CodecError::Unsupported(format!("a drawing of {width} × {height} pixels")))?;
        request.watch.check()?;
        let transform = tiny_skia::Transform::from_scale(size.scale, size.scale);
        resvg::render(&tree, transform, &mut target.as_mut());
        Ok((size, target.take_demultiplied()))
    })?;
    Ok(lightloom_picture::Pixels::from(Raster::new(size.width, size.height, Layout::Rgba, samples)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &str = "<!-- a comment --><svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'>\
        <rect x='10' y='5' width='20' height='10' fill='#ff8000' fill-opacity='0.5'/>\
        <image href='/etc/hostname' width='5' height='5'/></svg>";

    fn rendered(limits: &Limits) -> Raster<u8> {
        let (codec, header) = crate::header(DRAWING.as_bytes(), limits).unwrap();
        assert_eq!(*codec, CODEC);
        let mut buffers = Buffers::default();
        let decoded = crate::decode(codec, DRAWING.as_bytes(), &header, 1, limits, &mut buffers).unwrap();
        assert_eq!(decoded.pixels.shape(), header.stored);
        match decoded.pixels {
            lightloom_picture::Pixels::U8(raster) => raster,
            other => panic!("{:?}", other.shape()),
        }
    }

    #[test]
    fn shapes_are_where_and_what_they_should_be_at_every_size() {
        for scale in [1, 3] {
            let drawing_side = (scale > 1).then_some(40 * scale);
            let raster = rendered(&Limits { drawing_side, ..Limits::default() });
            assert_eq!((raster.width(), raster.height()), (40 * scale, 20 * scale));
            for (i, pixel) in raster.samples().chunks_exact(4).enumerate() {
                let (x, y) = (i as u32 % (40 * scale) / scale, i as u32 / (40 * scale) / scale);
                if (10..30).contains(&x) && (5..15).contains(&y) {
                    assert!(pixel[0] == 255 && pixel[1].abs_diff(128) <= 1 && pixel[2] == 0, "{x}, {y}: {pixel:?}");
                    assert!(pixel[3].abs_diff(128) <= 1, "{x}, {y}: {pixel:?}");
                } else {
                    assert_eq!(pixel[3], 0, "{x}, {y}");
                }
            }
        }
        let small = Limits { side: 39, ..Limits::default() };
        assert!(matches!(
            crate::header(DRAWING.as_bytes(), &small),
            Err(CodecError::TooWide { width: 40, limit: 39, .. })
        ));
    }
}
