//! How the error that is allowed is divided among the looks at a study whose rounds are added one after the other.

/// Fewer rounds say nothing.
pub(crate) const LEAST_ROUNDS: usize = 3;

/// Rounds after which a study looks whether its answer is clear, with the share of the error that each look may spend.
/// Together the shares are 1.
const LOOKS: [(usize, f64); 8] =
    [(4, 0.2), (6, 0.2), (8, 0.25), (12, 0.15), (16, 0.08), (24, 0.06), (32, 0.03), (48, 0.03)];

/// No study goes on for longer: what is not clear by then is too small to matter.
pub(crate) const MOST_ROUNDS: usize = LOOKS[LOOKS.len() - 1].0;

/// The next number of rounds, not below `rounds`, after which to look; `None` after the last.
pub(crate) fn next_look(rounds: usize) -> Option<usize> {
    LOOKS.iter().map(|(look, _)| *look).find(|look| *look >= rounds)
}

/// The share of the error for a look after `rounds`. A study that ends between two looks spends the share of the second.
pub(crate) fn share(rounds: usize) -> f64 {
    let last = LOOKS[LOOKS.len() - 1];
    LOOKS.iter().find(|(look, _)| *look >= rounds).unwrap_or(&last).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_looks_spend_all_of_the_error_and_no_more() {
        assert!((LOOKS.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(LOOKS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!((next_look(1), next_look(5), next_look(48), next_look(49)), (Some(4), Some(6), Some(48), None));
        assert_eq!((share(3), share(7), share(99)), (0.2, 0.25, 0.03));
    }
}
