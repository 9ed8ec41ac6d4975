//! Progress and summary for a terminal.

use std::path::Path;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};
use lightloom_param::shown;

use super::console::{self, Unprinted};
use super::troubles::SaidTroubles;
use crate::batch::{Event, ImageReport, Outcome, Report, Running};

/// A progress bar on standard error; without a terminal only the complaints are printed.
pub(super) struct Bar {
    bar: ProgressBar,
    // Unbounded, since the sender runs inside the pool and must never wait; at most one message per picture.
    bad_ends: (Sender<Box<ImageReport>>, Receiver<Box<ImageReport>>),
}

impl Bar {
    pub fn new(title: &str, images: usize) -> Self {
        let bar = ProgressBar::new(images as u64);
        let template = "{prefix} {bar:32} {pos}/{len} images  {msg}  {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(title.to_owned());
        Self { bar, bad_ends: unbounded() }
    }

    /// Hands failures over to [`Self::follow`]: a terminal may block, and a worker must not.
    pub fn sink(&self) -> impl Fn(Event) + Send + Sync + 'static {
        let sender = self.bad_ends.0.clone();
        move |event| {
            if let Event::Finished(report) | Event::Lost(report) = event
                && matches!(report.outcome, Outcome::Failed | Outcome::Partial)
            {
                let _ = sender.send(report);
            }
        }
    }

    /// Samples the counters and prints failures above the bar until the run has ended.
    pub fn follow(&self, running: &Running) {
        let mut troubles = SaidTroubles::default();
        loop {
            let progress = running.progress();
            let secs = running.elapsed().as_secs_f64().max(1e-3);
            let finished = progress.finished();
            let megapixels = progress.source_pixels() as f64 / 1e6;
            let speed = || format!("{:.1} images/s, {:.0} MP/s", finished as f64 / secs, megapixels / secs);
            let fetched = progress.fetched_bytes();
            let speed = || match fetched {
                0 => speed(),
                bytes => format!(
                    "{}, {} fetched at {}/s",
                    speed(),
                    HumanBytes(bytes),
                    HumanBytes((bytes as f64 / secs) as u64)
                ),
            };
            self.bar.set_position(finished as u64);
            self.print_bad_ends();
            self.print_troubles(&mut troubles, running);
            self.bar.set_message(troubles.now().unwrap_or_else(speed));
            if running.ends_within(Duration::from_millis(50)) {
                break;
            }
        }
        // The last may have ended together with the run.
        self.print_troubles(&mut troubles, running);
        self.print_bad_ends();
        self.bar.finish_and_clear();
    }

    fn print_troubles(&self, said: &mut SaidTroubles, running: &Running) {
        for line in said.lines(running.troubles()) {
            self.bar.suspend(|| console::say(&line));
        }
    }

    fn print_bad_ends(&self) {
        for report in self.bad_ends.1.try_iter() {
            self.bar.suspend(|| complain(&report));
        }
    }
}

/// One line for a picture that did not end well.
pub(super) fn complain(report: &ImageReport) {
    let reason = report.reason.as_deref().unwrap_or("no reason given");
    let word = if report.outcome == Outcome::Partial { "partial" } else { "failed" };
    let stage = report.stage.map_or(String::new(), |s| format!(" ({})", s.title()));
    console::say(&format!("{word}{stage}: {}: {reason}", report.source));
}

/// The end of a run in a few lines on standard output.
///
/// # Errors
/// If they cannot be written.
pub(super) fn summary(report: &Report, out: &Path) -> Result<(), Unprinted> {
    let totals = &report.totals;
    let mut counts = format!("{} done", totals.done);
    for (count, word) in [
        (totals.copied, "of them copied unchanged"),
        (totals.partial, "partial"),
        (totals.failed, "failed"),
        (totals.skipped, "skipped"),
        (totals.stopped, "not done"),
    ] {
        if count > 0 {
            counts += &format!(", {count} {word}");
        }
    }
    console::print(&format!(
        "{counts} in {:.2} s: {:.1} images/s, {:.0} MP/s, {:.1} cores busy, {} written",
        totals.wall_secs,
        totals.images_per_sec(),
        totals.megapixels / totals.wall_secs.max(1e-9),
        totals.cpu_use(),
        HumanBytes(totals.output_bytes),
    ))?;
    for image in report.images.iter().filter(|i| !i.warnings.is_empty()).take(10) {
        console::say(&format!("note: {}: {}", image.source, image.warnings.join("; ")));
    }
    for note in &report.notes {
        console::say(&format!("note: {note}"));
    }
    if totals.done + totals.partial > 0 && !out.as_os_str().is_empty() {
        console::print(&format!("Results: {}", shown(out)))?;
    }
    Ok(())
}
