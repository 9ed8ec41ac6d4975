//! Between the last filter and the encoder: colours into the space that was asked for, fewer bits where the format has
//! fewer, and the metadata that go along.
//!
//! Filters work on the samples as their profile encodes them, and take them as sRGB where they need linear light or a
//! colour that somebody typed. The conversion comes after them, so that the choice of a space never changes what they
//! do, and touches only the pixels that are left.

use std::sync::Arc;

use super::super::ExportSettings;
use super::gain_map::GainMapChoice;
use super::hdr::DynamicRange;
use super::thumbnail::Reducer;
use lightloom_codec::Codec;
use lightloom_filter::{Stopped, Work};
use lightloom_picture::colour::{Conversion, Profile, Space, reduce};
use lightloom_picture::{Depth, Geometry, Layout, Metadata, Picture, RowForm, Shape, Thumbnail, with_raster};

/// One result on its way to the encoder.
#[derive(Debug)]
pub struct Finish<'a> {
    /// How it is saved.
    pub export: &'a ExportSettings,
    /// In which format.
    pub codec: &'static Codec,
    /// Whether filters or an orientation changed the pixels.
    pub changed: bool,
    /// Where the pixels of the stored picture went.
    pub geometry: Geometry,
    /// Whether filters did more than move pixels.
    pub retouched: bool,
}

/// A picture as it is encoded.
#[derive(Debug)]
pub struct Finished {
    /// The picture.
    pub picture: Picture,
    /// What should be known.
    pub notes: Vec<String>,
}

/// What has become of the samples, as far as metadata have to say it.
struct Samples {
    shape: Shape,
    /// The profile before.
    source_icc: Option<Vec<u8>>,
    hdr: Option<DynamicRange>,
    /// Whether they are sRGB now; none if they were not converted.
    is_srgb: Option<bool>,
    /// Those of a thumbnail.
    reduced: Option<Reducer>,
}

/// A finish of a picture that passes through row by row, with its samples as they are.
pub struct RowFinish<'a> {
    finish: Finish<'a>,
    form: RowForm,
    reduced: Option<Reducer>,
    /// Rows of the picture that have been seen.
    rows: u32,
}

impl RowFinish<'_> {
    /// Takes the next rows or bands, one or more whole ones.
    pub fn see(&mut self, rows: &[u8]) {
        let Shape { width, layout, .. } = self.form.rows();
        let stride = width as usize * layout.channels();
        let shared = self.form.planar().map_or(1, |planar| planar.chroma.rows);
        for row in rows.chunks_exact(stride.max(1)) {
            match (&mut self.reduced, self.form) {
                (None, _) => {}
                (Some(reduced), RowForm::Pixels(_)) => reduced.add(self.rows, row, stride),
                (Some(reduced), RowForm::Planes(planar)) => reduced.add_band(self.rows, planar, row),
            }
            self.rows += shared;
        }
    }

    /// The metadata of the result, once all rows have been seen, and what should be known.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn metadata(self, mut metadata: Metadata, work: &mut Work<'_>) -> Result<(Metadata, Vec<String>), Stopped> {
        let Self { finish, form, reduced, .. } = self;
        let shape = form.shape();
        let mut notes = Vec::new();
        finish.gain_map(&mut metadata, work, &mut notes)?;
        let source_icc = metadata.icc.clone();
        own_profile(&mut metadata, shape.layout, &mut notes);
        let samples = Samples { shape, source_icc, hdr: None, is_srgb: None, reduced };
        finish.edit(&mut metadata, samples, work, &mut notes)?;
        Ok((metadata, notes))
    }
}

impl<'a> Finish<'a> {
    /// As [`Self::run`], for a picture that arrives in this form; `None` if its samples are to be changed.
    pub fn by_rows(self, metadata: &Metadata, form: RowForm) -> Option<RowFinish<'a>> {
        let shape = form.shape();
        let keeps_colours = matches!(self.export.colour.profile(), Ok(None)) && self.codec.embeds_profiles();
        let keeps_range = metadata.hdr.is_none() && self.export.gain_map != GainMapChoice::Apply;
        let keeps_depth = self.codec.fitted(shape.layout, shape.depth).1 == shape.depth;
        let reduced = self.begin_thumbnail(metadata, form);
        (keeps_colours && keeps_range && keeps_depth).then_some(RowFinish { finish: self, form, reduced, rows: 0 })
    }
}

impl Finish<'_> {
    /// Converts, reduces and edits.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so; otherwise, if the target's profile cannot be used, with the reason.
    pub fn run(&self, mut picture: Picture, work: &mut Work<'_>) -> Result<Result<Finished, String>, Stopped> {
        let mut notes = Vec::new();
        if let Some((map, hdr)) = self.hdr_base(&mut picture.metadata) {
            self.standard_range(&map, hdr, &mut picture, work, &mut notes)?;
        } else if let Some(map) = self.gain_map(&mut picture.metadata, work, &mut notes)? {
            self.apply(&map, &mut picture, work, &mut notes)?;
        }
        let source_icc = picture.metadata.icc.clone();
        let hdr = match picture.metadata.hdr.take() {
            Some(hdr) => Some(self.dynamic_range(hdr, &mut picture, work, &mut notes)?),
            None => None,
        };
        let is_srgb = match hdr {
            Some(DynamicRange::Coded(_)) => None,
            _ => match self.colours(&mut picture, work, &mut notes)? {
                Ok(is_srgb) => is_srgb,
                Err(reason) => return Ok(Err(reason)),
            },
        };
        let shape = picture.pixels.shape();
        // What was high dynamic range had no floats in its file.
        let most = if hdr == Some(DynamicRange::Standard) { Depth::U16 } else { shape.depth };
        let (_, depth) = self.codec.fitted(shape.layout, most);
        let dither = self.export.colour.dither;
        if depth < most {
            notes.push(format!("{} cannot hold {} samples: reduced to {depth}", self.codec.title, most));
        }
        picture.pixels = reduce(picture.pixels, depth, dither);
        let mut reduced = self.begin_thumbnail(&picture.metadata, RowForm::Pixels(shape));
        if let Some(reduced) = &mut reduced {
            with_raster!(&picture.pixels, raster => reduced.add(0, raster.samples(), raster.stride()));
        }
        let samples = Samples { shape, source_icc, hdr, is_srgb, reduced };
        self.edit(&mut picture.metadata, samples, work, &mut notes)?;
        Ok(Ok(Finished { picture, notes }))
    }

    /// The metadata as they are wanted.
    fn edit(
        &self,
        metadata: &mut Metadata,
        samples: Samples,
        work: &mut Work<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(), Stopped> {
        let Samples { shape, source_icc, hdr, is_srgb, reduced } = samples;
        let mut edit = self.export.metadata.edit();
        edit.size = (shape.width, shape.height);
        edit.changed = self.changed || source_icc != metadata.icc;
        edit.is_srgb = is_srgb;
        let light = match hdr {
            Some(DynamicRange::Coded(hdr) | DynamicRange::Light(hdr)) => Some(hdr),
            Some(DynamicRange::Standard) | None => None,
        };
        if edit.changed && Thumbnail::is_in(metadata) {
            edit.thumbnail = self.thumbnail(reduced, metadata.icc.as_deref(), light.is_some(), work)?;
        }
        edit.geometry = Some(self.geometry);
        notes.extend(edit.apply(metadata));
        if light.is_some() {
            metadata.hdr = light;
        }
        if !self.export.metadata.profile
            && let Some(icc) = metadata.icc.take()
            && Profile::parse(&icc).is_ok_and(|p| !p.is_like(&Profile::named(Space::Srgb)) && !p.is_grey())
        {
            notes.push("the colour profile was left out: programs will take the colours for sRGB".to_owned());
        }
        Ok(())
    }

    /// Converts into the target's space; says whether the samples are sRGB now, or none if they were not converted.
    fn colours(
        &self,
        picture: &mut Picture,
        work: &mut Work<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Result<Option<bool>, String>, Stopped> {
        let layout = picture.pixels.shape().layout;
        let own = own_profile(&mut picture.metadata, layout, notes);
        let choice = &self.export.colour;
        let target = match choice.profile() {
            Ok(Some(target)) => target,
            Ok(None) if self.codec.embeds_profiles() => return Ok(Ok(None)),
            Ok(None) => {
                let foreign = own.as_ref().filter(|p| !p.is_like(&Profile::named(Space::Srgb)));
                let Some(foreign) = foreign else {
                    picture.metadata.icc = None;
                    return Ok(Ok(None));
                };
                notes.push(format!(
                    "{} files get no colour profile: converted from '{}' to sRGB",
                    self.codec.title,
                    foreign.title()
                ));
                Arc::new(Profile::named(Space::Srgb))
            }
            Err(reason) => return Ok(Err(reason)),
        };
        let is_srgb = target.is_like(&Profile::named(Space::Srgb));
        // A grey picture stays grey where that says the same.
        let grey_target = (layout.colours() == 1 && !target.is_grey()).then(|| target.grey()).flatten();
        let target = grey_target.as_ref().unwrap_or(&target);
        let assumed = if layout.colours() == 1 { Profile::grey_srgb() } else { Profile::named(Space::Srgb) };
        let from = own.as_ref().unwrap_or(&assumed);
        let conversion = match Conversion::new(from, target, choice.intent, choice.black_point) {
            Ok(conversion) => conversion,
            Err(error) => {
                notes.push(format!(
                    "the colours were not converted, since the profile '{}' cannot be used: {error}",
                    from.title()
                ));
                return Ok(Ok(None));
            }
        };
        let pixels = std::mem::replace(&mut picture.pixels, lightloom_picture::Pixels::empty());
        picture.pixels = conversion.run(pixels, work.split, work.stop, work.buffers).map_err(|_| Stopped)?;
        // A picture without a profile that stays sRGB needs none.
        if !self.codec.embeds_profiles() {
            picture.metadata.icc = None;
        } else if own.is_some() || !conversion.is_identity() {
            picture.metadata.icc = Some(target.bytes().to_vec());
        }
        Ok(Ok(Some(is_srgb)))
    }
}

/// The profile of samples in this layout; one that cannot be theirs is taken out, and a note says why.
pub(super) fn own_profile(metadata: &mut Metadata, layout: Layout, notes: &mut Vec<String>) -> Option<Profile> {
    let why = match Profile::parse(metadata.icc.as_deref()?) {
        Ok(profile) if profile.fits(layout) => return Some(profile),
        Ok(profile) => {
            // A filter may have made a coloured picture grey, or a grey one coloured.
            let grey = if layout.colours() == 1 { "grey" } else { "coloured" };
            format!("the colour profile '{}' does not fit the {grey} result", profile.title())
        }
        Err(error) => format!("the colour profile is ignored, sRGB is assumed: {error}"),
    };
    metadata.icc = None;
    notes.push(why);
    None
}
