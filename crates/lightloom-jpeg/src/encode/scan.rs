//! In which order the blocks of a picture are coded, and from which samples they come.

use super::transform::LANES;
use super::{Format, Sampling};

/// Where a block of each minimum coded unit is.
pub(super) struct Place {
    /// Its batch within the group.
    pub(super) batch: usize,
    /// Its place in the batch in the group's first unit …
    pub(super) first: usize,
    /// … and how much further it is in each that follows.
    pub(super) step: usize,
    /// 0 for luma or grey, then Cb and Cr.
    pub(super) component: usize,
}

/// What a batch consists of.
#[derive(Clone, Copy)]
pub(super) enum Source {
    /// Eight rows of a plane of the strip, from this one on.
    Rows { plane: usize, first: usize },
    /// The eight rows of Cb, then those of Cr.
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
    /// Blocks of a unit.
    pub(super) places: &'static [Place],
}

const LUMA: Source = Source::Rows { plane: 0, first: 0 };

const fn place(batch: usize, first: usize, step: usize, component: usize) -> Place {
    Place { batch, first, step, component }
}

const HALF: usize = LANES / 2;

const GREY: [Place; 1] = [place(0, 0, 1, 0)];
const S444: [Place; 3] = [place(0, 0, 1, 0), place(1, 0, 1, 1), place(2, 0, 1, 2)];
const S422: [Place; 4] = [place(0, 0, 2, 0), place(0, 1, 2, 0), place(1, 0, 1, 1), place(1, HALF, 1, 2)];
const S420: [Place; 6] = [
    place(0, 0, 2, 0),
    place(0, 1, 2, 0),
    place(1, 0, 2, 0),
    place(1, 1, 2, 0),
    place(2, 0, 1, 1),
    place(2, HALF, 1, 2),
];

impl Order {
    pub(super) fn of(format: Format, sampling: Sampling) -> Self {
        match (format, sampling) {
            (Format::Grey, _) => Self { rows: 8, units: LANES, sources: &[LUMA], places: &GREY },
            (_, Sampling::S444) => Self {
                rows: 8,
                units: LANES,
                sources: &[LUMA, Source::Rows { plane: 1, first: 0 }, Source::Rows { plane: 2, first: 0 }],
                places: &S444,
            },
            (_, Sampling::S422) => {
                Self { rows: 8, units: HALF, sources: &[LUMA, Source::Chroma], places: &S422 }
            }
            (_, Sampling::S420) => Self {
                rows: 16,
                units: HALF,
                sources: &[LUMA, Source::Rows { plane: 0, first: 8 }, Source::Chroma],
                places: &S420,
            },
        }
    }
}
