//! Example settings that show what a filter does, for the catalogue, tests and benches.

/// Values that show what a filter does, and on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The picture before.
    pub scene: Scene,
    /// Values that differ from the defaults, as on the command line. A file named `sample` stands for one supplied by
    /// whoever shows the example.
    pub values: &'static [(&'static str, &'static str)],
}

impl Example {
    /// These values, applied to the photo.
    pub(crate) const fn of(values: &'static [(&'static str, &'static str)]) -> Self {
        Self { scene: Scene::Photo, values }
    }

    /// These values, applied to another picture.
    pub(crate) const fn on(scene: Scene, values: &'static [(&'static str, &'static str)]) -> Self {
        Self { scene, values }
    }
}

/// The picture before an example: a photo, or the photo with the fault that a filter corrects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scene {
    Photo,
    /// Little contrast.
    Dull,
    /// Too little light.
    Dark,
    /// A colour cast.
    Cast,
    Noisy,
    /// Dust: single light pixels.
    Specks,
    /// A wide white border.
    Framed,
}

impl Scene {
    /// Filters that produce it from the photo, as on the command line.
    pub const fn steps(self) -> &'static [&'static str] {
        match self {
            Self::Photo => &[],
            Self::Dull => &["levels:out_black=70,out_white=180"],
            Self::Dark => &["gamma:gamma=0.45"],
            Self::Cast => &["white_balance:temperature=55,tint=-12"],
            Self::Noisy => &["noise:amount=11"],
            Self::Specks => &[SPECKS],
            Self::Framed => &["border:percent=14,colour=#f4f1ea"],
        }
    }
}

/// Dots here and there.
const SPECKS: &str = "text_watermark:size=9,anchor=centre,shadow=0,opacity=100,text=      ·  .·  .. ·.·. . .    .    .\\n  ·     .           .      · .·      .\\n     ··   .  .  · ·           ·  · ·\\n                 ·           ·    ·\\n  ·     · . · ..     .  ·\\n·   ·      .             ·   ·   · . ·\\n  · ·      .         ·  .·\\n ·    ·    . . ·   .. ·  . ..    · ··\\n  ··        .   . ..     .       · ·";
