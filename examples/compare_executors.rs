//! A small study: the sample photos by three executors, on a source that answers after 20 ms.
//!
//! `cargo run --release --example compare_executors`

use lightloom::batch::executor::{hybrid, sequential, threads};
use lightloom::batch::{Settings, SlowSource};
use lightloom::lab::{LabEvent, Study, unpack_samples};
use lightloom::recipe::{Recipe, Step};

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let recipe = Recipe { filters: vec![Step::parse("resize:width=400,height=400")?], ..Recipe::default() };
    let slow_source = Some(SlowSource { latency_ms: 20, mib_per_sec: None });
    let executors = [&sequential::EXECUTOR, &threads::EXECUTOR, &hybrid::EXECUTOR].into_iter();
    let study = Study {
        sources: unpack_samples(&folder.path().join("samples"))?,
        recipe,
        choices: executors.map(|executor| Settings { executor, slow_source, ..Settings::default() }).collect(),
        repeats: 3,
        folder: folder.path().to_path_buf(),
        ..Study::default()
    };

    let results = study.measure(&mut |event| {
        if let LabEvent::Next { settings, done, total } = event {
            println!("run {} of {total}: {}", done + 1, settings.describe());
        }
    })?;

    println!("\n{:<28} {:>9} {:>9} {:>9}", "", "seconds", "spread", "speed-up");
    for row in &results.comparison().rows {
        println!("{:<28} {:>9.3} {:>8.0}% {:>8.2}x", row.title, row.wall_secs, 100.0 * row.spread(), row.speed_up);
    }
    println!("\n{}", results.verdict());
    Ok(())
}
