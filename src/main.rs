//! Parses the command line, runs what it asks for, and turns the outcome into an exit code.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use lightloom::batch;
use lightloom::cli::{self, Cli, Command, Exit};
use lightloom::codec::SomeLimits;
use lightloom::recipe::Recipe;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match &cli.command {
        Some(Command::Process(args)) => cli::process(args),
        Some(Command::Filters { gallery: Some(folder), .. }) => cli::gallery(folder).map(|count| {
            println!("{count} filters: {}", folder.join("index.html").display());
            Exit::Well
        }),
        Some(Command::Filters { ids, json, .. }) => cli::list_filters(ids, *json).map_err(Into::into).map(|list| {
            println!("{}", list.trim_end());
            Exit::Well
        }),
        Some(Command::Formats { json }) => {
            println!("{}", cli::list_formats(*json).trim_end());
            Ok(Exit::Well)
        }
        Some(Command::Presets { command }) => cli::presets(command.as_ref()),
        Some(Command::Lab(args)) => cli::lab(args),
        Some(Command::Worker { fault }) => batch::serve(fault.clone()).map(|()| Exit::Well).map_err(Into::into),
        Some(Command::Demo { repeats, pictures }) => demo(*repeats, pictures.as_deref()),
        None => window(cli.inputs, None, None, cli.limits.given()),
    };
    match outcome {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            eprintln!("lightloom: {error:#}");
            ExitCode::from(Exit::BadUsage as u8)
        }
    }
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
        Err(reason) => eprintln!("{reason:#}\nThe demo goes on without a window.\n"),
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
