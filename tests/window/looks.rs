//! What the window looks like: its main states in both themes, as pictures that a person has looked at.
//!
//! With `LIGHTLOOM_WRITE_LOOKS` set they are written anew. A picture that differs is saved beside the one that is kept, in the
//! folder for temporary files of the build.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::Path;

use egui::{Key, Modifiers};
use egui_kittest::Harness;
use image::RgbImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use lightloom::gui::{App, Options};
use lightloom::recipe::{Recipe, Step};

use super::driver::*;
use super::painted::Canvas;

/// Largest share of pixels that may differ: glyphs are placed by floating point, and the caret of a field blinks.
const DIFFERENT: f64 = 0.0005;
/// From which difference on of a channel, of 255, a pixel differs.
const SEEN: u8 = 24;

const THEMES: [&str; 2] = ["dark", "light"];

/// A window, and what draws it.
struct Look {
    harness: Harness<'static, App>,
    canvas: Canvas,
    theme: &'static str,
    /// The folder with its pictures.
    pictures: Option<tempfile::TempDir>,
}

impl Look {
    fn new(theme: &'static str, filters: &[&str]) -> Self {
        let canvas = Canvas::default();
        let filters = filters.iter().map(|filter| Step::parse(filter).unwrap()).collect();
        let recipe = Some(Recipe { filters, ..Recipe::default() });
        // No name of a temporary folder is seen.
        let options = Options { recipe, output: Some("/pictures/web".into()), ..Options::default() };
        let builder = Harness::builder().renderer(canvas.clone());
        let mut harness = window_built_by(builder, [1024.0, 700.0], options, None);
        command(&mut harness, &format!("{theme} theme"));
        Self { harness, canvas, theme, pictures: None }
    }

    /// With pictures of every colour.
    fn with_pictures(theme: &'static str, filters: &[&str]) -> Self {
        let mut look = Self::new(theme, filters);
        let dir = tempfile::tempdir().unwrap();
        for (i, (name, [width, height])) in
            [("cliffs", [480, 320]), ("dunes", [320, 480]), ("harbour", [480, 320]), ("marsh", [480, 270])]
                .into_iter()
                .enumerate()
        {
            let colour = |x, y| {
                image::Rgb(
                    [x * 255 / width, (60 * i as u32 + y * 200 / height) % 256, y * 255 / height].map(|v| v as u8),
                )
            };
            RgbImage::from_fn(width, height, colour).save(dir.path().join(name).with_extension("png")).unwrap();
        }
        add_pictures(&mut look.harness, dir.path(), 4);
        look.pictures = Some(dir);
        wait_for_preview(&mut look.harness);
        // A pointer that rests where it changes nothing.
        look.harness.hover_at(egui::pos2(560.0, 16.0));
        look
    }

    /// Compares what it shows with the picture of this name.
    fn is(&mut self, name: &str) {
        // Thumbnails come from threads, and textures a few in each frame.
        for _ in 0..40 {
            std::thread::sleep(std::time::Duration::from_millis(10));
            self.harness.step();
        }
        let seen = self.canvas.paint(&self.harness);
        let name = format!("{name}-{}.png", self.theme);
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/looks").join(&name);
        if std::env::var_os("LIGHTLOOM_WRITE_LOOKS").is_some() {
            fs::create_dir_all(kept.parent().unwrap()).unwrap();
            let file = fs::File::create(&kept).unwrap();
            let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
            seen.write_with_encoder(encoder).unwrap();
            return;
        }
        let expected = image::open(&kept).unwrap_or_else(|e| panic!("{}: {e}", kept.display())).into_rgb8();
        let share = different(&seen, &expected);
        if share > DIFFERENT {
            let other = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
            seen.save(&other).unwrap();
            panic!("{:.2} % of {name} differs; see {}", 100.0 * share, other.display());
        }
    }
}

/// The share of pixels that differ; all of them if the sizes do.
fn different(a: &RgbImage, b: &RgbImage) -> f64 {
    if a.dimensions() != b.dimensions() {
        return 1.0;
    }
    let differs = |(a, b): (&image::Rgb<u8>, &image::Rgb<u8>)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > SEEN);
    a.pixels().zip(b.pixels()).filter(|&pair| differs(pair)).count() as f64 / f64::from(a.width() * a.height())
}

/// Does what the command of this name does.
fn command(harness: &mut Harness<'_, App>, name: &str) {
    press(harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text(name.to_owned()));
    harness.run_steps(3);
    press(harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(10);
}

#[test]
fn an_empty_window() {
    for theme in THEMES {
        Look::new(theme, &[]).is("empty");
    }
}

#[test]
fn pictures_and_filters() {
    for theme in THEMES {
        let mut look =
            Look::with_pictures(theme, &["resize:width=800,height=800", "exposure:stops=0.5", "sepia:strength=40"]);
        look.is("pictures");
        press(&mut look.harness, Modifiers::COMMAND, Key::E);
        look.is("export");
    }
}

#[test]
fn a_crop_on_the_picture() {
    for theme in THEMES {
        let mut look = Look::with_pictures(theme, &["crop:ratio=3:2,size=70"]);
        press(&mut look.harness, Modifiers::NONE, Key::O);
        wait(&mut look.harness, "the picture to edit on", |app| {
            app.preview().is_settled() && app.preview().after.as_ref().is_some_and(|after| after.edited.is_some())
        });
        look.is("crop");
    }
}

#[test]
fn a_contact_sheet_and_what_lies_over_the_preview() {
    for theme in THEMES {
        let mut look = Look::with_pictures(theme, &["split_tone:strength=60"]);
        command(&mut look.harness, "contact sheet");
        click(&mut look.harness, "Split");
        press(&mut look.harness, Modifiers::NONE, Key::H);
        press(&mut look.harness, Modifiers::NONE, Key::I);
        wait_for_preview(&mut look.harness);
        look.is("sheet");
    }
}

#[test]
fn the_finder() {
    for theme in THEMES {
        let mut look = Look::with_pictures(theme, &[]);
        press(&mut look.harness, Modifiers::COMMAND, Key::F);
        look.harness.event(egui::Event::Text("colour".to_owned()));
        look.harness.run_steps(5);
        wait(&mut look.harness, "samples of filters", |app| app.filter_samples() >= 6);
        look.is("finder");
    }
}

#[test]
fn shortcuts_and_changes() {
    for theme in THEMES {
        let mut look = Look::with_pictures(theme, &["sepia"]);
        add_filter(&mut look.harness, "Colour", "Invert");
        command(&mut look.harness, "changes");
        wait_for_preview(&mut look.harness);
        look.is("changes");
        command(&mut look.harness, "shortcuts");
        look.is("shortcuts");
    }
}

#[test]
fn a_picture_that_differs_is_seen() {
    let grey = RgbImage::from_pixel(20, 20, image::Rgb([100; 3]));
    let mut other = grey.clone();
    other.put_pixel(3, 3, image::Rgb([100, 130, 100]));
    assert_eq!(different(&grey, &grey), 0.0);
    assert_eq!(different(&grey, &other), 1.0 / 400.0);
    assert_eq!(different(&grey, &RgbImage::new(20, 21)), 1.0);
}
