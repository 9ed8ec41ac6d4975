//! Settings that cannot be read are kept aside before others take their place.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use lightloom_param::shown;

/// The settings as the window system keeps them, below the folder of the program.
const FILE: &str = "app.ron";

/// Moves a settings file aside that cannot be read; returns what is to be said of it.
pub fn rescue_file(folder: &Path) -> Option<String> {
    let file = folder.join(FILE);
    let problem = match fs::read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return Some(format!("The settings cannot be read, and defaults are used: {error}.")),
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) if is_storage(&text) => return None,
            _ => "The settings file is damaged, and defaults are used",
        },
    };
    let kept = new_file(folder).and_then(|(aside, _)| fs::rename(&file, &aside).map(|()| aside));
    Some(said(problem, kept))
}

/// Keeps the text of settings of which a part cannot be read; returns what is to be said of it.
pub fn keep_text(folder: Option<&Path>, problem: &str, text: &str) -> String {
    let kept = folder.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound)).and_then(|folder| {
        let (aside, mut file) = new_file(folder)?;
        file.write_all(text.as_bytes())?;
        Ok(aside)
    });
    said(problem, kept)
}

fn said(problem: &str, kept: io::Result<PathBuf>) -> String {
    match kept {
        Ok(aside) => format!("{problem}; what was there is kept in {}.", shown(&aside)),
        Err(_) => format!("{problem}; what was there could not be kept aside."),
    }
}

/// A file that was not there before.
fn new_file(folder: &Path) -> io::Result<(PathBuf, fs::File)> {
    fs::create_dir_all(folder)?;
    for number in 1..1000 {
        let aside = folder.join(format!("damaged-settings-{number}.ron"));
        match fs::File::create_new(&aside) {
            Ok(file) => return Ok((aside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Whether a text is what the window system writes: texts by key.
fn is_storage(text: &str) -> bool {
    struct Whole<'a>(&'a str);
    impl eframe::Storage for Whole<'_> {
        fn get_string(&self, _: &str) -> Option<String> {
            Some(self.0.to_owned())
        }
        fn set_string(&mut self, _: &str, _: String) {}
        fn remove_string(&mut self, _: &str) {}
        fn flush(&mut self) {}
    }
    eframe::get_value::<std::collections::HashMap<String, String>>(&Whole(text), "").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_files_are_kept_aside_and_good_ones_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(FILE);
        assert_eq!(rescue_file(dir.path()), None, "there is none yet");
        fs::write(&file, "{\"app\": \"(theme: Some(\\\"dark\\\"))\"}").unwrap();
        assert_eq!(rescue_file(dir.path()), None);
        assert!(file.exists());
        let damaged: [&[u8]; 5] = [b"", b"{\"app\": \"(theme", b"\xff\xfe", b"\0\0\0\0", b"[1, 2]"];
        for (index, bytes) in damaged.into_iter().enumerate() {
            fs::write(&file, bytes).unwrap();
            let said = rescue_file(dir.path()).unwrap();
            let aside = dir.path().join(format!("damaged-settings-{}.ron", index + 1));
            assert!(said.contains("damaged") && said.contains(&*shown(&aside)), "{said}");
            assert!(!file.exists());
            assert_eq!(fs::read(&aside).unwrap(), bytes);
        }
    }

    #[test]
    fn texts_are_kept_beside_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new");
        for number in 1..3 {
            let said = keep_text(Some(&folder), "A part is damaged", &format!("text {number}"));
            assert!(said.contains(&format!("damaged-settings-{number}.ron")), "{said}");
            assert_eq!(
                fs::read_to_string(folder.join(format!("damaged-settings-{number}.ron"))).unwrap(),
                format!("text {number}")
            );
        }
        assert!(keep_text(None, "A part is damaged", "").contains("could not be kept"));
    }
}
