//! `lightloom filters --gallery DIR`: the catalogue of filters as a page, with a picture before and after each.
//!
//! The page is plain HTML and CSS beside its pictures: it needs no script, no font and no network.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use lightloom_param::{shown, shown_html};

use super::filters::{allowed, only};
use crate::batch::stage;
use crate::codec;
use crate::codec::Limits;
use crate::filter::{Asset, Doc, FILTERS, FileKind, FilterSpec, Group, Lut, Scene, Subject, Work};
use crate::lab;
use crate::picture::{Buffers, Metadata, Picture, Pixels};
use crate::recipe::{Purpose, Recipe, Step, asset};

/// The photo of most examples: strong colours, hard edges, fine and smooth parts.
const PHOTO: &str = "journey/red-car.jpg";

/// Width of the pictures in pixels.
const WIDTH: u32 = 320;

/// Quality of the pictures: enough to see what a filter does.
const QUALITY: u8 = 82;

/// Writes the page and its pictures into `folder`, which is created if it does not exist. Returns how many filters it shows.
///
/// # Errors
/// If the folder cannot be written to.
pub fn gallery(folder: &Path) -> Result<usize> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", shown(folder)))?;
    let mut studio = Studio::new()?;
    let mut scenes = BTreeMap::new();
    for filter in FILTERS {
        let scene = filter.example.scene;
        let name = scene_file(scene);
        if scenes.insert(name.clone(), scene).is_none() {
            save(folder, &name, &studio.render(scene, None)?)?;
        }
        save(folder, &format!("{}.jpg", filter.id), &studio.render(scene, Some(filter))?)?;
    }
    let page = folder.join("index.html");
    fs::write(&page, html()).with_context(|| format!("{} cannot be written", shown(&page)))?;
    Ok(FILTERS.len())
}

fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let path = folder.join(name);
    fs::write(&path, bytes).with_context(|| format!("{} cannot be written", shown(&path)))
}

fn scene_file(scene: Scene) -> String {
    format!("before-{}.jpg", format!("{scene:?}").to_lowercase())
}

/// Makes the pictures.
struct Studio {
    photo: &'static [u8],
    buffers: Buffers,
    /// What an example's files hold.
    assets: BTreeMap<&'static str, Arc<Asset>>,
}

impl Studio {
    fn new() -> Result<Self> {
        let logo = asset(FileKind::Picture, "icon.png", include_bytes!("../../assets/icon.png"));
        let logo = logo.map_err(|reason| anyhow!("the bundled icon cannot be used: {reason}"))?;
        let look = Lut::from_cube(&look()).map_err(|reason| anyhow!("the example's table cannot be used: {reason}"))?;
        Ok(Self {
            photo: lab::sample(PHOTO).context("the bundled photo is missing")?,
            buffers: Buffers::default(),
            assets: [("picture", Arc::new(logo)), ("lut", Arc::new(Asset::Lut(look)))].into(),
        })
    }

    /// The photo as a scene has it, then through the example of a filter, as a JPEG.
    fn render(&mut self, scene: Scene, filter: Option<&'static FilterSpec>) -> Result<Vec<u8>> {
        let mut filters = vec![Step::parse(&format!("resize:width={WIDTH},height={WIDTH}"))?];
        for step in scene.steps() {
            filters.push(Step::parse(step)?);
        }
        if let Some(filter) = filter {
            filters.push(example(filter)?);
        }
        let mut recipe = Recipe { filters, ..Recipe::default() };
        recipe.load_files(|kind, _| {
            let name = if kind == FileKind::Lut { "lut" } else { "picture" };
            self.assets.get(name).cloned().ok_or_else(|| "no example holds such a file".to_owned())
        });
        let (name, extension) = ("red-car".to_owned(), "jpg".to_owned());
        let subject = Subject { number: Some(1), name, extension, ..Subject::default() };
        let recipe = recipe.about(|| subject, |_| Vec::new());
        let mut work = Work { buffers: &mut self.buffers, stop: &|| false, split: true };
        let rendered = stage::render(self.photo, &recipe, Purpose::Export, &Limits::default(), &mut work)?;
        self.encode(rendered.picture.pixels)
    }

    fn encode(&mut self, pixels: Pixels) -> Result<Vec<u8>> {
        let jpeg = codec::find("jpeg").context("JPEG is not built in")?;
        let picture = Picture { pixels, metadata: Metadata::default() };
        Ok(codec::encode(jpeg, picture, &codec::EncodeOptions::with_quality(QUALITY), &mut self.buffers)?.bytes)
    }
}

/// A filter with the values of its example.
fn example(filter: &'static FilterSpec) -> Result<Step> {
    let mut step = Step::new(filter.id)?;
    for (key, text) in filter.example.values {
        step.params.set_text(key, text)?;
    }
    Ok(step)
}

/// A table that makes shadows teal and highlights orange.
fn look() -> String {
    const SIDE: usize = 9;
    let mut cube = format!("LUT_3D_SIZE {SIDE}\n");
    for i in 0..SIDE * SIDE * SIDE {
        let [r, g, b] = [i % SIDE, i / SIDE % SIDE, i / SIDE / SIDE].map(|v| v as f32 / (SIDE - 1) as f32);
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        let [warm, cool] = [luma * luma, (1.0 - luma) * (1.0 - luma)];
        let tint = |v: f32, warmth: f32, coolness: f32| {
            (0.82 * v + 0.1 * luma + warm * warmth + cool * coolness).clamp(0.0, 1.0)
        };
        let _ = writeln!(cube, "{} {} {}", tint(r, 0.14, -0.06), tint(g, 0.06, 0.05), tint(b, -0.1, 0.1));
    }
    cube
}

/// The page.
fn html() -> String {
    let mut page = String::from(HEAD);
    let _ = write!(
        page,
        "<header><h1>Lightloom filters</h1><p>{} filters, each before and after. Names in <code>code</code> are those of \
         recipes and of <code>--filter</code>.</p><nav>",
        FILTERS.len()
    );
    for group in Group::ALL {
        let count = FILTERS.iter().filter(|f| f.group == group).count();
        let _ =
            write!(page, "<a href=\"#{0}\">{1} <small>{count}</small></a>", anchor(group), shown_html(group.title()));
    }
    page += "</nav></header>\n<main>\n";
    for group in Group::ALL {
        let _ =
            writeln!(page, "<h2 id=\"{}\">{}</h2>\n<div class=\"cards\">", anchor(group), shown_html(group.title()));
        FILTERS.iter().filter(|f| f.group == group).for_each(|filter| card(&mut page, filter));
        page += "</div>\n";
    }
    page += "</main>\n<footer>Written by <code>lightloom filters --gallery</code> of version ";
    page += env!("CARGO_PKG_VERSION");
    page += ". The photo is one of the program's samples.</footer>\n</body>\n</html>\n";
    page
}

fn anchor(group: Group) -> String {
    format!("group-{}", shown_html(&group.title().to_lowercase()))
}

fn card(page: &mut String, filter: &FilterSpec) {
    let (id, title) = (filter.id, shown_html(filter.title));
    let before = scene_file(filter.example.scene);
    let _ = write!(
        page,
        "<article id=\"{id}\"><div class=\"pair\"><figure><img src=\"{before}\" alt=\"Before\" loading=\"lazy\">\
         <figcaption>before</figcaption></figure><figure><img src=\"{id}.jpg\" alt=\"After {title}\" loading=\"lazy\">\
         <figcaption>after</figcaption></figure></div><div class=\"text\"><h3>{title} <code>{id}</code></h3><p>{}.</p>\
         <p class=\"example\"><code>{}</code></p>",
        shown_html(filter.help),
        shown_html(&command(filter)),
    );
    parameters(page, filter);
    rules(page, &filter.doc());
    *page += "</div></article>\n";
}

/// The example as the command line has it.
fn command(filter: &FilterSpec) -> String {
    let values: Vec<String> = filter.example.values.iter().map(|(key, text)| format!("{key}={text}")).collect();
    let values = values.join(",");
    let step = if values.is_empty() { filter.id.to_owned() } else { format!("{}:{values}", filter.id) };
    let plain = step.chars().all(|c| c.is_ascii_alphanumeric() || "_:=,.-".contains(c));
    if plain { format!("--filter {step}") } else { format!("--filter '{step}'") }
}

fn parameters(page: &mut String, filter: &FilterSpec) {
    let params = filter.params;
    if params.is_empty() {
        return;
    }
    let count = if params.len() == 1 { "1 parameter".to_owned() } else { format!("{} parameters", params.len()) };
    let _ = write!(page, "<details><summary>{count}</summary><dl>");
    for param in params {
        let default = match param.kind.default().to_string() {
            none if none.is_empty() => "none".to_owned(),
            default => default.replace('\n', " ⏎ "),
        };
        let _ = write!(
            page,
            "<dt>{} <code>{}</code></dt><dd>{}.<br><small>{}; default {}{}</small></dd>",
            shown_html(param.label),
            shown_html(param.key),
            shown_html(param.help),
            shown_html(&allowed(param)),
            shown_html(&default),
            shown_html(&only(param)),
        );
    }
    *page += "</dl></details>";
}

fn rules(page: &mut String, doc: &Doc) {
    *page += "<details><summary>How it works</summary><dl>";
    for (label, text) in &doc.parts {
        let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", shown_html(label), shown_html(text));
    }
    *page += "</dl></details>";
}

/// Everything up to the page's own words.
const HEAD: &str = r#"<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lightloom filters</title>
<style>
:root { color-scheme: light dark; --ground: #f4f3f0; --card: #fff; --ink: #22242a; --soft: #666b75; --line: #dedcd6; --accent: #a8501c }
@media (prefers-color-scheme: dark) {
  :root { --ground: #17181b; --card: #212327; --ink: #e8e6e1; --soft: #9a9ea8; --line: #33363c; --accent: #f0a470 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
header, main, footer { max-width: 84rem; margin: auto; padding: 0 1.25rem }
header { padding-top: 2.5rem }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em }
header p, footer, small, figcaption { color: var(--soft) }
nav { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1.25rem 0 }
nav a { padding: 0.3rem 0.8rem; border: 1px solid var(--line); border-radius: 99px; background: var(--card); color: inherit; text-decoration: none }
nav a:hover, nav a:focus-visible { border-color: var(--accent); color: var(--accent) }
h2 { margin: 2.25rem 0 0.9rem; padding-bottom: 0.3rem; border-bottom: 1px solid var(--line); font-size: 1.35rem }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(25rem, 100%), 1fr)); gap: 1.1rem; align-items: start }
article { overflow: hidden; border: 1px solid var(--line); border-radius: 12px; background: var(--card) }
article:target { border-color: var(--accent) }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; background: var(--line) }
figure { position: relative; margin: 0; aspect-ratio: 3 / 2; background: #101114 }
img { display: block; width: 100%; height: 100%; object-fit: contain }
figcaption { position: absolute; left: 0.4rem; bottom: 0.4rem; padding: 0 0.45rem; border-radius: 4px; background: #000a; color: #fff; font-size: 0.72rem }
.text { padding: 0.9rem 1.1rem 1rem }
h3 { display: flex; flex-wrap: wrap; gap: 0 0.6rem; align-items: baseline; justify-content: space-between; margin: 0; font-size: 1.08rem }
h3 code, dt code { color: var(--soft); font-weight: normal }
p { margin: 0.3rem 0 }
code { font: 0.86em ui-monospace, monospace; overflow-wrap: anywhere }
.example code { display: block; padding: 0.35rem 0.6rem; border-radius: 6px; background: var(--ground); white-space: pre-wrap }
details { margin-top: 0.45rem }
summary { cursor: pointer; color: var(--accent) }
dl { margin: 0.4rem 0 0 }
dt { margin-top: 0.45rem; font-weight: 600 }
dd { margin: 0 }
footer { padding-top: 2.5rem; padding-bottom: 2.5rem }
@media print { details > * { display: block } article { break-inside: avoid } }
</style>
</head>
<body>
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::find;

    #[test]
    fn the_page_names_every_filter_with_all_it_has() {
        let page = html();
        for filter in FILTERS {
            for part in [filter.id, &shown_html(filter.title), &shown_html(filter.help), &shown_html(&command(filter))]
            {
                assert!(page.contains(part), "{}: {part}", filter.id);
            }
            for param in filter.params {
                let range = allowed(param) + "; default";
                for part in [&*shown_html(param.label), param.key, &shown_html(param.help), &shown_html(&range)] {
                    assert!(page.contains(part), "{}: {part}", filter.id);
                }
            }
            assert!(filter.doc().parts.iter().all(|(_, text)| page.contains(&shown_html(text))), "{}", filter.id);
        }
        let count = |text: &str| page.matches(text).count();
        assert!(page.contains("; default 50; only with mode percent<"));
        for tag in ["article", "figure", "details", "dl", "dt", "dd", "p", "div", "nav", "h3"] {
            let open = count(&format!("<{tag}>")) + count(&format!("<{tag} "));
            assert_eq!(open, count(&format!("</{tag}>")), "{tag}");
        }
        assert!(count("<script") == 0 && count("http") == 0, "it stands alone");
    }

    #[test]
    fn pictures_are_made_with_files_tokens_and_other_sizes() {
        let mut studio = Studio::new().unwrap();
        let size = |bytes: &[u8]| {
            let (_, header) = codec::header(bytes, &Limits::default()).unwrap();
            (header.upright().width, header.upright().height)
        };
        let before = studio.render(Scene::Photo, None).unwrap();
        assert_eq!(size(&before), (320, 213));
        for filter in FILTERS.iter().filter(|f| matches!(f.group, Group::Geometry | Group::Overlay) || f.id == "lut3d")
        {
            let scene = studio.render(filter.example.scene, None).unwrap();
            let after = studio.render(filter.example.scene, Some(filter)).unwrap();
            assert!(after != scene && size(&after).0 <= 400, "{}", filter.id);
        }
        let trimmed = find("trim").unwrap();
        assert_eq!(size(&studio.render(Scene::Framed, Some(trimmed)).unwrap()), (320, 213));
    }

    #[test]
    fn the_command_of_every_example_is_understood() {
        for filter in FILTERS {
            let command = command(filter);
            let step = command.trim_start_matches("--filter ").trim_matches('\'');
            assert_eq!(Step::parse(step).unwrap(), example(filter).unwrap(), "{step}");
        }
    }
}
