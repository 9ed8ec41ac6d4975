//! Parses the command line, runs what it asks for, and turns the outcome into an exit code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use lightloom::cli::{self, Cli, Command, Exit, console};
use lightloom::codec::SomeLimits;
use lightloom::recipe::Recipe;
use lightloom_param::shown;

fn main() -> ExitCode {
    let exit = match Cli::try_parse() {
        Ok(cli) => run(cli).unwrap_or_else(|error| cli::failed(&error)),
        Err(answer) => cli::answer(&answer),
    };
    ExitCode::from(exit as u8)
}

fn run(cli: Cli) -> Result<Exit> {
    match &cli.command {
        Some(Command::Process(args)) => return cli::process(args),
        Some(Command::Filters { gallery: Some(folder), .. }) => {
            let count = cli::gallery(folder)?;
            console::print(&format!("{count} filters: {}", shown(&folder.join("index.html"))))?;
        }
        Some(Command::Filters { ids, json, .. }) => {
            console::print(&cli::list_filters(ids, *json)?)?;
        }
        Some(Command::Formats { json }) => {
            console::print(&cli::list_formats(*json))?;
        }
        Some(Command::Presets { command }) => return cli::presets(command.as_ref()),
        Some(Command::Lab(args)) => return cli::lab(args),
        Some(Command::Resume(args)) => return cli::resume(args),
        Some(Command::Retry(args)) => return cli::retry(args),
        Some(Command::Verify(args)) => return cli::verify(args),
        Some(Command::Undo(args)) => return cli::undo(args),
        Some(Command::Runs(args)) => return cli::runs(args),
        Some(Command::Worker { fault }) => lightloom::batch::serve(fault.clone())?,
        Some(Command::Demo { repeats, pictures }) => return demo(*repeats, pictures.as_deref()),
        None => return window(cli.inputs, None, None, cli.limits.given()),
    }
    Ok(Exit::Well)
}

/// The samples in a window where there is one to be had, else without.
fn demo(repeats: u8, pictures: Option<&Path>) -> Result<Exit> {
    let samples = tempfile::Builder::new().prefix("lightloom-samples-").tempdir()?;
    if pictures.is_none() {
        lightloom::lab::unpack_samples(samples.path())?;
    }
    let pictures = pictures.unwrap_or(samples.path());
    let out = std::env::current_dir()?.join("lightloom-demo");
    match window(vec![pictures.to_path_buf()], Some(cli::demo_recipe()?), Some(out.clone()), SomeLimits::default()) {
        Ok(exit) => return Ok(exit),
        Err(reason) => {
            console::say_lines(&format!("{reason:#}"));
            console::say("The demo goes on without a window.");
        }
    }
    std::fs::create_dir_all(&out)?;
    cli::demo_headless(pictures, &out, repeats)
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
fn window(_: Vec<PathBuf>, _: Option<Recipe>, _: Option<PathBuf>, _: SomeLimits) -> Result<Exit> {
    anyhow::bail!("this build has no window; use 'lightloom process' or 'lightloom demo' (see 'lightloom --help')")
}
