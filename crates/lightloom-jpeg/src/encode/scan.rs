//! In which order the blocks of a picture are coded, and from which samples they come.

use super::transform::{LANES, lane};
use super::{Format, Sampling};

/// Where a block of each minimum coded unit is.
pub(super) struct Place {
    /// Its batch within the group.
    pub(super) batch: usize,
    /// How far its lane is from that of the unit's first block.
    pub(super) lane: usize,
    /// 0 for luma or grey, then Cb and Cr.
    pub(super) component: usize,
}

/// What a batch consists of.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// Eight rows of a plane of the strip, from this one on.
    Rows { plane: usize, first: usize },
    /// Eight rows of Cb and Cr, a block of each in turn.
    Chroma,
}

impl Source {
    pub(super) fn is_chroma(self) -> bool {
        !matches!(self, Self::Rows { plane: 0, .. })
    }
}

/// A group is what so many luma samples are side by side.
pub(super) const GROUP: usize = 8 * LANES;

/// How the strips of a picture are coded, group by group.
#[derive(Clone, Copy)]
pub(super) struct Order {
    /// Rows of luma in a strip.
    pub(super) rows: usize,
    /// Units of a group.
    pub(super) units: usize,
    /// Batches of a group.
    pub(super) sources: &'static [Source],
    /// The lane of each unit's first block.
    pub(super) lanes: [usize; LANES],
    /// Blocks of a unit.
    pub(super) places: &'static [Place],
}

const LUMA: Source = Source::Rows { plane: 0, first: 0 };

/// The lane of a second block beside one with an even number.
const NEXT: usize = lane(1) - lane(0);

const fn place(batch: usize, lane: usize, component: usize) -> Place {
    Place { batch, lane, component }
}

const GREY: [Place; 1] = [place(0, 0, 0)];
const S444: [Place; 3] = [place(0, 0, 0), place(1, 0, 1), place(2, 0, 2)];
const S422: [Place; 4] = [place(0, 0, 0), place(0, NEXT, 0), place(1, 0, 1), place(1, NEXT, 2)];
const S420: [Place; 6] =
    [place(0, 0, 0), place(0, NEXT, 0), place(1, 0, 0), place(1, NEXT, 0), place(2, 0, 1), place(2, NEXT, 2)];

impl Order {
    pub(super) fn of(format: Format, sampling: Sampling) -> Self {
        let whole = std::array::from_fn(lane);
        // Two blocks to a unit.
        let halves = std::array::from_fn(|unit| lane(2 * unit % LANES));
        match (format, sampling) {
            (Format::Grey, _) => Self { rows: 8, units: LANES, sources: &[LUMA], lanes: whole, places: &GREY },
            (_, Sampling::S444) => Self {
                rows: 8,
                units: LANES,
                sources: &[LUMA, Source::Rows { plane: 1, first: 0 }, Source::Rows { plane: 2, first: 0 }],
                lanes: whole,
                places: &S444,
            },
            (_, Sampling::S422) => {
                Self { rows: 8, units: LANES / 2, sources: &[LUMA, Source::Chroma], lanes: halves, places: &S422 }
            }
            (_, Sampling::S420) => Self {
                rows: 16,
                units: LANES / 2,
                sources: &[LUMA, Source::Rows { plane: 0, first: 8 }, Source::Chroma],
                lanes: halves,
                places: &S420,
            },
        }
    }
}
