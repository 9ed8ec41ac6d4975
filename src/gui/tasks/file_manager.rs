//! Shows folders in the system's file manager.

use std::path::Path;
use std::thread;

use lightloom_param::shown;

/// Whether `program` is on the search path.
pub fn is_in_path(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// Shows a folder in the file manager.
///
/// # Errors
/// If there is no program that can, in one sentence.
pub fn open_folder(folder: &Path) -> Result<(), String> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let failed = || format!("No program can show folders here; the results are in {}.", shown(folder));
    if !cfg!(windows) && !is_in_path(program) {
        return Err(failed());
    }
    let mut child = std::process::Command::new(program)
        .arg(folder)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map_err(|_| failed())?;
    let reap = move || drop(child.wait());
    thread::Builder::new().name("lightloom-open".to_owned()).spawn(reap).map(drop).map_err(|_| failed())
}
