//! What names may say of a picture beyond its file's name: read from the headers of a whole batch, before it begins.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::Planning;
use crate::cause::StageError;
use crate::stage::header_and_plan;
use crate::{Job, SourceEntry, SourcePicture, subject};
use lightloom_filter::Subject;
use lightloom_filter::tokens::Moment;
use lightloom_recipe::Overrides;

/// What is known of a source before it is decoded.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub subject: Subject,
    /// Columns and rows of each output of the recipe, as far as they are known before any pixel is.
    pub sizes: Vec<(u32, u32)>,
}

/// Threads that read headers: they wait for the disk.
const READERS: usize = 8;

/// What the names of a batch that comes after `before` pictures need to know of each source. One that cannot be read is known by its name alone: the run will
/// say why.
pub(super) fn facts(planning: &Planning<'_>, before: usize) -> Vec<Facts> {
    let sources = planning.sources;
    if !planning.output.names.needs_header() {
        let by_name =
            |(index, entry): (usize, &SourceEntry)| subject::by_name(&entry.source, before + index + 1).into();
        return sources.iter().enumerate().map(by_name).collect();
    }
    let next = AtomicUsize::new(0);
    let read_some = || {
        let mut found = Vec::new();
        loop {
            let index = next.fetch_add(1, Relaxed);
            if index >= sources.len() {
                return found;
            }
            let number = before + index + 1;
            let facts = by_header(planning, index, number).unwrap_or_else(|_| of_unreadable(planning, index, number));
            found.push((index, facts));
            planning.headers_read.fetch_add(1, Relaxed);
        }
    };
    let mut found: Vec<(usize, Facts)> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS.min(sources.len())).map(|_| scope.spawn(read_some)).collect();
        readers.into_iter().flat_map(|reader| reader.join().unwrap_or_default()).collect()
    });
    found.sort_unstable_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, facts)| facts).collect()
}

impl From<Subject> for Facts {
    fn from(subject: Subject) -> Self {
        Self { subject, sizes: Vec::new() }
    }
}

fn of_unreadable(planning: &Planning<'_>, index: usize, number: usize) -> Facts {
    let source = &planning.sources[index].source;
    Subject { date: source.modified().map(Moment::of), ..subject::by_name(source, number) }.into()
}

fn by_header(planning: &Planning<'_>, index: usize, number: usize) -> Result<Facts, StageError> {
    let Planning { sources, recipe, limits, overrides, decoders, .. } = planning;
    let source = &sources[index].source;
    if !planning.output.names.needs_size() {
        let header = SourcePicture::header(source, limits, decoders)?.header;
        return Ok(subject(source, &header.metadata, number).into());
    }
    let overrides = overrides.get(source).and_then(Overrides::shared);
    let job = Job { number, overrides, ..Job::new(index, source.clone()) };
    let (header, plan) = header_and_plan(&job, recipe, limits, decoders)?;
    let explained = plan.explain();
    let mut sizes: Vec<_> = explained.outputs.iter().map(|output| (output.width, output.height)).collect();
    if sizes.is_empty() {
        let last = explained.passes.last().map(|pass| (pass.width, pass.height));
        sizes.push(last.unwrap_or((explained.width, explained.height)));
    }
    Ok(Facts { subject: subject(source, &header.metadata, number), sizes })
}
