//! The command line where its surroundings are hostile: streams that fail, names that act, files without an end.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "tests")]

mod cost;
mod inputs;
mod names;
mod recipe_files;
mod streams;

#[path = "../common/runs.rs"]
mod runs;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program in this folder, with settings and presets of its own.
pub fn lightloom(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lightloom"));
    command.current_dir(folder).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.env("HOME", folder.join("home")).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
    command.env_remove("XDG_STATE_HOME");
    command
}

/// Runs it to its end, which must come soon.
pub fn ended(mut command: Command) -> Output {
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // What these tests print fits a pipe.
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            panic!("{command:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

/// How many results are in a folder.
pub fn results(folder: &Path) -> usize {
    runs::content(folder).len()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("no byte that is not Unicode reaches a terminal")
}
