//! Where the entries of the list are: problems, then the pictures of each folder below its heading. Only what is visible
//! is looked at.

use egui::{Rangef, Rect, pos2, vec2};

use crate::gui::model::listed::Shown;
use crate::gui::model::pictures::Pictures;
use crate::gui::model::view_memory::Motion;
use crate::gui::theme::GRID;

/// Height of a row of the list.
pub const ROW: f32 = 56.0;
/// Height of a row that states a reason.
const FAILED_ROW: f32 = 96.0;
const HEADING: f32 = 26.0;
const GAP: f32 = 4.0;
/// Width that a picture of the contact sheet has at least, unless the list is narrower.
const CELL: f32 = 132.0;

/// How the pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    List,
    Failures,
    Sheet,
}

/// Something that is drawn, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Problem(usize),
    /// The folder of the picture at this place and of those after it.
    Heading(usize),
    Picture(usize),
}

/// The pictures of one folder.
#[derive(Debug)]
struct Group {
    first: usize,
    count: usize,
    top: f32,
    /// Whether only its heading is shown.
    folded: bool,
}

impl Group {
    /// How many of its pictures are shown.
    const fn unfolded(&self) -> usize {
        if self.folded { 0 } else { self.count }
    }
}

/// Where everything is, from the top of the list.
#[derive(Debug)]
pub struct ListLayout {
    /// Pictures side by side.
    columns: usize,
    /// Height of all.
    pub height: f32,
    width: f32,
    row: f32,
    heading: f32,
    problems: usize,
    groups: Vec<Group>,
}

impl ListLayout {
    /// The layout of what is shown of these pictures; `folded` says by their places which of the first pictures of a folder
    /// are those of one that is folded.
    pub fn new(rows: Rows, width: f32, pictures: &Pictures, shown: Shown<'_>, folded: impl Fn(usize) -> bool) -> Self {
        let count = shown.len();
        // A single folder needs no heading, and neither does what is not in the order of folders.
        let folders = if matches!(shown, Shown::Some(_)) { &[][..] } else { pictures.folders() };
        let headed = folders.len() > 1;
        let starts = if headed { folders.to_vec() } else { vec![0] };
        let folded = |first| headed && folded(first);
        Self::of(rows, width, pictures.problems.len(), &starts, count, headed, folded)
    }

    fn of(
        rows: Rows,
        width: f32,
        problems: usize,
        starts: &[usize],
        count: usize,
        headed: bool,
        folded: impl Fn(usize) -> bool,
    ) -> Self {
        let columns = if rows == Rows::Sheet { (((width + GRID) / (CELL + GRID)) as usize).max(1) } else { 1 };
        let cell = (width - GRID * (columns - 1) as f32) / columns as f32;
        let row = match rows {
            Rows::List => ROW,
            Rows::Failures => FAILED_ROW,
            Rows::Sheet => ((cell - 2.0 * GRID) * 0.7).max(48.0) + 52.0,
        };
        let heading = if headed { HEADING } else { 0.0 };
        let mut top = problems as f32 * (row + GAP);
        let mut groups = Vec::with_capacity(starts.len());
        for (i, first) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(count);
            let group = Group { first: *first, count: end.saturating_sub(*first), top, folded: folded(*first) };
            top += heading + group.unfolded().div_ceil(columns) as f32 * (row + GAP);
            groups.push(group);
        }
        Self { columns, height: top, width, row, heading, problems, groups }
    }

    /// How many pictures are in the folder that begins at this place.
    pub fn count_from(&self, first: usize) -> usize {
        self.groups.iter().find(|group| group.first == first).map_or(0, |group| group.count)
    }

    /// From where to where the picture at this place reaches.
    pub fn place_of(&self, place: usize) -> Rangef {
        let group = self.groups.partition_point(|group| group.first <= place).saturating_sub(1);
        let Some(group) = self.groups.get(group) else { return Rangef::new(0.0, 0.0) };
        let top = self.top_of(group, (place - group.first) / self.columns);
        Rangef::new(top, top + self.row)
    }

    fn top_of(&self, group: &Group, row: usize) -> f32 {
        group.top + self.heading + row as f32 * (self.row + GAP)
    }

    /// The place that a motion leads to from the picture at `place`, in a list of which `height` points are visible.
    pub fn place_after(&self, motion: Motion, place: usize, height: f32) -> usize {
        let last = self.groups.last().map_or(0, |group| group.first + group.count).saturating_sub(1);
        let rows = match motion {
            Motion::By(places) => return place.saturating_add_signed(places).min(last),
            Motion::First => return 0,
            Motion::Last => return last,
            Motion::Stay => return place.min(last),
            Motion::Rows(rows) => rows,
            // One row of the page before stays visible.
            Motion::Pages(pages) => pages * ((height / (self.row + GAP)) as isize - 1).max(1),
        };
        let mut at = place.min(last);
        for _ in 0..rows.unsigned_abs() {
            at = self.next_row(at, rows > 0).unwrap_or(at);
        }
        at
    }

    /// The place below or above another one; that of the last picture of a row that is shorter. Folded folders count, since
    /// they are unfolded when a key leads into them.
    fn next_row(&self, place: usize, down: bool) -> Option<usize> {
        let number = self.groups.partition_point(|group| group.first <= place).checked_sub(1)?;
        let group = &self.groups[number];
        let (row, column) = ((place - group.first) / self.columns, (place - group.first) % self.columns);
        let in_row =
            |group: &Group, row: usize| group.first + (row * self.columns + column).min(group.count.saturating_sub(1));
        let rows = |group: &Group| group.count.div_ceil(self.columns);
        if down && row + 1 < rows(group) {
            Some(in_row(group, row + 1))
        } else if down {
            self.groups.get(number + 1).map(|next| in_row(next, 0))
        } else if row > 0 {
            Some(in_row(group, row - 1))
        } else {
            self.groups.get(number.checked_sub(1)?).map(|before| in_row(before, rows(before).saturating_sub(1)))
        }
    }

    /// What is within `range`, with its place.
    pub fn visible(&self, range: Rangef) -> Vec<(Item, Rect)> {
        let pitch = self.row + GAP;
        let line = |top: f32, height: f32| Rect::from_min_size(pos2(0.0, top), vec2(self.width, height));
        let first = (range.min.max(0.0) / pitch) as usize;
        let last = ((range.max / pitch).ceil().max(0.0) as usize).min(self.problems);
        let mut items: Vec<_> =
            (first..last).map(|index| (Item::Problem(index), line(index as f32 * pitch, self.row))).collect();
        let begin = self.groups.partition_point(|group| group.top <= range.min).saturating_sub(1);
        for group in self.groups[begin..].iter().take_while(|group| group.top < range.max) {
            if self.heading > 0.0 && group.top + self.heading > range.min {
                items.push((Item::Heading(group.first), line(group.top, self.heading)));
            }
            let rows = group.unfolded().div_ceil(self.columns);
            let first = ((range.min - group.top - self.heading).max(0.0) / pitch) as usize;
            let last = (((range.max - group.top - self.heading).max(0.0) / pitch).ceil() as usize).min(rows);
            for row in first..last {
                let cell = (self.width - GRID * (self.columns - 1) as f32) / self.columns as f32;
                let top = self.top_of(group, row);
                for column in 0..self.columns.min(group.count - row * self.columns) {
                    let left = column as f32 * (cell + GRID);
                    let rect = Rect::from_min_size(pos2(left, top), vec2(cell, self.row));
                    items.push((Item::Picture(group.first + row * self.columns + column), rect));
                }
            }
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Rangef = Rangef { min: 0.0, max: f32::MAX };

    fn pictures(layout: &ListLayout, range: Rangef) -> Vec<usize> {
        let items = layout.visible(range).into_iter();
        items.filter_map(|(item, _)| if let Item::Picture(place) = item { Some(place) } else { None }).collect()
    }

    #[test]
    fn every_picture_has_a_place_of_its_own() {
        for (rows, width) in [(Rows::List, 200.0), (Rows::Sheet, 136.0), (Rows::Sheet, 500.0), (Rows::Failures, 300.0)]
        {
            let layout = ListLayout::of(rows, width, 2, &[0, 5, 6], 13, true, |_| false);
            assert_eq!(pictures(&layout, ALL), (0..13).collect::<Vec<_>>());
            let items = layout.visible(ALL);
            for (i, (item, rect)) in items.iter().enumerate() {
                assert!(rect.right() <= width + 0.01 && rect.bottom() <= layout.height, "{item:?}");
                assert!(
                    items[i + 1..].iter().all(|(_, other)| !other.shrink(0.1).intersects(rect.shrink(0.1))),
                    "{item:?}"
                );
                if let Item::Picture(place) = item {
                    assert_eq!(layout.place_of(*place), rect.y_range());
                }
            }
            assert_eq!(layout.count_from(6), 7);
        }
    }

    #[test]
    fn rows_lead_from_folder_to_folder() {
        // Three columns: a folder of 5, one of 1 and one of 7.
        let layout = ListLayout::of(Rows::Sheet, 412.0, 0, &[0, 5, 6], 13, true, |_| false);
        let after = |motion, place| layout.place_after(motion, place, 3.5 * (layout.row + GAP));
        let down: Vec<usize> = (0..13).map(|place| after(Motion::Rows(1), place)).collect();
        assert_eq!(down, [3, 4, 4, 5, 5, 6, 9, 10, 11, 12, 12, 12, 12]);
        let up: Vec<usize> = (0..13).map(|place| after(Motion::Rows(-1), place)).collect();
        assert_eq!(up, [0, 1, 2, 0, 1, 3, 5, 5, 5, 6, 7, 8, 9]);
        assert_eq!(
            (after(Motion::Pages(1), 0), after(Motion::Pages(-1), 12)),
            (5, 6),
            "three rows, one of which stays"
        );
        assert_eq!((after(Motion::First, 7), after(Motion::Last, 7), after(Motion::Stay, 7)), (0, 12, 7));
        assert_eq!((after(Motion::By(1), 12), after(Motion::By(-1), 0), after(Motion::By(1), 4)), (12, 0, 5));
        let list = ListLayout::of(Rows::List, 200.0, 2, &[0], 0, false, |_| false);
        assert_eq!(list.place_after(Motion::Rows(1), 0, 100.0), 0, "an empty list");
    }

    #[test]
    fn of_a_folded_folder_only_the_heading_is_shown() {
        let layout =
            |folded: &[usize]| ListLayout::of(Rows::List, 200.0, 0, &[0, 5, 6], 13, true, |i| folded.contains(&i));
        assert_eq!(pictures(&layout(&[0, 6]), ALL), [5]);
        assert_eq!(layout(&[6]).count_from(6), 7);
        assert_eq!(layout(&[0, 5, 6]).height, 3.0 * HEADING);
        assert_eq!(layout(&[0]).place_of(5).min, 2.0 * HEADING);
    }

    #[test]
    fn only_what_is_visible_is_looked_at() {
        let starts: Vec<usize> = (0..1000).map(|i| i * 100).collect();
        let layout = ListLayout::of(Rows::List, 200.0, 0, &starts, 100_000, true, |_| false);
        let middle = layout.place_of(54_321);
        let seen = layout.visible(Rangef::new(middle.min, middle.min + 600.0));
        assert!(seen.len() < 14 && seen[0].0 == Item::Picture(54_321), "{:?}", seen[0]);
    }

    #[test]
    fn as_many_columns_as_fit() {
        let columns = |width| ListLayout::of(Rows::Sheet, width, 0, &[0], 9, false, |_| false).columns;
        assert_eq!([100.0, 136.0, 271.0, 272.0, 412.0].map(columns), [1, 1, 1, 2, 3]);
    }
}
