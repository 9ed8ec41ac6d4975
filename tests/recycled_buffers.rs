//! No samples of one picture may show in another. Every file of the collection of test images is decoded alone and after
//! all those before it, in buffers that they left; both must be the same. Buffers for overwriting hold other values each
//! time in debug builds, so a sample that a decoder leaves out differs. Skipped, and said so, where there is no collection.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::Path;

#[path = "common/corpus.rs"]
mod common;

use common::{corpus, table};
use lightloom::batch::stage::{Rendered, StageError, render};
use lightloom::codec::Limits;
use lightloom::filter::Work;
use lightloom::picture::Buffers;
use lightloom::recipe::{Purpose, Recipe};
use rayon::prelude::*;

fn decode(bytes: &[u8], buffers: &mut Buffers) -> Result<Rendered, StageError> {
    let mut work = Work { buffers, stop: &|| false, split: false };
    render(bytes, &Recipe::default(), Purpose::Export, &Limits::default(), &mut work)
}

/// The files whose pictures differ, and how many could be compared.
fn compare(corpus: &Path, files: &[String]) -> (Vec<String>, usize) {
    let mut shared = Buffers::default();
    let mut differing = Vec::new();
    let mut compared = 0;
    for file in files {
        let Ok(bytes) = fs::read(corpus.join(file)) else { continue };
        match (decode(&bytes, &mut Buffers::default()), decode(&bytes, &mut shared)) {
            (Ok(alone), Ok(after)) => {
                compared += 1;
                if alone.picture.pixels.hash() != after.picture.pixels.hash() {
                    differing.push(file.clone());
                }
                after.picture.pixels.recycle(&mut shared);
            }
            (Err(_), Err(_)) => {}
            (alone, after) => panic!("{file}: {alone:?} alone, {after:?} after others"),
        }
    }
    (differing, compared)
}

#[test]
fn a_picture_is_the_same_alone_and_after_others() {
    let Some(corpus) = corpus() else { return };
    let mut files: Vec<String> = Vec::new();
    for name in ["expect.tsv", "hostile.tsv"] {
        files.extend(table(&corpus.join(name)).into_iter().map(|row| row["file"].clone()));
    }
    let results: Vec<_> = files.par_chunks(100).map(|files| compare(&corpus, files)).collect();
    let differing: Vec<_> = results.iter().flat_map(|(differing, _)| differing).collect();
    let compared: usize = results.iter().map(|(_, compared)| compared).sum();
    println!("{compared} pictures compared");
    assert!(compared > 1000, "{compared}");
    assert!(differing.is_empty(), "pixels of other pictures: {differing:#?}");
}
