//! Files whose coefficients come in several scans (ITU-T T.81, annex G), or whose components do (A.2).

use multiversion::multiversion;

use super::bits::{Bits, Bytes, Data};
use super::entropy::Group;
use super::huffman::{Ac, Dc};
use super::markers::{Defined, Headers, Scanned, Tables, ZIGZAG};
use super::{Declined, LANES};

const INVALID: Declined = Declined("the data are damaged");

/// The coefficients of a picture.
pub(super) struct Coefficients {
    components: Vec<Stored>,
}

/// The coefficients of a component.
struct Stored {
    /// Blocks in an MCU: columns and rows.
    blocks: (usize, usize),
    /// Blocks that belong to the picture: columns and rows.
    own: (usize, usize),
    /// Groups in a row of blocks.
    stride: usize,
    /// Of as many neighbouring blocks as there are lanes: by row × 8 + column, then by lane.
    groups: Vec<[[i16; LANES]; 64]>,
    /// Of each block, which coefficients are not 0: a bit for each, in the order of the file.
    nonzero: Vec<[u64; LANES]>,
    /// For each coefficient in the order of the file, how many of its lowest bits are still missing.
    missing: [u32; 64],
}

/// More are for the decoder that counts them against a limit.
const MOST_SCANS: usize = 100;

/// The band of a scan with all coefficients, which only sequential files have.
const WHOLE: (usize, usize) = (0, 63);

/// Before the first scan of a coefficient.
const ALL: u32 = 32;

impl Coefficients {
    /// Reads what is needed for the `wanted` rows and columns of each component's coefficients.
    ///
    /// # Errors
    /// If the data are damaged or not complete, or `go_on` says no.
    pub(super) fn read(
        headers: &Headers<'_>,
        (first, defined): (&Scanned<'_>, &Defined),
        wanted: &[(usize, usize)],
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, Declined> {
        let mut coefficients = Self::new(headers);
        let (mut scans, mut defined) = (vec![first.clone()], defined.clone());
        while let Some(next) = defined.next_scan(behind(scans[scans.len() - 1].data)?)? {
            scans.push(next);
            if scans.len() > MOST_SCANS {
                return Err(Declined("there are very many scans"));
            }
        }
        let is_progressive = defined.is_progressive();
        scans.iter().try_for_each(|scan| coefficients.account(scan, is_progressive))?;
        if coefficients.components.iter().any(|component| component.missing != [0; 64]) {
            return Err(Declined("scans are missing"));
        }
        for (scan, is_needed) in scans.iter().zip(needed(&scans, wanted)) {
            if is_needed {
                coefficients.scan(scan, go_on)?;
            }
        }
        Ok(coefficients)
    }

    fn new(headers: &Headers<'_>) -> Self {
        let finest = headers.components[0].blocks;
        let (columns, rows) = (headers.width.div_ceil(8 * finest.0), headers.height.div_ceil(8 * finest.1));
        let stored = |blocks: (usize, usize)| {
            let stride = columns.div_ceil(LANES) * blocks.0;
            let side = |length: usize, own: usize, finest: usize| (length * own).div_ceil(finest).div_ceil(8);
            Stored {
                blocks,
                own: (side(headers.width, blocks.0, finest.0), side(headers.height, blocks.1, finest.1)),
                stride,
                groups: vec![[[0; LANES]; 64]; stride * rows * blocks.1],
                nonzero: vec![[0; LANES]; stride * rows * blocks.1],
                missing: [ALL; 64],
            }
        };
        Self { components: headers.components.iter().map(|component| stored(component.blocks)).collect() }
    }

    /// Notes what a scan brings, which must be what it can bring.
    fn account(&mut self, scan: &Scanned<'_>, is_progressive: bool) -> Result<(), Declined> {
        let ((first, last), (before, after)) = (scan.band, scan.missing);
        let is_dc = first == 0 && last == 0;
        let is_band = first > 0 && first <= last && last < 64 && scan.components.len() == 1;
        let is_first = before == 0 && after <= 13;
        let is_whole = scan.band == WHOLE && scan.missing == (0, 0);
        let is_usual = if is_progressive { is_dc || is_band } else { is_whole };
        if !is_usual || !(is_first || before == after + 1) || scan.components.is_empty() {
            return Err(Declined("a scan is of an unusual kind"));
        }
        for tables in &scan.components {
            for missing in &mut self.components[tables.component].missing[first..=last] {
                if *missing != if before == 0 { ALL } else { before } {
                    return Err(Declined("a scan comes too early or too late"));
                }
                *missing = after;
            }
        }
        Ok(())
    }

    /// Reads a scan.
    fn scan(&mut self, scan: &Scanned<'_>, go_on: &mut dyn FnMut() -> bool) -> Result<(), Declined> {
        let mut data = Data::new(scan.data, scan.restart_interval);
        let mut state = State::default();
        let interleaved = scan.components.len() > 1;
        let first = &self.components[scan.components[0].component];
        // An MCU of a single component is a block.
        let (columns, rows) = if interleaved {
            (first.stride / first.blocks.0 * LANES, first.groups.len() / first.stride / first.blocks.1)
        } else {
            first.own
        };
        // The last MCUs of a row may be none.
        let columns = if interleaved { self.columns_of(columns) } else { columns };
        for row in 0..rows {
            if !go_on() {
                return Err(Declined("it was stopped"));
            }
            row_of_mcus(self, scan, (row, columns), &mut data, &mut state)?;
        }
        data.end().map(|_| ())
    }

    /// MCUs in a row of the picture, of which at most `padded` are stored.
    fn columns_of(&self, padded: usize) -> usize {
        let first = &self.components[0];
        first.own.0.div_ceil(first.blocks.0).min(padded)
    }

    /// Copies the coefficients of as many MCUs as there are lanes, from the MCU in `column` of a row on.
    pub(super) fn copy(&self, row: usize, column: usize, groups: &mut [Group]) {
        let mut groups = groups.iter_mut();
        for stored in &self.components {
            let (across, down) = stored.blocks;
            for y in row * down..(row + 1) * down {
                let from = y * stored.stride + column / LANES * across;
                for (from, to) in stored.groups[from..from + across].iter().zip(groups.by_ref()) {
                    to.coefficients[..64].copy_from_slice(from);
                    to.used = 64;
                }
            }
        }
    }
}

/// Reads a row of MCUs.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt"))]
fn row_of_mcus<'a>(
    coefficients: &mut Coefficients,
    scan: &Scanned<'a>,
    (row, columns): (usize, usize),
    data: &mut Data<'a>,
    state: &mut State,
) -> Result<(), Declined> {
    for column in 0..columns {
        if data.begin_mcu()? {
            *state = State::default();
        }
        let mut bits = data.bits;
        let window = data.window.bytes();
        for tables in &scan.components {
            let stored = &mut coefficients.components[tables.component];
            let (across, down) = if scan.components.len() > 1 { stored.blocks } else { (1, 1) };
            for y in row * down..(row + 1) * down {
                for x in column * across..(column + 1) * across {
                    let at = y * stored.stride + x / LANES;
                    let nonzero = &mut stored.nonzero[at][x % LANES];
                    let block = Block { group: &mut stored.groups[at], lane: x % LANES, nonzero };
                    bits = block.decode(scan, tables, state, bits, window).ok_or(INVALID)?;
                }
            }
        }
        data.end_mcu(bits)?;
    }
    Ok(())
}

/// What follows the data of a scan, from a marker on.
fn behind(data: &[u8]) -> Result<&[u8], Declined> {
    let is_marker = |at: &usize| data.get(at + 1).is_some_and(|byte| !matches!(byte, 0 | 0xd0..=0xd7 | 0xff));
    let at = memchr::memchr_iter(0xff, data).find(is_marker);
    at.map(|at| &data[at..]).ok_or(Declined("the data end without a marker"))
}

/// Which scans are needed for the `wanted` rows and columns of each component: those with such coefficients, and those
/// before them with coefficients that later scans refine together with them.
fn needed(scans: &[Scanned<'_>], wanted: &[(usize, usize)]) -> Vec<bool> {
    let mut positions: Vec<[bool; 64]> = wanted
        .iter()
        .map(|(rows, columns)| {
            let is_wanted = |place: u8| usize::from(place) / 8 < *rows && usize::from(place) % 8 < *columns;
            ZIGZAG.map(is_wanted)
        })
        .collect();
    let mut needed = vec![false; scans.len()];
    for (scan, is_needed) in scans.iter().zip(&mut needed).rev() {
        let (first, last) = scan.band;
        *is_needed = scan.components.iter().any(|tables| positions[tables.component][first..=last].contains(&true));
        if *is_needed {
            scan.components.iter().for_each(|tables| positions[tables.component][first..=last].fill(true));
        }
    }
    needed
}

/// What the blocks of a scan have in common.
#[derive(Default)]
struct State {
    /// DC of the block before, of each component.
    previous: [i32; 3],
    /// Blocks that have no more new coefficients in this scan.
    ended: u32,
}

/// A block in a lane of its group.
struct Block<'a> {
    group: &'a mut [[i16; LANES]; 64],
    lane: usize,
    nonzero: &'a mut u64,
}

impl Block<'_> {
    #[inline(always)]
    fn decode(
        mut self,
        scan: &Scanned<'_>,
        tables: &Tables,
        state: &mut State,
        mut bits: Bits,
        window: &Bytes,
    ) -> Option<Bits> {
        let (before, after) = scan.missing;
        match (scan.band.0, before) {
            (0, 0) => {
                let previous = &mut state.previous[tables.component];
                self.dc(tables.dc.as_deref()?, previous, after, &mut bits, window)?;
                if scan.band == WHOLE {
                    self.band(tables.ac.as_deref()?, (1, 63), after, &mut state.ended, &mut bits, window)?;
                    // Blocks end one by one here.
                    if state.ended > 0 {
                        return None;
                    }
                }
            }
            (0, _) => {
                if bits.bit(window) {
                    *self.at(0) |= 1 << after;
                }
            }
            (_, 0) => self.band(tables.ac.as_deref()?, scan.band, after, &mut state.ended, &mut bits, window)?,
            _ => self.refinement(tables.ac.as_deref()?, scan, &mut state.ended, &mut bits, window)?,
        }
        Some(bits)
    }

    /// A coefficient, by its number in the order of the file.
    #[inline(always)]
    fn at(&mut self, position: usize) -> &mut i16 {
        &mut self.group[usize::from(ZIGZAG[position & 63])][self.lane % LANES]
    }

    #[inline(always)]
    fn dc(&mut self, dc: &Dc, previous: &mut i32, after: u32, bits: &mut Bits, window: &Bytes) -> Option<()> {
        bits.refill(window);
        *previous += dc.difference(bits, window)?;
        let value = i16::try_from(*previous).ok()?;
        *self.at(0) = i16::try_from(i32::from(value) << after).ok()?;
        Some(())
    }

    /// The first scan of a band (G.1.2.2).
    #[inline(always)]
    fn band(
        &mut self,
        ac: &Ac,
        (mut position, last): (usize, usize),
        after: u32,
        ended: &mut u32,
        bits: &mut Bits,
        window: &Bytes,
    ) -> Option<()> {
        if *ended > 0 {
            *ended -= 1;
            return Some(());
        }
        while position <= last {
            bits.refill(window);
            let symbol = ac.symbol(bits)?;
            let (run, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && run < 15 {
                *ended = (1 << run) - 1 + bits.unsigned(run as u32);
                return Some(());
            }
            position += run;
            if size > 0 {
                let value = bits.number(size) << after;
                self.set((position <= last).then_some(position)?, i16::try_from(value).ok()?);
            }
            position += 1;
        }
        Some(())
    }

    /// A later scan of a band: one more bit of each coefficient that is not 0, and new ones (G.1.2.3).
    #[inline(always)]
    fn refinement(
        &mut self,
        ac: &Ac,
        scan: &Scanned<'_>,
        ended: &mut u32,
        bits: &mut Bits,
        window: &Bytes,
    ) -> Option<()> {
        let ((mut position, last), bit) = (scan.band, 1 << scan.missing.1);
        while position <= last && *ended == 0 {
            bits.refill(window);
            let symbol = ac.symbol(bits)?;
            let (mut run, size) = (u32::from(symbol >> 4), symbol & 15);
            let mut value = 0;
            if size > 1 {
                return None;
            } else if size == 1 {
                value = if bits.unsigned(1) == 1 { bit } else { -bit };
            } else if run < 15 {
                *ended = (1 << run) + bits.unsigned(run);
                break;
            }
            loop {
                let zeros = (*self.nonzero >> position).trailing_zeros().min((last + 1 - position) as u32);
                if run < zeros {
                    position += run as usize;
                    if value != 0 {
                        self.set(position, value);
                    }
                    break;
                }
                run -= zeros;
                position += zeros as usize;
                if position > last {
                    // A new coefficient has to have a place.
                    if value != 0 {
                        return None;
                    }
                    break;
                }
                refine(self.at(position), bit, bits, window);
                position += 1;
                if position > last {
                    return if value == 0 { Some(()) } else { None };
                }
            }
            position += 1;
        }
        if *ended > 0 {
            *ended -= 1;
            let mut rest =
                *self.nonzero & (u64::MAX >> (63 - last)) & u64::MAX.checked_shl(position as u32).unwrap_or(0);
            while rest != 0 {
                refine(self.at(rest.trailing_zeros() as usize), bit, bits, window);
                rest &= rest - 1;
            }
        }
        Some(())
    }

    #[inline(always)]
    fn set(&mut self, position: usize, value: i16) {
        *self.at(position) = value;
        *self.nonzero |= 1 << (position & 63);
    }
}

#[inline(always)]
fn refine(coefficient: &mut i16, bit: i16, bits: &mut Bits, window: &Bytes) {
    if bits.bit(window) && *coefficient & bit == 0 {
        *coefficient = coefficient.wrapping_add(if *coefficient > 0 { bit } else { -bit });
    }
}
