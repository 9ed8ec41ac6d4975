//! What the overrides of several pictures have in common.

use std::sync::Arc;

use crate::batch::OverridesBySource;
use crate::gui::model::state::State;
use crate::recipe::Overrides;

/// What the pictures have in common that an adjustment would change.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Common {
    /// How many they are.
    pub pictures: usize,
    /// Whether anything is different for any of them.
    pub is_changed: bool,
    /// Which of the parameters do not have the same value for all.
    pub mixed: [bool; Overrides::SPECS.len()],
}

impl Common {
    /// Of pictures with these overrides.
    fn of(all: impl Iterator<Item = Overrides>) -> Self {
        let mut common = Self::default();
        let mut first = None;
        for own in all {
            common.pictures += 1;
            common.is_changed |= !own.is_none();
            let first = first.get_or_insert(own);
            if *first != own {
                for ((mixed, a), b) in common.mixed.iter_mut().zip(first.values()).zip(own.values()) {
                    *mixed |= a != b;
                }
            }
        }
        common
    }
}

/// The last [`Common`] and what it was made of, so that a frame does not look at a long list again.
#[derive(Debug, Default)]
pub struct CommonMemory {
    of: Option<(Arc<OverridesBySource>, u64, u64)>,
    common: Common,
}

impl CommonMemory {
    /// What the pictures have in common that an adjustment would change.
    pub fn common(&mut self, state: &State) -> &Common {
        let (overrides, pictures) = (state.history.overrides(), &state.pictures);
        let (selection, revision) = (pictures.selection(), pictures.revision());
        let is_same = self
            .of
            .as_ref()
            .is_some_and(|(before, s, r)| Arc::ptr_eq(before, overrides) && (*s, *r) == (selection, revision));
        if !is_same {
            self.common = Common::of(state.adjusted().map(|entry| state.history.overrides_of(&entry.found.source)));
            self.of = Some((Arc::clone(overrides), selection, revision));
        }
        &self.common
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Turn;

    #[test]
    fn what_differs_is_mixed() {
        let plain = Overrides::default();
        let bright = Overrides { exposure: 1.0, ..plain };
        let turned = Overrides { rotate: Turn::Right, ..bright };
        let of = |all: &[Overrides]| Common::of(all.iter().copied());
        assert_eq!(of(&[]), Common::default());
        assert_eq!(of(&[plain, plain]), Common { pictures: 2, ..Common::default() });
        let same = of(&[bright, bright]);
        assert!(same.is_changed && same.mixed == [false; 7]);
        let mixed = of(&[plain, bright, turned]);
        assert_eq!((mixed.pictures, mixed.mixed), (3, [true, false, false, false, false, false, true]));
    }
}
