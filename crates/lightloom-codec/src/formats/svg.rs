//! SVG drawings, rendered by resvg at the size that the drawing states or that is asked for. Only read.
//!
//! Nothing but the file itself is looked at: linked pictures are left out. Text uses the system's fonts and a bundled one.

use std::sync::{Arc, OnceLock};

use resvg::{tiny_skia, usvg};

use crate::shared::image_crate;
use crate::{Codec, CodecError, Decoded, Header, Input, Limits, Request};
use lightloom_picture::{Buffers, Depth, Layout, Raster};

pub(crate) static CODEC: Codec = Codec {
    id: "svg",
    title: "SVG",
    extensions: &["svg"],
    lossy: false,
    divisors: &[1],
    depths: &[Depth::U8],
    several: false,
    frames: None,
    recognises: is_svg,
    header,
    decode,
    write: None,
};

/// Whether text begins with an `svg` element, whatever declarations and comments stand before it.
fn is_svg(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with('<') && (text.contains("<svg") || text.contains(":svg"))
}

fn parse(bytes: &[u8]) -> Result<usvg::Tree, CodecError> {
    let options = usvg::Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: fonts(bytes),
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: usvg::ImageHrefResolver::default_data_resolver(),
            // A drawing must not read files.
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    };
    usvg::Tree::from_data(bytes, &options).map_err(|e| CodecError::Damaged(e.to_string()))
}

/// Fonts, which only drawings with text need: finding them takes a moment, once.
fn fonts(bytes: &[u8]) -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    if !bytes.windows(5).any(|w| w == b"<text" || w == b":text") {
        return Arc::default();
    }
    let load = || {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(include_bytes!("../../../../assets/fonts/DejaVuSans.ttf").to_vec());
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
    let tree = parse(&image_crate::read_all(input)?)?;
    let Size { width, height, .. } = size(&tree, limits)?;
    Ok(Header::new(width, height, Layout::Rgba, Depth::U8))
}

fn decode(bytes: &[u8], request: &Request<'_>, _: &mut Buffers) -> Result<Decoded, CodecError> {
    let tree = parse(bytes)?;
    let Size { width, height, scale } = size(&tree, request.limits)?;
    request.limits.check(request.header.stored)?;
    let mut target = tiny_skia::Pixmap::new(width, height)
        .ok_or_else(|| CodecError::Unsupported(format!("a drawing of {width} × {height} pixels")))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut target.as_mut());
    Ok(lightloom_picture::Pixels::from(Raster::new(width, height, Layout::Rgba, target.take_demultiplied())).into())
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
