//! What became of a run as sums: they stand at the end of a journal, so that a list of runs need not read all of it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::SavedPath;
use super::record::JobRecord;
use lightloom_batch::{ImageReport, Outcome, OutputState, Stage};

/// Most causes of failures that are kept.
const CAUSES: usize = 32;

/// What became of a run, from its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Pictures that are listed.
    pub pictures: usize,
    pub done: usize,
    pub partial: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Files that were written, those that replaced others included.
    pub files: usize,
    pub replacing: usize,
    pub file_bytes: u64,
    /// How often it was resumed.
    pub resumed: usize,
    /// The deepest folder that holds all results.
    pub folder: Option<SavedPath>,
    /// Whether results wait for the archive that they go into.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpacked: bool,
    /// Pictures that failed by cause, in the order in which the causes came.
    pub failures: Vec<FailureSum>,
}

/// Pictures that failed for the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureSum {
    /// The stage and the reason, without what differs from picture to picture.
    pub cause: String,
    pub pictures: usize,
    /// The first of the pictures.
    pub example: SavedPath,
}

impl Sums {
    /// Adds a picture that is listed.
    pub(super) fn list(&mut self, job: &JobRecord) {
        self.pictures += 1;
        for target in &job.targets {
            if self.folder.as_ref() != Some(&target.folder) {
                let before = self.folder.as_ref().map(SavedPath::to_path);
                let folder = target.folder.to_path();
                let common = before.map(|before| common(&before, &folder).into());
                self.folder = Some(common.unwrap_or_else(|| target.folder.clone()));
            }
        }
    }

    /// Adds the outcome of a picture.
    pub(super) fn add(&mut self, image: &ImageReport) {
        match image.outcome {
            Outcome::Done => self.done += 1,
            Outcome::Partial => self.partial += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Failed => {
                self.failed += 1;
                self.add_failure(image);
            }
            Outcome::Stopped => {}
        }
        for output in image.outputs.iter().filter(|output| output.state != OutputState::Kept) {
            self.files += 1;
            self.replacing += usize::from(output.state == OutputState::Replaced);
            self.file_bytes += output.bytes;
        }
    }

    fn add_failure(&mut self, image: &ImageReport) {
        let cause = cause(image.stage, image.reason.as_deref());
        if let Some(group) = self.failures.iter_mut().find(|group| group.cause == cause) {
            group.pictures += 1;
        } else if self.failures.len() < CAUSES {
            let example = image.source.absolute().name().into();
            self.failures.push(FailureSum { cause, pictures: 1, example });
        }
    }

    /// Pictures without an outcome.
    pub const fn left(&self) -> usize {
        self.pictures.saturating_sub(self.done + self.partial + self.failed + self.skipped)
    }
}

/// Pictures by why they ended as they did, in the order in which the reasons came.
pub fn causes<'a>(images: impl IntoIterator<Item = &'a ImageReport>) -> Vec<FailureSum> {
    let mut sums = Sums::default();
    images.into_iter().for_each(|image| sums.add_failure(image));
    sums.failures
}

/// The deepest folder that holds both.
fn common<'a>(one: &'a Path, other: &Path) -> &'a Path {
    one.ancestors().find(|ancestor| other.starts_with(ancestor)).unwrap_or(Path::new(""))
}

/// What equal causes have in common: numbers and quoted names differ from file to file.
pub(super) fn cause(stage: Option<Stage>, reason: Option<&str>) -> String {
    let mut cause = stage.map_or(String::new(), |stage| format!("{}: ", stage.title()));
    let mut quoted = false;
    let mut in_number = false;
    for c in reason.unwrap_or("no reason given").chars() {
        if c == '\'' || c == '"' {
            quoted = !quoted;
            if quoted {
                cause.push('…');
            }
        } else if !quoted && c.is_ascii_digit() {
            if !in_number {
                cause.push('N');
            }
        } else if !quoted {
            cause.push(c);
        }
        in_number = !quoted && c.is_ascii_digit();
    }
    cause
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_equal_where_only_numbers_and_names_differ() {
        let of = |reason: &str| cause(Some(Stage::Decode), Some(reason));
        let one = of("chunk 'IDAT' ends after 123 of 4567 bytes");
        assert_eq!(one, of("chunk 'zTXt' ends after 9 of 10 bytes"));
        assert_eq!(one, "decode: chunk … ends after N of N bytes");
        assert_ne!(one, of("it is no picture"));
    }

    #[test]
    fn failures_are_counted_by_cause() {
        let mut sums = Sums::default();
        for reason in ["ends after 1 byte", "no picture", "ends after 2 byte"] {
            let image = ImageReport::unread("a.png".into(), Outcome::Failed, Some(Stage::Read), reason.to_owned());
            sums.add(&image);
        }
        assert_eq!(sums.failed, 3);
        let counts: Vec<_> = sums.failures.iter().map(|group| (group.cause.as_str(), group.pictures)).collect();
        assert_eq!(counts, [("read: ends after N byte", 2), ("read: no picture", 1)]);
    }
}
