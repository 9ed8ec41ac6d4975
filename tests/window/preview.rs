//! The preview follows what is changed, and is truthful meanwhile.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use lightloom::codec::{self, EncodeOptions};
use lightloom::gui::{App, Options};
use lightloom::picture::{Buffers, Layout, Picture, Raster};
use lightloom::recipe::{Recipe, Step};

use super::driver::*;

#[test]
fn looks_appear_while_a_slider_is_dragged_faster_than_they_take() {
    let filters = ["exposure:stops=0.5", "non_local_means"];
    let (mut harness, _dir) = window_showing("a.jpg", (320, 200), &filters);
    let before = harness.state().preview().looks();
    let mut drag = Drag::begin(&mut harness, "Stops slider");
    let looks = |harness: &Harness<'_, App>| harness.state().preview().looks() - before;
    let deadline = Instant::now() + Duration::from_secs(120);
    while looks(&harness) < 4 {
        drag.step(&mut harness);
        assert!(Instant::now() < deadline, "{} looks at {} values", looks(&harness), drag.steps);
    }
    assert!(drag.steps as usize > 2 * looks(&harness), "values change faster than a look takes");
    assert!(harness.state().preview().is_busy());
    harness.drop_at(drag.centre);
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([320, 200]));
}

#[test]
fn a_quick_look_has_the_size_of_the_result() {
    use egui_kittest::kittest::Queryable as _;
    for filters in [&["exposure"][..], &["exposure", "crop:ratio=1:1"], &["exposure", "resize:width=600,height=600"]] {
        let (mut harness, _dir) = window_showing("a.jpg", (1200, 800), filters);
        let zoom = |harness: &Harness<'_, App>| -> Vec<String> {
            let labels = harness.query_all_by_label_contains(" %").filter_map(|node| {
                use egui_kittest::kittest::NodeT as _;
                node.accesskit_node().label().or(node.accesskit_node().value())
            });
            labels.collect()
        };
        let (size, shown) = (harness.state().preview().result_size(), zoom(&harness));
        assert!(!shown.is_empty());
        let before = harness.state().preview().looks();
        let mut drag = Drag::begin(&mut harness, "Stops slider");
        while harness.state().preview().looks() < before + 3 {
            drag.step(&mut harness);
            assert_eq!(harness.state().preview().result_size(), size);
            assert_eq!(zoom(&harness), shown, "{filters:?}");
        }
    }
}

#[test]
fn the_histogram_says_what_is_clipped_and_is_remembered() {
    let (mut harness, _dir) = window_showing("a.png", (320, 200), &["exposure:stops=3"]);
    assert!(!has(&harness, "Histogram: "));
    press(&mut harness, egui::Modifiers::NONE, egui::Key::H);
    use egui_kittest::kittest::{NodeT as _, Queryable as _};
    let node = harness.query_all_by_label_contains("Histogram: ").next().unwrap();
    let said = node.accesskit_node().label().unwrap();
    let shares: Vec<f32> = said.split(" %").filter_map(|part| part.rsplit(' ').next()?.parse().ok()).collect();
    let [_, light, _, light_before] = shares[..] else { panic!("{said}") };
    assert!(light > 20.0 && light_before < 5.0, "three stops clip: {said}");
    let memory = super::remembered::close(harness);
    let harness = super::remembered::window_that_remembers(memory, Options::default());
    let appearance = &harness.state().state().appearance;
    assert!(!appearance.hidden_panels.contains("histogram") && appearance.hidden_panels.contains("loupe"));
}

/// The place of the preview's canvas.
fn canvas(harness: &Harness<'_, App>) -> egui::Rect {
    use egui_kittest::kittest::Queryable as _;
    harness.query_all_by_label_contains("Preview of ").next().unwrap().rect()
}

/// A window with a picture of 96 × 64 pixels whose red is x and whose green is twice y.
fn window_with_gradient(filters: &[&str]) -> (Harness<'static, App>, impl Drop) {
    let dir = photos(1);
    let filters = filters.iter().map(|filter| Step::parse(filter).unwrap()).collect();
    let recipe = Recipe { filters, ..Recipe::default() };
    let options = Options { recipe: Some(recipe), ..Options::default() };
    let mut harness = window_of_size([1440.0, 900.0], options, None);
    add_pictures(&mut harness, dir.path(), 1);
    wait_for_preview(&mut harness);
    (harness, dir)
}

#[test]
fn the_pixel_under_the_pointer_is_read_in_original_and_result() {
    let (mut harness, _dir) = window_with_gradient(&["invert"]);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::P);
    assert!(has(&harness, "x 48  y 32  R 48 G 64 B 0 → R 207 G 191 B 255"), "in the middle without a pointer");
    let middle = canvas(&harness).center();
    harness.hover_at(middle + egui::vec2(10.2, 5.2));
    harness.run_steps(2);
    assert!(has(&harness, "x 58  y 37  R 58 G 74 B 0 → R 197 G 181 B 255"));
    harness.hover_at(middle + egui::vec2(60.0, 0.0));
    harness.run_steps(2);
    assert!(has(&harness, "Outside of the picture"));
}

#[test]
fn beside_a_cropped_result_the_same_pixel_is_read_in_the_original() {
    let (mut harness, _dir) = window_with_gradient(&["crop:ratio=1:1", "invert"]);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::P);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::S);
    wait_for_preview(&mut harness);
    assert_eq!(harness.state().preview().result_size(), Some([64, 64]));
    let rect = canvas(&harness);
    // In the middle of each half.
    for share in [0.25, 0.75] {
        harness.hover_at(egui::pos2(rect.left() + share * rect.width() + 10.2, rect.center().y + 5.2));
        harness.run_steps(2);
        // 16 columns are cut off at the left.
        assert!(has(&harness, "x 42  y 37  R 58 G 74 B 0 → R 197 G 181 B 255"), "at {share}");
    }
}

#[test]
fn the_navigator_moves_what_is_shown_by_mouse_and_keyboard() {
    use egui_kittest::kittest::Queryable as _;
    let (mut harness, _dir) = window_showing("a.png", (1600, 1200), &[]);
    assert!(!has(&harness, "Navigator"), "the whole picture is shown");
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Num1);
    wait_for_preview(&mut harness);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::P);
    assert!(has(&harness, "x 800  y 600"));
    let place = harness.get_by_label("Navigator").rect();
    harness.hover_at(place.center() + place.size() * egui::vec2(0.25, -0.25));
    harness.drag_at(place.center() + place.size() * egui::vec2(0.25, -0.25));
    harness.run_steps(2);
    harness.drop_at(place.center() + place.size() * egui::vec2(0.25, -0.25));
    harness.hover_at(egui::pos2(5.0, 5.0));
    harness.run_steps(2);
    assert!(has(&harness, "x 1200  y 300"), "a quarter to the right and up");
    harness.get_by_label("Navigator").focus();
    harness.run_steps(2);
    press(&mut harness, egui::Modifiers::NONE, egui::Key::ArrowLeft);
    let moved = 0.2 * canvas(&harness).width();
    assert!(has(&harness, &format!("x {:.0}  y 300", (1200.0 - moved).floor())), "a fifth of what is shown");
    press(&mut harness, egui::Modifiers::NONE, egui::Key::N);
    assert!(!has(&harness, "Navigator"));
}

#[test]
fn the_loupe_shows_pixels_and_fetches_them() {
    let (mut harness, _dir) = window_showing("a.png", (2200, 400), &["exposure"]);
    assert!(!harness.state().preview().after.as_ref().unwrap().tiles.iter().any(|_| true));
    press(&mut harness, egui::Modifiers::NONE, egui::Key::L);
    wait_for_preview(&mut harness);
    assert!(has(&harness, "Loupe at 100 %"));
    assert_eq!(harness.state().preview().after.as_ref().unwrap().tiles.len(), 3, "at full size");
    press(&mut harness, egui::Modifiers::NONE, egui::Key::Num1);
    wait_for_preview(&mut harness);
    assert!(has(&harness, "Loupe at 200 %"));
    press(&mut harness, egui::Modifiers::NONE, egui::Key::L);
    assert!(!has(&harness, "Loupe at"));
}

#[test]
fn the_interface_has_the_size_that_is_chosen_and_keeps_it() {
    let (mut harness, _dir) = window_showing("a.png", (320, 200), &[]);
    let width = |harness: &Harness<'_, App>| harness.ctx.content_rect().width();
    press(&mut harness, egui::Modifiers::COMMAND, egui::Key::Plus);
    harness.run_steps(4);
    assert!((width(&harness) - 1024.0 / 1.1).abs() < 1.0, "{}", width(&harness));
    press(&mut harness, egui::Modifiers::COMMAND, egui::Key::Minus);
    press(&mut harness, egui::Modifiers::COMMAND, egui::Key::Minus);
    harness.run_steps(4);
    assert!((width(&harness) - 1024.0 / 0.9).abs() < 1.0, "{}", width(&harness));
    let memory = super::remembered::close(harness);
    let mut harness = super::remembered::window_that_remembers(memory, Options::default());
    harness.run_steps(4);
    assert_eq!((harness.state().state().appearance.interface_percent, harness.ctx.zoom_factor()), (90, 0.9));
    press(&mut harness, egui::Modifiers::COMMAND, egui::Key::Num0);
    harness.run_steps(4);
    assert_eq!((harness.state().state().appearance.interface_percent, harness.ctx.zoom_factor()), (100, 1.0));
}

/// A JPEG that says who made it and where, with a comment.
fn save_with_metadata(path: &Path) {
    use lightloom::picture::exif::{Exif, Section};
    let mut exif = Exif::new(false);
    exif.set_text(Section::Picture, 0x013b, "Ann");
    exif.set_ratio(Section::Exif, 0x829a, 0.004);
    exif.set_text(Section::Gps, 0x0001, "N");
    exif.set_ratio(Section::Gps, 0x0002, 48.5);
    let mut picture = Picture::new(Raster::new(64, 64, Layout::Rgb, vec![90_u8; 64 * 64 * 3]).into());
    picture.metadata.exif = Some(exif.to_block());
    picture.metadata.texts = vec![lightloom::picture::TextEntry::new("Comment", "at home")];
    let format = codec::from_extension(path).unwrap();
    let encoded = codec::encode(format, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
    std::fs::write(path, encoded.bytes).unwrap();
}

#[test]
fn metadata_are_listed_with_what_becomes_of_them() {
    let dir = tempfile::tempdir().unwrap();
    save_with_metadata(&dir.path().join("a.jpg"));
    let recipe = "[export]\nformat = \"bmp\"\n";
    for (recipe, left_out) in
        [("", 0), ("[export.metadata]\nkeep = \"no-location\"\nartist = \"Bea\"\n", 1), (recipe, 4)]
    {
        let recipe = Recipe::from_toml(&format!("version = 2\n{recipe}")).unwrap();
        let mut harness = window_of_size([1440.0, 900.0], Options { recipe: Some(recipe), ..Options::default() }, None);
        add_pictures(&mut harness, dir.path(), 1);
        wait_for_preview(&mut harness);
        press(&mut harness, egui::Modifiers::NONE, egui::Key::I);
        wait_for_preview(&mut harness);
        for said in ["Exposure time", "1/250 s", "Latitude", "48.500000° N", "at home", "Ann"] {
            assert!(has(&harness, said), "{said}");
        }
        use egui_kittest::kittest::Queryable as _;
        assert_eq!(harness.query_all_by_label("left out").count(), left_out);
        assert_eq!(has(&harness, "Bea"), left_out == 1, "in place of Ann");
        press(&mut harness, egui::Modifiers::NONE, egui::Key::I);
        assert!(!has(&harness, "Latitude"));
    }
}
