//! Finding filters and commands by typing.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::gui::model::action::{Action, PresetAction, RecipeAction};
use crate::gui::model::dialog::FinderScope;
use crate::gui::model::filter_shelf::FilterShelf;
use crate::gui::model::presentation::{MenuEntry, menu_entries, own_preset};
use crate::gui::model::presets::Presets;

/// How well an entry answers a query; later is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    /// In its help, or its filter's group.
    Help,
    /// Within a word of its text.
    Inside,
    /// At the beginning of a word of its text.
    Word,
    /// At the beginning of its text.
    Start,
}

/// The entries that answer `query`, the best first; all of them if nothing is typed. Filters that are at hand come before
/// others that answer as well. The user's presets are among them.
pub fn find(scope: FinderScope, query: &str, shelf: &FilterShelf, presets: &Presets) -> Vec<Cow<'static, MenuEntry>> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let own = presets.names.iter().map(|name| Cow::Owned(own_preset(name)));
    let mut found: Vec<_> = menu_entries()
        .iter()
        .map(Cow::Borrowed)
        .chain(own)
        .filter(|entry| is_in(scope, &entry.action))
        .filter_map(|entry| Some((quality(&entry, &words)?, entry)))
        .collect();
    found.sort_by_key(|(quality, entry)| (Reverse(*quality), at_hand(&entry.action, shelf)));
    found.into_iter().map(|(_, entry)| entry).collect()
}

fn is_in(scope: FinderScope, action: &Action) -> bool {
    let is_recipe = matches!(
        action,
        Action::Recipe(RecipeAction::AddFilter(_) | RecipeAction::UsePreset(_)) | Action::Presets(PresetAction::Use(_))
    );
    match scope {
        FinderScope::Filters => is_recipe,
        FinderScope::Commands => !matches!(action, Action::OpenFinder(FinderScope::Commands)),
    }
}

/// The worst of the matches of all words; `None` if a word has none.
fn quality(entry: &MenuEntry, words: &[String]) -> Option<Match> {
    let text = entry.presentation.text.to_lowercase();
    let group = match &entry.action {
        Action::Recipe(RecipeAction::AddFilter(spec)) => spec.group.title().to_lowercase(),
        _ => String::new(),
    };
    let help = entry.presentation.help.to_lowercase();
    let of_word = |word: &String| {
        if text.starts_with(word) {
            Some(Match::Start)
        } else if text.split(|c: char| !c.is_alphanumeric()).any(|part| part.starts_with(word)) {
            Some(Match::Word)
        } else if text.contains(word) {
            Some(Match::Inside)
        } else {
            (help.contains(word) || group.contains(word)).then_some(Match::Help)
        }
    };
    words.iter().map(of_word).try_fold(Match::Start, |worst, of_word| Some(worst.min(of_word?)))
}

/// Smaller is nearer at hand: favourites, then recent filters, then the other filters, then all else.
fn at_hand(action: &Action, shelf: &FilterShelf) -> usize {
    let Action::Recipe(RecipeAction::AddFilter(spec)) = action else { return usize::MAX };
    let other = usize::MAX - 1;
    let place = |filters: &[&crate::filter::FilterSpec]| filters.iter().position(|filter| filter.id == spec.id);
    let recent = || Some(shelf.favourites.len() + place(&shelf.recent)?);
    place(&shelf.favourites).or_else(recent).unwrap_or(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scope: FinderScope, query: &str, shelf: &FilterShelf) -> Vec<String> {
        let presets = Presets { names: vec!["Quiet evening".to_owned()], ..Presets::default() };
        let found = find(scope, query, shelf, &presets);
        found.into_iter().map(|entry| entry.presentation.text.to_string()).collect()
    }

    #[test]
    fn own_presets_are_found() {
        for scope in [FinderScope::Filters, FinderScope::Commands] {
            assert_eq!(texts(scope, "quiet eve", &FilterShelf::default()), ["Quiet evening"]);
        }
    }

    #[test]
    fn the_beginning_of_a_name_comes_before_what_its_help_says() {
        let shelf = FilterShelf::default();
        assert_eq!(texts(FinderScope::Filters, "expo", &shelf)[0], "Exposure");
        assert_eq!(texts(FinderScope::Filters, "BALANCE white", &shelf)[0], "White balance");
        assert!(texts(FinderScope::Filters, "no such thing", &shelf).is_empty());
        assert!(texts(FinderScope::Filters, "tone", &shelf).contains(&"Exposure".to_owned()), "by its group");
        assert_eq!(texts(FinderScope::Commands, "full", &shelf)[0], "Full Screen");
        assert!(!texts(FinderScope::Filters, "", &shelf).contains(&"Full Screen".to_owned()));
    }

    #[test]
    fn favourites_come_first_then_recent_filters() {
        let mut shelf = FilterShelf::from_ids(&["sepia".to_owned(), "gone".to_owned()], &[]);
        let spec = |id| crate::filter::FILTERS.iter().copied().find(|f| f.id == id).unwrap();
        shelf.used(spec("gamma"));
        shelf.used(spec("crop"));
        assert_eq!(texts(FinderScope::Filters, "", &shelf)[..3], ["Sepia", "Crop", "Gamma"]);
        shelf.toggle_favourite(spec("sepia"));
        assert_eq!(texts(FinderScope::Filters, "", &shelf)[..2], ["Crop", "Gamma"]);
    }
}
