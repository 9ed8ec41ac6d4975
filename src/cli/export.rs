//! Arguments about colours and metadata of results.

use clap::Args;

use crate::picture::Keep;
use crate::picture::colour::{Dither, Intent};
use crate::recipe::ExportSettings;
use crate::recipe::export::{ColourWord, GainMapChoice, HdrMode, PEAK, dither, gain_map, hdr_mode, intent, keep};

/// Colours and metadata of results; what is not named is as in the recipe.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Colour space of the results: that of each source, a named one, or that of a profile file
    /// [default: keep, or the recipe's]
    #[arg(long, value_name = "keep|srgb|display-p3|adobe-rgb|FILE.icc")]
    pub colour_space: Option<ColourWord>,
    /// Rendering intent: how colours outside the target space are converted [default: relative]
    #[arg(long, value_parser = intent, value_name = "perceptual|relative|saturation|absolute")]
    pub intent: Option<Intent>,
    /// Convert without black-point compensation (it matters only for table-based profiles)
    #[arg(long)]
    pub no_black_point: bool,
    /// How samples are reduced to fewer bits: by rounding, or with blue-noise dithering [default: none]
    #[arg(long, value_parser = dither, value_name = "none|blue-noise")]
    pub dither: Option<Dither>,
    /// High dynamic range (PQ or HLG): keep it in PNG, AVIF and OpenEXR and tone map it elsewhere, or convert it to standard
    /// range in every format: with mid-tones as they are, by the curve of ITU-R BT.2390, or clipped at diffuse white
    /// (203 cd/m²) [default: keep, or the recipe's]
    #[arg(long, value_parser = hdr_mode, value_name = "keep|tone-map|bt2390|clip")]
    pub hdr: Option<HdrMode>,
    /// Light of a high dynamic range that becomes white, in cd/m² [default: what the file states, or its brightest pixel]
    #[arg(long, value_parser = peak, value_name = "203-10000")]
    pub peak: Option<f64>,
    /// Metadata to keep: all, all but the location, or only the colour profile [default: all]
    #[arg(long, value_parser = keep, value_name = "all|no-location|none")]
    pub metadata: Option<Keep>,
    /// What becomes of gain maps: kept where the format holds them, left out, or applied, which makes an HDR picture in
    /// formats that hold one [default: keep]
    #[arg(long, value_parser = gain_map, value_name = "keep|drop|apply")]
    pub gain_map: Option<GainMapChoice>,
    /// Copy pictures that nothing changes byte for byte instead of encoding them again: no filter does anything, and format,
    /// colours and metadata stay as they are [default: no, or as in the recipe]
    #[arg(long)]
    pub copy_unchanged: bool,
    /// Do not embed the colour profile
    #[arg(long)]
    pub no_profile: bool,
    /// Artist, written into all results
    #[arg(long, value_name = "NAME")]
    pub artist: Option<String>,
    /// Copyright notice, written into all results
    #[arg(long, value_name = "TEXT")]
    pub copyright: Option<String>,
    /// Resolution written into all results, in pixels per inch; the pixels stay as they are
    #[arg(long, value_parser = dpi, value_name = "1-10000")]
    pub dpi: Option<f64>,
    /// Give results the time of the run instead of the modification time of their source
    #[arg(long)]
    pub no_file_times: bool,
}

fn dpi(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("'{text}' is not a number"))?;
    if (1.0..=10_000.0).contains(&number) { Ok(number) } else { Err("it must be from 1 to 10000".to_owned()) }
}

fn peak(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("'{text}' is not a number"))?;
    let range = || format!("it must be from {} to {}", PEAK.start(), PEAK.end());
    PEAK.contains(&number).then_some(number).ok_or_else(range)
}

impl ExportArgs {
    /// Changes export settings to what was given.
    pub fn apply(&self, export: &mut ExportSettings) {
        let colour = &mut export.colour;
        if let Some(ColourWord(target)) = &self.colour_space {
            colour.target = target.clone();
        }
        colour.intent = self.intent.unwrap_or(colour.intent);
        colour.black_point &= !self.no_black_point;
        colour.dither = self.dither.unwrap_or(colour.dither);
        export.hdr.mode = self.hdr.unwrap_or(export.hdr.mode);
        export.hdr.peak = self.peak.or(export.hdr.peak);
        export.gain_map = self.gain_map.unwrap_or(export.gain_map);
        export.copy_unchanged |= self.copy_unchanged;
        let metadata = &mut export.metadata;
        metadata.keep = self.metadata.unwrap_or(metadata.keep);
        metadata.profile &= !self.no_profile;
        metadata.file_times &= !self.no_file_times;
        metadata.dpi = self.dpi.or(metadata.dpi);
        for (own, asked) in [(&mut metadata.artist, &self.artist), (&mut metadata.copyright, &self.copyright)] {
            if let Some(asked) = asked {
                own.clone_from(asked);
            }
        }
    }
}
