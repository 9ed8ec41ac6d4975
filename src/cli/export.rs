//! Arguments about colours and metadata of results.

use clap::Args;

use crate::picture::Keep;
use crate::picture::colour::{Dither, Intent};
use crate::recipe::ExportSettings;
use crate::recipe::export::{ColourWord, dither, intent, keep};

/// Colours and metadata of results; what is not named is as in the recipe.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Colour space of the results: that of each source with its profile kept, a named one, or that of a profile file
    /// [default: keep, or the recipe's]
    #[arg(long, value_name = "keep|srgb|display-p3|adobe-rgb|FILE.icc")]
    pub colour_space: Option<ColourWord>,
    /// What a conversion does with colours that the space cannot show [default: relative]
    #[arg(long, value_parser = intent, value_name = "perceptual|relative|saturation|absolute")]
    pub intent: Option<Intent>,
    /// Convert without black-point compensation (it only matters for profiles of tables)
    #[arg(long)]
    pub no_black_point: bool,
    /// How samples lose bits where the format holds fewer: rounded, or dithered with blue noise [default: none]
    #[arg(long, value_parser = dither, value_name = "none|blue-noise")]
    pub dither: Option<Dither>,
    /// Metadata that is kept: all, all but where the picture was taken, or none but the colour profile [default: all]
    #[arg(long, value_parser = keep, value_name = "all|no-location|none")]
    pub metadata: Option<Keep>,
    /// Do not embed the colour profile
    #[arg(long)]
    pub no_profile: bool,
    /// Who made the pictures, written into all results
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
