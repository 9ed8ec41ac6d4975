//! Damaged files: bits flipped, tails cut, pieces of two files put together.

/// A small generator (xorshift*, G. Marsaglia 2003; S. Vigna 2016).
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// The name of one of the files and what damage makes of it; the same for the same number.
pub fn damaged(seeds: &[(String, Vec<u8>)], case: u64) -> (String, Vec<u8>) {
    let mut random = Random::new(case);
    let (name, seed) = &seeds[case as usize % seeds.len()];
    let mut bytes = seed.clone();
    match random.below(4) {
        // Bits, more often near the beginning, where the structure is.
        0 | 1 => {
            for _ in 0..=random.below(8) {
                let reach = if random.below(2) == 0 { bytes.len().min(128) } else { bytes.len() };
                let at = random.below(reach);
                bytes[at] ^= 1 << random.below(8);
            }
        }
        2 => bytes.truncate(random.below(seed.len())),
        _ => {
            let other = &seeds[random.below(seeds.len())].1;
            let (from, to) = (random.below(bytes.len()), random.below(other.len()));
            bytes.truncate(from);
            bytes.extend(&other[to..]);
            if random.below(2) == 0 && bytes.len() > 4 {
                let at = random.below(bytes.len() - 4);
                bytes[at..at + 4].copy_from_slice(&(random.next() as u32).to_le_bytes());
            }
        }
    }
    (name.clone(), bytes)
}
