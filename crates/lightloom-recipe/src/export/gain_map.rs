//! What becomes of a source's gain map: the way from its picture to the same one in a higher dynamic range.

use std::sync::Arc;

use super::finish::Finish;
use super::hdr::HdrMode;
use lightloom_filter::{Stopped, Work};
use lightloom_picture::areas::FurtherPart;
use lightloom_picture::colour::hdr::{HdrTransfer, Primaries};
use lightloom_picture::colour::{Conversion, Hdr, Intent, Profile, Space, reduce};
use lightloom_picture::{Depth, GainMap, Metadata, Picture, Pixels, linear_to_srgb, srgb_to_linear};

/// What becomes of a source's gain map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GainMapChoice {
    /// It goes where the pixels go, and into the result if its format holds gain maps. Default.
    #[default]
    Keep,
    /// Results are the base picture alone.
    Drop,
    /// Results are the picture that the map makes of its base, in formats that hold high dynamic range; elsewhere as
    /// [`Self::Keep`].
    Apply,
}

impl GainMapChoice {
    /// Every choice, the usual one first.
    pub const ALL: [Self; 3] = [Self::Keep, Self::Drop, Self::Apply];

    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Drop => "drop",
            Self::Apply => "apply",
        }
    }

    /// Name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Keep => "Keep",
            Self::Drop => "Leave out",
            Self::Apply => "Apply (HDR formats)",
        }
    }
}

/// Reads what becomes of gain maps.
///
/// # Errors
/// With the names that there are.
pub fn gain_map(word: &str) -> Result<GainMapChoice, String> {
    super::colour::named(word, &GainMapChoice::ALL, GainMapChoice::id)
}

impl Finish<'_> {
    /// The gain map of a picture of high dynamic range whose result does not have that.
    pub(super) fn hdr_base(&self, metadata: &mut Metadata) -> Option<(Arc<GainMap>, Hdr)> {
        let hdr = metadata.hdr.filter(|_| self.kept_range().is_none())?;
        let map = metadata.gain_map.take_if(|map| map.metadata.is_base_hdr())?;
        metadata.told.insert(FurtherPart::GainMap);
        Some((map, hdr))
    }

    /// Takes a gain map along or leaves it out. Returns the one that is to be applied.
    pub(super) fn gain_map(
        &self,
        metadata: &mut Metadata,
        work: &mut Work<'_>,
        notes: &mut Vec<String>,
    ) -> Result<Option<GainMap>, Stopped> {
        let Some(map) = metadata.gain_map.take() else { return Ok(None) };
        metadata.told.insert(FurtherPart::GainMap);
        let title = self.codec.title;
        let can_apply = self.codec.hdr_form(&self.export.options).is_some();
        let applies = match self.export.gain_map {
            GainMapChoice::Drop => return Ok(None),
            GainMapChoice::Keep => false,
            GainMapChoice::Apply => can_apply && !map.metadata.is_base_hdr(),
        };
        if !applies && !self.codec.embeds_gain_maps() {
            let hint = if can_apply && !map.metadata.is_base_hdr() {
                "; --gain-map apply makes an HDR picture of it"
            } else {
                ""
            };
            notes.push(format!("{title} files get no gain map: the result has the base picture's dynamic range{hint}"));
            return Ok(None);
        }
        let Some(moved) = map.through(&self.geometry, work)? else {
            notes.push("the gain map cannot follow the picture and was left out".to_owned());
            return Ok(None);
        };
        if self.retouched {
            notes.push("the gain map is that of the source: filters changed the base picture alone".to_owned());
        }
        if applies {
            return Ok(Some(moved));
        }
        if self.export.gain_map == GainMapChoice::Apply {
            notes.push(format!("{title} holds no high dynamic range: the gain map is kept, not applied"));
        }
        metadata.gain_map = Some(Arc::new(moved));
        Ok(None)
    }

    /// Of a picture of high dynamic range with a map, the result has standard range: that which the map makes, unless
    /// another was asked for. The way back is a map for the result.
    pub(super) fn standard_range(
        &self,
        map: &GainMap,
        hdr: Hdr,
        picture: &mut Picture,
        work: &mut Work<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(), Stopped> {
        if self.export.gain_map == GainMapChoice::Drop {
            return Ok(());
        }
        if self.export.hdr.mode != HdrMode::Keep || map.metadata.alternate_headroom > 0.0 {
            notes.push("the gain map is left out: it does not belong to the result's dynamic range".to_owned());
            return Ok(());
        }
        let Some(moved) = map.through(&self.geometry, work)? else {
            notes.push("the gain map cannot follow the picture and was left out".to_owned());
            return Ok(());
        };
        let pixels = std::mem::replace(&mut picture.pixels, Pixels::empty());
        let layout = pixels.shape().layout;
        let layout = if map.is_coloured() { layout.coloured() } else { layout };
        let pixels = with_map(&moved, pixels.into_depth(Depth::F32).into_layout(layout));
        picture.pixels = reduce(pixels, Depth::U16, self.export.colour.dither);
        // The samples keep their primaries, and have the curve of sRGB.
        picture.metadata.icc = hdr.profile(layout);
        picture.metadata.hdr = None;
        let is_kept = self.codec.embeds_gain_maps();
        let and = if is_kept { ", and leads back to high dynamic range" } else { "" };
        let what = hdr.transfer.title();
        notes.push(format!(
            "high dynamic range ({what}) became the standard range that the file's gain map makes of it{and}"
        ));
        if self.retouched {
            notes.push("the gain map is that of the source: filters changed the base picture alone".to_owned());
        }
        picture.metadata.gain_map = is_kept.then(|| Arc::new(moved.reversed()));
        Ok(())
    }

    /// Makes the HDR picture, as one that was decoded from PQ: floats in the transfer function of sRGB, in which 1 is the
    /// white of SDR.
    pub(super) fn apply(
        &self,
        map: &GainMap,
        picture: &mut Picture,
        work: &mut Work<'_>,
        notes: &mut Vec<String>,
    ) -> Result<(), Stopped> {
        let pixels = std::mem::replace(&mut picture.pixels, Pixels::empty());
        let layout = pixels.shape().layout;
        let layout = if map.is_coloured() { layout.coloured() } else { layout };
        let mut pixels = pixels.into_depth(Depth::F32).into_layout(layout);
        // Gains multiply light: for a grey map it is the same before and after a conversion to other primaries.
        let mut primaries = Primaries::Bt709;
        let own = super::finish::own_profile(&mut picture.metadata, layout, notes);
        picture.metadata.icc = None;
        let own = own.filter(|own| !own.is_grey() && !own.is_like(&Profile::named(Space::Srgb)));
        if let Some(own) = own {
            match Conversion::new(&own, &Profile::named(Space::DisplayP3), Intent::Relative, true) {
                Ok(conversion) => {
                    pixels = conversion.run(pixels, work.split, work.stop, work.buffers).map_err(|_| Stopped)?;
                    primaries = Primaries::DisplayP3;
                }
                Err(error) => notes.push(format!("the colour profile is ignored, sRGB is assumed: {error}")),
            }
        }
        picture.pixels = with_map(map, pixels);
        picture.metadata.hdr = Some(Hdr::new(HdrTransfer::Pq, primaries));
        let headroom = map.metadata.alternate_headroom.exp2();
        notes.push(format!("the gain map was applied: whites reach up to {headroom:.1} times the white of SDR"));
        Ok(())
    }
}

/// Floats in the transfer function of sRGB, to which a map is applied in linear light.
fn with_map(map: &GainMap, pixels: Pixels) -> Pixels {
    let Pixels::F32(mut raster) = pixels else { return pixels };
    let (channels, colours) = (raster.layout().channels(), raster.layout().colours());
    let each = |samples: &mut [f32], function: fn(f32) -> f32| {
        for pixel in samples.chunks_exact_mut(channels) {
            pixel[..colours].iter_mut().for_each(|v| *v = function(*v));
        }
    };
    each(raster.samples_mut(), srgb_to_linear);
    map.apply(&mut raster);
    each(raster.samples_mut(), linear_to_srgb);
    raster.into()
}
