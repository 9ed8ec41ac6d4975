//! Tables that turn the next bits into symbols (RFC 1951, 3.2).

/// An entry of a table: in its lowest byte how many bits it takes, and above that what they mean.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Entry(pub u32);

impl Entry {
    /// It is no literal.
    const OTHER: u32 = 1 << 15;
    /// It is neither a literal nor a length or distance.
    const RARE: u32 = 1 << 14;
    /// It leads to a second table.
    const SECOND: u32 = 1 << 13;
    /// It ends the block.
    const END: u32 = 1 << 12;
    /// A code that does not occur.
    const NONE: Self = Self(Self::OTHER | Self::RARE);

    /// One byte.
    const fn literal(byte: u8, bits: u32) -> Self {
        Self((byte as u32) << 16 | bits)
    }

    /// A length or distance of at least `base`, behind whose code come `extra` bits; the code takes `bits`.
    const fn number(base: u32, extra: u32, bits: u32) -> Self {
        Self(base << 16 | Self::OTHER | bits << 8 | (bits + extra))
    }

    /// The rest of the code is looked up at `start`.
    const fn second(start: usize, bits: u32) -> Self {
        Self((start as u32) << 16 | Self::OTHER | Self::RARE | Self::SECOND | bits)
    }

    pub const fn is_literal(self) -> bool {
        self.0 & Self::OTHER == 0
    }

    /// Of a literal.
    pub const fn byte(self) -> u8 {
        (self.0 >> 16) as u8
    }

    pub const fn is_rare(self) -> bool {
        self.0 & Self::RARE != 0
    }

    pub const fn is_end(self) -> bool {
        self.0 & Self::END != 0
    }

    pub const fn is_second(self) -> bool {
        self.0 & Self::SECOND != 0
    }

    /// Where a second table begins.
    pub const fn start(self) -> usize {
        (self.0 >> 16) as usize
    }

    /// Bits that it takes.
    pub const fn bits(self) -> u32 {
        self.0 & 63
    }

    /// Of a length or distance: which it is, by the bits that the entry takes.
    #[inline(always)]
    pub const fn value(self, bits: u64) -> usize {
        let extra = (bits & ((1 << self.bits()) - 1)) >> (self.0 >> 8 & 15);
        (self.0 >> 16) as usize + extra as usize
    }
}

/// Bits of the first table of literals and lengths.
pub(super) const LITERAL_BITS: u32 = 11;
/// Bits of the first table of distances.
pub(super) const DISTANCE_BITS: u32 = 8;
const LONGEST: u32 = 15;

/// More than all codes need, so that no index has to be checked: 2¹¹ and 143 second tables of 2⁴; 2⁸ and 15 of 2⁷.
const LITERALS: usize = 8192;
const DISTANCES: usize = 4096;

/// The codes of a block.
pub(super) struct Tables {
    pub literals: [Entry; LITERALS],
    pub distances: [Entry; DISTANCES],
}

impl Tables {
    pub fn new() -> Self {
        Self { literals: [Entry::NONE; LITERALS], distances: [Entry::NONE; DISTANCES] }
    }

    /// From the lengths of all codes; 0 where there is none. None if there are no such codes.
    pub fn build(&mut self, literals: &[u8], distances: &[u8]) -> Option<()> {
        build::<LITERALS>(&mut self.literals, literals, LITERAL_BITS, literal_or_length)?;
        build::<DISTANCES>(&mut self.distances, distances, DISTANCE_BITS, distance)
    }

    #[inline(always)]
    pub fn literal(&self, bits: u64) -> Entry {
        self.literals[(bits & ((1 << LITERAL_BITS) - 1)) as usize]
    }

    /// What a code means whose first bits lead to `first`. `bits` begin with the code.
    #[inline(always)]
    pub fn second_literal(&self, first: Entry, bits: u64) -> Entry {
        self.literals[(first.start() + second(bits, LITERAL_BITS)) % LITERALS]
    }

    #[inline(always)]
    pub fn distance(&self, bits: u64) -> Entry {
        self.distances[(bits & ((1 << DISTANCE_BITS) - 1)) as usize]
    }

    #[inline(always)]
    pub fn second_distance(&self, first: Entry, bits: u64) -> Entry {
        self.distances[(first.start() + second(bits, DISTANCE_BITS)) % DISTANCES]
    }
}

/// The bits that a second table is looked up by.
#[inline(always)]
const fn second(bits: u64, first: u32) -> usize {
    (bits >> first) as usize & ((1 << (LONGEST - first)) - 1)
}

/// What a symbol of literals and lengths means, its code having `bits`.
fn literal_or_length(symbol: usize, bits: u32) -> Entry {
    const LENGTHS: [(u16, u8); 29] = [
        (3, 0),
        (4, 0),
        (5, 0),
        (6, 0),
        (7, 0),
        (8, 0),
        (9, 0),
        (10, 0),
        (11, 1),
        (13, 1),
        (15, 1),
        (17, 1),
        (19, 2),
        (23, 2),
        (27, 2),
        (31, 2),
        (35, 3),
        (43, 3),
        (51, 3),
        (59, 3),
        (67, 4),
        (83, 4),
        (99, 4),
        (115, 4),
        (131, 5),
        (163, 5),
        (195, 5),
        (227, 5),
        (258, 0),
    ];
    match symbol {
        0..=255 => Entry::literal(symbol as u8, bits),
        256 => Entry(Entry::OTHER | Entry::RARE | Entry::END | bits),
        _ => LENGTHS
            .get(symbol - 257)
            .map_or(Entry::NONE, |(base, extra)| Entry::number(u32::from(*base), u32::from(*extra), bits)),
    }
}

/// What a symbol of distances means, its code having `bits`.
fn distance(symbol: usize, bits: u32) -> Entry {
    match symbol as u32 {
        symbol @ 0..2 => Entry::number(symbol + 1, 0, bits),
        symbol @ 2..30 => {
            let extra = symbol / 2 - 1;
            Entry::number(1 + ((2 + symbol % 2) << extra), extra, bits)
        }
        _ => Entry::NONE,
    }
}

/// The symbols that have codes, in the order of those.
struct Codes {
    /// How many codes there are of each length.
    counts: [u16; LONGEST as usize + 1],
    symbols: [u16; SYMBOLS],
    /// Whether there is one code or none, so that some bits mean nothing.
    is_sparse: bool,
}

/// Places for all symbols.
const SYMBOLS: usize = 288;

impl Codes {
    /// From the lengths of all symbols' codes (RFC 1951, 3.2.2). They have to be complete, unless there is one of one bit or
    /// none, as the distances of a block without matches.
    fn new(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0; LONGEST as usize + 1];
        lengths.iter().filter(|length| **length > 0).for_each(|length| counts[usize::from(length & 15)] += 1);
        let taken: u32 = (1..=LONGEST).map(|length| u32::from(counts[length as usize]) << (LONGEST - length)).sum();
        // A single symbol has the code 0 (3.2.7).
        let is_sparse = counts.iter().sum::<u16>() == counts[1] && counts[1] <= 1;
        (taken == 1 << LONGEST || is_sparse).then_some(())?;
        let mut places = [0; LONGEST as usize + 1];
        for length in 1..LONGEST as usize {
            places[length + 1] = places[length] + counts[length];
        }
        let mut symbols = [0; SYMBOLS];
        for (symbol, length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
            let place = &mut places[usize::from(length & 15)];
            *symbols.get_mut(usize::from(*place))? = symbol as u16;
            *place += 1;
        }
        Some(Self { counts, symbols, is_sparse })
    }

    /// Each with its length and its code, whose first bit is the lowest.
    fn iter(&self) -> impl Iterator<Item = (usize, u32, usize)> {
        let lengths = (1..=LONGEST).flat_map(|length| (0..self.counts[length as usize]).map(move |_| length));
        let (mut code, mut before) = (0_u32, 0);
        lengths.zip(&self.symbols).map(move |(length, symbol)| {
            code <<= length - before;
            before = length;
            let reversed = code.reverse_bits() >> (u32::BITS - length);
            code += 1;
            (usize::from(*symbol), length, reversed as usize)
        })
    }
}

/// Fills a table whose first part is looked up by `first_bits`. What does not occur is [`Entry::NONE`].
fn build<const SIZE: usize>(
    table: &mut [Entry; SIZE],
    lengths: &[u8],
    first_bits: u32,
    meaning: impl Fn(usize, u32) -> Entry,
) -> Option<()> {
    let codes = Codes::new(lengths)?;
    let first_size = 1 << first_bits;
    if codes.is_sparse {
        table[..first_size].fill(Entry::NONE);
    }
    let second_size = 1 << (LONGEST - first_bits);
    // So much of the table is filled, but for codes that are longer than those so far.
    let mut filled = 1;
    let mut end = first_size;
    let mut before = None;
    for (symbol, length, code) in codes.iter() {
        let entry = meaning(symbol, length);
        if codes.is_sparse {
            (code..first_size).step_by(1 << length).for_each(|place| table[place] = entry);
        } else if length <= first_bits {
            double(table, &mut filled, 1 << length);
            table[code] = entry;
        } else {
            double(table, &mut filled, first_size);
            let (first, rest) = (code % first_size, code >> first_bits);
            if before != Some(first) {
                before = Some(first);
                table[first] = Entry::second(end, first_bits);
                end += second_size;
            }
            let second = table.get_mut(end - second_size..end)?;
            (rest..second_size).step_by(1 << (length - first_bits)).for_each(|place| second[place] = entry);
        }
    }
    if !codes.is_sparse {
        double(table, &mut filled, first_size);
    }
    Some(())
}

/// Repeats the first `filled` entries until there are `size`.
fn double(table: &mut [Entry], filled: &mut usize, size: usize) {
    while *filled < size {
        table.copy_within(..*filled, *filled);
        *filled *= 2;
    }
}

/// What seven bits mean among the codes of lengths: a symbol and how many bits it takes, or (0, 0).
pub(super) fn lengths(lengths: &[u8; 19]) -> Option<[(u8, u8); 128]> {
    let mut table = [(0, 0); 128];
    let mut code = 0_usize;
    for length in 1..=7_usize {
        for symbol in (0..19).filter(|symbol| usize::from(lengths[*symbol]) == length) {
            let reversed = code.reverse_bits() >> (usize::BITS as usize - length);
            (code < 1 << length).then_some(())?;
            (reversed..128).step_by(1 << length).for_each(|place| table[place] = (symbol as u8, length as u8));
            code += 1;
        }
        code <<= 1;
    }
    // Complete, or of one symbol.
    (code == 256 || lengths.iter().filter(|length| **length > 0).count() == 1).then_some(table)
}
