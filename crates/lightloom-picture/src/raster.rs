//! Interleaved samples of one type, and the three sample types that a picture can have.

use std::fmt;

use super::Buffers;

/// Which channels a pixel has, in this order. Alpha is straight (not premultiplied).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One luma channel.
    Grey,
    /// Luma and alpha.
    GreyAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

impl Layout {
    /// Samples a pixel, alpha included.
    pub const fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Samples a pixel without alpha: 1 or 3.
    pub const fn colours(self) -> usize {
        match self {
            Self::Grey | Self::GreyAlpha => 1,
            Self::Rgb | Self::Rgba => 3,
        }
    }

    /// Whether the last channel is alpha.
    pub const fn has_alpha(self) -> bool {
        matches!(self, Self::GreyAlpha | Self::Rgba)
    }

    /// The layout without alpha.
    pub const fn opaque(self) -> Self {
        match self {
            Self::Grey | Self::GreyAlpha => Self::Grey,
            Self::Rgb | Self::Rgba => Self::Rgb,
        }
    }

    /// The layout without colour; alpha stays.
    pub const fn grey(self) -> Self {
        if self.has_alpha() { Self::GreyAlpha } else { Self::Grey }
    }

    /// The layout with three colours; alpha stays.
    pub const fn coloured(self) -> Self {
        if self.has_alpha() { Self::Rgba } else { Self::Rgb }
    }

    /// The layout with this many channels, if there is one.
    pub const fn from_channels(channels: usize) -> Option<Self> {
        match channels {
            1 => Some(Self::Grey),
            2 => Some(Self::GreyAlpha),
            3 => Some(Self::Rgb),
            4 => Some(Self::Rgba),
            _ => None,
        }
    }
}

/// The type of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Depth {
    /// 8-bit unsigned, 0–255.
    U8,
    /// 16-bit unsigned, 0–65,535.
    U16,
    /// 32-bit float; 0.0 is black and 1.0 is white, values outside are kept.
    F32,
}

impl Depth {
    /// Every depth, smallest first.
    pub const ALL: [Self; 3] = [Self::U8, Self::U16, Self::F32];

    /// Bytes a sample.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::F32 => 4,
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U8 => "8-bit",
            Self::U16 => "16-bit",
            Self::F32 => "32-bit float",
        })
    }
}

/// Everything about pixels but their values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Channels of a pixel.
    pub layout: Layout,
    /// Type of a sample.
    pub depth: Depth,
}

impl Shape {
    /// Bytes of the samples.
    pub const fn bytes(&self) -> u64 {
        self.width as u64 * self.height as u64 * (self.layout.channels() * self.depth.bytes()) as u64
    }

    /// Number of pixels.
    pub const fn pixels(&self) -> u64 {
        self.width as u64 * self.height as u64
    }
}

/// A number that can be a sample.
pub trait Sample: Copy + Default + Send + Sync + PartialEq + fmt::Debug + 'static {
    /// The depth that this type stands for.
    const DEPTH: Depth;
    /// The value of white or of full opacity.
    const WHITE: Self;
    /// To the range where 0.0 is black and 1.0 is white.
    fn to_unit(self) -> f32;
    /// From that range: rounded to the nearest and clamped where the type has limits; NaN becomes black.
    fn from_unit(value: f32) -> Self;
    /// The shelf of spare buffers of this type.
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>>;
}

/// The whole number nearest to `value` (ties to even) for −2²² ≤ `value` < 2²²; those below 0 wrap around. Anything else
/// gives a meaningless number.
///
/// From 2²³ on a float has no fraction: adding one and a half of that rounds, and leaves the number in the low bits. Unlike
/// a cast, which looks after values that cannot occur here, loops of it vectorise.
#[inline(always)]
pub const fn nearest_whole(value: f32) -> u32 {
    const WHOLE: f32 = 12_582_912.0;
    (value + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits())
}

/// `value` × `white`, clamped and rounded to the nearest whole number (ties to even); NaN becomes 0.
#[inline(always)]
fn rounded(value: f32, white: f32) -> u32 {
    #[expect(clippy::manual_clamp, reason = "clamp would let NaN through")]
    let clamped = value.max(0.0).min(1.0);
    nearest_whole(clamped * white)
}

impl Sample for u8 {
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>> {
        &mut buffers.u8
    }
    const DEPTH: Depth = Depth::U8;
    const WHITE: Self = 255;
    #[inline(always)]
    fn to_unit(self) -> f32 {
        f32::from(self) * (1.0 / 255.0)
    }
    #[inline(always)]
    fn from_unit(value: f32) -> Self {
        rounded(value, 255.0) as Self
    }
}

impl Sample for u16 {
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>> {
        &mut buffers.u16
    }
    const DEPTH: Depth = Depth::U16;
    const WHITE: Self = 65_535;
    #[inline(always)]
    fn to_unit(self) -> f32 {
        f32::from(self) * (1.0 / 65_535.0)
    }
    #[inline(always)]
    fn from_unit(value: f32) -> Self {
        rounded(value, 65_535.0) as Self
    }
}

impl Sample for f32 {
    fn shelf(buffers: &mut Buffers) -> &mut Vec<Vec<Self>> {
        &mut buffers.f32
    }
    const DEPTH: Depth = Depth::F32;
    const WHITE: Self = 1.0;
    #[inline(always)]
    fn to_unit(self) -> f32 {
        self
    }
    #[inline(always)]
    fn from_unit(value: f32) -> Self {
        value
    }
}

/// A rectangle of interleaved samples without padding.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster<S> {
    width: u32,
    height: u32,
    layout: Layout,
    samples: Vec<S>,
}

impl<S: Sample> Raster<S> {
    /// Takes `samples` as rows from top to bottom.
    ///
    /// # Panics
    /// If the number of samples is not width × height × channels.
    pub fn new(width: u32, height: u32, layout: Layout, samples: Vec<S>) -> Self {
        assert_eq!(
            samples.len(),
            width as usize * height as usize * layout.channels(),
            "samples do not fill the raster"
        );
        Self { width, height, layout, samples }
    }

    /// A copy in a buffer of `buffers`.
    pub fn copied(&self, buffers: &mut Buffers) -> Self {
        let mut samples = buffers.take(self.samples.len());
        samples.copy_from_slice(&self.samples);
        Self { samples, ..*self }
    }

    /// Columns.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Channels of a pixel.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Samples a row.
    pub const fn stride(&self) -> usize {
        self.width as usize * self.layout.channels()
    }

    /// All samples, row by row.
    pub fn samples(&self) -> &[S] {
        &self.samples
    }

    /// All samples, row by row.
    pub fn samples_mut(&mut self) -> &mut [S] {
        &mut self.samples
    }

    /// The samples of row `y`.
    pub fn row(&self, y: u32) -> &[S] {
        let stride = self.stride();
        &self.samples[y as usize * stride..][..stride]
    }

    /// Gives up the buffer, for reuse.
    pub fn into_samples(self) -> Vec<S> {
        self.samples
    }
}

/// The pixels of a picture in the depth that its file had.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// 8-bit samples.
    U8(Raster<u8>),
    /// 16-bit samples.
    U16(Raster<u16>),
    /// Float samples.
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
    /// No pixels at all, to stand in for some that were taken out.
    pub const fn empty() -> Self {
        Self::U8(Raster { width: 0, height: 0, layout: Layout::Grey, samples: Vec::new() })
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

    /// Columns.
    pub fn width(&self) -> u32 {
        self.shape().width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.shape().height
    }

    /// BLAKE3 hash of size, channels, depth and every sample, as hexadecimal digits: two pictures with the same one are the
    /// same. Samples count as they lie in memory, so a hash is not for another kind of machine.
    pub fn hash(&self) -> String {
        let Shape { width, height, layout, depth } = self.shape();
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{width} {height} {layout:?} {depth:?}").as_bytes());
        with_raster!(self, r => hasher.update(bytemuck::cast_slice(r.samples())));
        hasher.finalize().to_hex().to_string()
    }

    /// Gives the buffer back for the next picture.
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
    fn whole_numbers_are_the_nearest() {
        for value in [0.0, 0.49, 0.5, 0.51, 1.5, 2.5, 255.3, 65_534.5, 4_194_303.0] {
            assert_eq!(nearest_whole(value), value.round_ties_even() as u32, "{value}");
            assert_eq!(nearest_whole(-value) as i32, -value.round_ties_even() as i32, "-{value}");
        }
    }

    #[test]
    fn samples_survive_the_unit_range() {
        for v in 0..=u8::MAX {
            assert_eq!(u8::from_unit(v.to_unit()), v);
        }
        for v in 0..=u16::MAX {
            assert_eq!(u16::from_unit(v.to_unit()), v);
        }
        assert_eq!(u8::from_unit(f32::NAN), 0);
        assert_eq!(u8::from_unit(f32::INFINITY), 255);
        assert_eq!(u16::from_unit(-1.0), 0);
    }

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
