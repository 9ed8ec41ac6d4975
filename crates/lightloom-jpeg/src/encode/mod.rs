//! Baseline JPEG: the same file as libjpeg-turbo writes with its accurate integer transform, to the byte.
//!
//! Rows may arrive a few at a time ([`Encoder`]); a strip of 8 or 16 is converted, transformed and coded while it is in
//! cache. Nothing of the picture's size is held but the file, and the symbols where the best Huffman codes are wanted.

mod bits;
mod colour;
mod entropy;
mod header;
mod huffman;
mod quantiser;
mod scan;
mod strip;
mod symbols;
mod tables;
#[cfg(test)]
mod tests;
mod transform;

use entropy::Coder;
use header::{Codes, JFIF, header};
pub use header::{exif_segment, icc_segments};
use quantiser::{Divisor, divisors};
use scan::{GROUP, Order};
use strip::Strip;
use symbols::Symbols;
use transform::{Batch, LANES, Samples, lane, transform};

/// What the samples are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Grey,
    /// Three samples for each pixel.
    Rgb,
    /// A plane each of Y, Cb and Cr in the full range, chroma at its own resolution.
    YCbCr,
}

/// Resolution of chroma beside that of luma.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sampling {
    S444,
    /// Half as many columns.
    S422,
    /// Half as many columns and rows.
    S420,
}

impl Sampling {
    /// Columns of luma to one of chroma.
    pub fn columns(self) -> usize {
        if self == Self::S444 { 1 } else { 2 }
    }

    /// Rows of luma to one of chroma.
    pub fn rows(self) -> usize {
        if self == Self::S420 { 2 } else { 1 }
    }
}

/// How a picture becomes a file.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// 1 to 100, by the scale of the Independent JPEG Group.
    pub quality: u8,
    /// Of no effect on grey.
    pub sampling: Sampling,
    /// The best Huffman codes for this picture instead of the usual ones: a smaller file for more time.
    pub best_codes: bool,
}

/// Size and format of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    pub width: usize,
    pub height: usize,
    pub format: Format,
}

/// Samples of a component, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Plane<'a> {
    pub samples: &'a [u8],
    /// From a sample to the one below.
    pub pitch: usize,
}

/// Why there is no file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EncodeError {
    /// A side is zero, or too long.
    #[error("JPEG holds pictures of 1 to 65535 pixels a side, not {width} × {height}")]
    Size { width: usize, height: usize },
    /// Samples of another format were promised.
    #[error("samples were not to come as {0:?}")]
    Format(Format),
    /// No whole number of rows, more than the picture has, or fewer at its end.
    #[error("the number of samples does not fit the size of the picture")]
    Rows,
}

/// The file of a picture whose rows follow each other, grey or RGB, without application segments.
///
/// # Errors
/// A side that JPEG cannot hold, and samples that do not fit the shape.
pub fn encode(samples: &[u8], shape: Shape, options: &Options) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new(shape, options)?;
    encoder.push_rows(samples)?;
    encoder.finish(&[])
}

/// The file of a picture in planes, without application segments.
///
/// # Errors
/// A side that JPEG cannot hold, and planes that are too small.
pub fn encode_planes(planes: &[Plane<'_>; 3], shape: Shape, options: &Options) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new(shape, options)?;
    encoder.push_planes(planes, shape.height)?;
    encoder.finish(&[])
}

/// A file whose picture arrives from top to bottom.
pub struct Encoder {
    shape: Shape,
    order: Order,
    /// Rows that are still to come.
    missing: usize,
    strip: Strip,
    /// Of luma and chroma.
    divisors: Box<[[Divisor; 64]; 2]>,
    /// Those of two groups for each source.
    batches: Box<[[Batch; 2]; 3]>,
    scan: Scan,
}

/// What is coded.
enum Scan {
    Usual(Coder),
    Best(Box<Gathered>),
}

/// What a file is made of once all its symbols are known.
struct Gathered {
    symbols: Symbols,
    quantisation: [[u16; 64]; 2],
    sampling: Sampling,
}

impl Encoder {
    /// # Errors
    /// A side that JPEG cannot hold.
    pub fn new(shape: Shape, options: &Options) -> Result<Self, EncodeError> {
        let Shape { width, height, format } = shape;
        let sides = sides(shape)?;
        let quantisation = tables::quantisation(options.quality);
        let order = Order::of(format, options.sampling);
        let sampling = options.sampling;
        let scan = if options.best_codes {
            Scan::Best(Box::new(Gathered { symbols: Symbols::new(), quantisation, sampling }))
        } else {
            Scan::Usual(Coder::new(header(sides, format, sampling, &quantisation, &Codes::usual())))
        };
        Ok(Self {
            shape,
            order,
            missing: height,
            strip: Strip::new(width, order.rows, sampling, format != Format::Grey),
            divisors: Box::new(quantisation.each_ref().map(divisors)),
            batches: Box::new([const { [Batch::EMPTY; 2] }; 3]),
            scan,
        })
    }

    /// Rows that are still to come.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// Takes the next rows, one or more, of a grey or RGB picture.
    ///
    /// # Errors
    /// Another format, samples that are not whole rows, and more rows than the picture has.
    pub fn push_rows(&mut self, samples: &[u8]) -> Result<(), EncodeError> {
        let channels = match self.shape.format {
            Format::Grey => 1,
            Format::Rgb => 3,
            Format::YCbCr => return Err(EncodeError::Format(Format::Rgb)),
        };
        let rows = samples.chunks_exact(channels * self.shape.width);
        if !rows.remainder().is_empty() || rows.len() > self.missing {
            return Err(EncodeError::Rows);
        }
        for row in rows {
            if channels == 1 {
                self.strip.push_grey(row);
            } else {
                self.strip.push_rgb(row);
            }
            self.missing -= 1;
            if self.missing == 0 {
                self.strip.finish_chroma();
            }
            self.code_if_full();
        }
        Ok(())
    }

    /// Takes the next rows of luma, and those of chroma that belong to them. Only the last time may their number be none that
    /// chroma's rows divide.
    ///
    /// # Errors
    /// Another format, planes that are too small, and more rows than the picture has.
    pub fn push_planes(&mut self, planes: &[Plane<'_>; 3], rows: usize) -> Result<(), EncodeError> {
        if self.shape.format != Format::YCbCr {
            return Err(EncodeError::Format(Format::YCbCr));
        }
        let sampling = self.strip.sampling();
        let fits = |(i, plane): (usize, &Plane<'_>)| {
            let (columns, lines) = if i == 0 { (1, 1) } else { (sampling.columns(), sampling.rows()) };
            let (width, rows) = (self.shape.width.div_ceil(columns), rows.div_ceil(lines));
            rows == 0 || plane.pitch >= width && plane.samples.len() >= (rows - 1) * plane.pitch + width
        };
        let is_whole = rows.is_multiple_of(sampling.rows()) || rows == self.missing;
        if rows > self.missing || !is_whole || !planes.iter().enumerate().all(fits) {
            return Err(EncodeError::Rows);
        }
        let mut first = 0;
        while first < rows {
            let count = (rows - first).min(self.strip.room());
            self.strip.push_planes(planes, first, count);
            first += count;
            self.missing -= count;
            self.code_if_full();
        }
        Ok(())
    }

    /// The file, in which `segments`, whole application segments, follow the JFIF header.
    ///
    /// # Errors
    /// Rows that are missing.
    pub fn finish(self, segments: &[u8]) -> Result<Vec<u8>, EncodeError> {
        if self.missing > 0 {
            return Err(EncodeError::Rows);
        }
        let mut file = match self.scan {
            Scan::Usual(coder) => coder.finish(),
            Scan::Best(gathered) => {
                let Gathered { symbols, quantisation, sampling } = *gathered;
                let codes = symbols.codes();
                let sides = sides(self.shape)?;
                let mut file = header(sides, self.shape.format, sampling, &quantisation, &codes);
                symbols.write(&codes, &mut file);
                file
            }
        };
        file.splice(JFIF.len()..JFIF.len(), segments.iter().copied());
        file.extend([0xff, 0xd9]);
        Ok(file)
    }

    /// Codes the strip once it is full, or the picture's last.
    fn code_if_full(&mut self) {
        if !self.strip.is_full() && self.missing > 0 {
            return;
        }
        let Shape { width, .. } = self.shape;
        let filled = self.strip.complete();
        let units = width.div_ceil(GROUP / self.order.units);
        let groups = units.div_ceil(self.order.units);
        let mut samples: Samples = [[[[0; 16]; 2]; 8]; 8];
        for first in (0..groups).step_by(2) {
            let count = (groups - first).min(2);
            for (batches, source) in self.batches.iter_mut().zip(self.order.sources) {
                (0..count).for_each(|i| self.strip.gather(first + i, *source, &mut samples, i));
                transform(&samples, &self.divisors[usize::from(source.is_chroma())], batches, count);
            }
            for i in 0..count {
                let group = first + i;
                self.replace_blocks_outside(group, i, filled);
                let units = (units - group * self.order.units).min(self.order.units);
                let batches = self.batches.each_ref().map(|batches| &batches[i]);
                match &mut self.scan {
                    Scan::Usual(coder) => coder.append(batches, &self.order, units),
                    Scan::Best(gathered) => gathered.symbols.append(batches, &self.order, units),
                }
            }
        }
    }

    /// Blocks of luma that complete a unit, but lie outside of the picture, take the least room: they are flat, and as bright
    /// as the block that is coded before. `at` says where the group's batches are.
    fn replace_blocks_outside(&mut self, group: usize, at: usize, filled: usize) {
        if self.order.units == LANES {
            return;
        }
        let across = (self.shape.width.div_ceil(8) - group * LANES).min(LANES);
        let [upper, lower, _] = &mut *self.batches;
        let (upper, lower) = (&mut upper[at], &mut lower[at]);
        let has_lower = self.order.rows == 16;
        if across % 2 == 1 {
            let beside = lane(across - 1);
            upper.flatten(lane(across), upper.coefficients[0][beside]);
            if has_lower {
                lower.flatten(lane(across), lower.coefficients[0][beside]);
            }
        }
        if has_lower && filled <= 8 {
            for block in 0..LANES {
                lower.flatten(lane(block), upper.coefficients[0][lane(block | 1)]);
            }
        }
    }
}

/// Both sides as files hold them.
fn sides(Shape { width, height, .. }: Shape) -> Result<(u16, u16), EncodeError> {
    match (u16::try_from(width), u16::try_from(height)) {
        (Ok(x @ 1..), Ok(y @ 1..)) => Ok((x, y)),
        _ => Err(EncodeError::Size { width, height }),
    }
}
