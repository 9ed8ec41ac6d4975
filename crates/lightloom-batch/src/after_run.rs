//! What is done once a run has ended: nothing, or something that the person chose.
//!
//! Programs are started directly and never through a shell: a name of a file is an argument, whatever is in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;

use super::Totals;

/// What is done once a run has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AfterRun {
    #[default]
    Nothing,
    /// Shows the results in the file manager.
    OpenFolder,
    /// Shows a notification on the desktop.
    Notify,
    /// Suspends the machine.
    Suspend,
    /// Starts a program.
    Command(UserCommand),
}

/// A program with its arguments, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCommand {
    typed: String,
    words: Vec<String>,
}

/// A run that has ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The folder of the results, if there is one.
    pub folder: Option<PathBuf>,
    /// How it went.
    pub totals: Totals,
}

/// What each placeholder of a command stands for; it has to be a whole argument.
const PLACEHOLDERS: [&str; 4] = ["{folder}", "{done}", "{failed}", "{skipped}"];

impl FromStr for AfterRun {
    type Err = String;

    /// Reads a choice as it is given on the command line.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        Ok(match text {
            "nothing" => Self::Nothing,
            "open" => Self::OpenFolder,
            "notify" => Self::Notify,
            "suspend" => Self::Suspend,
            _ => Self::Command(UserCommand::parse(text)?),
        })
    }
}

impl std::fmt::Display for AfterRun {
    /// As it is given on the command line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing",
            Self::OpenFolder => "open",
            Self::Notify => "notify",
            Self::Suspend => "suspend",
            Self::Command(command) => &command.typed,
        })
    }
}

impl UserCommand {
    /// Splits a command into words as a shell does, without what else a shell does.
    ///
    /// # Errors
    /// If there is no word, a quotation mark has no partner, or a placeholder is only a part of an argument.
    fn parse(typed: &str) -> Result<Self, String> {
        let words = shlex::split(typed).ok_or("a quotation mark has no partner")?;
        if words.first().is_none_or(String::is_empty) {
            return Err("the choices are nothing, open, notify, suspend, or a command".to_owned());
        }
        for word in &words {
            if let Some(placeholder) = PLACEHOLDERS.iter().find(|known| word.contains(**known) && word != *known) {
                return Err(format!("{placeholder} has to be an argument of its own, but is a part of '{word}'"));
            }
        }
        if PLACEHOLDERS.contains(&words[0].as_str()) {
            return Err("a command begins with the name of a program".to_owned());
        }
        Ok(Self { typed: typed.to_owned(), words })
    }

    fn command(&self, ended: &Ended) -> Command {
        let totals = &ended.totals;
        let mut command = Command::new(&self.words[0]);
        for word in &self.words[1..] {
            match word.as_str() {
                "{folder}" => command.arg(ended.folder.as_deref().unwrap_or(Path::new(""))),
                "{done}" => command.arg((totals.done + totals.partial).to_string()),
                "{failed}" => command.arg(totals.failed.to_string()),
                "{skipped}" => command.arg((totals.skipped + totals.stopped).to_string()),
                word => command.arg(word),
            };
        }
        command
    }
}

impl AfterRun {
    /// Whether the person may want to prevent it at the last moment.
    pub const fn needs_countdown(&self) -> bool {
        matches!(self, Self::Suspend)
    }

    /// Does it, and waits until the program that does it has ended.
    ///
    /// # Errors
    /// Why it could not be done, as a part of a sentence.
    pub fn perform(&self, ended: &Ended) -> Result<(), String> {
        let command = match self {
            Self::Nothing => return Ok(()),
            Self::OpenFolder => return reveal(ended.folder.as_deref().ok_or("there is no folder with results")?),
            Self::Notify => notifying(&ended.summary())?,
            Self::Suspend => suspending()?,
            Self::Command(command) => command.command(ended),
        };
        run(command)
    }
}

impl Ended {
    fn summary(&self) -> String {
        let Totals { done, partial, failed, skipped, stopped, .. } = &self.totals;
        let mut summary = format!("{} pictures done", done + partial);
        for (count, word) in [(failed, "failed"), (skipped, "skipped"), (stopped, "not done")] {
            if *count > 0 {
                summary += &format!(", {count} {word}");
            }
        }
        summary
    }
}

/// Shows a folder in the file manager, or a file in the program that the person opens its kind with, and waits until the
/// program that does it has ended.
///
/// # Errors
/// Why it could not be done, as a part of a sentence.
pub fn open_folder(folder: &Path) -> Result<(), String> {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(program);
    command.arg(folder);
    match run(command) {
        // It ends with 1 whatever it did.
        Err(_) if cfg!(windows) => Ok(()),
        opened => opened,
    }
}

/// What opens files and folders: what the system has for that, or a program that is called with the path.
#[derive(Debug, Clone, Default)]
pub struct Opener(pub Option<PathBuf>);

impl Opener {
    /// Opens a file or folder in the program for its kind.
    ///
    /// # Errors
    /// As [`open_folder`].
    pub fn open(&self, path: &Path) -> Result<(), String> {
        match &self.0 {
            Some(program) => {
                let mut command = Command::new(program);
                command.arg(path);
                run(command)
            }
            None => open_folder(path),
        }
    }

    /// Shows a folder, or a file in the folder that it lies in.
    ///
    /// # Errors
    /// As [`open_folder`].
    pub fn reveal(&self, path: &Path) -> Result<(), String> {
        match &self.0 {
            Some(_) => self.open(if path.is_file() { path.parent().unwrap_or(path) } else { path }),
            None => reveal(path),
        }
    }
}

/// Shows a folder, or a file in the folder that it lies in, in the file manager.
///
/// # Errors
/// As [`open_folder`].
pub fn reveal(path: &Path) -> Result<(), String> {
    if !path.is_file() {
        return open_folder(path);
    }
    let mut command;
    if cfg!(target_os = "macos") {
        command = Command::new("open");
        command.arg("-R").arg(path);
    } else if cfg!(windows) {
        command = Command::new("explorer");
        command.arg("/select,").arg(path);
    } else {
        return open_folder(path.parent().unwrap_or(path));
    }
    let shown = run(command);
    // As in `open_folder`.
    if cfg!(windows) { Ok(()) } else { shown }
}

fn notifying(summary: &str) -> Result<Command, String> {
    let mut command;
    if cfg!(target_os = "macos") {
        command = Command::new("osascript");
        let script = "display notification (item 1 of argv) with title \"Lightloom\"";
        command.args(["-e", "on run argv", "-e", script, "-e", "end run", summary]);
    } else if cfg!(windows) {
        return Err("notifications are not available on this system".to_owned());
    } else {
        command = Command::new("notify-send");
        command.args(["--app-name=Lightloom", "Lightloom", summary]);
    }
    Ok(command)
}

fn suspending() -> Result<Command, String> {
    let (program, arguments) = if cfg!(target_os = "macos") {
        ("pmset", ["sleepnow"])
    } else if cfg!(target_os = "linux") {
        ("systemctl", ["suspend"])
    } else {
        return Err("this system cannot be suspended by a program".to_owned());
    };
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

fn run(mut command: Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    // Standard output belongs to the report.
    let ended = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ended with {status}")),
        Err(error) => Err(format!("{program} could not be started: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> Ended {
        let totals = Totals { done: 5, partial: 1, failed: 2, skipped: 3, stopped: 4, ..Totals::default() };
        Ended { folder: Some("/my results; rm -rf".into()), totals }
    }

    #[test]
    fn choices_are_read_as_they_are_shown() {
        for text in ["nothing", "open", "notify", "suspend", "mail -s 'all done' me"] {
            assert_eq!(text.parse::<AfterRun>().unwrap().to_string(), text);
        }
        assert_eq!("nothing".parse::<AfterRun>().unwrap(), AfterRun::default());
        for (wrong, part) in [
            ("", "the choices are"),
            ("say 'done", "no partner"),
            ("touch /tmp/{folder}", "an argument of its own"),
            ("{folder} x", "name of a program"),
        ] {
            let error = wrong.parse::<AfterRun>().unwrap_err();
            assert!(error.contains(part), "{wrong}: {error}");
        }
    }

    #[test]
    fn placeholders_are_whole_arguments_and_no_shell_sees_them() {
        let Ok(AfterRun::Command(typed)) = "copy \"{folder}\" {done} {failed} {skipped} $HOME ; x".parse() else {
            panic!("it is a command");
        };
        let command = typed.command(&ended());
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_str().unwrap()).collect();
        assert_eq!(arguments, ["/my results; rm -rf", "6", "2", "7", "$HOME", ";", "x"]);
        assert_eq!(ended().summary(), "6 pictures done, 2 failed, 3 skipped, 4 not done");
    }

    #[cfg(unix)]
    #[test]
    fn what_goes_wrong_is_said() {
        let perform = |text: &str| text.parse::<AfterRun>().unwrap().perform(&ended());
        assert_eq!((perform("true {folder}"), perform("nothing")), (Ok(()), Ok(())));
        assert!(perform("false").unwrap_err().contains("exit status: 1"));
        assert!(perform("/nonexistent/program").unwrap_err().contains("could not be started"));
    }
}
