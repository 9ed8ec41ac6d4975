//! The headers of a file, as far as decoding needs them (ITU-T T.81, annex B).

use std::sync::Arc;

use super::Declined;
use super::huffman::{Ac, Codes, Dc};

/// A file up to the data of its scan.
#[derive(Debug)]
pub(super) struct Headers<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// One or three.
    pub(super) components: Vec<Component>,
    /// In MCUs; 0 where there are no restart markers.
    pub(super) restart_interval: usize,
    /// From the first byte after the scan's header to the end of the file.
    pub(super) data: &'a [u8],
}

/// A component and what it is decoded with.
#[derive(Debug)]
pub(super) struct Component {
    /// Blocks in an MCU: columns and rows.
    pub(super) blocks: (usize, usize),
    /// By row × 8 + column.
    pub(super) steps: [u16; 64],
    pub(super) dc: Arc<Dc>,
    pub(super) ac: Arc<Ac>,
}

/// Row × 8 + column of each coefficient in the order of the file.
#[rustfmt::skip]
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// What the segments before a scan have defined.
#[derive(Default)]
struct Defined {
    quantisation: [Option<[u16; 64]>; 4],
    dc: [Option<Arc<Dc>>; 4],
    ac: [Option<Arc<Ac>>; 4],
    restart_interval: usize,
    frame: Option<Frame>,
    has_jfif: bool,
    adobe_transform: Option<u8>,
}

/// What the frame's header says.
struct Frame {
    width: usize,
    height: usize,
    components: Vec<Listed>,
}

/// A component in the frame's header.
struct Listed {
    id: u8,
    blocks: (usize, usize),
    quantisation: usize,
}

const SHORT: Declined = Declined("a segment is too short");

impl<'a> Headers<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Declined> {
        let mut rest = bytes.strip_prefix(&[0xff, 0xd8]).ok_or(Declined("it is no JPEG file"))?;
        let mut defined = Defined::default();
        loop {
            let filled = rest.iter().take_while(|byte| **byte == 0xff).count();
            let marker = *rest.get(filled).filter(|_| filled > 0).ok_or(Declined("a marker is missing"))?;
            rest = &rest[filled + 1..];
            let (length, _) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (segment, after) = rest.split_at_checked(length).ok_or(SHORT)?;
            let segment = segment.get(2..).ok_or(SHORT)?;
            rest = after;
            match marker {
                0xc0 | 0xc1 => defined.frame(segment)?,
                0xc4 => defined.huffman(segment)?,
                0xdb => defined.quantisation(segment)?,
                0xdd => defined.restart_interval = usize::from(number(segment, 0)?),
                0xe0 => defined.has_jfif |= segment.starts_with(b"JFIF\0"),
                0xee if segment.starts_with(b"Adobe") => {
                    defined.adobe_transform = Some(*segment.get(11).ok_or(SHORT)?);
                }
                0xe1..=0xef | 0xfe => {}
                0xda => return defined.scan(segment, rest),
                _ => return Err(Declined("the file is of a kind that is read another way")),
            }
        }
    }
}

/// A 16-bit number.
fn number(bytes: &[u8], at: usize) -> Result<u16, Declined> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map(|bytes| u16::from_be_bytes(*bytes)).ok_or(SHORT)
}

impl Defined {
    fn frame(&mut self, segment: &[u8]) -> Result<(), Declined> {
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
        self.frame = Some(Frame { width, height, components });
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

    fn scan<'a>(mut self, segment: &[u8], data: &'a [u8]) -> Result<Headers<'a>, Declined> {
        let frame = self.frame.take().ok_or(Declined("there is no frame before the scan"))?;
        let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
        if ids.len() == 3 && !self.is_ycc(&ids) {
            return Err(Declined("the components are not YCbCr"));
        }
        let (listed, range) =
            segment.split_first().and_then(|(_, rest)| rest.split_at_checked(2 * ids.len())).ok_or(SHORT)?;
        if usize::from(segment[0]) != ids.len() || range != [0, 63, 0] {
            return Err(Declined("there are several scans"));
        }
        let mut components = Vec::new();
        for (component, entry) in frame.components.iter().zip(listed.chunks_exact(2)) {
            let missing = Declined("a table is missing");
            if component.id != entry[0] {
                return Err(Declined("the components of the scan are in another order"));
            }
            let (dc, ac) = (usize::from(entry[1] >> 4), usize::from(entry[1] & 15));
            components.push(Component {
                blocks: component.blocks,
                steps: self.quantisation.get(component.quantisation).copied().flatten().ok_or(missing)?,
                dc: self.dc.get(dc).cloned().flatten().ok_or(missing)?,
                ac: self.ac.get(ac).cloned().flatten().ok_or(missing)?,
            });
        }
        let Frame { width, height, .. } = frame;
        Ok(Headers { width, height, components, restart_interval: self.restart_interval, data })
    }
}
