//! What the window remembers from one session to the next. Whatever cannot be read is treated as absent, and said.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::batch::{
    AfterRun, Conflict, OutputSettings, OverridesBySource, Priority, SavedSource, Settings, Source, Template,
    find_executor, logical_cores,
};
use crate::codec::Limits;
use crate::gui::model::appearance::{Appearance, INTERFACE_PERCENTS, Theme};
use crate::gui::model::filter_shelf::FilterShelf;
use crate::gui::model::keymap::{self, Keymap};
use crate::gui::model::listed::{Arrangement, Listed, SortBy};
use crate::gui::model::optional_panels::{COMPARISON, OPTIONAL_PANELS, TIMELINE};
use crate::gui::model::presets::NamedRecipe;
use crate::gui::model::ranges::{IO_THREADS, MEMORY_MIB, QUEUE, TIME_LIMIT_SECS};
use crate::gui::model::state::{LimitChoices, State};
use crate::gui::model::view_memory::ViewMemory;
use crate::recipe::{Overrides, Recipe};

/// Settings as they are stored: plain words and numbers, each optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedSettings {
    theme: Option<String>,
    sheet: Option<bool>,
    /// What the pictures are sorted by.
    sort: Option<String>,
    descending: Option<bool>,
    /// In percent of its usual size.
    interface_size: Option<u16>,
    /// By id, whether panels are shown.
    panels: BTreeMap<String, bool>,
    /// By id, the sizes that panels were dragged to, in points.
    panel_sizes: BTreeMap<String, f32>,
    /// Only read: the two panels that the first version had.
    #[serde(skip_serializing)]
    comparison: Option<bool>,
    /// As [`Self::comparison`].
    #[serde(skip_serializing)]
    timeline: Option<bool>,
    executor: Option<String>,
    io_threads: Option<usize>,
    cores: Option<usize>,
    memory_mib: Option<u64>,
    queue: Option<usize>,
    time_limit_secs: Option<u32>,
    limits: Option<String>,
    low_priority: Option<bool>,
    recommend_first: Option<bool>,
    after_run: Option<String>,
    output_folder: Option<PathBuf>,
    /// Where the folder is called like an archive: mebibytes after which a new one is begun.
    shard_mib: Option<u32>,
    keep_tree: Option<bool>,
    names: Option<String>,
    conflict: Option<String>,
    recipe: Option<String>,
    /// What the recipe is called.
    recipe_name: Option<String>,
    /// Interrupted runs that are not to be offered again.
    forgotten_runs: Vec<String>,
    /// Folders that pictures were added from, the last one first.
    recent_folders: Vec<PathBuf>,
    /// Filters by their ids.
    favourite_filters: Vec<String>,
    recent_filters: Vec<String>,
    /// Keys that were changed, by the ids of commands; empty for no keys.
    shortcuts: BTreeMap<String, String>,
    /// By the paths of the files, or what opens another source as JSON; written as on the command line.
    overrides: BTreeMap<String, String>,
}

/// Settings of which at least a part cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct Damage {
    /// Which part, as the beginning of a sentence.
    pub problem: String,
    /// All of it, as it is stored.
    pub text: String,
}

/// Key under which the window system stores size and place of the window.
const WINDOW_KEY: &str = "window";

/// Most pictures whose overrides are remembered.
const MOST_OVERRIDES: usize = 4096;

impl SavedSettings {
    /// Reads them; those that were never stored are the default.
    pub fn read(storage: &dyn eframe::Storage) -> (Self, Option<Damage>) {
        let text = storage.get_string(eframe::APP_KEY);
        let saved = eframe::get_value::<Self>(storage, eframe::APP_KEY);
        let mut parts = match (&text, &saved) {
            (Some(_), None) => vec!["everything but the place of the window"],
            (_, saved) => saved.as_ref().map(Self::unreadable_parts).unwrap_or_default(),
        };
        let window = storage.get_string(WINDOW_KEY);
        if window.is_some() && eframe::get_value::<IgnoredAny>(storage, WINDOW_KEY).is_none() {
            parts.push("the place of the window");
        }
        let damage = (!parts.is_empty()).then(|| Damage {
            problem: format!("Settings of the last session cannot be read ({})", parts.join(", ")),
            text: text.into_iter().chain(window).collect::<Vec<_>>().join("\n"),
        });
        (saved.unwrap_or_default(), damage)
    }

    /// What is stored and means nothing to this version.
    fn unreadable_parts(&self) -> Vec<&'static str> {
        fn bad<T>(text: Option<&String>, read: impl Fn(&str) -> Option<T>) -> bool {
            text.is_some_and(|text| read(text).is_none())
        }
        let is_theme = |text: &str| ["system", "light", "dark"].contains(&text).then_some(());
        let shortcuts = self.shortcuts.iter().any(|(id, keys)| keymap::read_saved(id, keys).is_none());
        let overrides = self.overrides.values().any(|text| !text.is_empty() && Overrides::parse(text).is_err());
        [
            ("the recipe", bad(self.recipe.as_ref(), |text| Recipe::from_toml(text).ok())),
            ("what is different for single pictures", overrides),
            ("the names of results", bad(self.names.as_ref(), |text| Template::parse(text).ok())),
            ("what happens to existing files", bad(self.conflict.as_ref(), Conflict::from_id)),
            ("the workers", bad(self.executor.as_ref(), find_executor)),
            ("the limits", bad(self.limits.as_ref(), Limits::from_text)),
            ("what follows a run", bad(self.after_run.as_ref(), |text| text.parse::<AfterRun>().ok())),
            ("the theme", bad(self.theme.as_ref(), is_theme)),
            ("shortcuts", shortcuts),
        ]
        .into_iter()
        .filter_map(|(part, is_bad)| is_bad.then_some(part))
        .collect()
    }

    /// What is worth remembering of `state` and of what the views remember.
    pub fn of(state: &State, memory: &ViewMemory) -> Self {
        let theme = match state.appearance.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let LimitChoices { session, remembered } = &state.limits;
        let listed = state.pictures.entries().iter().map(super::super::model::pictures::Entry::path);
        Self {
            theme: Some(theme.to_owned()),
            sheet: Some(state.appearance.sheet),
            sort: Some(state.listed.arrangement.sort.id().to_owned()),
            descending: Some(state.listed.arrangement.descending),
            interface_size: Some(state.appearance.interface_percent),
            panels: OPTIONAL_PANELS.into_iter().map(|p| (p.id.to_owned(), state.appearance.shows(p))).collect(),
            panel_sizes: memory.panel_sizes.clone(),
            comparison: None,
            timeline: None,
            executor: Some(state.settings.executor.id.to_owned()),
            io_threads: Some(state.settings.io_threads),
            cores: Some(state.settings.cores),
            memory_mib: Some(state.settings.memory_bytes >> 20),
            queue: state.settings.queue,
            time_limit_secs: Some(state.settings.time_limit_secs),
            limits: Some(session.taken_back(&state.settings.limits, remembered).to_text()),
            low_priority: Some(state.settings.priority == Priority::Low),
            recommend_first: Some(state.lab.recommend_first),
            after_run: Some(state.after_run.to_string()),
            // A path that is not Unicode cannot be stored.
            output_folder: state.output.folder.clone().filter(|folder| folder.to_str().is_some()),
            shard_mib: state.output.shard_bytes.map(|bytes| (bytes >> 20) as u32),
            keep_tree: Some(state.output.keep_tree),
            names: Some(state.output.names.as_str().to_owned()),
            conflict: Some(state.output.conflict.id().to_owned()),
            recipe: Some(state.recipe().to_toml()),
            recipe_name: Some(state.recipe_name().to_owned()).filter(|name| !name.is_empty()),
            forgotten_runs: state.past.forgotten.clone(),
            recent_folders: state.recent_folders.iter().filter(|folder| folder.to_str().is_some()).cloned().collect(),
            favourite_filters: state.shelf.favourites.iter().map(|filter| filter.id.to_owned()).collect(),
            recent_filters: state.shelf.recent.iter().map(|filter| filter.id.to_owned()).collect(),
            shortcuts: state.keys.saved(),
            overrides: saved_overrides(state.history.overrides(), listed),
        }
    }

    /// How the window was arranged.
    pub fn appearance(&self) -> Appearance {
        let mut appearance = Appearance {
            theme: match self.theme.as_deref() {
                Some("light") => Theme::Light,
                Some("dark") => Theme::Dark,
                _ => Theme::System,
            },
            sheet: self.sheet.unwrap_or(false),
            interface_percent: self.interface_size.filter(|size| INTERFACE_PERCENTS.contains(size)).unwrap_or(100),
            ..Appearance::default()
        };
        for panel in OPTIONAL_PANELS {
            let first_version = [(&TIMELINE, self.timeline), (&COMPARISON, self.comparison)];
            let old = || first_version.into_iter().find(|(known, _)| *known == panel).and_then(|(_, shown)| shown);
            appearance
                .set_shown(panel, self.panels.get(panel.id).copied().or_else(old).unwrap_or(panel.shown_at_first));
        }
        appearance
    }

    /// In which order the pictures were shown.
    pub fn listed(&self) -> Listed {
        let sort = SortBy::ALL.into_iter().find(|by| self.sort.as_deref() == Some(by.id())).unwrap_or_default();
        let descending = self.descending.unwrap_or(false);
        Listed::new(Arrangement { sort, descending, ..Arrangement::default() })
    }

    /// What the views remembered.
    pub fn view_memory(&self) -> ViewMemory {
        let sizes = self.panel_sizes.iter().filter(|(_, size)| size.is_finite());
        ViewMemory { panel_sizes: sizes.map(|(id, size)| (id.clone(), *size)).collect(), ..ViewMemory::default() }
    }

    /// The settings of runs, within what this machine has.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        if let Some(executor) = self.executor.as_deref().and_then(find_executor) {
            settings.executor = executor;
        }
        if let Some(n) = self.io_threads {
            settings.io_threads = n.clamp(*IO_THREADS.start(), *IO_THREADS.end());
        }
        if let Some(n) = self.cores {
            settings.cores = n.clamp(1, logical_cores());
        }
        if let Some(mib) = self.memory_mib {
            settings.memory_bytes = mib.clamp(*MEMORY_MIB.start(), *MEMORY_MIB.end()) << 20;
        }
        settings.queue = self.queue.map(|n| n.clamp(*QUEUE.start(), *QUEUE.end()));
        if let Some(secs) = self.time_limit_secs {
            settings.time_limit_secs = secs.clamp(*TIME_LIMIT_SECS.start(), *TIME_LIMIT_SECS.end());
        }
        if self.low_priority == Some(true) {
            settings.priority = Priority::Low;
        }
        settings
    }

    pub fn limits(&self) -> Option<Limits> {
        Limits::from_text(self.limits.as_deref()?)
    }

    /// Whether the first pictures of a session are measured without being asked.
    pub fn recommend_first(&self) -> bool {
        self.recommend_first.unwrap_or(false)
    }

    /// What is done once a run has ended.
    pub fn after_run(&self) -> AfterRun {
        self.after_run.as_deref().and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    pub fn output(&self) -> OutputSettings {
        let default = OutputSettings::default();
        OutputSettings {
            folder: self.output_folder.clone(),
            keep_tree: self.keep_tree.unwrap_or(default.keep_tree),
            names: self.names.as_deref().and_then(|names| Template::parse(names).ok()).unwrap_or(default.names),
            conflict: self.conflict.as_deref().and_then(Conflict::from_id).unwrap_or(default.conflict),
            recipe_name: default.recipe_name,
            shard_bytes: self.shard_mib.map(|mib| u64::from(mib) << 20),
        }
    }

    /// The preset that the recipe comes from, if it is still as the preset was.
    pub fn last_preset(&self) -> Option<NamedRecipe> {
        Some(NamedRecipe { name: self.recipe_name.clone()?, recipe: self.recipe() })
    }

    /// Interrupted runs that are not to be offered again.
    pub fn forgotten_runs(&self) -> Vec<String> {
        self.forgotten_runs.clone()
    }

    /// Folders that pictures were added from, the last one first.
    pub fn recent_folders(&self) -> Vec<PathBuf> {
        self.recent_folders.clone()
    }

    pub fn shelf(&self) -> FilterShelf {
        FilterShelf::from_ids(&self.favourite_filters, &self.recent_filters)
    }

    /// Which keys do what.
    pub fn keymap(&self) -> Keymap {
        Keymap::from_saved(&self.shortcuts)
    }

    /// What is different for single pictures.
    pub fn overrides(&self) -> OverridesBySource {
        let read = |(file, text): (&String, &String)| {
            let own = Overrides::parse(text).ok().filter(|own| !own.is_none())?;
            Some((source_of(file)?, own))
        };
        self.overrides.iter().take(MOST_OVERRIDES).filter_map(read).collect()
    }

    pub fn recipe(&self) -> Recipe {
        self.recipe.as_deref().and_then(|text| Recipe::from_toml(text).ok()).unwrap_or_default()
    }
}

/// What stands for a source; `None` for what is in memory or cannot be written down.
fn key_of(source: &Source) -> Option<String> {
    match source {
        Source::File(path) => path.to_str().map(str::to_owned),
        Source::Memory(_) => None,
        Source::Web(_) | Source::Member(_) => serde_json::to_string(&source.without_content().saved()).ok(),
    }
}

/// The source again. Absolute paths do not begin as JSON does.
fn source_of(key: &str) -> Option<Source> {
    if !key.starts_with('{') {
        return Some(Source::from(key));
    }
    let nothing = |_| Err(std::io::ErrorKind::NotFound.into());
    serde_json::from_str::<SavedSource>(key).ok()?.to_source(nothing).ok()
}

/// What is remembered of `all`: if it is too much, that of the pictures in the list first.
fn saved_overrides<'a>(all: &OverridesBySource, listed: impl Iterator<Item = &'a Path>) -> BTreeMap<String, String> {
    let entry = |(source, own): (&Source, &Overrides)| Some((key_of(source)?, own.to_string()));
    if all.len() <= MOST_OVERRIDES {
        return all.iter().filter_map(entry).collect();
    }
    let listed: HashSet<&Path> = listed.collect();
    let (first, then): (Vec<_>, Vec<_>) = all.iter().partition(|(source, _)| listed.contains(source.name()));
    first.into_iter().chain(then).filter_map(entry).take(MOST_OVERRIDES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Member, Web};
    use crate::recipe::Turn;

    #[test]
    fn garbage_is_treated_as_absent() {
        let saved = SavedSettings {
            theme: Some("pink".into()),
            executor: Some("elves".into()),
            io_threads: Some(9999),
            cores: Some(0),
            memory_mib: Some(0),
            queue: Some(0),
            time_limit_secs: Some(0),
            names: Some("../{name}".into()),
            conflict: Some("burn".into()),
            recipe: Some("[[[".into()),
            overrides: [("/a", "exposure=99"), ("/b", "zoom=1"), ("/c", ""), ("/d", "exposure=-1.25")]
                .map(|(file, text)| (file.to_owned(), text.to_owned()))
                .into(),
            ..SavedSettings::default()
        };
        let settings = saved.settings();
        assert_eq!(settings.executor, Settings::default().executor);
        assert_eq!((settings.io_threads, settings.cores), (64, 1));
        assert_eq!((settings.queue, settings.time_limit_secs, settings.slow_source), (Some(1), 1, None));
        assert_eq!(saved.recipe(), Recipe::default());
        assert_eq!(saved.output(), OutputSettings::default());
        let darker = Overrides { exposure: -1.25, ..Overrides::default() };
        assert_eq!(saved.overrides(), [("/d".into(), darker)].into());
    }

    #[test]
    fn overrides_are_remembered_within_bounds() {
        let own =
            |n: usize| Overrides { exposure: n as f32 / 1000.0 + 0.001, rotate: Turn::Right, ..Overrides::default() };
        let file = |n: usize| PathBuf::from(format!("/p/{n:05}"));
        let all: OverridesBySource = (0..MOST_OVERRIDES + 50).map(|n| (file(n).into(), own(n))).collect();
        let few: OverridesBySource = all.iter().take(3).map(|(file, own)| (file.clone(), *own)).collect();
        let again = |all: &OverridesBySource, listed: &[PathBuf]| {
            let overrides = saved_overrides(all, listed.iter().map(PathBuf::as_path));
            SavedSettings { overrides, ..SavedSettings::default() }.overrides()
        };
        assert_eq!(again(&few, &[]), few, "every number survives");
        let listed: Vec<_> = (MOST_OVERRIDES..MOST_OVERRIDES + 50).map(file).collect();
        let kept = again(&all, &listed);
        assert_eq!(kept.len(), MOST_OVERRIDES);
        assert!(
            listed.iter().all(|file| kept.get(&file.as_path().into()) == all.get(&file.as_path().into())),
            "those in the list first"
        );
    }

    #[test]
    fn overrides_of_every_kind_of_source_come_back() {
        let address = crate::web::Address::parse("https://e.org/get?id=7").unwrap();
        let sources = [
            Source::from("/p/a.jpg"),
            Source::Member(Member::new(Path::new("/p/photos.zip"), Path::new("inner/ü 1.jpg"))),
            Source::Web(Web::new(address, crate::web::Permission::default())),
        ];
        let own = Overrides { exposure: 0.5, ..Overrides::default() };
        let all: OverridesBySource = sources.iter().map(|source| (source.clone(), own)).collect();
        let overrides = saved_overrides(&all, std::iter::empty());
        assert_eq!(SavedSettings { overrides, ..SavedSettings::default() }.overrides(), all);
        let memory: OverridesBySource = [(Source::memory("a", *b"x"), own)].into();
        assert!(saved_overrides(&memory, std::iter::empty()).is_empty(), "its content is gone with the program");
    }

    #[test]
    fn panels_that_the_first_version_hid_stay_hidden() {
        let first_version = SavedSettings { timeline: Some(false), comparison: Some(true), ..SavedSettings::default() };
        let appearance = first_version.appearance();
        assert_eq!((appearance.shows(&TIMELINE), appearance.shows(&COMPARISON)), (false, true));
        let panels = [("timeline".to_owned(), true), ("comparison".to_owned(), false)].into();
        let appearance = SavedSettings { panels, ..first_version }.appearance();
        assert_eq!((appearance.shows(&TIMELINE), appearance.shows(&COMPARISON)), (true, false));
        let first = SavedSettings::default().appearance();
        assert!(OPTIONAL_PANELS.into_iter().all(|panel| first.shows(panel) == panel.shown_at_first));
    }
}
