//! What the thread of the preview does for a request, with the code of the export: a quick look at a smaller copy first,
//! then the exact result, then the result as its file will hold it.

use crate::batch::stage::{self, Rendered, StageError};
use crate::batch::{Decoders, Look, OpenPicture, Source, SourcePicture, Stage, fallback_fonts, load_files, subject};
use crate::codec::Limits;
use crate::filter::Work;
use crate::gui::tasks::preview::request::{
    BeforeWanted, Described, Edited, EditedRequest, Encoded, RenderedView, Request, Side,
};
use crate::gui::tasks::preview::view::view;
use crate::gui::text;
use crate::picture::description::{describe, fates};
use crate::picture::{Buffers, Metadata};
use crate::recipe::{Purpose, Recipe, Step};

/// What the thread keeps from one request to the next.
pub struct RenderCache {
    decoders: Decoders,
    open: Option<(Source, Limits, OpenPicture)>,
    buffers: Buffers,
}

impl RenderCache {
    /// Nothing is kept. Pictures of isolated formats are decoded by these.
    pub fn new(decoders: Decoders) -> Self {
        Self { decoders, open: None, buffers: Buffers::default() }
    }

    /// Whether much is kept that only a person who is busy with the picture needs.
    pub fn holds_much(&self) -> bool {
        self.open.as_ref().is_some_and(|(_, _, open)| open.holds_much())
    }

    /// Keeps only what a quick look needs.
    pub fn rest(&mut self) {
        self.buffers = Buffers::default();
        if let Some((_, _, open)) = &mut self.open {
            open.rest();
        }
    }

    fn open(
        &mut self,
        request: &Request,
        stop: &dyn Fn() -> bool,
    ) -> Result<(&mut OpenPicture, &mut Buffers), StageError> {
        let (source, limits) = (&request.source, &request.limits);
        let open = match self.open.take() {
            Some((of, within, open)) if of == *source && within == *limits => open,
            _ => OpenPicture::new(SourcePicture::open(source, limits, &self.decoders, stop)?),
        };
        let (_, _, open) = self.open.insert((source.clone(), *limits, open));
        Ok((open, &mut self.buffers))
    }
}

/// When to stop.
pub struct Stops<'a> {
    /// Whether another picture is wanted, or none. A quick look at the same one is finished: it is better than none.
    pub left: &'a (dyn Fn() -> bool + Sync),
    /// Whether there is a newer request.
    pub newer: &'a (dyn Fn() -> bool + Sync),
}

/// Why there is no picture.
pub struct Failure {
    pub reason: String,
    /// Whether it is the file that cannot be read.
    pub may_pass: bool,
}

impl From<StageError> for Failure {
    fn from(error: StageError) -> Self {
        let reason = format!("{}: {error}", text::sentence(error.stage.title()));
        Self { reason, may_pass: error.stage == Stage::Read }
    }
}

/// Renders what is requested; each view goes to `send` as soon as it is there.
pub fn render(
    request: &Request,
    cache: &mut RenderCache,
    stops: &Stops<'_>,
    send: impl Fn(Side, RenderedView),
) -> Result<(), Failure> {
    let (open, buffers) = cache.open(request, stops.left)?;
    let mut after = request.recipe.clone();
    load_files(&mut after);
    let about = || subject(&request.source, open.metadata(), request.number);
    let after = after.about(about, fallback_fonts).into_owned();
    let before = Recipe::default();

    let mut work = Work { buffers: &mut *buffers, stop: stops.left, split: true };
    let quick = Purpose::Proxy(request.side);
    if request.before >= BeforeWanted::Quick {
        let look = open.render(&before, 0, quick, &mut work)?;
        send(Side::Before, view(look, false, false, &mut work)?);
    }
    let look = open.render(&after, request.output, quick, &mut work)?;
    let edited = edited(request, open, look.size);
    send(Side::After, RenderedView { edited, ..view(look, false, false, &mut work)? });

    let mut work = Work { buffers, stop: stops.newer, split: true };
    if (stops.newer)() {
        return Ok(());
    }
    let exact = open.render(&after, request.output, Purpose::Export, &mut work)?;
    let (size, geometry) = (exact.size, exact.geometry);
    let outputs = after.all_outputs();
    let output = outputs.get(request.output);
    let is_copied = output.is_some_and(|output| open.is_copied(&after, (request.output, output)));
    let result = (request.encoded && !is_copied).then(|| copy(&exact.rendered));
    let metadata = match output {
        Some(_) if request.metadata && is_copied => described(open.metadata(), Some(open.metadata())),
        Some(output) if request.metadata => {
            let changed = open.is_changed(&after, output);
            let written = stage::written_metadata(&exact.rendered, changed, output, &request.limits, &mut work);
            described(open.metadata(), written.ok().as_ref())
        }
        _ => Vec::new(),
    };
    let exact = view(exact, true, request.detail, &mut work)?;
    let copied = (request.encoded && is_copied).then(|| {
        let bytes = open.length();
        Encoded { bytes, source_bytes: bytes, format: open.format().title }
    });
    send(Side::After, RenderedView { metadata, encoded: copied, edited, ..exact });
    if request.before >= BeforeWanted::Overview {
        let exact = open.render(&before, 0, Purpose::Export, &mut work)?;
        send(Side::Before, view(exact, true, request.before == BeforeWanted::Detail, &mut work)?);
    }
    if let (Some(result), Some(output)) = (result, output) {
        let shown = stage::encode_and_decode(result, output, &request.limits, &mut work)?;
        let encoded = Encoded { bytes: shown.length, source_bytes: open.length(), format: shown.format.title };
        let view = view(Look { rendered: shown.rendered, size, geometry }, true, request.detail, &mut work)?;
        send(Side::After, RenderedView { encoded: Some(encoded), ..view });
    }
    Ok(())
}

/// What is edited on the picture that is shown, which has so many columns and rows.
fn edited(request: &Request, open: &OpenPicture, size: (u32, u32)) -> Option<Edited> {
    let EditedRequest { target, step } = request.edited.as_ref()?;
    let step = step.iter().map(|step| Step { enabled: true, ..step.clone() });
    let mut alone = Recipe { filters: step.collect(), ..Recipe::default() };
    load_files(&mut alone);
    let alone = alone.about(|| subject(&request.source, open.metadata(), request.number), fallback_fonts);
    let content = alone.filters.first().and_then(|step| step.params.content(size));
    Some(Edited { target: *target, content })
}

/// What metadata say, and what becomes of that where a file is written with these.
fn described(metadata: &Metadata, written: Option<&Metadata>) -> Vec<Described> {
    let entries = describe(metadata);
    match written {
        Some(written) => {
            let fates = fates(&entries, &describe(written));
            fates.into_iter().map(|(entry, fate)| Described { entry, fate: Some(fate) }).collect()
        }
        None => entries.into_iter().map(|entry| Described { entry, fate: None }).collect(),
    }
}

fn copy(rendered: &Rendered) -> Rendered {
    let Rendered { picture, source, format, notes, partial, effect } = rendered;
    let (picture, notes, partial) = (picture.clone(), notes.clone(), partial.clone());
    Rendered { picture, source: *source, format, notes, partial, effect: *effect }
}
