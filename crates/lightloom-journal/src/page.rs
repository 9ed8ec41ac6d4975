//! A run as one page that needs nothing else: figures, failures by cause with small pictures of them, and the timeline.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lightloom_batch::{Source, Stage, stage};
use lightloom_codec as codec;
use lightloom_codec::{EncodeOptions, Limits};
use lightloom_filter::Work;
use lightloom_param::{shown, shown_html};
use lightloom_picture::Buffers;
use lightloom_recipe::{Purpose, Recipe};

use super::History;
use super::record::SpanRecord;

/// Most failures of a cause that are listed with a picture.
const SHOWN: usize = 24;

/// Longest side of a small picture.
const SIDE: u32 = 160;

/// Most spans that the timeline draws: more are narrower than a pixel.
const SPANS: usize = 20_000;

const STYLE: &str = "
:root { color-scheme: light dark; --weak: #667; --line: #8883; --bad: #b3261e; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.weak { color: var(--weak); } .bad { color: var(--bad); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; } dt { color: var(--weak); } dd { margin: 0; }
.pictures { display: flex; flex-wrap: wrap; gap: .8rem; }
figure { margin: 0; width: 10.5rem; overflow-wrap: anywhere; font-size: .8rem; }
figure div { height: 7.5rem; display: flex; align-items: center; justify-content: center; border: 1px solid var(--line); }
img { max-width: 100%; max-height: 100%; }
svg { width: 100%; height: auto; border: 1px solid var(--line); } svg text { font: 11px system-ui; fill: currentColor; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; } td, th { text-align: left; padding: .2rem .5rem; border-bottom: 1px solid var(--line); }
";

/// Colour of a stage in the timeline.
const fn colour(stage: Stage) -> &'static str {
    match stage {
        Stage::Read => "#4c8bf5",
        Stage::Decode => "#8e63d9",
        Stage::Filter => "#2a9d6a",
        Stage::Encode => "#e0912f",
        Stage::Write => "#c9476b",
    }
}

impl History {
    /// The run as a page. Every text from outside is escaped; the page loads nothing.
    pub fn to_html(&self) -> String {
        let title = format!("Run {}", shown_html(self.id()));
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" \
             content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
             <title>{title} – Lightloom</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
        );
        page += &self.figures();
        page += &self.failures_section();
        page += &self.timeline();
        page += &self.recipe_section();
        page += "</body></html>\n";
        page
    }

    fn figures(&self) -> String {
        let summary = self.summary();
        let count = |n: usize, word: &str| if n > 0 { format!(", {n} {word}") } else { String::new() };
        let mut rows = vec![
            (
                "Started",
                format!(
                    "{}, Lightloom {}",
                    summary.started.local("%Y-%m-%d %H:%M:%S %:z"),
                    shown_html(summary.program)
                ),
            ),
            (
                "Pictures",
                format!(
                    "{}: {} done{}{}{}{}",
                    summary.pictures,
                    summary.done,
                    count(summary.partial, "partial"),
                    count(summary.failed, "failed"),
                    count(summary.skipped, "skipped"),
                    count(summary.left, "left")
                ),
            ),
            ("Sources", bytes(summary.source_bytes)),
            ("Results", bytes(summary.result_bytes)),
        ];
        if let Some(folder) = &self.run.output.folder {
            rows.push(("Folder", shown_html(&shown(&folder.to_path()))));
        }
        if let Some(totals) = summary.totals {
            let speed = format!(
                "{:.1} s, {:.1} pictures/s, {:.1} cores busy",
                totals.wall_secs,
                totals.images_per_sec(),
                totals.cpu_use()
            );
            rows.push(("Time", speed));
        }
        if summary.resumed > 0 {
            rows.push(("Resumed", format!("{} times; the time is that of the last part", summary.resumed)));
        }
        let rows: String = rows.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>")).collect();
        format!("<dl>{rows}</dl>\n")
    }

    fn failures_section(&self) -> String {
        let groups = self.failures();
        if groups.is_empty() {
            return String::new();
        }
        let mut section = "<h2>What failed</h2>\n".to_owned();
        let mut buffers = Buffers::default();
        for group in groups {
            let count = group.pictures.len();
            let _ = write!(
                section,
                "<h3 class=\"bad\">{count} × {}</h3><div class=\"pictures\">",
                shown_html(&group.cause)
            );
            for finished in group.pictures.iter().take(SHOWN) {
                let Some(job) = self.jobs.get(&finished.job) else { continue };
                let picture = small(&job.to_source(), &mut buffers).map_or_else(
                    || "<span class=\"weak\">no picture</span>".to_owned(),
                    |jpeg| format!("<img alt=\"\" src=\"data:image/jpeg;base64,{}\">", STANDARD.encode(jpeg)),
                );
                let reason = shown_html(finished.reason.as_deref().unwrap_or_default());
                let name = shown_html(&shown(&job.source_path()));
                let _ = write!(section, "<figure title=\"{reason}\"><div>{picture}</div>{name}</figure>");
            }
            section += "</div>\n";
            if count > SHOWN {
                let _ = writeln!(section, "<p class=\"weak\">and {} more</p>", count - SHOWN);
            }
        }
        section
    }

    /// A row for each lane, coloured by stage.
    fn timeline(&self) -> String {
        const LEFT: f32 = 90.0;
        const WIDTH: f32 = 1000.0;
        const ROW: f32 = 18.0;
        let mut lanes: BTreeMap<&str, Vec<&SpanRecord>> = BTreeMap::new();
        for span in self.finished.values().flat_map(|finished| &finished.spans).take(SPANS) {
            lanes.entry(&span.lane).or_default().push(span);
        }
        let end = lanes.values().flatten().map(|span| span.to_ms).fold(0.0, f32::max);
        if end <= 0.0 || !end.is_finite() {
            return String::new();
        }
        let height = ROW * (lanes.len() as f32 + 1.0);
        let mut picture =
            format!("<svg viewBox=\"0 0 {} {height}\" role=\"img\" aria-label=\"Timeline\">", LEFT + WIDTH);
        for (row, (lane, spans)) in lanes.iter().enumerate() {
            let top = ROW * row as f32;
            let _ = write!(picture, "<text x=\"4\" y=\"{}\">{}</text>", top + 13.0, shown_html(lane));
            for span in spans {
                let (from, to) = (span.from_ms / end * WIDTH, span.to_ms / end * WIDTH);
                let _ = write!(
                    picture,
                    "<rect x=\"{:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{}\" fill=\"{}\"/>",
                    LEFT + from,
                    top + 2.0,
                    (to - from).max(0.3),
                    ROW - 4.0,
                    colour(span.stage)
                );
            }
        }
        let last = height - 5.0;
        let _ = write!(picture, "<text x=\"{LEFT}\" y=\"{last}\">0 s</text>");
        let _ = write!(
            picture,
            "<text x=\"{}\" y=\"{last}\" text-anchor=\"end\">{:.2} s</text></svg>",
            LEFT + WIDTH - 4.0,
            end / 1000.0
        );
        let key = Stage::ALL.map(|stage| format!("<span style=\"color:{}\">■</span> {}", colour(stage), stage.title()));
        let note = if self.resumed.is_empty() { "" } else { "; each part of the run begins at 0" };
        format!("<h2>What each worker did</h2>\n{picture}<p class=\"weak\">{}{note}</p>\n", key.join(" "))
    }

    fn recipe_section(&self) -> String {
        let name = match self.run.recipe_name.as_str() {
            "" => "Recipe".to_owned(),
            name => format!("Recipe: {}", shown_html(name)),
        };
        format!("<h2>{name}</h2>\n<pre>{}</pre>\n", escaped_lines(&self.run.recipe))
    }
}

fn escaped_lines(text: &str) -> String {
    text.lines().map(shown_html).collect::<Vec<_>>().join("\n")
}

/// A picture that failed, small, as JPEG; `None` where it cannot be decoded.
fn small(source: &Source, buffers: &mut Buffers) -> Option<Vec<u8>> {
    let limits = Limits { seconds: 5, ..Limits::default() };
    let bytes = stage::read_source(source, &limits).ok()?;
    // What may have ended a worker process is not tried here.
    codec::read_header_of(&mut std::io::Cursor::new(&bytes), &limits, |codec| !codec.isolates).ok()??;
    let mut work = Work { buffers, stop: &|| false, split: false };
    let rendered = stage::render(&bytes, &Recipe::default(), Purpose::Proxy(SIDE), &limits, &mut work).ok()?;
    let jpeg = codec::from_extension(Path::new("a.jpg"))?;
    let picture = lightloom_picture::Picture::new(rendered.picture.pixels);
    Some(codec::encode(jpeg, picture, &EncodeOptions::default(), work.buffers).ok()?.bytes)
}

fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.2} GB", count as f64 / 1e9),
    }
}
