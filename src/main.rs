//! Parses the command line, runs what it asks for, and turns the outcome into an exit code.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use lightloom::cli::{self, Cli, Command, Exit, console};
use lightloom::codec::SomeLimits;
use lightloom::recipe::Recipe;

/// Pictures are large and short-lived: getting small pages from the system took a third of the time of some jobs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => run(cli).unwrap_or_else(|error| cli::failed(&error)),
        Err(answer) => cli::answer(&answer),
    };
    ExitCode::from(exit as u8)
}

fn run(cli: Cli) -> Result<Exit> {
    match &cli.command {
        Some(Command::Demo { repeats, pictures }) => demo(*repeats, pictures.as_deref()),
        Some(Command::Headless(command)) => command.run(),
        None if cli.reuse_window && is_added(&cli.inputs) => Ok(Exit::Well),
        None => window(cli.inputs, None, None, cli.limits.given()),
    }
}

/// The samples in a window where there is one to be had, else without.
fn demo(repeats: u8, pictures: Option<&Path>) -> Result<Exit> {
    let folder = tempfile::Builder::new().prefix("lightloom-").tempdir()?;
    let samples = folder.path().join("samples");
    if pictures.is_none() {
        lightloom::lab::unpack_samples(&samples)?;
    }
    let pictures = pictures.unwrap_or(&samples);
    let out = std::env::current_dir()?.join("lightloom-demo");
    match window(vec![pictures.to_path_buf()], Some(cli::demo_recipe()?), Some(out.clone()), SomeLimits::default()) {
        Ok(exit) => return Ok(exit),
        Err(reason) => {
            console::say_lines(&format!("{reason:#}\nThe demo goes on without a window."));
        }
    }
    std::fs::create_dir_all(&out)?;
    cli::demo_headless(pictures, &out, repeats)
}

/// Whether a window that is open has taken these.
#[cfg(feature = "gui")]
fn is_added(inputs: &[PathBuf]) -> bool {
    lightloom::gui::add_to_open_window(inputs)
}

#[cfg(feature = "gui")]
fn window(inputs: Vec<PathBuf>, recipe: Option<Recipe>, output: Option<PathBuf>, limits: SomeLimits) -> Result<Exit> {
    let worker_program = cli::worker_program();
    lightloom::gui::run(lightloom::gui::Options {
        inputs,
        recipe,
        output,
        limits,
        worker_program,
        ..Default::default()
    })?;
    Ok(Exit::Well)
}

#[cfg(not(feature = "gui"))]
const fn is_added(_: &[PathBuf]) -> bool {
    false
}

#[cfg(not(feature = "gui"))]
fn window(_: Vec<PathBuf>, _: Option<Recipe>, _: Option<PathBuf>, _: SomeLimits) -> Result<Exit> {
    anyhow::bail!("this build has no window; use 'lightloom process' or 'lightloom demo' (see 'lightloom --help')")
}
