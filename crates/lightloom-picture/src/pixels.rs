//! Pixels in whichever sample type their file had, and their conversion to other depths and layouts.
//!
//! Why this and not `image::DynamicImage`: its ten variants would have to be matched in every pass; here a pass is
//! generic over three sample types ([`with_raster!`](crate::with_raster)). The image crate is used by codecs alone.

use crate::{Buffers, Depth, Layout, Raster, Sample, Shape};

/// How many bytes are hashed between two looks whether to stop: about a millisecond's worth.
const HASHED_AT_ONCE: usize = 2 << 20;

/// The pixels of a picture in the depth that its file had.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    U8(Raster<u8>),
    U16(Raster<u16>),
    F32(Raster<f32>),
}

/// Runs one expression for whichever raster a [`Pixels`] holds.
#[macro_export]
macro_rules! with_raster {
    ($pixels:expr, $raster:ident => $body:expr) => {
        match $pixels {
            $crate::Pixels::U8($raster) => $body,
            $crate::Pixels::U16($raster) => $body,
            $crate::Pixels::F32($raster) => $body,
        }
    };
}

impl From<Raster<u8>> for Pixels {
    fn from(raster: Raster<u8>) -> Self {
        Self::U8(raster)
    }
}

impl From<Raster<u16>> for Pixels {
    fn from(raster: Raster<u16>) -> Self {
        Self::U16(raster)
    }
}

impl From<Raster<f32>> for Pixels {
    fn from(raster: Raster<f32>) -> Self {
        Self::F32(raster)
    }
}

impl Pixels {
    /// No pixels at all, a placeholder for `mem::replace`.
    pub const fn empty() -> Self {
        Self::U8(Raster::empty())
    }

    /// Size, channels and depth.
    pub fn shape(&self) -> Shape {
        let depth = match self {
            Self::U8(_) => Depth::U8,
            Self::U16(_) => Depth::U16,
            Self::F32(_) => Depth::F32,
        };
        with_raster!(self, r => Shape { width: r.width(), height: r.height(), layout: r.layout(), depth })
    }

    pub fn width(&self) -> u32 {
        self.shape().width
    }

    pub fn height(&self) -> u32 {
        self.shape().height
    }

    /// The samples as they lie in memory.
    pub fn bytes(&self) -> &[u8] {
        with_raster!(self, r => bytemuck::cast_slice(r.samples()))
    }

    /// Pixels of this shape whose [`bytes`](Self::bytes) are these; `None` if they do not fill it.
    pub fn from_bytes(shape: Shape, bytes: Vec<u8>) -> Option<Self> {
        fn raster<S: Sample + bytemuck::Pod>(shape: Shape, bytes: &[u8]) -> Raster<S> {
            Raster::new(shape.width, shape.height, shape.layout, bytemuck::pod_collect_to_vec(bytes))
        }
        let Shape { width, height, layout, depth } = shape;
        (bytes.len() as u64 == shape.bytes()).then(|| match depth {
            Depth::U8 => Self::U8(Raster::new(width, height, layout, bytes)),
            Depth::U16 => Self::U16(raster(shape, &bytes)),
            Depth::F32 => Self::F32(raster(shape, &bytes)),
        })
    }

    /// All samples 0.
    pub fn zeroed(shape: Shape) -> Self {
        fn raster<S: Sample>(shape: Shape) -> Raster<S> {
            let samples = shape.width as usize * shape.height as usize * shape.layout.channels();
            Raster::new(shape.width, shape.height, shape.layout, vec![S::default(); samples])
        }
        match shape.depth {
            Depth::U8 => Self::U8(raster(shape)),
            Depth::U16 => Self::U16(raster(shape)),
            Depth::F32 => Self::F32(raster(shape)),
        }
    }

    /// BLAKE3 hash of size, channels, depth and every sample, as hexadecimal digits: two pictures with the same one are the
    /// same. Samples count as they lie in memory, so a hash is not for another kind of machine.
    pub fn hash(&self) -> String {
        let mut hasher = self.hasher_of_shape();
        hasher.update(self.bytes());
        hasher.finalize().to_hex().to_string()
    }

    /// [`Self::hash`]; `None` as soon as `stop` says so.
    pub fn hash_unless(&self, stop: &dyn Fn() -> bool) -> Option<String> {
        let mut hasher = self.hasher_of_shape();
        for part in self.bytes().chunks(HASHED_AT_ONCE) {
            if stop() {
                return None;
            }
            hasher.update(part);
        }
        Some(hasher.finalize().to_hex().to_string())
    }

    fn hasher_of_shape(&self) -> blake3::Hasher {
        let Shape { width, height, layout, depth } = self.shape();
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{width} {height} {layout:?} {depth:?}").as_bytes());
        hasher
    }

    /// Puts the buffer on its shelf, for the next picture.
    pub fn recycle(self, buffers: &mut Buffers) {
        with_raster!(self, r => buffers.give(r.into_samples()));
    }

    /// A copy in a buffer of `buffers`.
    pub fn copied(&self, buffers: &mut Buffers) -> Self {
        with_raster!(self, r => r.copied(buffers).into())
    }

    /// The same picture as 8-bit RGBA, straight alpha: what a screen wants.
    pub fn to_rgba8(&self) -> Vec<u8> {
        fn convert<S: Sample>(raster: &Raster<S>) -> Vec<u8> {
            let layout = raster.layout();
            let mut out = Vec::with_capacity(raster.width() as usize * raster.height() as usize * 4);
            for pixel in raster.samples().chunks_exact(layout.channels()) {
                let byte = |i: usize| u8::from_unit(pixel[i].to_unit());
                let grey = layout.colours() == 1;
                let (g, b) = if grey { (0, 0) } else { (1, 2) };
                let alpha = if layout.has_alpha() { byte(layout.channels() - 1) } else { 255 };
                out.extend_from_slice(&[byte(0), byte(g), byte(b), alpha]);
            }
            out
        }
        with_raster!(self, r => convert(r))
    }

    /// The same picture in another depth: values are scaled and rounded to the nearest, float values outside 0–1 are
    /// clamped when the target is an integer.
    pub fn into_depth(self, depth: Depth) -> Self {
        fn convert<A: Sample, B: Sample>(from: &Raster<A>) -> Raster<B> {
            let samples = from.samples().iter().map(|s| B::from_unit(s.to_unit())).collect();
            Raster::new(from.width(), from.height(), from.layout(), samples)
        }
        if self.shape().depth == depth {
            return self;
        }
        match depth {
            Depth::U8 => with_raster!(&self, r => convert::<_, u8>(r)).into(),
            Depth::U16 => with_raster!(&self, r => convert::<_, u16>(r)).into(),
            Depth::F32 => with_raster!(&self, r => convert::<_, f32>(r)).into(),
        }
    }

    /// The same picture with other channels: colour becomes luma (Rec. 709 weights on the stored values) or luma is
    /// repeated, missing alpha becomes opaque, and alpha that is not wanted is dropped over white.
    pub fn into_layout(self, layout: Layout) -> Self {
        fn convert<S: Sample>(from: &Raster<S>, to: Layout) -> Raster<S> {
            let layout = from.layout();
            let mut samples = Vec::with_capacity(from.width() as usize * from.height() as usize * to.channels());
            for pixel in from.samples().chunks_exact(layout.channels()) {
                let alpha = if layout.has_alpha() { pixel[layout.channels() - 1].to_unit() } else { 1.0 };
                let mut rgb = if layout.colours() == 1 {
                    [pixel[0].to_unit(); 3]
                } else {
                    [pixel[0], pixel[1], pixel[2]].map(S::to_unit)
                };
                if layout.has_alpha() && !to.has_alpha() {
                    rgb = rgb.map(|v| v * alpha + (1.0 - alpha));
                }
                if to.colours() == 3 {
                    samples.extend(rgb.map(S::from_unit));
                } else if layout.colours() == 3 {
                    samples.push(S::from_unit(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]));
                } else {
                    samples.push(S::from_unit(rgb[0]));
                }
                if to.has_alpha() {
                    samples.push(S::from_unit(alpha));
                }
            }
            Raster::new(from.width(), from.height(), to, samples)
        }
        if self.shape().layout == layout {
            return self;
        }
        with_raster!(&self, r => convert(r, layout).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_dropped_over_white() {
        let half_red = Pixels::from(Raster::new(1, 1, Layout::Rgba, vec![255_u8, 0, 0, 51]));
        let opaque = half_red.into_layout(Layout::Rgb);
        assert_eq!(opaque, Raster::new(1, 1, Layout::Rgb, vec![255_u8, 204, 204]).into());
    }

    #[test]
    fn white_is_white_in_every_depth_and_layout() {
        for depth in [Depth::U8, Depth::U16, Depth::F32] {
            for layout in [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba] {
                let pixels = Pixels::from(Raster::new(1, 1, Layout::Rgba, vec![255_u8; 4]))
                    .into_depth(depth)
                    .into_layout(layout);
                assert_eq!(pixels.shape(), Shape { width: 1, height: 1, layout, depth });
                assert_eq!(pixels.to_rgba8(), [255; 4]);
            }
        }
    }
}
