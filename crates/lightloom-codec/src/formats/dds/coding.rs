//! How the pixels of a surface are stored: numbers of which masks pick the channels, channels one after another, or
//! blocks of four by four pixels (Block Compression of Direct3D 11).

use super::{COLOURS, HAS_ALPHA, LUMINANCE, ONLY_ALPHA};
use crate::CodecError;
use crate::shared::channel::Channel;
use crate::shared::small_float::half;
use crate::watch::Watch;
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster, Sample, Shape};

/// How pixels are stored.
pub(super) enum Coding {
    /// Numbers of so many bytes, of which masks pick channels of up to eight bits.
    Masks {
        bytes: usize,
        channels: Vec<Channel>,
    },
    /// As these, with a channel of more bits.
    DeepMasks {
        bytes: usize,
        masks: Vec<u32>,
    },
    /// So many channels of 16 bits.
    Words(usize),
    /// So many channels of linear light, as floats of 16 bits.
    Halves(usize),
    /// So many channels of linear light, as floats of 32 bits.
    Floats(usize),
    Blocks(Block),
}

/// The kinds of blocks.
#[derive(Clone, Copy)]
pub(super) enum Block {
    Bc1,
    Bc2,
    Bc3,
    /// One channel.
    Bc4 {
        is_signed: bool,
    },
    /// Two channels: red and green.
    Bc5 {
        is_signed: bool,
    },
    /// Linear light.
    Bc6 {
        is_signed: bool,
    },
    Bc7,
}

impl Block {
    const fn bytes(self) -> usize {
        if matches!(self, Self::Bc1 | Self::Bc4 { .. }) { 8 } else { 16 }
    }

    /// Decodes a block into interleaved channels.
    fn read_u8(self, data: &[u8], out: &mut [u8]) {
        let unsigned = |v: u8| ((i32::from((v as i8).max(-127)) + 127) * 255 / 254) as u8;
        match self {
            Self::Bc1 => bcdec_rs::bc1(data, out, 16),
            Self::Bc2 => bcdec_rs::bc2(data, out, 16),
            Self::Bc3 => bcdec_rs::bc3(data, out, 16),
            Self::Bc4 { is_signed } => {
                bcdec_rs::bc4(data, out, 4, is_signed);
                if is_signed {
                    out.iter_mut().for_each(|v| *v = unsigned(*v));
                }
            }
            Self::Bc5 { is_signed } => {
                let mut pairs = [0; 32];
                bcdec_rs::bc5(data, &mut pairs, 8, is_signed);
                for (to, from) in out.chunks_exact_mut(3).zip(pairs.as_chunks::<2>().0) {
                    let [red, green] = if is_signed { from.map(unsigned) } else { *from };
                    to.copy_from_slice(&[red, green, 0]);
                }
            }
            Self::Bc7 => bcdec_rs::bc7(data, out, 16),
            // Floats.
            Self::Bc6 { .. } => {}
        }
    }
}

/// Pixels that are stored together: a square with so many bytes.
#[derive(Clone, Copy)]
struct Cell {
    side: usize,
    bytes: usize,
}

impl Coding {
    /// By the flags, bits and masks of DDS_PIXELFORMAT.
    ///
    /// # Errors
    /// If it is of a kind that is not read.
    pub fn masked(flags: u32, bits: u32, [red, green, blue, alpha]: [u32; 4]) -> Result<Self, CodecError> {
        let mut masks = match () {
            () if flags & COLOURS != 0 => vec![red, green, blue],
            // Some writers put the mask where a byte has no bits.
            () if flags & LUMINANCE != 0 => vec![if bits == 8 { 0xff } else { red }],
            // A mask of transparency by itself is shown as it is.
            () if flags & ONLY_ALPHA != 0 => vec![if alpha == 0 { 0xff } else { alpha }],
            () => return Err(CodecError::Unsupported(format!("DDS with pixels of the kind {flags:#x}"))),
        };
        if flags & HAS_ALPHA != 0 && alpha != 0 {
            masks.push(alpha);
        }
        if !matches!(bits, 8 | 16 | 24 | 32) {
            return Err(CodecError::Unsupported(format!("DDS with {bits} bits per pixel")));
        }
        let bytes = bits as usize / 8;
        if masks.iter().any(|mask| mask.count_ones() > 8) {
            return Ok(Self::DeepMasks { bytes, masks });
        }
        Ok(Self::Masks { bytes, channels: masks.into_iter().map(|m| Channel::new(m).unwrap_or_default()).collect() })
    }

    pub fn layout(&self) -> Layout {
        let channels = match self {
            Self::Masks { channels, .. } => channels.len(),
            Self::DeepMasks { masks, .. } => masks.len(),
            Self::Blocks(Block::Bc4 { .. }) => 1,
            Self::Blocks(Block::Bc5 { .. } | Block::Bc6 { .. }) => 3,
            Self::Blocks(_) => 4,
            // Two are red and green.
            Self::Words(2) | Self::Halves(2) | Self::Floats(2) => 3,
            Self::Words(n) | Self::Halves(n) | Self::Floats(n) => *n,
        };
        [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba][channels - 1]
    }

    pub const fn depth(&self) -> Depth {
        match self {
            Self::Masks { .. } => Depth::U8,
            Self::DeepMasks { .. } | Self::Words(_) => Depth::U16,
            Self::Halves(_) | Self::Floats(_) | Self::Blocks(Block::Bc6 { .. }) => Depth::F32,
            Self::Blocks(_) => Depth::U8,
        }
    }

    fn cell(&self) -> Cell {
        let one = |bytes: usize| Cell { side: 1, bytes };
        match self {
            Self::Masks { bytes, .. } | Self::DeepMasks { bytes, .. } => one(*bytes),
            Self::Words(n) | Self::Halves(n) => one(2 * n),
            Self::Floats(n) => one(4 * n),
            Self::Blocks(block) => Cell { side: 4, bytes: block.bytes() },
        }
    }

    /// Decodes a picture whose pixels begin with `data`; what is missing is black and transparent. Returns how many rows
    /// were there.
    ///
    /// # Errors
    /// If time is up.
    pub fn decode(
        &self,
        data: &[u8],
        shape: Shape,
        watch: &Watch<'_>,
        buffers: &mut Buffers,
    ) -> Result<(Pixels, u32), CodecError> {
        let cells = Cells { data, shape, cell: self.cell(), watch };
        let number = |raw: &[u8]| raw.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b));
        let zip = |out: &mut [f32], values: &mut dyn Iterator<Item = f32>| {
            out.iter_mut().zip(values).for_each(|(to, from)| *to = from);
        };
        match self {
            Self::Masks { channels, .. } => cells.read(buffers, |raw, out: &mut [u8]| {
                let pixel = number(raw);
                out.iter_mut().zip(channels).for_each(|(to, channel)| *to = channel.of(pixel));
            }),
            Self::DeepMasks { masks, .. } => cells.read(buffers, |raw, out: &mut [u16]| {
                let pixel = number(raw);
                for (to, mask) in out.iter_mut().zip(masks) {
                    let shift = mask.trailing_zeros().min(31);
                    let (value, white) = (u64::from((pixel & mask) >> shift), u64::from(mask >> shift).max(1));
                    *to = ((value * 65_535 + white / 2) / white) as u16;
                }
            }),
            Self::Words(_) => cells.read(buffers, |raw, out: &mut [u16]| {
                out.iter_mut().zip(raw.as_chunks().0).for_each(|(to, from)| *to = u16::from_le_bytes(*from));
            }),
            Self::Halves(_) => cells.read(buffers, |raw, out: &mut [f32]| {
                zip(out, &mut raw.as_chunks().0.iter().map(|from| half(u16::from_le_bytes(*from))));
            }),
            Self::Floats(_) => cells.read(buffers, |raw, out: &mut [f32]| {
                zip(out, &mut raw.as_chunks().0.iter().map(|from| f32::from_le_bytes(*from)));
            }),
            Self::Blocks(Block::Bc6 { is_signed }) => {
                cells.read(buffers, |raw, out: &mut [f32]| bcdec_rs::bc6h_float(raw, out, 12, *is_signed))
            }
            Self::Blocks(block) => cells.read(buffers, |raw, out: &mut [u8]| block.read_u8(raw, out)),
        }
    }
}

/// What is decoded.
struct Cells<'a> {
    data: &'a [u8],
    shape: Shape,
    cell: Cell,
    watch: &'a Watch<'a>,
}

impl Cells<'_> {
    /// Decodes cell by cell with `read`, which takes the bytes of one and its samples.
    fn read<S: Sample>(
        &self,
        buffers: &mut Buffers,
        read: impl Fn(&[u8], &mut [S]),
    ) -> Result<(Pixels, u32), CodecError>
    where
        Pixels: From<Raster<S>>,
    {
        let Shape { width, height, layout, .. } = self.shape;
        let Cell { side, bytes } = self.cell;
        let (row, channels) = (width as usize * layout.channels(), layout.channels());
        let mut samples = buffers.take::<S>(row * height as usize);
        samples.fill(S::default());
        let across = (width as usize).div_ceil(side);
        let mut whole = 0;
        let mut out = vec![S::default(); side * side * channels];
        for (rows, data) in samples.chunks_mut(row * side).zip(self.data.chunks(across * bytes)) {
            self.watch.check()?;
            for (x, data) in data.chunks_exact(bytes).enumerate() {
                read(data, &mut out);
                let from = x * side * channels;
                for (target, source) in rows.chunks_exact_mut(row).zip(out.chunks_exact(side * channels)) {
                    let length = source.len().min(row - from);
                    target[from..from + length].copy_from_slice(&source[..length]);
                }
            }
            if data.len() == across * bytes {
                whole += (rows.len() / row) as u32;
            }
        }
        Ok((Raster::new(width, height, layout, samples).into(), whole))
    }
}
