//! The order of the runs within a round, random and yet the same again from the same seed.

/// The next number of SplitMix64 (G. Steele, D. Lea and C. Flood, OOPSLA 2014).
pub(crate) fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The numbers below `count` in the order of this round, by the method of Fisher and Yates.
pub(crate) fn shuffled(count: usize, seed: u64, round: usize) -> Vec<usize> {
    let mut state = seed ^ (round as u64).wrapping_mul(0xd134_2543_de82_ef95);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        // The remainder favours small numbers by less than one part in 2⁵⁰.
        let other = (split_mix(&mut state) % (last as u64 + 1)) as usize;
        order.swap(last, other);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_every_place_equally_often() {
        let mut counts = [[0; 5]; 5];
        for round in 0..5000 {
            let order = shuffled(5, 7, round);
            order.iter().enumerate().for_each(|(place, choice)| counts[place][*choice] += 1);
        }
        // 1000 each; five standard deviations are 142
        assert!(counts.iter().flatten().all(|count| (858..=1142).contains(count)), "{counts:?}");
        assert_eq!(shuffled(5, 7, 3), shuffled(5, 7, 3));
        assert_ne!(shuffled(9, 7, 3), shuffled(9, 8, 3));
        assert!(shuffled(0, 1, 1).is_empty());
    }
}
