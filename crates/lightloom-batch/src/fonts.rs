//! Installed fonts, for characters that the font of a text lacks.
//!
//! They are listed when they are first needed, and read when they are chosen. The choice depends on the characters and
//! on what is installed, never on what was drawn before: every executor and every worker process draws the same.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fontdb::{Database, FaceInfo, ID, Source, Stretch, Style, Weight};
use lightloom_filter::Font;
use unicode_script::{Script, UnicodeScript as _};

/// Fonts to fall back on for these grapheme clusters; none for those that no installed font can draw.
pub fn fallback_fonts(clusters: &[String]) -> Vec<Arc<Font>> {
    installed().choose(clusters)
}

/// The fonts of the system.
fn installed() -> Arc<Installed> {
    static INSTALLED: Mutex<Option<Arc<Installed>>> = Mutex::new(None);
    let known = lock(&INSTALLED).clone();
    known.unwrap_or_else(|| {
        // not under the lock: listing reads the disk
        let mut database = Database::new();
        database.load_system_fonts();
        let listed = Arc::new(Installed::new(database));
        Arc::clone(lock(&INSTALLED).get_or_insert(listed))
    })
}

/// No thread holds one of these locks while it reads a file.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Clusters about which it is remembered which fonts have them.
const KNOWN: usize = 10_000;

/// Fonts that are read for the clusters of one script before they are given up: those with pictures instead of outlines
/// have the characters of emoji and still cannot draw them.
const TRIED: usize = 4;

struct Installed {
    database: Database,
    /// The fonts in the order in which they are preferred.
    faces: Vec<ID>,
    /// Places of the fonts whose character maps have a cluster.
    having: Mutex<HashMap<String, Arc<[usize]>>>,
    /// Fonts that have been read; `None` for those that could not be.
    read: Mutex<HashMap<usize, Option<Arc<Font>>>>,
}

impl Installed {
    fn new(database: Database) -> Self {
        let mut faces: Vec<&FaceInfo> = database.faces().filter(|face| is_usable(face)).collect();
        faces.sort_by_cached_key(|face| preference(face));
        let faces = faces.into_iter().map(|face| face.id).collect();
        Self { database, faces, having: Mutex::default(), read: Mutex::default() }
    }

    /// For the clusters of each script the font that has most of them, and more as long as some are left.
    fn choose(&self, clusters: &[String]) -> Vec<Arc<Font>> {
        let having = self.having(clusters);
        let mut scripts: Vec<(Script, Vec<&String>)> = Vec::new();
        for cluster in clusters {
            let script = script_of(cluster);
            match scripts.iter_mut().find(|(other, _)| *other == script) {
                Some((_, of_script)) => of_script.push(cluster),
                None => scripts.push((script, vec![cluster])),
            }
        }
        let mut fonts: Vec<Arc<Font>> = Vec::new();
        for (_, mut left) in scripts {
            let mut useless = Vec::new();
            while useless.len() < TRIED {
                let count = |place: usize| left.iter().filter(|c| having[**c].contains(&place)).count();
                let mut candidates: Vec<usize> = left.iter().flat_map(|c| having[*c].iter().copied()).collect();
                candidates.retain(|place| !useless.contains(place));
                let Some(best) = candidates.into_iter().min_by_key(|place| (Reverse(count(*place)), *place)) else {
                    break;
                };
                let before = left.len();
                if let Some(font) = self.read(best) {
                    left.retain(|cluster| !font.covers(cluster));
                    if left.len() < before && !fonts.iter().any(|other| Arc::ptr_eq(other, &font)) {
                        fonts.push(font);
                    }
                }
                if left.len() == before {
                    useless.push(best);
                }
            }
        }
        fonts
    }

    /// For each cluster the places of the fonts whose character maps have it.
    fn having(&self, clusters: &[String]) -> HashMap<String, Arc<[usize]>> {
        let mut found: HashMap<String, Arc<[usize]>> = HashMap::new();
        {
            let known = lock(&self.having);
            found.extend(clusters.iter().filter_map(|c| Some((c.clone(), Arc::clone(known.get(c)?)))));
        }
        let unknown: Vec<&String> = clusters.iter().filter(|c| !found.contains_key(*c)).collect();
        if unknown.is_empty() {
            return found;
        }
        let mut places = vec![Vec::new(); unknown.len()];
        for (place, id) in self.faces.iter().enumerate() {
            self.database.with_face_data(*id, |bytes, index| {
                for (cluster, places) in unknown.iter().zip(&mut places) {
                    if Font::maps(bytes, index, cluster) {
                        places.push(place);
                    }
                }
            });
        }
        found.extend(unknown.into_iter().cloned().zip(places.into_iter().map(Arc::from)));
        let mut known = lock(&self.having);
        if known.len() > KNOWN {
            known.clear();
        }
        known.extend(found.iter().map(|(cluster, places)| (cluster.clone(), Arc::clone(places))));
        found
    }

    fn read(&self, place: usize) -> Option<Arc<Font>> {
        if let Some(read) = lock(&self.read).get(&place) {
            return read.clone();
        }
        let font = self.database.with_face_data(self.faces[place], |bytes, index| Font::regular(bytes.to_vec(), index));
        let font = font.and_then(Result::ok).map(Arc::new);
        lock(&self.read).entry(place).or_insert(font).clone()
    }
}

/// Whether it is a font for texts: those of macOS whose names begin with a dot are for the system alone, and Last Resort
/// has an empty box for every character.
fn is_usable(face: &FaceInfo) -> bool {
    face.families
        .first()
        .is_some_and(|(name, _)| !name.starts_with('.') && !name.replace(' ', "").contains("LastResort"))
}

/// Smaller is better: upright before slanted, proportional before monospaced, regular weight and width, sans serif as the
/// bundled font, and names last, so that the order is the same wherever the same fonts are installed.
fn preference(face: &FaceInfo) -> impl Ord + use<> {
    let family = face.families.first().map(|(name, _)| name.clone()).unwrap_or_default();
    (
        face.style != Style::Normal,
        face.monospaced,
        face.weight.0.abs_diff(Weight::NORMAL.0),
        face.stretch != Stretch::Normal,
        !family.contains("Sans"),
        family,
        face.post_script_name.clone(),
        match &face.source {
            Source::File(path) | Source::SharedFile(path, _) => path.clone(),
            Source::Binary(_) => PathBuf::new(),
        },
        face.index,
    )
}

/// The script by which a font is chosen: those that are written together count as one, so that a text in Japanese has one
/// font.
fn script_of(cluster: &str) -> Script {
    use Script::{Bopomofo, Common, Han, Hangul, Hiragana, Inherited, Katakana};
    let script = cluster.chars().map(|c| c.script()).find(|script| !matches!(script, Common | Inherited));
    match script.unwrap_or(Common) {
        Bopomofo | Hangul | Hiragana | Katakana => Han,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SANS: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.ttf");

    fn with(fonts: &[&[u8]]) -> Installed {
        let mut database = Database::new();
        fonts.iter().for_each(|font| database.load_font_data(font.to_vec()));
        Installed::new(database)
    }

    fn clusters(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_font_is_chosen_once_for_what_it_has() {
        let installed = with(&[SANS]);
        let fonts = installed.choose(&clusters("ש ل 水 é"));
        assert_eq!(fonts.len(), 1);
        assert!(fonts[0].covers("ש") && fonts[0].covers("ل"));
        assert!(installed.choose(&clusters("水 印")).is_empty());
        assert!(with(&[]).choose(&clusters("ש")).is_empty());
    }

    #[test]
    fn the_choice_does_not_depend_on_what_was_asked_before() {
        let (fresh, used) = (with(&[SANS]), with(&[SANS]));
        for text in ["水", "ש ל", "é", "水 é"] {
            used.choose(&clusters(text));
        }
        let count = |installed: &Installed| installed.choose(&clusters("ל ש 水")).len();
        assert_eq!(count(&fresh), count(&used));
        assert_eq!(used.having(&clusters("ש 水")), fresh.having(&clusters("ש 水")));
    }

    #[test]
    fn what_is_no_script_of_its_own_counts_as_the_one_it_is_written_with() {
        assert_eq!(["水", "の", "ガ", "한"].map(script_of), [Script::Han; 4]);
        assert_eq!((script_of("😀"), script_of("e\u{301}")), (Script::Common, Script::Latin));
    }
}
