//! High dynamic range in results: kept, or mapped to the standard range of most pictures.

use std::fmt::Write as _;

use toml::Value as Toml;

use super::colour::named;
use super::{ColourTarget, Finish, KeyError};
use lightloom_codec::HdrForm;
use lightloom_filter::{Stopped, Work};
use lightloom_picture::Picture;
use lightloom_picture::colour::Hdr;
use lightloom_picture::colour::hdr::{ContentLight, ToneCurve, ToneMapping};

/// What is done with high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HdrMode {
    /// Kept in formats that hold it, unless a colour space is chosen; else tone mapped. Default.
    #[default]
    Keep,
    /// Mapped by a curve that leaves mid-tones as they are and diffuse white near white.
    ToneMap,
    /// Mapped by the curve of ITU-R BT.2390, which leaves more room to highlights and darkens what is below them.
    Bt2390,
    /// Clipped above diffuse white.
    Clip,
}

impl HdrMode {
    pub const ALL: [Self; 4] = [Self::Keep, Self::ToneMap, Self::Bt2390, Self::Clip];

    /// Name in recipes and on the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::ToneMap => "tone-map",
            Self::Bt2390 => "bt2390",
            Self::Clip => "clip",
        }
    }

    const fn curve(self) -> ToneCurve {
        match self {
            Self::Keep | Self::ToneMap => ToneCurve::Mobius,
            Self::Bt2390 => ToneCurve::Bt2390,
            Self::Clip => ToneCurve::Clip,
        }
    }
}

/// How results get their dynamic range. Pictures of standard range are not touched by it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HdrChoice {
    /// What is done with it.
    pub mode: HdrMode,
    /// Light that becomes white, in cd/m². None takes what the file states, else the brightest that is there.
    pub peak: Option<f64>,
}

/// Peaks that can be set, in cd/m².
pub const PEAK: std::ops::RangeInclusive<f64> = 203.0..=10_000.0;

impl HdrChoice {
    /// The table of a recipe; empty if nothing differs from the default.
    pub fn to_toml(&self, header: &str) -> String {
        if *self == Self::default() {
            return String::new();
        }
        let mut out = format!("\n[{header}]\nmode = \"{}\"\n", self.mode.id());
        if let Some(peak) = self.peak {
            let _ = writeln!(out, "peak = {peak:?}");
        }
        out
    }

    /// Reads what [`Self::to_toml`] writes.
    ///
    /// # Errors
    /// On anything that is not exactly that.
    pub fn from_toml(value: &Toml) -> Result<Self, KeyError> {
        let error = |key: &str, problem: String| KeyError::new(&format!("hdr: {key}"), problem);
        let table = value.as_table().ok_or_else(|| KeyError::new("hdr", "must be a table: [export.hdr]"))?;
        let mut choice = Self::default();
        for (key, value) in table {
            match key.as_str() {
                "mode" => choice.mode = hdr_mode(value.as_str().unwrap_or_default()).map_err(|e| error(key, e))?,
                "peak" => {
                    let number = value.as_float().or_else(|| value.as_integer().map(|n| n as f64));
                    choice.peak = Some(number.filter(|n| PEAK.contains(n)).ok_or_else(|| {
                        error(key, format!("{value} is not a number from {} to {}", PEAK.start(), PEAK.end()))
                    })?);
                }
                other => return Err(error(other, "unknown; hdr has mode and peak".to_owned())),
            }
        }
        Ok(choice)
    }
}

/// Reads the name of a mode.
///
/// # Errors
/// With the names that there are.
pub fn hdr_mode(word: &str) -> Result<HdrMode, String> {
    named(word, &HdrMode::ALL, HdrMode::id)
}

/// What a picture of high dynamic range has become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum DynamicRange {
    /// Samples of 16 bits, coded so.
    Coded(Hdr),
    /// Floats that go on above 1.0.
    Light(Hdr),
    /// Floats of 0–1.
    Standard,
}

impl Finish<'_> {
    /// How the result holds high dynamic range, if it keeps it.
    pub(super) fn kept_range(&self) -> Option<HdrForm> {
        let form = self.codec.hdr_form(&self.export.options).filter(|_| self.export.hdr.mode == HdrMode::Keep);
        form.filter(|form| *form == HdrForm::Light || self.export.colour.target == ColourTarget::Keep)
    }

    /// Codes or maps a picture of high dynamic range, as its format and the settings want.
    pub(super) fn dynamic_range(
        &self,
        hdr: Hdr,
        picture: &mut Picture,
        work: &mut Work<'_>,
        notes: &mut Vec<String>,
    ) -> Result<DynamicRange, Stopped> {
        let HdrChoice { mode, peak } = self.export.hdr;
        // A filter may have taken the colours or given some.
        picture.metadata.icc = hdr.profile(picture.pixels.shape().layout);
        match self.kept_range() {
            Some(HdrForm::Light) => {
                notes.push(format!("high dynamic range ({}) is kept: 1.0 is 203 cd/m²", hdr.transfer.title()));
                Ok(DynamicRange::Light(hdr))
            }
            Some(HdrForm::Coded) => {
                let mut hdr = hdr;
                if self.changed && hdr.light.content.is_some() {
                    hdr.light.content = Some(ContentLight::measure(&picture.pixels, work)?);
                }
                let pixels = std::mem::replace(&mut picture.pixels, lightloom_picture::Pixels::empty());
                picture.pixels = hdr.encode(pixels, work)?;
                picture.metadata.icc = None;
                Ok(DynamicRange::Coded(hdr))
            }
            None => {
                let mapping = hdr.tone_mapping(mode.curve(), peak, &picture.pixels, work)?;
                mapping.apply(&mut picture.pixels, work)?;
                notes.push(note(hdr, mapping));
                Ok(DynamicRange::Standard)
            }
        }
    }
}

fn note(hdr: Hdr, mapping: ToneMapping) -> String {
    let what = format!("high dynamic range ({})", hdr.transfer.title());
    let peak = mapping.peak.round();
    match mapping.curve {
        _ if mapping.is_identity() => {
            format!("{what} became standard range: nothing is brighter than diffuse white (203 cd/m²)")
        }
        ToneCurve::Mobius => {
            format!("{what} was tone mapped: white is {peak} cd/m², diffuse white (203 cd/m²) below it")
        }
        ToneCurve::Bt2390 => format!("{what} was tone mapped by BT.2390 from {peak} to 203 cd/m²"),
        ToneCurve::Clip => format!("{what} was clipped at diffuse white (203 cd/m²)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ExportSettings;
    use lightloom_codec::{Codec, find};
    use lightloom_picture::colour::Space;
    use lightloom_picture::colour::hdr::{HdrTransfer, Light, Primaries};
    use lightloom_picture::{Buffers, Depth, Layout, Metadata, Pixels, Raster};

    fn parsed(text: &str) -> Result<HdrChoice, KeyError> {
        HdrChoice::from_toml(&Toml::Table(text.parse().unwrap()))
    }

    #[test]
    fn every_choice_survives_the_round_trip_and_mistakes_are_named() {
        assert_eq!(HdrChoice::default().to_toml("h"), "");
        for mode in HdrMode::ALL {
            for peak in [None, Some(203.0), Some(1234.5)] {
                let choice = HdrChoice { mode, peak };
                assert_eq!(parsed(&choice.to_toml("h").replace("[h]", "")), Ok(choice));
            }
        }
        let problem = |text: &str| parsed(text).map_err(|e| format!("{}: {}", e.key, e.problem)).unwrap_err();
        assert!(problem("mode = 'tonemap'").contains("keep, tone-map, bt2390, clip"));
        assert!(problem("peak = 100").contains("203 to 10000"));
        assert!(problem("nits = 100").contains("mode and peak"));
    }

    /// 0, 36.5 (18 % of diffuse white), 203 and 1000 cd/m² by ST 2084.
    const SIGNALS: [f64; 4] = [0.0, 0.410_897, 0.580_689, 0.751_827];

    fn finished(codec: &'static Codec, export: &ExportSettings, changed: bool) -> (Picture, Vec<String>) {
        let hdr = Hdr {
            light: Light { content: Some(ContentLight { max: 1000.0, average: 99.0 }), mastering: None },
            ..Hdr::new(HdrTransfer::Pq, Primaries::Bt2020)
        };
        let coded: Vec<u16> = SIGNALS.iter().flat_map(|v| [(v * 65_535.0) as u16; 3]).collect();
        let mut buffers = Buffers::default();
        let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
        let pixels = hdr.decode(Raster::new(4, 1, Layout::Rgb, coded).into(), &mut work).unwrap();
        let metadata = Metadata { hdr: Some(hdr), icc: hdr.profile(Layout::Rgb), ..Metadata::default() };
        let geometry = lightloom_picture::Geometry::identity((4, 1));
        let finish = Finish { export, codec, changed, geometry, retouched: changed };
        let finished = finish.run(Picture { pixels, metadata }, &mut work).unwrap().unwrap();
        (finished.picture, finished.notes)
    }

    fn export(mode: HdrMode) -> ExportSettings {
        ExportSettings { hdr: HdrChoice { mode, peak: None }, ..ExportSettings::default() }
    }

    #[test]
    fn formats_that_hold_it_keep_the_codes_and_their_meaning() {
        for id in ["png", "avif"] {
            let Some(codec) = find(id) else { continue };
            let (picture, notes) = finished(codec, &export(HdrMode::Keep), false);
            let Pixels::U16(raster) = &picture.pixels else { panic!("{id}") };
            let expected: Vec<u16> = SIGNALS.iter().flat_map(|v| [(v * 65_535.0) as u16; 3]).collect();
            assert_eq!((raster.samples(), picture.metadata.icc), (expected.as_slice(), None), "{id}");
            assert_eq!(picture.metadata.hdr.unwrap().light.content.unwrap().average, 99.0);
            assert!(notes.is_empty(), "{id}: {notes:?}");
            // Of changed pixels the brightness is measured anew: the mean of the four.
            let (picture, _) = finished(codec, &export(HdrMode::Keep), true);
            let content = picture.metadata.hdr.unwrap().light.content.unwrap();
            assert!((content.average - 309.9).abs() < 0.2 && (content.max - 1000.0).abs() < 1.0, "{content:?}");
        }
        let (picture, notes) = finished(find("openexr").unwrap(), &export(HdrMode::Keep), false);
        let Pixels::F32(raster) = &picture.pixels else { panic!("floats") };
        let light: Vec<f32> =
            raster.samples().iter().step_by(3).map(|v| lightloom_picture::srgb_to_linear(*v) * 203.0).collect();
        for (found, expected) in light.iter().zip([0.0, 36.54, 203.0, 1000.0]) {
            assert!((found - expected).abs() <= expected * 2e-3, "{light:?}");
        }
        assert!(notes.iter().any(|note| note.contains("1.0 is 203 cd/m²")), "{notes:?}");
    }

    #[test]
    fn everything_else_is_tone_mapped_and_says_so() {
        let srgb = |mode| {
            let mut export = export(mode);
            export.colour.target = ColourTarget::Space(Space::Srgb);
            export
        };
        let mut shallow = export(HdrMode::Keep);
        shallow.options.set_text("depth", "8").unwrap();
        let mut indexed = export(HdrMode::Keep);
        indexed.options.set_text("palette", "true").unwrap();
        for (id, export, depth, white) in [
            ("jpeg", export(HdrMode::Keep), Depth::U8, 241),
            ("jpeg", srgb(HdrMode::Keep), Depth::U8, 241),
            ("png", srgb(HdrMode::Keep), Depth::U16, 241),
            ("png", export(HdrMode::ToneMap), Depth::U16, 241),
            ("png", shallow, Depth::U16, 241),
            ("png", indexed, Depth::U16, 241),
            ("tiff", export(HdrMode::Keep), Depth::U16, 241),
            ("bmp", export(HdrMode::Keep), Depth::U8, 241),
            ("openexr", export(HdrMode::ToneMap), Depth::F32, 241),
            ("jpeg", srgb(HdrMode::Bt2390), Depth::U8, 228),
            ("jpeg", srgb(HdrMode::Clip), Depth::U8, 255),
        ] {
            let (picture, notes) = finished(find(id).unwrap(), &export, false);
            assert_eq!((picture.pixels.shape().depth, picture.metadata.hdr), (depth, None), "{id}");
            let shown = picture.pixels.to_rgba8();
            let found: Vec<u8> = shown.iter().step_by(4).copied().collect();
            let near = found.iter().zip([0, 118, white, 255]).all(|(a, b)| a.abs_diff(b) <= 1);
            assert!(near, "{id} {:?}: {found:?}, not {white}", export.hdr);
            assert!(notes[0].starts_with("high dynamic range (PQ) was"), "{id}: {notes:?}");
            assert!(!notes.iter().any(|note| note.contains("float")), "{id}: {notes:?}");
        }
    }

    #[test]
    fn a_peak_that_is_given_goes_before_the_stated_one() {
        let mut export = export(HdrMode::ToneMap);
        export.hdr.peak = Some(203.0);
        let (picture, notes) = finished(find("jpeg").unwrap(), &export, false);
        let white = picture.pixels.to_rgba8()[8];
        assert!(white >= 254 && notes[0].contains("nothing is brighter"), "{white} {notes:?}");
    }
}
