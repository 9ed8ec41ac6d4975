//! What a crash leaves: a report, which the next window offers to copy.

use std::backtrace::Backtrace;
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use crate::gui::text;

/// In the folder of the settings.
const FILE: &str = "crash-report.txt";
/// The same once it has been shown.
const SHOWN: &str = "crash-report-shown.txt";

/// Writes a report into `folder` when the calling thread panics. That of the window does not survive it; panics of other
/// threads are failures of what they work on, and said there.
pub fn report_into(folder: PathBuf) {
    let watched = thread::current().id();
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == watched {
            // Where no report can be written, the message of the hook before remains.
            let _ = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(FILE), report(info)));
        }
        usual(info);
    }));
}

fn report(info: &PanicHookInfo<'_>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (system, machine) = (env::consts::OS, env::consts::ARCH);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let when = text::moment(now);
    format!("Lightloom {version} on {system}, {machine}, {when}\n{info}\n\n{}\n", Backtrace::force_capture())
}

/// The report that the window before left, if it crashed. It is returned once, and its file kept under another name.
pub fn take_report(folder: &Path) -> Option<String> {
    let (file, shown) = (folder.join(FILE), folder.join(SHOWN));
    let report = fs::read(&file).ok()?;
    // Not offered again and again where it cannot be renamed.
    fs::rename(&file, &shown).or_else(|_| fs::remove_file(&file)).ok()?;
    Some(String::from_utf8_lossy(&report).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_thread_of_the_window_leaves_a_report() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new");
        let of_window = folder.clone();
        let window = thread::spawn(move || {
            report_into(of_window.clone());
            let other = thread::spawn(|| panic!("of another thread"));
            assert!(other.join().is_err());
            assert_eq!(take_report(&of_window), None);
            panic!("of the window: {}", 1 + 1);
        });
        assert!(window.join().is_err());
        let report = take_report(&folder).unwrap();
        assert!(report.starts_with("Lightloom ") && report.contains("of the window: 2"), "{report}");
        assert!(report.contains("crash.rs") && report.lines().count() > 5, "where, and how it came there: {report}");
        assert_eq!(take_report(&folder), None, "it is offered once");
        assert!(folder.join(SHOWN).exists());
    }
}
