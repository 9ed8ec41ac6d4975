//! Installed fonts, for characters that the bundled fonts lack: file names in every script are readable.
//!
//! The window asks for a font only when it is about to draw a character that none has. What is installed is listed and
//! read on a thread of its own, which begins with the first such character; until a font is there, a box is drawn.

use std::collections::HashSet;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::epaint::text::{FallbackRequest, FontInsert, FontPriority, FontProvider, InsertFontFamily};
use egui::{Context, FontData, FontFamily};
use fontdb::{Database, FaceInfo, ID, Style, Weight};

use crate::filter::Font;

/// Characters that are waited for before fonts are chosen, so that a list of names gets one font rather than several.
const GATHERED: Duration = Duration::from_millis(60);
/// Fonts that are added at most. Each is held in memory as a whole.
const MOST_FONTS: usize = 16;
/// Characters that may wait; others are asked for again when they are drawn with another font.
const WAITING: usize = 4096;

/// Lets `ctx` draw what its own fonts lack.
pub fn install(ctx: &Context) {
    ctx.add_font_provider(std::sync::Arc::new(Missing { ctx: ctx.clone(), wanted: OnceLock::new() }));
}

/// Hears of missing characters. It answers none of them at once, since that would block the window.
struct Missing {
    ctx: Context,
    wanted: OnceLock<Sender<String>>,
}

impl FontProvider for Missing {
    fn font_for(&self, request: &FallbackRequest<'_>) -> Option<FontInsert> {
        let wanted = self.wanted.get_or_init(|| {
            let (sender, receiver) = bounded(WAITING);
            let ctx = self.ctx.clone();
            // Without a thread, boxes are drawn.
            let _ = thread::Builder::new().name("fonts".to_owned()).spawn(move || serve(&ctx, &receiver));
            sender
        });
        let _ = wanted.try_send(request.cluster.to_owned());
        None
    }
}

/// Adds fonts for what is missing, as long as the window is there.
fn serve(ctx: &Context, wanted: &Receiver<String>) {
    let mut installed: Option<Installed> = None;
    while let Ok(first) = wanted.recv() {
        thread::sleep(GATHERED);
        let clusters: Vec<String> = std::iter::once(first).chain(wanted.try_iter()).collect();
        let installed = installed.get_or_insert_with(|| {
            let mut database = Database::new();
            database.load_system_fonts();
            Installed::new(database)
        });
        for font in installed.fonts_for(&clusters) {
            ctx.add_font(font);
        }
        ctx.request_repaint();
    }
}

/// What is installed, and what has been added of it.
struct Installed {
    database: Database,
    /// In the order in which they are preferred.
    faces: Vec<ID>,
    added: Vec<ID>,
    /// Clusters that were looked for. Those that no font has are not looked for again.
    known: HashSet<String>,
}

impl Installed {
    fn new(database: Database) -> Self {
        let mut faces: Vec<&FaceInfo> = database.faces().filter(|face| is_for_texts(face)).collect();
        faces.sort_by_cached_key(|face| preference(face));
        let faces = faces.into_iter().map(|face| face.id).collect();
        Self { database, faces, added: Vec::new(), known: HashSet::new() }
    }

    /// Fonts that have what none of those before has. Each has as many of the clusters as any.
    fn fonts_for(&mut self, clusters: &[String]) -> Vec<FontInsert> {
        let mut left: Vec<&String> = clusters.iter().filter(|cluster| self.known.insert((*cluster).clone())).collect();
        left.retain(|cluster| !self.added.iter().any(|id| !self.having(*id, &[*cluster]).is_empty()));
        let mut fonts = Vec::new();
        while !left.is_empty() && self.added.len() < MOST_FONTS {
            let count = |id: &ID| self.having(*id, &left).len();
            // Of those that have as many, the first: `max_by_key` would take the last.
            let Some(best) = self.faces.iter().rev().copied().max_by_key(count) else { break };
            let covered: HashSet<&String> = self.having(best, &left).into_iter().collect();
            if covered.is_empty() {
                break;
            }
            left.retain(|cluster| !covered.contains(cluster));
            self.added.push(best);
            fonts.extend(self.font(best));
        }
        fonts
    }

    /// Which of the clusters a font has.
    fn having<'a>(&self, id: ID, clusters: &[&'a String]) -> Vec<&'a String> {
        let found = self.database.with_face_data(id, |bytes, index| {
            clusters.iter().copied().filter(|cluster| Font::maps(bytes, index, cluster)).collect()
        });
        found.unwrap_or_default()
    }

    fn font(&self, id: ID) -> Option<FontInsert> {
        let face = self.database.face(id)?;
        let name = format!("installed {}", face.post_script_name);
        let data = self.database.with_face_data(id, |bytes, index| {
            let data = FontData::from_owned(bytes.to_vec());
            FontData { index, ..data }
        })?;
        let last = |family| InsertFontFamily { family, priority: FontPriority::Lowest };
        Some(FontInsert { name, data, families: vec![last(FontFamily::Proportional), last(FontFamily::Monospace)] })
    }
}

/// Whether it is a font for texts, rather than one for the system alone or one that has a box for everything.
fn is_for_texts(face: &FaceInfo) -> bool {
    let family = face.families.first().map_or("", |(name, _)| name.as_str());
    !family.is_empty() && !family.starts_with('.') && !family.replace(' ', "").contains("LastResort")
}

/// Smaller is better: upright, proportional, of regular weight, without serifs, as the bundled font is.
fn preference(face: &FaceInfo) -> impl Ord + use<> {
    let family = face.families.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let weight = face.weight.0.abs_diff(Weight::NORMAL.0);
    (face.style != Style::Normal, face.monospaced, weight, !family.contains("Sans"), family, face.index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SANS: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.ttf");

    fn clusters(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn with(fonts: &[&[u8]]) -> Installed {
        let mut database = Database::new();
        fonts.iter().for_each(|font| database.load_font_data(font.to_vec()));
        Installed::new(database)
    }

    #[test]
    fn one_font_is_added_once_for_all_that_it_has() {
        let mut installed = with(&[SANS, SANS]);
        let fonts = installed.fonts_for(&clusters("ש ل Ж"));
        assert_eq!(fonts.len(), 1);
        assert_eq!(fonts[0].families.len(), 2, "for texts and for figures");
        assert!(installed.fonts_for(&clusters("ת ב")).is_empty(), "it is there");
    }

    #[test]
    fn what_no_font_has_costs_one_look() {
        let mut installed = with(&[SANS]);
        assert!(installed.fonts_for(&clusters("水 印")).is_empty());
        assert_eq!(installed.known.len(), 2);
        assert!(with(&[]).fonts_for(&clusters("水")).is_empty());
    }

    #[test]
    fn a_window_that_lacks_nothing_looks_for_nothing() {
        let missing = Missing { ctx: Context::default(), wanted: OnceLock::new() };
        assert!(missing.wanted.get().is_none());
        let request = FallbackRequest { cluster: "水", family: &FontFamily::Proportional };
        assert!(missing.font_for(&request).is_none(), "the window does not wait");
        assert!(missing.wanted.get().is_some());
    }
}
