//! What a user does with the window, by its accessible names.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, HarnessBuilder};
use lightloom::batch::{Library, WorkerProgram};
use lightloom::codec::{self, EncodeOptions, Limits};
use lightloom::filter::Value;
use lightloom::gui::{App, Options};
use lightloom::journal::{POINTERS, Store};
use lightloom::picture::{Buffers, Layout, Picture, Pixels, Raster};
use lightloom::recipe::{Output, Recipe, Step};

/// A file or folder that is dropped on the window.
#[derive(Debug)]
struct FakeDrop(PathBuf);

impl egui::DroppedFile for FakeDrop {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|e| e.to_string())
    }
}

/// The value of a number of a filter in a stack.
pub fn number_of(step: &Step, key: &str) -> f64 {
    match step.params.get(key) {
        Some(Value::Number(number)) => *number,
        Some(Value::Integer(number)) => *number as f64,
        other => panic!("{key} is {other:?}"),
    }
}

/// The value of a text of a filter in a stack.
pub fn text_of(step: &Step, key: &str) -> String {
    match step.params.get(key) {
        Some(Value::Text(text)) => text.to_string(),
        other => panic!("{key} is {other:?}"),
    }
}

/// A window of the smallest size, with nothing in it.
pub fn window() -> Harness<'static, App> {
    window_with(Options::default())
}

pub fn window_with(options: Options) -> Harness<'static, App> {
    window_from(options, None)
}

/// A window with the settings saved in `storage`.
pub fn window_from(options: Options, storage: Option<&'static dyn eframe::Storage>) -> Harness<'static, App> {
    window_of_size([1024.0, 700.0], options, storage)
}

pub fn window_of_size(
    size: [f32; 2],
    options: Options,
    storage: Option<&'static dyn eframe::Storage>,
) -> Harness<'static, App> {
    window_built_by(Harness::builder(), size, options, storage)
}

pub fn window_built_by(
    builder: HarnessBuilder<App>,
    size: [f32; 2],
    options: Options,
    storage: Option<&'static dyn eframe::Storage>,
) -> Harness<'static, App> {
    // No user's presets are seen or changed.
    let nowhere = Path::new("/nonexistent/lightloom");
    let library = options.library.or(Some(Library::at(nowhere, nowhere)));
    // Worker processes are the program itself rather than the test.
    let program = WorkerProgram { path: env!("CARGO_BIN_EXE_lightloom").into(), arguments: vec!["worker".into()] };
    let journals = options.journals.or_else(|| Some(Store::at(journals_of_tests())));
    let options = Options { library, worker_program: Some(program), journals, ..options };
    builder.with_size(size).with_max_steps(64).build_eframe(move |cc| {
        cc.storage = storage;
        App::new(cc, options)
    })
}

/// A folder for the journals of one window, so that none sees those of another.
fn journals_of_tests() -> PathBuf {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window-journals");
        let _ = fs::remove_dir_all(&folder);
        folder
    });
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    FOLDER.join(COUNT.fetch_add(1, Relaxed).to_string())
}

/// Saves results into `out`.
pub fn saving_to(out: &Path) -> Options {
    Options { output: Some(out.to_path_buf()), ..Options::default() }
}

/// A recipe whose outputs have these names.
pub fn with_outputs(names: &[&str]) -> Options {
    let outputs = names.iter().map(|name| Output::named(name)).collect();
    Options { recipe: Some(Recipe { outputs, ..Recipe::default() }), ..Options::default() }
}

/// A folder with `count` small photographs, one of them in a subfolder.
pub fn photos(count: usize) -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("Fotos für Oma ").tempdir().unwrap();
    fs::create_dir(dir.path().join("am Meer")).unwrap();
    for i in 0..count {
        let picture = image::RgbImage::from_fn(96, 64, |x, y| image::Rgb([x as u8, (y * 2) as u8, (i * 20) as u8]));
        let folder = if i == 1 { dir.path().join("am Meer") } else { dir.path().to_path_buf() };
        picture.save(folder.join(format!("bild {i}.png"))).unwrap();
    }
    dir
}

pub fn drop_on(harness: &mut Harness<'_, App>, path: &Path) {
    harness.input_mut().dropped_files.push(Arc::new(FakeDrop(path.to_path_buf())));
}

/// Draws frames until `done`.
pub fn wait(harness: &mut Harness<'_, App>, what: &str, done: impl Fn(&App) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !done(harness.state()) {
        assert!(Instant::now() < deadline, "waited too long for: {what}");
        std::thread::sleep(Duration::from_millis(10));
        harness.step();
    }
    harness.run_steps(2);
}

pub fn add_pictures(harness: &mut Harness<'_, App>, folder: &Path, count: usize) {
    drop_on(harness, folder);
    wait(harness, "pictures", |app| app.state().pictures.len() >= count && app.state().discovering == 0);
}

/// Clicks the control with this name, which is not a mere label.
pub fn click(harness: &mut Harness<'_, App>, label: &str) {
    harness.get_by(|n| n.label().as_deref() == Some(label) && n.role() != Role::Label).click();
    harness.run_steps(3);
}

/// Scrolls to a control and clicks it.
pub fn scroll_and_click(harness: &mut Harness<'_, App>, label: &str) {
    harness.get_by(|n| n.label().as_deref() == Some(label) && n.role() != Role::Label).scroll_to_me();
    harness.run_steps(10);
    click(harness, label);
}

pub fn button(harness: &mut Harness<'_, App>, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run_steps(3);
}

pub fn has(harness: &Harness<'_, App>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

pub fn press(harness: &mut Harness<'_, App>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run_steps(3);
}

pub fn undo(harness: &mut Harness<'_, App>) {
    press(harness, Modifiers::COMMAND, Key::Z);
}

pub fn redo(harness: &mut Harness<'_, App>) {
    press(harness, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
}

/// Opens the export settings.
pub fn open_export(harness: &mut Harness<'_, App>) {
    press(harness, Modifiers::COMMAND, Key::E);
    harness.run_steps(10);
}

/// Opens or closes a section.
pub fn unfold(harness: &mut Harness<'_, App>, section: &str) {
    scroll_and_click(harness, section);
    harness.run_steps(20);
}

/// Chooses `entry` of a combo box.
pub fn select_entry(harness: &mut Harness<'_, App>, list: &str, entry: &str) {
    harness.get_by_role_and_label(Role::ComboBox, list).scroll_to_me();
    harness.run_steps(10);
    harness.get_by_role_and_label(Role::ComboBox, list).click();
    harness.run_steps(3);
    click(harness, entry);
}

/// Opens `menu`, moves to `group` and clicks `filter`.
pub fn add_filter(harness: &mut Harness<'_, App>, group: &str, filter: &str) {
    button(harness, "Filters");
    harness.get_by_role_and_label(Role::Button, group).hover();
    harness.run_steps(4);
    button(harness, filter);
}

/// Chooses `entry` of the menu of a filter's card.
pub fn of_card(harness: &mut Harness<'_, App>, filter: &str, entry: &str) {
    scroll_and_click(harness, &format!("More for {filter}"));
    button(harness, entry);
}

pub fn choose(harness: &mut Harness<'_, App>, menu: &str, entry: &str) {
    button(harness, menu);
    button(harness, entry);
}

pub fn filters(harness: &Harness<'_, App>) -> Vec<&'static str> {
    harness.state().state().recipe().filters.iter().map(|s| s.params.spec().id).collect()
}

pub fn run_to_end(harness: &mut Harness<'_, App>) {
    button(harness, "Start");
    assert!(harness.state().state().is_running() || harness.state().state().summary.is_some());
    wait(harness, "the end of the run", |app| !app.state().is_running());
}

/// The files below a folder, without the pointers to journals.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).sort_by_file_name();
    walk.into_iter()
        .filter_map(Result::ok)
        .filter(|e| e.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.file_name().is_none_or(|name| name != POINTERS))
        .collect()
}

/// Replaces the text of a field.
pub fn type_into(harness: &mut Harness<'_, App>, role: Role, label: &str, text: &str) {
    harness.get_by_role_and_label(role, label).scroll_to_me();
    harness.run_steps(10);
    harness.get_by_role_and_label(role, label).click();
    harness.run_steps(3);
    press(harness, Modifiers::COMMAND, Key::A);
    harness.get_by_role_and_label(role, label).type_text(text);
    harness.run_steps(2);
    press(harness, Modifiers::NONE, Key::Enter);
    harness.run_steps(3);
}

/// Decodes a file.
pub fn decode(file: &Path) -> Pixels {
    let bytes = fs::read(file).unwrap();
    let (format, header) = codec::header(&bytes, &Limits::default()).unwrap();
    codec::decode(format, &bytes, &header, 1, &Limits::default(), &mut Buffers::default()).unwrap().pixels
}

/// Waits for the exact preview.
pub fn wait_for_preview(harness: &mut Harness<'_, App>) {
    harness.run_steps(4);
    wait(harness, "the preview", |app| app.preview().is_settled());
}

/// Asserts that every control with a name lies within the window.
pub fn assert_inside(harness: &Harness<'_, App>, when: &str) {
    let window = harness.ctx.content_rect().expand(0.5);
    // Rows of the list scroll, and so do the choices of the export settings; whatever else has a name must be wholly
    // visible.
    let in_settings = when == "Export Settings…";
    let scrolls =
        |label: &str| label.contains(".png, ") || label.contains(".jpg, ") || (in_settings && label != "Done");
    for node in harness.root().children_recursive() {
        let Some(label) = node.accesskit_node().label() else { continue };
        if scrolls(&label) || node.accesskit_node().is_hidden() {
            continue;
        }
        let rect = node.rect();
        assert!(window.contains_rect(rect), "{when}: '{label}' at {rect:?} is cut off");
    }
}

/// A picture with gradients and noise.
pub fn save_photo(path: &Path, width: u32, height: u32) {
    let mut noise = 1_u32;
    let mut samples = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let grain = (noise % 16) as u8;
            samples.extend([(x * 239 / width) as u8 + grain, (y * 239 / height) as u8 + grain, grain * 8]);
        }
    }
    let picture = Picture::new(Raster::new(width, height, Layout::Rgb, samples).into());
    let format = codec::from_extension(path).unwrap();
    let encoded = codec::encode(format, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
    fs::write(path, encoded.bytes).unwrap();
}

/// A window that shows a picture of this size through these filters.
pub fn window_showing(name: &str, (width, height): (u32, u32), filters: &[&str]) -> (Harness<'static, App>, impl Drop) {
    let dir = tempfile::tempdir().unwrap();
    save_photo(&dir.path().join(name), width, height);
    let filters = filters.iter().map(|filter| Step::parse(filter).unwrap()).collect();
    let recipe = Recipe { filters, ..Recipe::default() };
    let mut harness = window_with(Options { recipe: Some(recipe), ..Options::default() });
    add_pictures(&mut harness, dir.path(), 1);
    wait_for_preview(&mut harness);
    (harness, dir)
}

/// Drags a slider by a step at a time.
pub struct Drag {
    pub centre: egui::Pos2,
    pub steps: u32,
}

impl Drag {
    pub fn begin(harness: &mut Harness<'_, App>, slider: &str) -> Self {
        harness.get_by_label(slider).scroll_to_me();
        harness.run_steps(10);
        let centre = harness.get_by_label(slider).rect().center();
        harness.drag_at(centre);
        harness.step();
        Self { centre, steps: 0 }
    }

    /// Moves the pointer to another value, to and fro; the frame that follows it is drawn.
    pub fn step(&mut self, harness: &mut Harness<'_, App>) {
        self.steps += 1;
        let by = 3.0 * ((self.steps % 16).abs_diff(8) as f32 - 4.0);
        harness.hover_at(self.centre + egui::vec2(by, 0.0));
        harness.step();
    }
}
