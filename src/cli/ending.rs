//! How the program ends where no command did: with an answer of the parser of arguments, or with an error.

use std::borrow::Cow;
use std::io::ErrorKind;

use lightloom_param::shown;

use super::Exit;
use super::console::{self, Unprinted};

/// Prints what the parser of arguments answers. Help and version are results; what is wrong with the arguments is a
/// complaint.
pub fn answer(answer: &clap::Error) -> Exit {
    if !answer.use_stderr() {
        return match answer.print() {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Unprinted,
            _ => Exit::Well,
        };
    }
    // Names of files that begin with a hyphen are taken for options, and repeated as they are.
    if std::env::args_os().any(|arg| matches!(shown(&arg), Cow::Owned(_))) {
        console::say_lines(&answer.render().to_string());
    } else {
        let _ = answer.print();
    }
    Exit::BadUsage
}

/// Says why a command failed.
pub fn failed(error: &anyhow::Error) -> Exit {
    console::say_lines(&format!("lightloom: {error:#}"));
    if error.is::<Unprinted>() { Exit::Unprinted } else { Exit::BadUsage }
}
