//! From bits to coefficients (ITU-T T.81, F.2).

use std::sync::Arc;

use multiversion::multiversion;

use super::bits::{Bits, Bytes, Window};
use super::huffman::{Ac, Dc, END, LOOKUP};
use super::markers::{Component, Headers, ZIGZAG};
use super::{Declined, LANES};

/// The coefficients of as many neighbouring blocks as there are lanes.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Group {
    /// By row × 8 + column, then by lane. What is not wanted lands at [`UNWANTED`].
    pub(super) coefficients: [[i16; LANES]; PLACES],
    /// All others, in the order of the file, are 0.
    pub(super) used: usize,
}

/// Twice as many as there are coefficients, so that no index needs a check; hardly any of the others is ever touched.
const PLACES: usize = 128;

const UNWANTED: u8 = 64;

impl Group {
    pub(super) const EMPTY: Self = Self { coefficients: [[0; LANES]; PLACES], used: 0 };
}

/// Lookups for which one refill has enough bits.
const LOOKUPS: u32 = 56 / LOOKUP;

/// So many coefficients are worth passing over all others.
const FEW: usize = 16;

/// What is wanted of a component, and how far it is decoded.
struct Coder {
    dc: Arc<Dc>,
    ac: Arc<Ac>,
    /// Where each coefficient goes. Damaged files have some behind the last.
    places: [u8; 256],
    /// From here on, in the order of the file, coefficients are passed over.
    wanted: usize,
    /// DC of the block before.
    previous: i32,
}

impl Coder {
    /// For the coefficients of the first `rows` and `columns`.
    fn new(component: &Component, (rows, columns): (usize, usize)) -> Self {
        let mut places = [UNWANTED; 256];
        let mut wanted = 0;
        for (position, place) in ZIGZAG.into_iter().enumerate() {
            if usize::from(place) / 8 < rows && usize::from(place) % 8 < columns {
                places[position] = place;
                wanted = position + 1;
            }
        }
        // To pass over the rest costs more than it saves where it is short.
        if wanted > FEW {
            wanted = 64;
        }
        Self { dc: component.dc.clone(), ac: component.ac.clone(), places, wanted, previous: 0 }
    }

    /// Decodes a block into a lane of a group.
    #[inline(always)]
    fn block(&mut self, mut bits: Bits, window: &Bytes, group: &mut Group, lane: usize) -> Option<Bits> {
        let coefficients = &mut group.coefficients;
        let mut put = |position: usize, value: i16| {
            let place = usize::from(self.places[usize::from(position as u8)]) % PLACES;
            coefficients[place][lane % LANES] = value;
        };
        bits.refill(window);
        self.previous += self.dc.difference(&mut bits, window)?;
        put(0, i16::try_from(self.previous).ok()?);
        let mut position = 1;
        // The first refill was for DC too.
        let mut lookups = LOOKUPS - 1;
        while position < self.wanted {
            for _ in 0..lookups {
                let pair = self.ac.pair(bits);
                // Behind the block's end nothing is wanted.
                put(position + pair.to_first(), pair.first());
                put(position + pair.to_second(), pair.second());
                let next = position + pair.advance();
                if next >= self.wanted {
                    if is_within(next) {
                        position = next;
                        bits.skip(pair.bits());
                    } else {
                        // No whole coefficient, or the last one, and what follows it is another block.
                        let value;
                        (bits, position, value) = self.ac.single(bits, window, position)?;
                        put(position - 1, value);
                    }
                    break;
                }
                position = next;
                bits.skip(pair.bits());
            }
            bits.refill(window);
            lookups = LOOKUPS;
        }
        while position < 64 {
            bits.refill(window);
            for _ in 0..LOOKUPS {
                let passed = self.ac.passed(bits);
                let next = position + passed.advance();
                if next >= 64 {
                    if is_within(next) {
                        position = next;
                        bits.skip(passed.bits());
                    } else {
                        (bits, position, _) = self.ac.single(bits, window, position)?;
                    }
                    break;
                }
                position = next;
                bits.skip(passed.bits());
            }
        }
        let used = match position {
            64 => 64,
            END.. => position - END,
            _ => return None,
        };
        group.used = group.used.max(used);
        Some(bits)
    }
}

/// Whether a position that was reached by several coefficients is right: it is in the block or directly behind it, or the
/// end of the block followed a coefficient that was not the last.
#[inline(always)]
fn is_within(position: usize) -> bool {
    position <= 64 || (END..END + 64).contains(&position)
}

/// Where a block of an MCU goes.
struct Block {
    component: usize,
    group: usize,
    lane: usize,
}

/// The scan of a file, read from its start to its end.
pub(super) struct Scan<'a> {
    window: Window<'a>,
    bits: Bits,
    coders: Vec<Coder>,
    /// Of as many MCUs as there are lanes.
    blocks: Vec<Vec<Block>>,
    restart_interval: usize,
    /// MCUs until the next restart marker.
    until_restart: usize,
    /// The last three bits of the next restart marker.
    next_restart: u8,
}

impl<'a> Scan<'a> {
    /// `wanted` says for each component how many rows and columns of coefficients are of use.
    pub(super) fn new(headers: &Headers<'a>, wanted: &[(usize, usize)]) -> Self {
        let coder = |(component, wanted): (&Component, &_)| Coder::new(component, *wanted);
        let coders = headers.components.iter().zip(wanted).map(coder);
        Self {
            window: Window::new(headers.data),
            bits: Bits::default(),
            coders: coders.collect(),
            blocks: (0..LANES).map(|mcu| Self::blocks(headers, mcu)).collect(),
            restart_interval: headers.restart_interval,
            until_restart: headers.restart_interval,
            next_restart: 0,
        }
    }

    /// Where the blocks of an MCU go, in the order of the file.
    fn blocks(headers: &Headers<'a>, mcu: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut first_group = 0;
        for (component, Component { blocks: (columns, rows), .. }) in headers.components.iter().enumerate() {
            for row in 0..*rows {
                for column in mcu * columns..(mcu + 1) * columns {
                    let group = first_group + row * columns + column / LANES;
                    blocks.push(Block { component, group, lane: column % LANES });
                }
            }
            first_group += columns * rows;
        }
        blocks
    }

    /// Decodes `count` MCUs, at most [`LANES`], into the groups of all components, one after the other: for each of a
    /// component's rows of blocks in an MCU, as many groups as it has columns.
    pub(super) fn mcus(&mut self, count: usize, groups: &mut [Group]) -> Result<(), Declined> {
        mcus(self, count, groups)
    }

    /// Ends the scan.
    ///
    /// # Errors
    /// If something follows other than the end of the file.
    pub(super) fn end(mut self) -> Result<(), Declined> {
        match self.window.marker(&mut self.bits)? {
            0xd9 => Ok(()),
            _ => Err(Declined("something follows the scan")),
        }
    }

    #[cold]
    fn restart(&mut self) -> Result<(), Declined> {
        if self.window.marker(&mut self.bits)? != 0xd0 + self.next_restart {
            return Err(Declined("a restart marker is missing"));
        }
        self.next_restart = (self.next_restart + 1) % 8;
        self.until_restart = self.restart_interval;
        self.coders.iter_mut().for_each(|coder| coder.previous = 0);
        Ok(())
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2+lzcnt"))]
fn mcus<'a>(scan: &mut Scan<'a>, count: usize, groups: &mut [Group]) -> Result<(), Declined> {
    for blocks in 0..count {
        if scan.restart_interval > 0 {
            if scan.until_restart == 0 {
                scan.restart()?;
            }
            scan.until_restart -= 1;
        }
        scan.window.prepare(&mut scan.bits)?;
        let window = scan.window.bytes();
        let mut bits = scan.bits;
        for block in &scan.blocks[blocks] {
            let (coder, group) = (&mut scan.coders[block.component], &mut groups[block.group]);
            bits = coder.block(bits, window, group, block.lane).ok_or(Declined("the data are damaged"))?;
        }
        scan.bits = bits;
        scan.window.check(bits)?;
    }
    Ok(())
}
