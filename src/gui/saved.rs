//! What the window remembers from one start to the next. Whatever cannot be read is as if it were not there.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use egui::ThemePreference;
use serde::{Deserialize, Serialize};

use super::state::{Look, State};
use crate::batch::{OutputSettings, OverridesByFile, Priority, Settings, find_executor, logical_cores};
use crate::codec::Limits;
use crate::recipe::{Overrides, Recipe};

/// Settings as they are stored: plain words and numbers, each optional.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Saved {
    theme: Option<String>,
    sheet: Option<bool>,
    comparison: Option<bool>,
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
    output_folder: Option<PathBuf>,
    keep_tree: Option<bool>,
    recipe: Option<String>,
    /// By the paths of their files, as they are written on the command line.
    overrides: BTreeMap<String, String>,
}

/// Pictures whose own changes are remembered, at most.
const MOST_OVERRIDES: usize = 4096;

/// Bounds of the number of I/O threads.
pub const IO_THREADS: std::ops::RangeInclusive<usize> = 1..=64;
/// Bounds of the number of pictures between reading and writing.
pub const QUEUE: std::ops::RangeInclusive<usize> = 1..=256;
/// Bounds of the time that a worker process may take for a picture, in seconds.
pub const TIME_LIMIT_SECS: std::ops::RangeInclusive<u32> = 1..=3600;
/// Bounds of the memory for pictures in flight, in MiB.
pub const MEMORY_MIB: std::ops::RangeInclusive<u64> = 128..=262_144;

impl Saved {
    /// What is worth remembering of `state`.
    pub fn of(state: &State) -> Self {
        let theme = match state.look.theme {
            ThemePreference::System => "system",
            ThemePreference::Light => "light",
            ThemePreference::Dark => "dark",
        };
        let (given, remembered) = &state.limits;
        let listed = state.pictures.entries().iter().map(|entry| entry.source.path.as_path());
        Self {
            theme: Some(theme.to_owned()),
            sheet: Some(state.look.sheet),
            comparison: Some(state.look.comparison),
            timeline: Some(state.look.timeline),
            executor: Some(state.settings.executor.id.to_owned()),
            io_threads: Some(state.settings.io_threads),
            cores: Some(state.settings.cores),
            memory_mib: Some(state.settings.memory_bytes >> 20),
            queue: state.settings.queue,
            time_limit_secs: Some(state.settings.time_limit_secs),
            limits: Some(given.taken_back(&Limits::current(), remembered).to_text()),
            low_priority: Some(state.settings.priority == Priority::Low),
            recommend_first: Some(state.lab.recommend_first),
            // What has no Unicode name cannot be written down.
            output_folder: state.output.folder.clone().filter(|folder| folder.to_str().is_some()),
            keep_tree: Some(state.output.keep_tree),
            recipe: Some(state.recipe().to_toml()),
            overrides: kept_overrides(state.history.overrides(), listed),
        }
    }

    /// Arranges the window as it was.
    pub fn look(&self, look: &mut Look) {
        look.theme = match self.theme.as_deref() {
            Some("light") => ThemePreference::Light,
            Some("dark") => ThemePreference::Dark,
            _ => ThemePreference::System,
        };
        look.sheet = self.sheet.unwrap_or(look.sheet);
        look.comparison = self.comparison.unwrap_or(look.comparison);
        look.timeline = self.timeline.unwrap_or(look.timeline);
    }

    /// The workers as they were, within what this machine has.
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

    /// Which files were refused.
    pub fn limits(&self) -> Option<Limits> {
        Limits::from_text(self.limits.as_deref()?)
    }

    /// Whether the first pictures of a session are measured by themselves.
    pub fn recommend_first(&self) -> bool {
        self.recommend_first.unwrap_or(false)
    }

    /// Where results went.
    pub fn output(&self) -> OutputSettings {
        let usual = OutputSettings::default();
        OutputSettings { folder: self.output_folder.clone(), keep_tree: self.keep_tree.unwrap_or(usual.keep_tree) }
    }

    /// What was different for single pictures.
    pub fn overrides(&self) -> OverridesByFile {
        let read = |(file, text): (&String, &String)| {
            let own = Overrides::parse(text).ok().filter(|own| !own.is_none())?;
            Some((PathBuf::from(file), own))
        };
        self.overrides.iter().take(MOST_OVERRIDES).filter_map(read).collect()
    }

    /// The recipe as it was.
    pub fn recipe(&self) -> Recipe {
        self.recipe.as_deref().and_then(|text| Recipe::from_toml(text).ok()).unwrap_or_default()
    }
}

/// What is remembered of `all`: where it is too much, that of the listed pictures first.
fn kept_overrides<'a>(all: &OverridesByFile, listed: impl Iterator<Item = &'a Path>) -> BTreeMap<String, String> {
    let word = |(file, own): (&PathBuf, &Overrides)| Some((file.to_str()?.to_owned(), own.to_string()));
    if all.len() <= MOST_OVERRIDES {
        return all.iter().filter_map(word).collect();
    }
    let listed: HashSet<&Path> = listed.collect();
    let (first, then): (Vec<_>, Vec<_>) = all.iter().partition(|(file, _)| listed.contains(file.as_path()));
    first.into_iter().chain(then).filter_map(word).take(MOST_OVERRIDES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_as_nothing() {
        let saved = Saved {
            theme: Some("pink".into()),
            executor: Some("elves".into()),
            io_threads: Some(9999),
            cores: Some(0),
            memory_mib: Some(0),
            queue: Some(0),
            time_limit_secs: Some(0),
            recipe: Some("[[[".into()),
            overrides: [("/a", "exposure=99"), ("/b", "zoom=1"), ("/c", ""), ("/d", "exposure=-1.25")]
                .map(|(file, text)| (file.to_owned(), text.to_owned()))
                .into(),
            ..Saved::default()
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
    fn what_single_pictures_have_is_kept_within_bounds() {
        let own = |n: usize| Overrides { exposure: n as f64 / 1000.0 + 0.001, turns: 1, ..Overrides::default() };
        let file = |n: usize| PathBuf::from(format!("/p/{n:05}"));
        let all: OverridesByFile = (0..MOST_OVERRIDES + 50).map(|n| (file(n), own(n))).collect();
        let few: OverridesByFile = all.iter().take(3).map(|(file, own)| (file.clone(), *own)).collect();
        let again = |all: &OverridesByFile, listed: &[PathBuf]| {
            let overrides = kept_overrides(all, listed.iter().map(PathBuf::as_path));
            Saved { overrides, ..Saved::default() }.overrides()
        };
        assert_eq!(again(&few, &[]), few, "every number survives");
        let listed: Vec<_> = (MOST_OVERRIDES..MOST_OVERRIDES + 50).map(file).collect();
        let kept = again(&all, &listed);
        assert_eq!(kept.len(), MOST_OVERRIDES);
        assert!(listed.iter().all(|file| kept.get(file) == all.get(file)), "those at hand first");
    }
}
