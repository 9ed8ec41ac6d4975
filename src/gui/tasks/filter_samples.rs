//! What filters and presets do to the picture that is shown, as small pictures for the finder.
//!
//! They are made of the pixels that the preview holds, on a thread that lives as long as the finder is open. Only those
//! that are visible are made, and each once, so that nothing is left to do after that.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::batch::{Library, fallback_fonts, load_files};
use crate::filter::{Asset, FileKind, FilterSpec, Lut, Subject, Work};
use crate::gui::model::presets::PresetRef;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::request_queue::RequestQueue;
use crate::picture::{Buffers, Depth, Layout, Pixels, Shape, catch_panic};
use crate::recipe::{Plan, Purpose, Recipe, Step, asset};

/// Longer side of a sample in points.
pub const SIDE: f32 = 96.0;

/// Below this mean difference of samples, of 255, a filter seems to do nothing.
const SEEN: u64 = 2;

/// What is shown by a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Sample {
    Filter(&'static FilterSpec),
    Preset(PresetRef),
}

/// The samples of the finder, while it is open.
#[derive(Default)]
pub struct FilterSamples {
    session: Option<Session>,
}

/// The samples of one picture.
struct Session {
    /// Id of the picture.
    picture: u64,
    requests: Arc<RequestQueue<Sample>>,
    made: Receiver<(Sample, ColorImage)>,
    /// Each with its texture once it is made.
    samples: Vec<(Sample, Option<TextureHandle>)>,
}

impl FilterSamples {
    /// Begins with the picture of the preview if the finder is open; begins anew if it is another picture; ends if the
    /// finder is closed. The user's presets are those of `library`.
    pub fn update(&mut self, ctx: &Context, preview: Option<&PreviewImages>, library: Option<&Library>) {
        let wanted = preview.and_then(|images| Some((images.picture()?, images.pixels()?)));
        let picture = wanted.map(|(picture, _)| picture);
        if self.session.as_ref().map(|session| session.picture) != picture {
            self.session =
                wanted.and_then(|(picture, pixels)| Session::start(ctx, picture, Arc::clone(pixels), library.cloned()));
        }
        if let Some(session) = &mut self.session {
            session.collect(ctx);
        }
    }

    /// Whether there is a picture to show them on.
    pub const fn are_shown(&self) -> bool {
        self.session.is_some()
    }

    /// A sample, if it is made.
    pub fn get(&self, sample: &Sample) -> Option<&TextureHandle> {
        let samples = &self.session.as_ref()?.samples;
        samples.iter().find(|(of, _)| of == sample)?.1.as_ref()
    }

    /// How many are made.
    pub fn made(&self) -> usize {
        self.session.as_ref().map_or(0, |session| session.samples.iter().filter(|(_, made)| made.is_some()).count())
    }

    /// Makes those that are visible. Others that were asked for and are not begun are dropped.
    pub fn request(&mut self, visible: impl Iterator<Item = Sample>) {
        let Some(session) = &mut self.session else { return };
        let visible: Vec<Sample> = visible.collect();
        if visible.iter().all(|sample| session.samples.iter().any(|(of, _)| of == sample)) {
            return;
        }
        let samples = &mut session.samples;
        session.requests.replace(|dropped| {
            samples.retain(|(of, _)| !dropped.contains(of));
            let mut new = VecDeque::new();
            for sample in visible {
                if samples.iter().all(|(of, _)| *of != sample) {
                    samples.push((sample.clone(), None));
                    new.push_back(sample);
                }
            }
            new
        });
    }
}

impl Session {
    fn start(ctx: &Context, picture: u64, pixels: Arc<ColorImage>, library: Option<Library>) -> Option<Self> {
        let requests = Arc::<RequestQueue<Sample>>::default();
        // Unbounded, and yet small: one small picture for each filter and preset.
        let (sender, made) = unbounded();
        let side = (SIDE * ctx.pixels_per_point()).ceil().clamp(SIDE, 4.0 * SIDE) as u32;
        let (theirs, ctx) = (Arc::clone(&requests), ctx.clone());
        let serve = move || serve(&theirs, &sender, &ctx, &pixels, (side, library.as_ref()));
        thread::Builder::new().name("lightloom-samples".to_owned()).spawn(serve).ok()?;
        Some(Self { picture, requests, made, samples: Vec::new() })
    }

    fn collect(&mut self, ctx: &Context) {
        for (sample, image) in self.made.try_iter() {
            let texture = ctx.load_texture("sample", image, TextureOptions::LINEAR);
            if let Some((_, made)) = self.samples.iter_mut().find(|(of, _)| *of == sample) {
                *made = Some(texture);
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.requests.end();
    }
}

fn serve(
    requests: &RequestQueue<Sample>,
    sender: &Sender<(Sample, ColorImage)>,
    ctx: &Context,
    pixels: &ColorImage,
    (side, library): (u32, Option<&Library>),
) {
    let stop = || requests.is_ended();
    let mut buffers = Buffers::default();
    let Some(base) = base(pixels, side, &mut buffers) else { return };
    while let Some(sample) = requests.next(0) {
        let mut work = Work { buffers: &mut buffers, stop: &stop, split: false };
        // A filter that fails shows the picture as it is.
        let made = catch_panic(|| sample.render(&base, side, library, &mut work)).ok().flatten();
        if stop() || sender.send((sample, image_of(made.as_ref().unwrap_or(&base)))).is_err() {
            return;
        }
        ctx.request_repaint();
    }
}

/// The picture of the preview, as small as the samples.
fn base(pixels: &ColorImage, side: u32, buffers: &mut Buffers) -> Option<Pixels> {
    let [width, height] = pixels.size.map(|n| n as u32);
    let shape = Shape { width, height, layout: Layout::Rgba, depth: Depth::U8 };
    let bytes = pixels.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
    let mut work = Work { buffers, stop: &|| false, split: false };
    run(&fitting(Recipe::default(), side)?, &Pixels::from_bytes(shape, bytes)?, &mut work)
}

/// A recipe of these filters.
fn recipe_of(filters: Vec<Step>) -> Recipe {
    Recipe { filters, ..Recipe::default() }
}

/// The recipe, and then what makes the result as small as a sample.
fn fitting(mut recipe: Recipe, side: u32) -> Option<Recipe> {
    recipe.filters.push(Step::parse(&format!("resize:mode=fit,width={side},height={side}")).ok()?);
    Some(recipe_of(recipe.filters))
}

fn run(recipe: &Recipe, pixels: &Pixels, work: &mut Work<'_>) -> Option<Pixels> {
    Plan::compile(recipe, pixels.shape(), &[1], Purpose::Export).ok()?.run(pixels.clone(), work).ok()
}

fn image_of(pixels: &Pixels) -> ColorImage {
    ColorImage::from_rgba_unmultiplied([pixels.width() as usize, pixels.height() as usize], &pixels.to_rgba8())
}

impl Sample {
    fn render(&self, base: &Pixels, side: u32, library: Option<&Library>, work: &mut Work<'_>) -> Option<Pixels> {
        match self {
            Self::Filter(spec) => {
                // As it is added; where that shows nothing, with values that do.
                let added = Step::start(spec.id).ok();
                let added = added.and_then(|step| filtered(recipe_of(vec![step]), base, side, work));
                added.filter(|pixels| differ(pixels, base)).or_else(|| {
                    let mut recipe = recipe_of(vec![example(spec)?]);
                    recipe.load_files(|kind, _| sample_file(kind));
                    filtered(recipe, base, side, work)
                })
            }
            Self::Preset(preset) => {
                let mut recipe = match preset {
                    PresetRef::Bundled(preset) => preset.recipe().ok()?,
                    PresetRef::Own(name) => library?.load(name).ok()?,
                };
                load_files(&mut recipe);
                if let Some(first) = recipe.outputs.first() {
                    recipe.filters.extend(first.filters.iter().cloned());
                }
                filtered(recipe, base, side, work)
            }
        }
    }
}

/// What a recipe, whose files are loaded, makes of the picture.
fn filtered(recipe: Recipe, base: &Pixels, side: u32, work: &mut Work<'_>) -> Option<Pixels> {
    let recipe = fitting(recipe, side)?;
    let subject =
        || Subject { number: Some(1), name: "picture".to_owned(), extension: "jpg".to_owned(), ..Subject::default() };
    let recipe = recipe.about(subject, fallback_fonts);
    run(&recipe, base, work)
}

/// The values that show what a filter does.
fn example(spec: &'static FilterSpec) -> Option<Step> {
    let mut step = Step::new(spec.id).ok()?;
    for (key, text) in spec.example.values {
        step.params.set_text(key, text).ok()?;
    }
    Some(step)
}

/// What stands for the file of an example: the icon of the program, or a table that warms colours.
fn sample_file(kind: FileKind) -> Result<Arc<Asset>, String> {
    let warm = "LUT_3D_SIZE 2\n0 0 .1\n1 .1 .1\n.1 .9 .1\n1 1 .2\n0 .1 .7\n.9 .1 .7\n.1 .9 .8\n1 .98 .86\n";
    match kind {
        FileKind::Lut => Lut::from_cube(warm).map(|table| Arc::new(Asset::Lut(table))),
        _ => asset(kind, "icon.png", include_bytes!("../../../assets/icon.png")).map(Arc::new),
    }
}

/// Whether a person sees a difference.
fn differ(a: &Pixels, b: &Pixels) -> bool {
    if (a.width(), a.height()) != (b.width(), b.height()) {
        return true;
    }
    let (a, b) = (a.to_rgba8(), b.to_rgba8());
    let sum: u64 = a.iter().zip(&b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum >= SEEN * a.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::FILTERS;
    use crate::recipe::PRESETS;

    /// Hard edges and smooth parts in colours, at a size that the filters do not fit by chance.
    fn picture() -> ColorImage {
        let colour = |i: usize| {
            let (x, y) = (i % 160, i / 160);
            let edge = if (x / 20 + y / 15) % 2 == 0 { 60 } else { 0 };
            egui::Color32::from_rgb(40 + x as u8 / 2 + edge, 30 + y as u8 + edge, 190 - x as u8 / 2)
        };
        ColorImage::new([160, 120], (0..160 * 120).map(colour).collect())
    }

    #[test]
    fn every_filter_and_preset_has_a_sample_and_nearly_all_show_what_they_do() {
        let mut buffers = Buffers::default();
        let base = base(&picture(), 96, &mut buffers).unwrap();
        assert_eq!((base.width(), base.height()), (96, 72));
        let mut unseen = Vec::new();
        for sample in FILTERS
            .iter()
            .map(|spec| Sample::Filter(spec))
            .chain(PRESETS.iter().map(|preset| Sample::Preset(PresetRef::Bundled(preset))))
        {
            let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
            match sample.render(&base, 96, None, &mut work) {
                Some(made) => {
                    assert!(made.width().max(made.height()) <= 96, "{sample:?}");
                    if made.bytes() == base.bytes() {
                        unseen.push(format!("{sample:?}"));
                    }
                }
                None => unseen.push(format!("{sample:?} fails")),
            }
        }
        assert!(unseen.len() <= 8, "{unseen:?}");
        assert!(!unseen.iter().any(|sample| sample.contains("fails")), "{unseen:?}");
    }
}
