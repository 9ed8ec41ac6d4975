//! A folder of pictures through a recipe, with progress.
//!
//! `cargo run --release --example batch_with_progress [FOLDER]`; without a folder it takes the bundled sample photos.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lightloom::batch::{
    Batch, Discovered, Event, Outcome, OutputSettings, Search, Settings, discover, plan_jobs, start,
};
use lightloom::recipe::find_preset;

fn main() -> anyhow::Result<()> {
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples");
    let input = std::env::args_os().nth(1).map_or_else(|| PathBuf::from(samples), PathBuf::from);
    let results = tempfile::tempdir()?.keep();

    let mut sources = Vec::new();
    let search = Search { output: Some(results.clone()), ..Search::default() };
    discover(&[input], &search, |discovered| {
        match discovered {
            Discovered::Source(entry) => sources.push(entry),
            Discovered::Problem { path, reason } => eprintln!("{}: {reason}", path.display()),
            Discovered::LeftOut(left_out) => eprintln!("{left_out}"),
            Discovered::Note(note) => eprintln!("{note}"),
        }
        true
    });

    let preset = find_preset("thumbnail_256").ok_or_else(|| anyhow::anyhow!("there is no preset 'thumbnail_256'"))?;
    let recipe = preset.recipe()?;
    // Names are decided for all pictures before the first is read.
    let output = OutputSettings { folder: Some(results.clone()), ..OutputSettings::default() };
    let jobs = plan_jobs(&sources, &recipe, &output);

    // The sink gets every event on the thread where it happens; it must not wait.
    let sink = |event: Event| {
        if let Event::Finished(report) = event {
            let reason = report.reason.unwrap_or_default();
            println!("{:?}: {} {reason}", report.outcome, report.source);
        }
    };
    let running =
        start(Batch { jobs, recipe, results: output.conflict.into(), settings: Settings::default() }, Arc::new(sink))?;
    // The counters can be read at any time, without a lock.
    let progress = Arc::clone(running.progress());
    let mut finished = 0;
    while !running.is_finished() {
        std::thread::sleep(Duration::from_millis(50));
        if progress.finished() > finished {
            finished = progress.finished();
            println!("{finished} of {} finished", progress.total());
        }
    }

    let totals = running.wait().totals;
    println!(
        "{} of {} pictures in {:.2} s ({:.0} megapixels, {:.2} cores busy): {}",
        progress.count(Outcome::Done),
        totals.images,
        totals.wall_secs,
        totals.megapixels,
        totals.cpu_use(),
        results.display()
    );
    anyhow::ensure!(totals.failed + totals.stopped == 0, "some pictures failed");
    Ok(())
}
