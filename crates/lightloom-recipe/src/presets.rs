//! Recipes that many people want, built into the program.

use super::{Recipe, RecipeError};

/// A recipe that is built into the program.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// Name on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    text: &'static str,
}

/// A preset is one file in `assets/presets` and one row here.
macro_rules! presets {
    ($($id:ident: $title:literal),* $(,)?) => {
        /// Every preset, in menu order.
        pub static PRESETS: &[Preset] = &[$(Preset {
            id: stringify!($id),
            title: $title,
            text: include_str!(concat!("../../../assets/presets/", stringify!($id), ".toml")),
        }),*];
    };
}

presets![
    web_1920: "Web, 1920 px",
    thumbnail_256: "Thumbnail, 256 px",
    instagram_square: "Instagram square",
    product_on_white: "Product on white",
    print_sharpen: "Sharpen for print",
    passport_35x45: "Passport, 35 × 45 mm",
    contact_strip: "Contact strip",
    black_and_white: "Black-and-white photo",
    sepia: "Old brown print",
    watermark: "Watermark",
    scan_clean_up: "Scan clean-up",
    machine_learning_224: "Machine learning, 224 px",
];

impl Preset {
    /// What it is for, in one sentence: the comment in the first line of its file.
    pub fn help(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    /// The recipe.
    ///
    /// # Errors
    /// Never, as long as its filters exist; a test proves that they do.
    pub fn recipe(&self) -> Result<Recipe, RecipeError> {
        Recipe::from_toml(self.text)
    }
}

/// The preset with this id.
pub fn find_preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Plan, Purpose};
    use lightloom_picture::{Depth, Layout, Shape};

    #[test]
    fn every_preset_fits_a_photo_and_does_what_its_name_says() {
        let photo = Shape { width: 6000, height: 4000, layout: Layout::Rgb, depth: Depth::U8 };
        let size = |id: &str| {
            let recipe = find_preset(id).unwrap().recipe().unwrap();
            let result = Plan::compile(&recipe, photo, &[1], Purpose::Export).unwrap().result();
            (result.width, result.height)
        };
        for preset in PRESETS {
            assert!(preset.help().ends_with('.') && preset.help().len() > 20, "{}", preset.id);
            assert!(size(preset.id).0 > 0);
        }
        let sizes = [
            ("web_1920", (1920, 1280)),
            ("thumbnail_256", (256, 171)),
            ("instagram_square", (1080, 1080)),
            ("passport_35x45", (413, 531)),
            ("product_on_white", (2000, 2000)),
            ("machine_learning_224", (224, 224)),
            ("print_sharpen", (6000, 4000)),
            ("contact_strip", (480 + 32, 320 + 16 + 48)),
        ];
        for (id, expected) in sizes {
            assert_eq!(size(id), expected, "{id}");
        }
    }

    #[test]
    fn every_file_is_a_preset() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/presets");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), PRESETS.len());
    }
}
