//! The archives that results can go into, as a person chooses them: by the name of the archive and the size of shards.

use std::path::{Path, PathBuf};

use crate::archive::Format;
use crate::batch::OutputSettings;

/// Size of a shard until another is chosen: what tools for WebDatasets usually make.
const SHARD_MIB: u32 = 256;

/// A kind of archive that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveKind {
    Zip,
    Tar,
    /// Several tars of about a size.
    Shards,
}

impl ArchiveKind {
    pub const ALL: [Self; 3] = [Self::Zip, Self::Tar, Self::Shards];

    /// That to which these settings lead; `None` if they lead to a folder, or to an archive that cannot be written.
    pub fn of(output: &OutputSettings) -> Option<Self> {
        match Format::of_name(output.folder.as_deref()?)? {
            Format::Zip => Some(Self::Zip),
            Format::Tar if output.shard_bytes.is_some() => Some(Self::Shards),
            Format::Tar => Some(Self::Tar),
            _ => None,
        }
    }

    pub const fn title(self) -> &'static str {
        match self {
            Self::Zip => "Zip",
            Self::Tar => "Tar",
            Self::Shards => "WebDataset shards",
        }
    }

    /// What it is for, in a sentence without its final stop.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Zip => "One zip, which every system opens",
            Self::Tar => "One tar; what belongs to a picture in a tar that it comes from stays beside it",
            Self::Shards => {
                "Several tars of about a size, from which training of models reads pictures with their labels"
            }
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar | Self::Shards => "tar",
        }
    }

    /// The same settings with an archive of this kind.
    pub fn chosen(self, output: &OutputSettings) -> OutputSettings {
        let shard_bytes = (self == Self::Shards).then(|| output.shard_bytes.unwrap_or(u64::from(SHARD_MIB) << 20));
        let folder = output.folder.as_deref().map(|path| path.with_extension(self.extension()));
        OutputSettings { folder, shard_bytes, ..output.clone() }
    }
}

/// Whether results go into an archive, which need not be one that can be written.
pub fn is_archive(output: &OutputSettings) -> bool {
    output.folder.as_deref().is_some_and(|path| Format::of_name(path).is_some())
}

/// The settings with another place for results. Shards are those of a tar.
pub fn placed(output: &OutputSettings, folder: Option<PathBuf>) -> OutputSettings {
    let is_tar = folder.as_deref().and_then(Format::of_name) == Some(Format::Tar);
    OutputSettings { shard_bytes: output.shard_bytes.filter(|_| is_tar), folder, ..output.clone() }
}

/// A path for an archive: one that is called like none becomes that of a zip.
pub fn archive_path(path: &Path) -> PathBuf {
    if Format::of_name(path).is_some() {
        return path.to_path_buf();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".zip");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_settings_that_they_make() {
        let output = OutputSettings { folder: Some("/p/my pictures.zip".into()), ..OutputSettings::default() };
        for kind in ArchiveKind::ALL {
            assert_eq!(ArchiveKind::of(&kind.chosen(&output)), Some(kind));
        }
        let shards = ArchiveKind::Shards.chosen(&output);
        assert_eq!(ArchiveKind::of(&placed(&shards, Some("/q/b.tar".into()))), Some(ArchiveKind::Shards));
        assert_eq!(placed(&shards, Some("/q/b.zip".into())).shard_bytes, None);
        assert_eq!(ArchiveKind::of(&placed(&shards, Some("/q".into()))), None);
        let read_only = placed(&shards, Some("/q.tar.gz".into()));
        assert!(is_archive(&read_only) && ArchiveKind::of(&read_only).is_none());
        assert_eq!(archive_path(Path::new("/q/a.b")), Path::new("/q/a.b.zip"));
        assert_eq!(archive_path(Path::new("/q/a.TAR")), Path::new("/q/a.TAR"));
    }
}
