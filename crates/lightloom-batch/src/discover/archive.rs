//! What is in an archive, searched as a folder is.

use std::cmp::Ordering;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{Discovered, Found, Walk, is_hidden};
use crate::archives::Archive;
use crate::natural_order::natural_order;
use crate::{Member, Source, SourceEntry};
use lightloom_archive::Format;
use lightloom_codec as codec;
use lightloom_codec::Limits;
use lightloom_param::shown;

/// What macOS keeps beside the files of a zip.
const RESOURCE_FORKS: &str = "__MACOSX";

/// As the files of folders are listed: those of a folder before the folders in it.
fn in_list_order(a: &Path, b: &Path) -> Ordering {
    let (mut a, mut b) = (a.iter(), b.iter());
    loop {
        let (Some(one), Some(other)) = (a.next(), b.next()) else { return Ordering::Equal };
        if one != other {
            let is_folder = |rest: &std::path::Iter<'_>| rest.as_path() != Path::new("");
            return is_folder(&a).cmp(&is_folder(&b)).then_with(|| natural_order(one, other));
        }
    }
}

fn counts_as_hidden(path: &Path) -> bool {
    path.iter().any(|part| is_hidden(part) || part == OsStr::new(RESOURCE_FORKS))
}

impl Walk<'_> {
    /// The pictures in an archive: in the order of a folder, or in their own where that is the only one in which they can be
    /// read, as in a compressed tar.
    pub(super) fn archive(&mut self, path: &Path, identity: PathBuf) -> bool {
        if !self.seen.insert(identity) {
            return true;
        }
        let archive = Archive::at(path);
        let listing = match archive.listed() {
            Ok(listed) => &listed.listing,
            Err(reason) => return self.problem(path, format!("cannot be read: {reason}")),
        };
        let mut members: Vec<&Path> = listing.members.iter().map(|member| member.path.as_path()).collect();
        if !Format::of_name(path).is_some_and(Format::is_sequential) {
            members.sort_by(|a, b| in_list_order(a, b));
        }
        let mut found = Found::default();
        for member in members {
            self.asking.answered();
            if counts_as_hidden(member) {
                found.hidden += 1;
                continue;
            }
            if !self.patterns.takes(member) {
                found.excluded += 1;
                continue;
            }
            let source = Source::Member(Member::of(&archive, member));
            let by_content = || self.all_files && is_small(&source) && source.may_be_picture();
            if codec::from_extension(member).is_none() && !by_content() {
                found.count_other(member);
                continue;
            }
            found.pictures += 1;
            if !(self.report)(Discovered::Source(SourceEntry { source, root: Some(path.to_path_buf()) })) {
                return false;
            }
        }
        let mut problem = |reason: String| self.problem(path, reason);
        if listing.encrypted > 0
            && !problem(format!("{} encrypted; unpack the archive with its password", files(listing.encrypted)))
        {
            return false;
        }
        if let Some((count, name)) = listing.unsupported {
            let reason =
                format!("{} compressed by {name}, which Lightloom does not read; pack the archive anew", files(count));
            if !problem(reason) {
                return false;
            }
        }
        if listing.specials > 0 {
            let (links, were) =
                if listing.specials == 1 { ("link or device", "was") } else { ("links or devices", "were") };
            let note = format!("{} {links} in {} {were} left out", listing.specials, shown(path));
            if !(self.report)(Discovered::Note(note)) {
                return false;
            }
        }
        // What it holds has been said.
        if listing.members.is_empty() && listing.encrypted + listing.unsupported.map_or(0, |(count, _)| count) > 0 {
            return true;
        }
        self.conclude(path, found)
    }
}

/// How many files of an archive something is said of.
fn files(count: usize) -> String {
    if count == 1 { "holds a file that is".to_owned() } else { format!("holds {count} files that are") }
}

/// Whether a source can be looked into at all.
fn is_small(source: &Source) -> bool {
    source.length().is_some_and(|length| length <= Limits::default().file_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_the_order_of_files() {
        let mut paths = ["b/2.jpg", "a/b/1.jpg", "z.jpg", "a/10.jpg", "a/9.jpg", "c.jpg"].map(Path::new);
        paths.sort_by(|a, b| in_list_order(a, b));
        assert_eq!(paths, ["c.jpg", "z.jpg", "a/9.jpg", "a/10.jpg", "a/b/1.jpg", "b/2.jpg"].map(Path::new));
    }
}
