//! What is to be processed: folders, files, archives and patterns, named one by one or in lists.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use lightloom_param::shown;

use super::pipe;
use crate::batch::{ImageReport, Patterns};

/// Most bytes of a list.
const LONGEST_LIST: u64 = 1 << 30;

/// Which pictures are processed.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Folders (searched recursively), files, archives (zip, cbz, 7z, cb7, tar, tar.gz, tar.zst, tar.xz) and quoted patterns
    /// such as 'photos/**/*.jpg'; addresses of pictures, of pages with pictures, and of lists; - is one picture from
    /// standard input
    #[arg(required_unless_present_any = ["from_file", "addresses"])]
    pub inputs: Vec<PathBuf>,
    /// A list of folders, files and archives, one in each line or with NULs between them; - is standard input. Relative
    /// paths are looked for in the current folder; may be given several times
    #[arg(long, value_name = "LIST")]
    pub from_file: Vec<PathBuf>,
    /// The lists have a NUL after each path, as find -print0 writes them [default: if there is a NUL in them]
    #[arg(long, requires = "from_file")]
    pub null: bool,
    /// Take only files that a pattern matches, such as '*.jpg' (their names), 'raw/**' (their paths below the folder or
    /// archive that was named) or '*.{jpg,png}'; upper and lower case are the same; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// Leave out files and folders that a pattern matches; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
}

/// What was named.
#[derive(Debug, Default)]
pub(super) struct Named {
    pub inputs: Vec<PathBuf>,
    /// Where a list names each of its paths, by the absolute path.
    lines: HashMap<PathBuf, String>,
}

impl InputArgs {
    /// What was named, with what the lists name.
    ///
    /// # Errors
    /// If a list cannot be read.
    pub(super) fn named(&self) -> Result<Named> {
        let mut named = Named { inputs: self.inputs.clone(), lines: HashMap::new() };
        if self.from_file.iter().chain(&self.inputs).filter(|path| pipe::is_stream(path)).count() > 1 {
            bail!("standard input can be read once: as one picture or as one list");
        }
        for list in &self.from_file {
            let title = if pipe::is_stream(list) { "standard input".to_owned() } else { shown(list).into_owned() };
            let content =
                if pipe::is_stream(list) { read(io::stdin().lock()) } else { File::open(list).and_then(read) };
            let content = content.with_context(|| format!("the list {title} cannot be read"))?;
            named.add_list(&title, &content, self.null)?;
        }
        Ok(named)
    }

    /// Which files count.
    ///
    /// # Errors
    /// If a pattern has no meaning.
    pub(super) fn patterns(&self) -> Result<Patterns> {
        Ok(Patterns::new(&self.include, &self.exclude)?)
    }
}

fn read(from: impl Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    from.take(LONGEST_LIST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LONGEST_LIST {
        return Err(io::Error::other(format!("it is longer than {} MiB", LONGEST_LIST >> 20)));
    }
    Ok(content)
}

impl Named {
    fn add_list(&mut self, title: &str, content: &[u8], null: bool) -> Result<()> {
        let content = in_utf8(content);
        let has_nulls = null || content.contains(&0);
        let separator = if has_nulls { 0 } else { b'\n' };
        for (index, entry) in content.split(|byte| *byte == separator).enumerate() {
            let entry = if has_nulls { entry } else { entry.strip_suffix(b"\r").unwrap_or(entry) };
            if entry.is_empty() {
                continue;
            }
            let place = format!("{title}, {} {}", if has_nulls { "entry" } else { "line" }, index + 1);
            let Some(path) = os_string(entry) else { bail!("{place}: the path is not Unicode") };
            let path = PathBuf::from(path);
            self.lines.entry(absolute(&path)).or_insert(place);
            self.inputs.push(path);
        }
        Ok(())
    }

    /// Adds to each problem the place in a list that names what cannot be read.
    pub fn locate(&self, problems: &mut [ImageReport]) {
        for problem in problems {
            let place = problem.source.path().and_then(|path| self.lines.get(path));
            if let (Some(place), Some(reason)) = (place, &mut problem.reason) {
                *reason = format!("{reason} ({place})");
            }
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// A list without a byte order mark; one in UTF-16, as some shells of Windows write them, in UTF-8.
fn in_utf8(content: &[u8]) -> Vec<u8> {
    let decoded = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|two| unit([two[0], two[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
    };
    match content {
        [0xff, 0xfe, rest @ ..] => decoded(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decoded(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        _ => content.to_vec(),
    }
}

#[cfg(unix)]
fn os_string(bytes: &[u8]) -> Option<OsString> {
    Some(std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec()))
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> Option<OsString> {
    std::str::from_utf8(bytes).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(content: &[u8], null: bool) -> Vec<PathBuf> {
        let mut named = Named::default();
        named.add_list("list", content, null).unwrap();
        named.inputs
    }

    #[test]
    fn lists_have_lines_or_nulls() {
        let two = ["a b.jpg", "ü/c.jpg"].map(PathBuf::from);
        for content in
            ["a b.jpg\nü/c.jpg\n", "a b.jpg\r\n\r\nü/c.jpg", "a b.jpg\0ü/c.jpg\0", "\u{feff}a b.jpg\nü/c.jpg"]
        {
            assert_eq!(listed(content.as_bytes(), false), two, "{content:?}");
        }
        let utf16: Vec<u8> = "\u{feff}a b.jpg\r\nü/c.jpg".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(listed(&utf16, false), two);
        assert_eq!(listed(b"a\nb", true), [PathBuf::from("a\nb")]);
        assert_eq!(listed(b"a\nb\0c", false), ["a\nb", "c"].map(PathBuf::from));
    }
}
