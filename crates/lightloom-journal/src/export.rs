//! A run as figures: for programs as JSON and CSV.

use serde::Serialize;

use super::History;
use super::record::{Finished, JobRecord, Seconds};
use lightloom_batch::{Outcome, Totals};

/// A run in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary<'a> {
    pub run: &'a str,
    pub program: &'a str,
    pub started: Seconds,
    pub ended: Option<Seconds>,
    pub recipe_name: &'a str,
    pub recipe_hash: &'a str,
    pub pictures: usize,
    pub done: usize,
    pub partial: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Pictures without an outcome.
    pub left: usize,
    pub resumed: usize,
    pub undone: bool,
    pub source_bytes: u64,
    pub result_bytes: u64,
    /// Of the last part of the run.
    pub totals: Option<&'a Totals>,
    pub failures: Vec<Cause>,
}

/// Failures of the same cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    pub cause: String,
    pub pictures: Vec<String>,
}

impl History {
    /// The run in figures.
    pub fn summary(&self) -> Summary<'_> {
        let failures = self.failures().into_iter().map(|group| Cause {
            cause: group.cause,
            pictures: group.pictures.iter().map(|finished| self.source_name(finished.job)).collect(),
        });
        Summary {
            run: self.id(),
            program: &self.run.program,
            started: self.run.started,
            ended: self.end.as_ref().map(|end| end.at),
            recipe_name: &self.run.recipe_name,
            recipe_hash: &self.run.recipe_hash,
            pictures: self.jobs.len(),
            done: self.count(Outcome::Done),
            partial: self.count(Outcome::Partial),
            failed: self.count(Outcome::Failed),
            skipped: self.count(Outcome::Skipped),
            left: self.unfinished().count(),
            resumed: self.resumed.len(),
            undone: self.undone.is_some(),
            source_bytes: self.jobs.values().filter_map(|job| Some(job.file?.bytes)).sum(),
            result_bytes: self.written().map(|(_, output)| output.bytes).sum(),
            totals: self.end.as_ref().map(|end| &end.totals),
            failures: failures.collect(),
        }
    }

    /// The pictures of the run as comma-separated values (RFC 4180), a line for each result.
    pub fn to_csv(&self) -> String {
        let header = [
            "source",
            "outcome",
            "stage",
            "reason",
            "output",
            "result",
            "width",
            "height",
            "bytes",
            "source_bytes",
            "hash",
        ];
        let mut lines = vec![csv_line(&header)];
        for job in self.jobs.values() {
            lines.extend(csv_lines(job, self.finished.get(&job.job)));
        }
        lines.join("\n")
    }

    /// A picture's source as it is shown.
    pub(super) fn source_name(&self, job: usize) -> String {
        let path = self.jobs.get(&job).map(JobRecord::source_path).unwrap_or_default();
        path.to_string_lossy().into_owned()
    }
}

fn csv_lines(job: &JobRecord, finished: Option<&Finished>) -> Vec<String> {
    let source = job.source_path().to_string_lossy().into_owned();
    let source_bytes = job.file.map(|file| file.bytes.to_string()).unwrap_or_default();
    let outcome = finished.map_or("left", |finished| outcome(finished.outcome));
    let stage = finished.and_then(|finished| finished.stage).map_or("", lightloom_batch::Stage::title);
    let reason = finished.and_then(|finished| finished.reason.as_deref()).unwrap_or_default();
    let line = |result: [String; 6]| {
        let [output, path, width, height, bytes, hash] = result;
        csv_line(&[&source, outcome, stage, reason, &output, &path, &width, &height, &bytes, &source_bytes, &hash])
    };
    let results = finished.map(|finished| finished.outputs.as_slice()).unwrap_or_default();
    if results.is_empty() {
        return vec![line(Default::default())];
    }
    let of_result = |result: &super::record::ResultRecord| {
        line([
            result.name.clone(),
            result.path.to_path().to_string_lossy().into_owned(),
            result.width.to_string(),
            result.height.to_string(),
            result.bytes.to_string(),
            result.hash.clone(),
        ])
    };
    results.iter().map(of_result).collect()
}

/// An outcome in a word.
pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Partial => "partial",
        Outcome::Failed => "failed",
        Outcome::Skipped => "skipped",
        Outcome::Stopped => "stopped",
    }
}

/// A line of comma-separated values (RFC 4180), without its end. A value that a spreadsheet would compute is taken for
/// text.
pub fn csv_line(values: &[impl AsRef<str>]) -> String {
    let quoted = values.iter().map(|value| {
        let value = value.as_ref();
        let computes = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if computes || value.contains([',', '"', '\n', '\r']) {
            let guard = if computes { "'" } else { "" };
            format!("\"{guard}{}\"", value.replace('"', "\"\""))
        } else {
            value.to_owned()
        }
    });
    quoted.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_they_must() {
        assert_eq!(csv_line(&["a", "b c", ""]), "a,b c,");
        assert_eq!(csv_line(&["a,b", "say \"hi\"", "two\nlines"]), "\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"");
        assert_eq!(csv_line(&["=1+1", "@x"]), "\"'=1+1\",\"'@x\"", "nothing that a spreadsheet runs");
    }
}
