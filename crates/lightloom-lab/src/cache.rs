//! How much of the pictures' files lies in the system's file cache, and taking them out of it.
//!
//! `preadv2` with `RWF_NOWAIT` reads nothing that is not in the cache (`man 2 preadv2`), and `posix_fadvise` with
//! `POSIX_FADV_DONTNEED` drops what is there, unless another program holds it (`man 2 posix_fadvise`).

use lightloom_batch::SourceEntry;

/// Files that are looked at, spread over all.
const FILES: usize = 64;

/// Share of the files' bytes that lie in the file cache, from a sample of places, 0 to 1; `None` where the system does not
/// say.
pub(crate) fn cached_share(sources: &[&SourceEntry]) -> Option<f64> {
    let step = sources.len().div_ceil(FILES).max(1);
    let files = sources.iter().step_by(step).filter_map(|entry| entry.source.path());
    let shares: Vec<f64> = files.filter_map(system::cached_share).collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

/// Takes the files out of the file cache, as far as the system allows.
///
/// # Errors
/// If the system cannot, or refuses one of them.
pub(crate) fn evict(sources: &[&SourceEntry]) -> Result<(), String> {
    sources.iter().filter_map(|entry| entry.source.path()).try_for_each(system::evict)
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::File;
    use std::io::IoSliceMut;
    use std::path::Path;

    use rustix::fs::{Advice, fadvise};
    use rustix::io::{Errno, ReadWriteFlags, preadv2};

    use lightloom_param::shown;

    /// Places of a file that are looked at.
    const PLACES: u64 = 16;

    pub fn cached_share(path: &Path) -> Option<f64> {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok().filter(|meta| meta.is_file() && meta.len() > 0)?.len();
        let mut there = 0;
        for place in 0..PLACES {
            let mut byte = [0];
            let at = length * place / PLACES;
            match preadv2(&file, &mut [IoSliceMut::new(&mut byte)], at, ReadWriteFlags::NOWAIT) {
                Ok(_) => there += 1,
                Err(Errno::AGAIN) => {}
                // A file system without it.
                Err(_) => return None,
            }
        }
        Some(there as f64 / PLACES as f64)
    }

    pub fn evict(path: &Path) -> Result<(), String> {
        let evict = || -> std::io::Result<()> {
            let file = File::open(path)?;
            // What is not on the disk yet stays in the cache.
            file.sync_data()?;
            Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
        };
        evict().map_err(|e| format!("{}: {e}", shown(path)))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::path::Path;

    pub fn cached_share(_: &Path) -> Option<f64> {
        None
    }

    pub fn evict(_: &Path) -> Result<(), String> {
        Err("this system offers no way to do it for single files".to_owned())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_read_is_cached_and_one_that_was_evicted_is_not() {
        // beside the sources, as a memory file system has nothing but the cache
        let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let path = dir.path().join("picture.jpg");
        std::fs::write(&path, vec![7; 1 << 20]).unwrap();
        let entry = SourceEntry::from(path);
        std::fs::read(entry.source.path().unwrap()).unwrap();
        let Some(before) = cached_share(&[&entry]) else {
            eprintln!("skipped: this file system does not say what is cached");
            return;
        };
        assert_eq!(before, 1.0);
        evict(&[&entry]).unwrap();
        let after = cached_share(&[&entry]).unwrap();
        if after == 1.0 {
            eprintln!("skipped: this file system keeps what it has cached");
            return;
        }
        assert!(after < 0.5, "{after}");
        assert_eq!(cached_share(&[]), None);
        let gone = SourceEntry::from("/nowhere/picture.jpg");
        assert!(evict(&[&gone]).unwrap_err().contains("picture.jpg"));
    }
}
