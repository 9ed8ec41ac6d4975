//! The filters that are at hand: favourites, and those that were added last.

use crate::filter::{FILTERS, FilterSpec};

/// How many of the filters that were added are remembered.
const RECENT: usize = 6;

/// Favourites and recent filters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilterShelf {
    /// In the order in which they became favourites.
    pub favourites: Vec<&'static FilterSpec>,
    /// The last one first.
    pub recent: Vec<&'static FilterSpec>,
}

impl FilterShelf {
    /// From the ids that were saved; those of filters that are gone are left out.
    pub fn from_ids(favourites: &[String], recent: &[String]) -> Self {
        let known =
            |ids: &[String]| ids.iter().filter_map(|id| FILTERS.iter().copied().find(|f| f.id == *id)).collect();
        Self { favourites: known(favourites), recent: known(recent) }
    }

    pub fn is_favourite(&self, filter: &FilterSpec) -> bool {
        self.favourites.iter().any(|other| other.id == filter.id)
    }

    pub fn toggle_favourite(&mut self, filter: &'static FilterSpec) {
        if self.is_favourite(filter) {
            self.favourites.retain(|other| other.id != filter.id);
        } else {
            self.favourites.push(filter);
        }
    }

    /// Remembers that it was added.
    pub fn used(&mut self, filter: &'static FilterSpec) {
        self.recent.retain(|other| other.id != filter.id);
        self.recent.insert(0, filter);
        self.recent.truncate(RECENT);
    }
}
