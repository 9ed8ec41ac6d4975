//! The headers of a file, as far as decoding needs them (ITU-T T.81, annex B).

use std::sync::Arc;

use super::Declined;
use super::huffman::{Ac, Codes, Dc};

/// A file up to the data of its first scan.
#[derive(Debug)]
pub(super) struct Headers<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// One or three.
    pub(super) components: Vec<Component>,
    pub(super) coding: Coding<'a>,
}

#[derive(Debug)]
pub(super) struct Component {
    /// Blocks in an MCU: columns and rows.
    pub(super) blocks: (usize, usize),
    /// By row × 8 + column.
    pub(super) steps: [u16; 64],
}

/// How coefficients are stored.
#[derive(Debug)]
pub(super) enum Coding<'a> {
    /// All of them in one scan.
    Whole(Scanned<'a>),
    /// Some in each of several scans, of which this is the first: parts of all coefficients, or all coefficients of some
    /// components.
    Parts { first: Scanned<'a>, defined: Box<Defined> },
}

/// A scan.
#[derive(Debug, Clone)]
pub(super) struct Scanned<'a> {
    pub(super) components: Vec<Tables>,
    /// The first and the last coefficient, in the order of the file.
    pub(super) band: (usize, usize),
    /// How many of the lowest bits are still missing, before and after it.
    pub(super) missing: (u32, u32),
    /// In MCUs; 0 where there are no restart markers.
    pub(super) restart_interval: usize,
    /// From the first byte after the scan's header to the end of the file.
    pub(super) data: &'a [u8],
}

/// A component in a scan, and what it is decoded with.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    /// Its number in the frame.
    pub(super) component: usize,
    pub(super) dc: Option<Arc<Dc>>,
    pub(super) ac: Option<Arc<Ac>>,
}

/// Row × 8 + column of each coefficient in the order of the file.
#[rustfmt::skip]
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// What the segments so far have defined.
#[derive(Debug, Default, Clone)]
pub(super) struct Defined {
    quantisation: [Option<[u16; 64]>; 4],
    dc: [Option<Arc<Dc>>; 4],
    ac: [Option<Arc<Ac>>; 4],
    restart_interval: usize,
    frame: Option<Frame>,
    has_jfif: bool,
    adobe_transform: Option<u8>,
}

/// What the frame's header says.
#[derive(Debug, Clone)]
struct Frame {
    width: usize,
    height: usize,
    progressive: bool,
    components: Vec<Listed>,
}

/// A component in the frame's header.
#[derive(Debug, Clone)]
struct Listed {
    id: u8,
    blocks: (usize, usize),
    quantisation: usize,
}

const SHORT: Declined = Declined("a segment is too short");

impl<'a> Headers<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Declined> {
        let rest = bytes.strip_prefix(&[0xff, 0xd8]).ok_or(Declined("it is no JPEG file"))?;
        let mut defined = Defined::default();
        let first = defined.next_scan(rest)?.ok_or(Declined("there is no scan"))?;
        let frame = defined.frame.as_ref().ok_or(Declined("there is no frame before the scan"))?;
        let mut components = Vec::new();
        for listed in &frame.components {
            let steps = defined.quantisation.get(listed.quantisation).copied().flatten();
            components.push(Component { blocks: listed.blocks, steps: steps.ok_or(MISSING)? });
        }
        let (width, height) = (frame.width, frame.height);
        let coding = if frame.progressive || first.components.len() < components.len() {
            Coding::Parts { first, defined: Box::new(defined) }
        } else {
            let complete = first.components.iter().all(|tables| tables.dc.is_some() && tables.ac.is_some());
            if first.band != (0, 63) || first.missing != (0, 0) || !complete {
                return Err(Declined("the scan is of an unusual kind, or a table is missing"));
            }
            Coding::Whole(first)
        };
        Ok(Self { width, height, components, coding })
    }
}

const MISSING: Declined = Declined("a table is missing");

/// A 16-bit number.
fn number(bytes: &[u8], at: usize) -> Result<u16, Declined> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u16::from_be_bytes(*bytes)).ok_or(SHORT)
}

impl Defined {
    /// Reads segments up to the next scan, from a marker on. None at the end of the file.
    pub(super) fn next_scan<'a>(&mut self, mut rest: &'a [u8]) -> Result<Option<Scanned<'a>>, Declined> {
        let is_first = self.frame.is_none();
        loop {
            let filled = rest.iter().take_while(|byte| **byte == 0xff).count();
            let marker = *rest.get(filled).filter(|_| filled > 0).ok_or(Declined("a marker is missing"))?;
            rest = &rest[filled + 1..];
            if marker == 0xd9 {
                return Ok(None);
            }
            let (length, _) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (segment, after) = rest.split_at_checked(length).ok_or(SHORT)?;
            let segment = segment.get(2..).ok_or(SHORT)?;
            rest = after;
            match marker {
                0xc0..=0xc2 => self.frame(segment, marker == 0xc2)?,
                0xc4 => self.huffman(segment)?,
                0xdb if is_first => self.quantisation(segment)?,
                // Later ones are for components whose scans have not begun; those of progressive files have, all at once.
                0xdb if !self.is_progressive() => return Err(Declined("quantisation changes between scans")),
                0xdd => self.restart_interval = usize::from(number(segment, 0)?),
                0xe0 => self.has_jfif |= segment.starts_with(b"JFIF\0"),
                0xee if segment.starts_with(b"Adobe") => {
                    self.adobe_transform = Some(*segment.get(11).ok_or(SHORT)?);
                }
                0xe1..=0xef | 0xfe => {}
                0xda => return self.scan(segment, rest).map(Some),
                _ => return Err(Declined("the file is of a kind that is read another way")),
            }
        }
    }

    /// Whether scans hold parts of coefficients.
    pub(super) fn is_progressive(&self) -> bool {
        self.frame.as_ref().is_some_and(|frame| frame.progressive)
    }

    fn frame(&mut self, segment: &[u8], progressive: bool) -> Result<(), Declined> {
        if self.frame.is_some() {
            return Err(Declined("there are two frames"));
        }
        let (height, width) = (usize::from(number(segment, 1)?), usize::from(number(segment, 3)?));
        if segment[0] != 8 || width == 0 || height == 0 {
            return Err(Declined("the samples have not 8 bits, or the size is not known"));
        }
        let listed = segment.get(6..).ok_or(SHORT)?;
        if listed.len() != 3 * usize::from(segment[5]) {
            return Err(SHORT);
        }
        let component = |entry: &[u8]| Listed {
            id: entry[0],
            blocks: (usize::from(entry[1] >> 4), usize::from(entry[1] & 15)),
            quantisation: usize::from(entry[2]),
        };
        let mut components: Vec<_> = listed.chunks_exact(3).map(component).collect();
        match components.as_mut_slice() {
            // Sampling says nothing where there is nothing to compare.
            [grey] if grey.blocks.0 > 0 && grey.blocks.1 > 0 => grey.blocks = (1, 1),
            [luma, cb, cr] => {
                let usual = (1..=2).contains(&luma.blocks.0) && (1..=2).contains(&luma.blocks.1);
                if !usual || cb.blocks != (1, 1) || cr.blocks != (1, 1) {
                    return Err(Declined("the sampling is unusual"));
                }
            }
            _ => return Err(Declined("the number of components is unusual")),
        }
        self.frame = Some(Frame { width, height, progressive, components });
        Ok(())
    }

    fn quantisation(&mut self, mut segment: &[u8]) -> Result<(), Declined> {
        while let Some((kind, rest)) = segment.split_first() {
            let size = if kind >> 4 == 0 { 1 } else { 2 };
            let (steps, rest) = rest.split_at_checked(64 * size).ok_or(SHORT)?;
            let mut table = [0; 64];
            for (place, step) in ZIGZAG.iter().zip(steps.chunks_exact(size)) {
                table[usize::from(*place)] = step.iter().fold(0, |value, byte| value << 8 | u16::from(*byte));
            }
            *self.quantisation.get_mut(usize::from(kind & 15)).ok_or(Declined("a table's number is too high"))? =
                Some(table);
            segment = rest;
        }
        Ok(())
    }

    fn huffman(&mut self, mut segment: &[u8]) -> Result<(), Declined> {
        while let Some((kind, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk::<16>().ok_or(SHORT)?;
            let count = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(count).ok_or(SHORT)?;
            let codes = Codes::new(*counts, symbols)?;
            let number = usize::from(kind & 15);
            match (kind >> 4, self.dc.get_mut(number), self.ac.get_mut(number)) {
                (0, Some(dc), _) => *dc = Some(Arc::new(Dc::new(codes))),
                (1, _, Some(ac)) => *ac = Some(Arc::new(Ac::new(codes))),
                _ => return Err(Declined("a Huffman table's number is too high")),
            }
            segment = rest;
        }
        Ok(())
    }

    /// Whether three components are YCbCr, by the rules of libjpeg.
    fn is_ycc(&self, ids: &[u8]) -> bool {
        match (self.has_jfif, self.adobe_transform) {
            (true, _) => true,
            (false, Some(transform)) => transform != 0,
            (false, None) => ids != b"RGB",
        }
    }

    fn scan<'a>(&self, segment: &[u8], data: &'a [u8]) -> Result<Scanned<'a>, Declined> {
        let frame = self.frame.as_ref().ok_or(Declined("there is no frame before the scan"))?;
        let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
        if ids.len() == 3 && !self.is_ycc(&ids) {
            return Err(Declined("the components are not YCbCr"));
        }
        let (count, rest) = segment.split_first().ok_or(SHORT)?;
        let (listed, range) = rest.split_at_checked(2 * usize::from(*count)).ok_or(SHORT)?;
        let [first, last, approximation] = *range else { return Err(SHORT) };
        let mut components: Vec<Tables> = Vec::new();
        for entry in listed.chunks_exact(2) {
            let component = ids.iter().position(|id| *id == entry[0]);
            let component = component.ok_or(Declined("a component is in no frame"))?;
            if components.last().is_some_and(|before| before.component >= component) {
                return Err(Declined("the components of the scan are in another order"));
            }
            let (dc, ac) = (usize::from(entry[1] >> 4), usize::from(entry[1] & 15));
            if dc > 3 || ac > 3 {
                return Err(Declined("a Huffman table's number is too high"));
            }
            let defined =
                |number: usize| (self.dc.get(number).cloned().flatten(), self.ac.get(number).cloned().flatten());
            components.push(Tables { component, dc: defined(dc).0, ac: defined(ac).1 });
        }
        Ok(Scanned {
            components,
            band: (usize::from(first), usize::from(last)),
            missing: (u32::from(approximation >> 4), u32::from(approximation & 15)),
            restart_interval: self.restart_interval,
            data,
        })
    }
}
