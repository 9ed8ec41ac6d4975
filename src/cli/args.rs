//! Arguments that several commands share.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::export::ExportArgs;
use crate::batch::{Executor, Priority, Settings, SlowSource, find_executor, load_files};
use crate::recipe::{FormatChoice, PRESETS, Recipe, Step, find_preset};

/// What is done to each picture.
#[derive(Debug, Args)]
pub struct RecipeArgs {
    /// A recipe that the program brings along; 'lightloom presets' lists them
    #[arg(long, value_name = "ID", conflicts_with = "recipe")]
    pub preset: Option<String>,
    /// Recipe file (TOML); filters named with --filter follow it
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// A filter, applied in the order given, such as resize:width=1920,height=1920
    #[arg(long = "filter", value_name = "ID:key=value,…")]
    pub filters: Vec<String>,
    /// Format of the results [default: same, or the recipe's]
    #[arg(long, value_parser = parse_format, value_name = "jpeg|png|webp|tiff|same")]
    pub format: Option<FormatChoice>,
    /// Quality of lossy formats [default: 90, or the recipe's]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=100), value_name = "1-100")]
    pub quality: Option<u8>,
    /// Colours and metadata of the results.
    #[command(flatten)]
    pub export: ExportArgs,
}

impl RecipeArgs {
    /// The recipe that was asked for.
    ///
    /// # Errors
    /// If its file cannot be read or a filter is not what it should be.
    pub fn recipe(&self) -> Result<Recipe> {
        let mut recipe = match (&self.recipe, &self.preset) {
            (Some(path), _) => load_recipe(path)?,
            (None, Some(id)) => load_preset(id)?,
            (None, None) => Recipe::default(),
        };
        for filter in &self.filters {
            recipe.filters.push(Step::parse(filter).with_context(|| format!("--filter {filter}"))?);
        }
        self.export.apply(&mut recipe.export);
        load_files(&mut recipe);
        recipe.export.colour.profile().map_err(anyhow::Error::msg)?;
        if let Some(error) = recipe.unusable_file() {
            return Err(error.into());
        }
        recipe.export.format = self.format.unwrap_or(recipe.export.format);
        recipe.export.quality = self.quality.unwrap_or(recipe.export.quality);
        Ok(recipe)
    }
}

fn load_preset(id: &str) -> Result<Recipe> {
    let preset = find_preset(id).with_context(|| {
        let known: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
        format!("there is no preset '{id}'; there are: {}", known.join(", "))
    })?;
    Ok(preset.recipe()?)
}

fn load_recipe(path: &Path) -> Result<Recipe> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("the recipe {} cannot be read", path.display()))?;
    let mut recipe = Recipe::from_toml(&text).with_context(|| format!("in {}", path.display()))?;
    recipe.anchor_files(path.parent().unwrap_or(Path::new("")));
    Ok(recipe)
}

fn parse_format(text: &str) -> Result<FormatChoice, String> {
    FormatChoice::from_id(text).ok_or_else(|| {
        format!("the formats are {}", FormatChoice::all().map(FormatChoice::id).collect::<Vec<_>>().join(", "))
    })
}

/// How a run uses the machine, whoever carries it.
#[derive(Debug, Args)]
pub struct MachineArgs {
    /// Memory for pictures in flight
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB")]
    pub memory: Option<u32>,
    /// Places between reading and writing (hybrid) [default: enough to keep everybody busy]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..), value_name = "N")]
    pub queue: Option<u16>,
    /// Low gives way to other programs [default: normal]
    #[arg(long, value_parser = parse_priority, value_name = "normal|low")]
    pub priority: Option<Priority>,
    /// Seconds that a worker process may spend on one picture (processes) [default: 120]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "SECS")]
    pub time_limit: Option<u32>,
    /// Simulate a slow source: milliseconds before a file's first byte
    #[arg(long, value_name = "MS")]
    pub simulate_latency: Option<u32>,
    /// Simulate a slow source: mebibytes a second for all readers together
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB/s")]
    pub simulate_bandwidth: Option<u32>,
}

impl MachineArgs {
    /// The usual settings with what was asked for.
    pub fn settings(&self) -> Settings {
        let usual = Settings::default();
        let is_slow = self.simulate_latency.is_some() || self.simulate_bandwidth.is_some();
        let slow = SlowSource { latency_ms: self.simulate_latency.unwrap_or(0), mib_per_sec: self.simulate_bandwidth };
        Settings {
            memory_bytes: self.memory.map_or(usual.memory_bytes, |mib| u64::from(mib) << 20),
            queue: self.queue.map(usize::from),
            priority: self.priority.unwrap_or_default(),
            time_limit_secs: self.time_limit.unwrap_or(usual.time_limit_secs),
            slow_source: is_slow.then_some(slow),
            ..usual
        }
    }
}

fn parse_priority(text: &str) -> Result<Priority, String> {
    let named = Priority::ALL.into_iter().find(|p| p.title().eq_ignore_ascii_case(text));
    named.ok_or_else(|| "the priorities are normal and low".to_owned())
}

/// Reads an executor's name.
///
/// # Errors
/// With all names, if it is none.
pub fn parse_executor(text: &str) -> Result<&'static Executor, String> {
    find_executor(text).ok_or_else(|| {
        format!("the executors are {}", crate::batch::EXECUTORS.iter().map(|e| e.id).collect::<Vec<_>>().join(", "))
    })
}
