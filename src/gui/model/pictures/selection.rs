//! Which pictures are selected, as file managers have it: one is current, and a range begins where it was begun.

use std::ops::Range;

use super::Pictures;
use crate::gui::model::listed::Shown;

/// How a click or a key changes the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectMode {
    /// This one alone.
    One,
    /// This one as well, or no longer.
    Toggle,
    /// All from where the range begins to this one.
    Range,
    /// These in addition to what was selected.
    AddRange,
    /// It becomes the current one, and what is selected stays.
    Current,
}

impl Pictures {
    /// Number of selected pictures.
    pub const fn selected(&self) -> usize {
        self.selected
    }

    /// Changes whenever other pictures are selected or current.
    pub const fn selection(&self) -> u64 {
        self.selection
    }

    /// Changes the selection; `index` becomes the current picture. What lies between two depends on what is `shown`.
    pub fn select(&mut self, index: usize, how: SelectMode, shown: Shown<'_>) {
        if index >= self.entries.len() {
            return;
        }
        let from = self.range_from.filter(|from| *from < self.entries.len()).or(self.current).unwrap_or(index);
        match how {
            SelectMode::One => self.select_only(index..index + 1),
            SelectMode::Toggle => {
                let entry = &mut self.entries[index];
                entry.selected = !entry.selected;
                if entry.selected { self.selected += 1 } else { self.selected -= 1 }
            }
            SelectMode::Range => self.select_these(&shown.between(from, index)),
            SelectMode::AddRange => self.add_to_selection(&shown.between(from, index)),
            SelectMode::Current => {}
        }
        self.current = Some(index);
        self.range_from = match how {
            SelectMode::Range | SelectMode::AddRange => Some(from),
            SelectMode::One | SelectMode::Toggle | SelectMode::Current => Some(index),
        };
        self.selection += 1;
    }

    /// Selects these and no others.
    pub fn select_these(&mut self, indexes: &[usize]) {
        self.select_only(0..0);
        self.add_to_selection(indexes);
    }

    fn add_to_selection(&mut self, indexes: &[usize]) {
        for &index in indexes {
            if let Some(entry) = self.entries.get_mut(index) {
                self.selected += usize::from(!entry.selected);
                entry.selected = true;
            }
        }
        self.selection += 1;
    }

    fn select_only(&mut self, range: Range<usize>) {
        for entry in &mut self.entries {
            entry.selected = false;
        }
        self.selected = range.len();
        for entry in &mut self.entries[range] {
            entry.selected = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::SourceEntry;
    use crate::gui::model::identity::Identity;
    use std::path::PathBuf;

    fn list(count: usize) -> Pictures {
        let mut pictures = Pictures::default();
        for index in 0..count {
            let path = PathBuf::from(format!("/{index}"));
            pictures.add(SourceEntry::from(path.clone()), Identity::of_name(&path));
        }
        pictures
    }

    fn chosen(pictures: &Pictures) -> Vec<usize> {
        let entries = pictures.entries().iter().enumerate();
        let chosen: Vec<usize> = entries.filter(|(_, entry)| entry.selected).map(|(index, _)| index).collect();
        assert_eq!(chosen.len(), pictures.selected());
        chosen
    }

    #[test]
    fn a_range_grows_and_shrinks_from_where_it_began() {
        let mut pictures = list(9);
        let all = Shown::All(9);
        for (index, how, wanted) in [
            (3, SelectMode::One, &[3][..]),
            (5, SelectMode::Range, &[3, 4, 5]),
            (4, SelectMode::Range, &[3, 4]),
            (2, SelectMode::Range, &[2, 3]),
            (7, SelectMode::Toggle, &[2, 3, 7]),
            (8, SelectMode::AddRange, &[2, 3, 7, 8]),
            (6, SelectMode::AddRange, &[2, 3, 6, 7, 8]),
            (0, SelectMode::Current, &[2, 3, 6, 7, 8]),
            (0, SelectMode::Toggle, &[0, 2, 3, 6, 7, 8]),
            (1, SelectMode::Range, &[0, 1]),
        ] {
            let before = pictures.selection();
            pictures.select(index, how, all);
            assert_eq!((chosen(&pictures), pictures.current_index()), (wanted.to_vec(), Some(index)), "{how:?}");
            assert!(pictures.selection() > before);
        }
        pictures.select(9, SelectMode::One, all);
        assert_eq!(chosen(&pictures), [0, 1], "there is no such picture");
    }

    #[test]
    fn a_range_follows_the_order_that_is_shown() {
        let mut pictures = list(5);
        let shown = Shown::Some(&[4, 0, 2]);
        pictures.select(4, SelectMode::One, shown);
        pictures.select(0, SelectMode::Range, shown);
        assert_eq!(chosen(&pictures), [0, 4]);
        pictures.select(1, SelectMode::One, shown);
        pictures.select(2, SelectMode::Range, shown);
        assert_eq!(chosen(&pictures), [2], "where it began is not shown");
    }
}
