//! JPEG as TIFF 6.0 first described it (section 22, compression 6; replaced by Technical Note 2): tables and headers may
//! stand in tags, in an interchange stream or in the strips. All of it is put together to one stream, in which each strip
//! is a restart interval, and the JPEG decoder decodes that.

use super::file::{Directory, Tiff, tag};
use super::form::Form;
use super::read::piece;
use crate::formats::jpeg;
use crate::shared::embedded;
use crate::{CodecError, Decoded, Request};
use lightloom_picture::{Buffers, Raster, Sample, with_raster};

/// Where a directory says that the parts are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tables {
    /// Offset and length of an interchange stream.
    pub interchange: Option<(u64, u64)>,
    restart_interval: u16,
    /// Offsets of a table for each component.
    quantisation: Vec<u64>,
    dc: Vec<u64>,
    ac: Vec<u64>,
    /// Columns and rows of luma for one pair of chroma.
    subsampling: (u8, u8),
}

impl Tables {
    pub fn read(file: &mut Tiff<'_>, directory: &Directory) -> Self {
        let at = file.value(directory, tag::JPEG_INTERCHANGE).filter(|at| *at > 0);
        let length = file.value(directory, tag::JPEG_INTERCHANGE_LENGTH).filter(|length| *length > 0);
        let subsampling = match file.numbers(directory, tag::YCBCR_SUBSAMPLING).unwrap_or_default()[..] {
            [h @ (1 | 2 | 4), v @ (1 | 2 | 4)] => (h as u8, v as u8),
            _ => (2, 2),
        };
        let mut list = |tag: u16| {
            let mut offsets = file.numbers(directory, tag).unwrap_or_default();
            offsets.truncate(4);
            offsets
        };
        Self {
            interchange: at.map(|at| (at, length.unwrap_or(u64::MAX))),
            quantisation: list(tag::JPEG_Q_TABLES),
            dc: list(tag::JPEG_DC_TABLES),
            ac: list(tag::JPEG_AC_TABLES),
            restart_interval: file.value(directory, tag::JPEG_RESTART_INTERVAL).unwrap_or(0) as u16,
            subsampling,
        }
    }
}

/// Decodes the picture.
///
/// # Errors
/// If its parts do not make a JPEG stream, or that cannot be decoded.
pub(crate) fn decode(
    bytes: &[u8],
    form: &Form,
    tables: &Tables,
    request: &Request<'_>,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError> {
    if form.tiled || form.planar {
        return Err(CodecError::Unsupported("TIFF with old-style JPEG in tiles or planes".to_owned()));
    }
    let stream = assemble(bytes, form, tables)
        .ok_or_else(|| CodecError::Damaged("the parts of its old-style JPEG do not fit together".to_owned()))?;
    request.limits.check(embedded::header(&jpeg::CODEC, &stream, request.limits)?.stored)?;
    let decoded = embedded::decode(&jpeg::CODEC, &stream, request, buffers)?;
    let shape = form.shape();
    let pixels = decoded.pixels.into_depth(shape.depth).into_layout(shape.layout);
    let is_short = pixels.height() < shape.height || pixels.width() < shape.width;
    let partial = decoded.partial.or_else(|| is_short.then(|| "its JPEG is smaller than the picture".to_owned()));
    let pixels = with_raster!(&pixels, raster => fitted(raster, shape.width, shape.height).into());
    Ok(Decoded { pixels, partial, notes: decoded.notes })
}

/// Cut to the size, or filled up with black.
fn fitted<S: Sample>(raster: &Raster<S>, width: u32, height: u32) -> Raster<S> {
    let channels = raster.layout().channels();
    let mut samples = vec![S::default(); width as usize * height as usize * channels];
    let length = width.min(raster.width()) as usize * channels;
    for (y, row) in (0..raster.height()).zip(samples.chunks_exact_mut(width as usize * channels)) {
        row[..length].copy_from_slice(&raster.row(y)[..length]);
    }
    Raster::new(width, height, raster.layout(), samples)
}

/// The parts of a stream, each as it stands there, marker included.
#[derive(Default)]
struct Parts {
    /// Quantisation and Huffman tables.
    tables: Vec<u8>,
    frame: Option<Vec<u8>>,
    scan: Option<Vec<u8>>,
    restart_interval: u16,
}

impl Parts {
    /// Takes the segments before a scan's data, and returns what follows them.
    fn take<'a>(&mut self, mut rest: &'a [u8]) -> &'a [u8] {
        let is_first = self.scan.is_none();
        loop {
            match rest {
                [0xff, 0xff, ..] => rest = &rest[1..],
                [0xff, 0xd8 | 0x01, ..] => rest = &rest[2..],
                [0xff, 0xd9, ..] => return &[],
                [0xff, marker @ 0xc0..=0xfe, high, low, ..] if !matches!(marker, 0xd0..=0xd7) => {
                    let length = usize::from(u16::from_be_bytes([*high, *low])) + 2;
                    let Some((segment, next)) = rest.split_at_checked(length) else { return &[] };
                    rest = next;
                    match marker {
                        0xdb | 0xc4 if is_first => self.tables.extend(segment),
                        0xc0..=0xc3 => {
                            self.frame.get_or_insert_with(|| segment.to_vec());
                        }
                        0xdd => {
                            self.restart_interval = segment.get(4..6).map_or(0, |v| u16::from_be_bytes([v[0], v[1]]));
                        }
                        0xda => {
                            self.scan.get_or_insert_with(|| segment.to_vec());
                            return rest;
                        }
                        _ => {}
                    }
                }
                _ => return rest,
            }
        }
    }
}

/// The whole stream; `None` if parts are missing.
fn assemble(bytes: &[u8], form: &Form, tables: &Tables) -> Option<Vec<u8>> {
    let mut parts = Parts { restart_interval: tables.restart_interval, ..Parts::default() };
    let mut strips: Vec<&[u8]> = Vec::new();
    if let Some((at, length)) = tables.interchange {
        let rest = bytes.get(usize::try_from(at).ok()?..)?;
        let data = parts.take(&rest[..rest.len().min(usize::try_from(length).unwrap_or(usize::MAX))]);
        // The strips lie in it, or there are none: it is whole.
        if form.offsets.first().is_none_or(|first| (at..at.saturating_add(length)).contains(first)) && !data.is_empty()
        {
            strips.push(data);
        }
    }
    if strips.is_empty() {
        strips = (0..form.offsets.len()).map(|i| parts.take(piece(bytes, form, i))).collect();
    }
    let mut ids = [[0, 1, 1, 1]; 3];
    if parts.tables.is_empty() {
        ids = [same(&tables.quantisation), same(&tables.dc), same(&tables.ac)];
        parts.tables = segments(bytes, tables)?;
    }
    let frame = frame(&mut parts, form, tables, ids[0])?;
    let scan = parts.scan.take().unwrap_or_else(|| scan_header(&frame, ids[1], ids[2]));
    if strips.len() > 1 && parts.restart_interval == 0 {
        parts.restart_interval = u16::try_from(units(&frame, form)).ok()?;
    }
    let mut out = vec![0xff, 0xd8];
    if form.samples >= 3 {
        out.extend(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0");
        out.push(u8::from(form.jpeg_is_ycbcr));
    }
    out.extend(&parts.tables);
    out.extend(&frame);
    if parts.restart_interval > 0 {
        out.extend([0xff, 0xdd, 0, 4]);
        out.extend(parts.restart_interval.to_be_bytes());
    }
    out.extend(&scan);
    let intervals = units(&frame, form).div_ceil(u32::from(parts.restart_interval).max(1));
    for (i, strip) in (1..).zip(&strips) {
        let strip = strip.strip_suffix(&[0xff, 0xd9]).unwrap_or(strip);
        out.extend(strip);
        let ends_with_mark = matches!(strip, [.., 0xff, 0xd0..=0xd7]);
        if (i as usize) < strips.len() && !ends_with_mark {
            out.extend([0xff, 0xd0 + (intervals.wrapping_mul(i).wrapping_sub(1) % 8) as u8]);
        }
    }
    out.extend([0xff, 0xd9]);
    Some(out)
}

/// The number of each component's table: components whose tables stand at the same place share it.
fn same(offsets: &[u64]) -> [u8; 4] {
    let first = |i: usize| offsets.iter().position(|other| Some(other) == offsets.get(i)).unwrap_or(0) as u8;
    [0, 1, 2, 3].map(first)
}

/// Segments of the tables that the tags point to.
fn segments(bytes: &[u8], tables: &Tables) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut put = |offsets: &[u64], marker: u8, class: u8| -> Option<()> {
        let numbers = same(offsets);
        for (i, at) in (0_u8..).zip(offsets).filter(|(i, _)| numbers[usize::from(*i)] == *i) {
            let table = bytes.get(usize::try_from(*at).ok()?..)?;
            let length = match marker {
                0xdb => 64,
                _ => 16 + table.get(..16)?.iter().map(|n| usize::from(*n)).sum::<usize>().min(256),
            };
            out.extend([0xff, marker]);
            out.extend((length as u16 + 3).to_be_bytes());
            out.push(class << 4 | i);
            out.extend(table.get(..length)?);
        }
        Some(())
    };
    put(&tables.quantisation, 0xdb, 0)?;
    put(&tables.dc, 0xc4, 0)?;
    put(&tables.ac, 0xc4, 1)?;
    (!out.is_empty()).then_some(out)
}

/// The frame's header, as it is there or by the tags, with the picture's height.
fn frame(parts: &mut Parts, form: &Form, tables: &Tables, quantisation: [u8; 4]) -> Option<Vec<u8>> {
    let height = u16::try_from(form.height).ok()?.to_be_bytes();
    if let Some(mut frame) = parts.frame.take() {
        let stored = frame.get_mut(5..7)?;
        if u16::from_be_bytes([stored[0], stored[1]]) < form.height as u16 {
            stored.copy_from_slice(&height);
        }
        return Some(frame);
    }
    let samples = u8::try_from(form.samples).ok().filter(|n| *n <= 4)?;
    let mut frame = vec![0xff, 0xc0, 0, 8 + 3 * samples, form.bits as u8];
    frame.extend(height);
    frame.extend(u16::try_from(form.width).ok()?.to_be_bytes());
    frame.push(samples);
    for i in 0..samples {
        let (h, v) = if i == 0 && form.jpeg_is_ycbcr { tables.subsampling } else { (1, 1) };
        frame.extend([i + 1, h << 4 | v, quantisation[usize::from(i)]]);
    }
    Some(frame)
}

/// The header of a scan of all components.
fn scan_header(frame: &[u8], dc: [u8; 4], ac: [u8; 4]) -> Vec<u8> {
    let components: Vec<u8> = frame.get(10..).unwrap_or_default().chunks_exact(3).map(|c| c[0]).take(4).collect();
    let mut scan = vec![0xff, 0xda, 0, 6 + 2 * components.len() as u8, components.len() as u8];
    for (i, id) in components.iter().enumerate() {
        scan.extend([*id, dc[i] << 4 | ac[i]]);
    }
    scan.extend([0, 63, 0]);
    scan
}

/// Minimum coded units of a strip.
fn units(frame: &[u8], form: &Form) -> u32 {
    let samplings: Vec<u8> = frame.get(10..).unwrap_or_default().chunks_exact(3).map(|c| c[1]).collect();
    let (h, v) = match samplings[..] {
        [_] => (1, 1),
        _ => samplings.iter().fold((1, 1), |(h, v), s| (h.max(s >> 4), v.max(s & 15))),
    };
    form.chunk.0.div_ceil(8 * u32::from(h)).saturating_mul(form.chunk.1.div_ceil(8 * u32::from(v)))
}
