//! Which keys do what: the defaults of the table of commands, and what the user has changed of them.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::gui::model::action::{Action, KeysAction, ViewAction};
use crate::gui::model::presentation::{Menu, MenuEntry, menu_entries};

/// Keys in force, and what they do.
#[derive(Debug, Clone)]
pub struct Binding {
    pub keys: KeyboardShortcut,
    pub action: Action,
}

/// The keys of all commands. A command is named by its place in [`menu_entries`].
#[derive(Debug)]
pub struct Keymap {
    /// What the user chose instead of the defaults; `None` for no keys.
    changed: BTreeMap<usize, Option<KeyboardShortcut>>,
    in_force: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with(BTreeMap::new())
    }
}

impl Keymap {
    fn with(changed: BTreeMap<usize, Option<KeyboardShortcut>>) -> Self {
        let mut keymap = Self { changed, in_force: Vec::new() };
        keymap.enforce();
        keymap
    }

    fn enforce(&mut self) {
        let binding =
            |place| Some(Binding { keys: self.keys_at(place)?, action: menu_entries()[place].action.clone() });
        let mut all: Vec<Binding> = (0..menu_entries().len()).filter_map(binding).collect();
        for (keys, also, action) in second_keys() {
            let is_usual = all.iter().any(|binding| binding.action == action && binding.keys == keys);
            if is_usual && all.iter().all(|binding| binding.keys != also) {
                all.push(Binding { keys: also, action });
            }
        }
        // Those with more modifiers first, since egui lets `Ctrl+O` match `Ctrl+Shift+O` as well.
        all.sort_by_key(|Binding { keys, .. }| {
            let m = keys.modifiers;
            Reverse([m.command, m.shift, m.alt].into_iter().filter(|&on| on).count())
        });
        self.in_force = all;
    }

    /// All keys that do something, in the order in which they are to be tried.
    pub fn bindings(&self) -> &[Binding] {
        &self.in_force
    }

    /// The keys of the command at this place.
    pub fn keys_at(&self, place: usize) -> Option<KeyboardShortcut> {
        self.changed.get(&place).copied().unwrap_or_else(|| default_keys(place))
    }

    /// The keys of an action that a menu offers.
    pub fn keys_of(&self, action: &Action) -> Option<KeyboardShortcut> {
        self.keys_at(menu_entries().iter().position(|entry| entry.action == *action)?)
    }

    /// As [`Self::keys_of`], for one of the kinds of actions.
    pub fn keys_for(&self, action: impl Into<Action>) -> Option<KeyboardShortcut> {
        self.keys_of(&action.into())
    }

    /// Whether the command at this place has other keys than by default.
    pub fn is_changed(&self, place: usize) -> bool {
        self.changed.contains_key(&place)
    }

    pub fn is_any_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The other command that has these keys, by its place.
    pub fn holder(&self, keys: KeyboardShortcut, except: usize) -> Option<usize> {
        let holds = |binding: &&Binding| binding.keys == keys;
        let action = &self.in_force.iter().find(holds)?.action;
        menu_entries().iter().position(|entry| entry.action == *action).filter(|place| *place != except)
    }

    /// Changes keys. Another command that had them has none then.
    pub fn apply(&mut self, action: KeysAction) {
        match action {
            KeysAction::Set(place, keys) => self.set(place, keys),
            KeysAction::Reset(place) => self.set(place, default_keys(place)),
            KeysAction::ResetAll => self.changed.clear(),
        }
        self.enforce();
    }

    fn set(&mut self, place: usize, keys: Option<KeyboardShortcut>) {
        if place >= menu_entries().len() {
            return;
        }
        if let Some(keys) = keys {
            for other in (0..menu_entries().len()).filter(|other| *other != place) {
                if self.keys_at(other) == Some(keys) {
                    self.changed.insert(other, None);
                }
            }
        }
        if keys == default_keys(place) {
            self.changed.remove(&place);
        } else {
            self.changed.insert(place, keys);
        }
    }

    /// What was changed, by the ids of commands; an empty text stands for no keys.
    pub fn saved(&self) -> BTreeMap<String, String> {
        let written = |keys: &Option<KeyboardShortcut>| keys.as_ref().map_or_else(String::new, written);
        self.changed.iter().map(|(place, keys)| (id(&menu_entries()[*place]), written(keys))).collect()
    }

    /// From what was saved. What this version does not know is left out, and so are keys that a command before has.
    pub fn from_saved(saved: &BTreeMap<String, String>) -> Self {
        let mut keymap = Self::with(saved.iter().filter_map(|(id, keys)| read_saved(id, keys)).collect());
        let mut taken = Vec::new();
        for place in 0..menu_entries().len() {
            let Some(keys) = keymap.keys_at(place) else { continue };
            if taken.contains(&keys) {
                keymap.changed.insert(place, None);
            } else {
                taken.push(keys);
            }
        }
        keymap.enforce();
        keymap
    }
}

/// The entry of saved settings; `None` if this version does not know the command or the keys.
pub fn read_saved(id: &str, keys: &str) -> Option<(usize, Option<KeyboardShortcut>)> {
    let place = menu_entries().iter().position(|entry| self::id(entry) == id)?;
    if keys.is_empty() {
        return Some((place, None));
    }
    Some((place, Some(read(keys)?)))
}

fn default_keys(place: usize) -> Option<KeyboardShortcut> {
    menu_entries().get(place)?.presentation.shortcut
}

/// What saved settings call a command: its text in small letters.
fn id(entry: &MenuEntry) -> String {
    let text = entry.presentation.text.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

/// Keys, others that do the same as long as the former do it, and what that is: `+` needs Shift on some keyboards and none
/// on others; `=` is the same key without it.
fn second_keys() -> [(KeyboardShortcut, KeyboardShortcut, Action); 2] {
    let with = |modifiers| [Key::Plus, Key::Equals].map(|key| KeyboardShortcut::new(modifiers, key));
    let ([plus, equals], [ctrl_plus, ctrl_equals]) = (with(Modifiers::NONE), with(Modifiers::COMMAND));
    [(plus, equals, ViewAction::ZoomIn.into()), (ctrl_plus, ctrl_equals, ViewAction::StepInterfaceSize(1).into())]
}

/// Keys as saved settings have them, on every system alike: `Ctrl+Shift+O`.
fn written(keys: &KeyboardShortcut) -> String {
    let m = keys.modifiers;
    let words = [(m.command, "Ctrl+"), (m.shift, "Shift+"), (m.alt, "Alt+")];
    let held: String = words.into_iter().filter_map(|(on, word)| on.then_some(word)).collect();
    held + keys.logical_key.name()
}

fn read(text: &str) -> Option<KeyboardShortcut> {
    let mut words: Vec<&str> = text.split('+').collect();
    let key = Key::from_name(words.pop()?)?;
    let mut modifiers = Modifiers::NONE;
    for word in words {
        modifiers |= match word {
            "Ctrl" => Modifiers::COMMAND,
            "Shift" => Modifiers::SHIFT,
            "Alt" => Modifiers::ALT,
            _ => return None,
        };
    }
    let keys = KeyboardShortcut::new(modifiers, key);
    refusal(&keys).is_none().then_some(keys)
}

/// Whether it is a key that is held with others.
pub const fn is_modifier(key: Key) -> bool {
    matches!(
        key,
        Key::ShiftLeft
            | Key::ShiftRight
            | Key::ControlLeft
            | Key::ControlRight
            | Key::AltLeft
            | Key::AltRight
            | Key::SuperLeft
            | Key::SuperRight
    )
}

/// Why a command cannot have these keys; `None` if it can.
pub fn refusal(keys: &KeyboardShortcut) -> Option<&'static str> {
    let (m, key) = (keys.modifiers, keys.logical_key);
    let is_bare = !m.command && !m.alt;
    match key {
        _ if is_modifier(key) => Some("Press another key with it."),
        Key::Tab | Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight if !m.alt => {
            Some("Tab and arrows lead from one control or picture to another.")
        }
        Key::Enter if is_bare => Some("Enter activates what has the focus."),
        Key::F10 if m.is_none() => Some("F10 opens the menus."),
        Key::Backslash if is_bare => Some("\\ shows the original while it is held."),
        Key::C | Key::X | Key::V if m.command && !m.shift && !m.alt => {
            Some("Ctrl+C, Ctrl+X and Ctrl+V belong to the clipboard.")
        }
        Key::Copy | Key::Cut | Key::Paste => Some("These keys belong to the clipboard."),
        _ if m.alt && !m.command && Menu::ALL.iter().any(|menu| menu.mnemonic().0 == key) => {
            Some("Alt with this letter opens a menu.")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::dialog::FinderScope;

    fn place_of(action: &Action) -> usize {
        menu_entries().iter().position(|entry| entry.action == *action).unwrap()
    }

    const CTRL_J: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::J);

    #[test]
    fn no_two_commands_share_keys_or_an_id_and_no_default_is_refused() {
        let keymap = Keymap::default();
        for (i, a) in keymap.bindings().iter().enumerate() {
            assert!(keymap.bindings()[i + 1..].iter().all(|b| a.keys != b.keys), "{:?} is taken twice", a.keys);
            assert_eq!(refusal(&a.keys), None, "{:?}", a.action);
            assert_eq!(read(&written(&a.keys)), Some(a.keys), "saved and read again");
        }
        let ids: Vec<_> = menu_entries().iter().map(id).collect();
        for (i, id) in ids.iter().enumerate() {
            assert!(!id.is_empty() && !ids[i + 1..].contains(id), "{id} stands twice");
        }
    }

    #[test]
    fn keys_that_another_command_has_are_taken_from_it_and_given_back() {
        let (start, plan) = (place_of(&Action::Start), place_of(&crate::gui::model::action::PlanAction::Open.into()));
        let mut keymap = Keymap::default();
        let ctrl_p = keymap.keys_at(plan).unwrap();
        assert_eq!(keymap.holder(ctrl_p, start), Some(plan));
        keymap.apply(KeysAction::Set(start, Some(ctrl_p)));
        assert_eq!((keymap.keys_at(start), keymap.keys_at(plan)), (Some(ctrl_p), None));
        assert_eq!(keymap.bindings().iter().filter(|binding| binding.keys == ctrl_p).count(), 1);
        keymap.apply(KeysAction::Reset(plan));
        assert_eq!((keymap.keys_at(start), keymap.keys_at(plan)), (None, Some(ctrl_p)));
        keymap.apply(KeysAction::ResetAll);
        assert!(!keymap.is_any_changed() && keymap.keys_of(&Action::Start).is_some());
    }

    #[test]
    fn changes_are_saved_and_what_is_unknown_is_left_out() {
        let mut keymap = Keymap::default();
        let finder = place_of(&Action::OpenFinder(FinderScope::Filters));
        keymap.apply(KeysAction::Set(finder, Some(CTRL_J)));
        keymap.apply(KeysAction::Set(place_of(&Action::SelectAll), None));
        let mut saved = keymap.saved();
        assert_eq!(saved["find-filter"], "Ctrl+J");
        saved.insert("make-coffee".to_owned(), "Ctrl+M".to_owned());
        saved.insert("undo".to_owned(), "Hyper+Z".to_owned());
        let again = Keymap::from_saved(&saved);
        assert_eq!((again.keys_at(finder), again.keys_of(&Action::SelectAll)), (Some(CTRL_J), None));
        assert!(!again.is_changed(place_of(&crate::gui::model::action::RecipeAction::Undo.into())));
        assert_eq!(again.saved(), keymap.saved());
    }

    #[test]
    fn second_keys_follow_the_first() {
        let zoom_in: Action = ViewAction::ZoomIn.into();
        let mut keymap = Keymap::default();
        let equals = KeyboardShortcut::new(Modifiers::NONE, Key::Equals);
        assert_eq!(keymap.holder(equals, usize::MAX), Some(place_of(&zoom_in)));
        keymap.apply(KeysAction::Set(place_of(&zoom_in), Some(CTRL_J)));
        assert_eq!(keymap.holder(equals, usize::MAX), None);
    }
}
