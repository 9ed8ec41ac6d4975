//! One picture through a recipe, without a batch: bytes in, bytes out.
//!
//! `cargo run --release --example decode_filter_encode [FILE]`; without a file it takes a bundled sample photo.

use std::path::PathBuf;

use lightloom::codec::{self, Limits};
use lightloom::filter::Work;
use lightloom::picture::{Buffers, Picture};
use lightloom::recipe::{Plan, PlanPixels, Purpose, Recipe, RunError};

const RECIPE: &str = r#"
version = 3

[[filter]]
id = "resize"
width = 800
height = 800

[[filter]]
id = "unsharp_mask"
sigma = 0.7
"#;

fn main() -> anyhow::Result<()> {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/samples/studies/tomatoes.jpg");
    let source = std::env::args_os().nth(1).map_or_else(|| PathBuf::from(sample), PathBuf::from);
    let bytes = std::fs::read(&source)?;

    // The header is enough to plan: which passes will run, and how much smaller the decoder may make the picture.
    let limits = Limits::default();
    let (format, header) = codec::header(&bytes, &limits)?;
    let recipe = Recipe::from_toml(RECIPE)?;
    let plan = Plan::compile(&recipe, header.upright(), format.divisors, Purpose::Export)?;
    println!("{} is {}: {}", source.display(), format.title, plan.explain());

    let mut buffers = Buffers::default();
    let decoded = codec::decode(format, &bytes, &header, plan.decode_divisor(), &limits, &mut buffers)?;
    let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
    let pixels = PlanPixels::scaled(decoded.pixels, header.extent(plan.decode_divisor()));
    let pixels = plan.run(pixels, &mut work).map_err(|error| match error {
        RunError::Stopped => anyhow::anyhow!("stopped"),
        RunError::Plan(error) => error.into(),
    })?;

    let target = codec::find("png").ok_or_else(|| anyhow::anyhow!("there is no format 'png'"))?;
    let picture = Picture { pixels, metadata: header.metadata };
    let encoded = codec::encode(target, picture, &recipe.export.options, &mut buffers)?;
    let folder = tempfile::tempdir()?.keep();
    let result = folder.join("result.png");
    std::fs::write(&result, &encoded.bytes)?;
    for note in decoded.notes.iter().chain(&encoded.notes) {
        println!("note: {note}");
    }
    println!("{}: {} bytes", result.display(), encoded.bytes.len());
    Ok(())
}
