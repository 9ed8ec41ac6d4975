//! Tells folders that other machines and programs may change without this system's hearing of it: network shares and
//! file systems of programs. The table of mounts is read, and no file system asked, which may not answer.

use std::path::Path;

/// The kind of file system of a folder, or of something mounted below it, if the system is not told of all changes there.
#[cfg(target_os = "linux")]
pub(crate) fn untold(folder: &Path) -> Option<String> {
    untold_in(&std::fs::read("/proc/self/mountinfo").unwrap_or_default(), folder)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn untold(_: &Path) -> Option<String> {
    None
}

#[cfg(any(target_os = "linux", test))]
fn untold_in(table: &[u8], folder: &Path) -> Option<String> {
    let mounts: Vec<(std::path::PathBuf, String)> = table.split(|byte| *byte == b'\n').filter_map(mount).collect();
    let above = mounts.iter().filter(|(point, _)| folder.starts_with(point));
    // Of mounts at the same place the last hides the others.
    let own = above.max_by_key(|(point, _)| point.as_os_str().len());
    let below = mounts.iter().filter(|(point, _)| point.starts_with(folder) && point != folder);
    own.into_iter().chain(below).find(|(_, kind)| is_untold(kind)).map(|(_, kind)| kind.clone())
}

/// Mount point and kind of file system of a line: see proc(5).
#[cfg(any(target_os = "linux", test))]
fn mount(line: &[u8]) -> Option<(std::path::PathBuf, String)> {
    let line = String::from_utf8_lossy(line);
    let (before, after) = line.split_once(" - ")?;
    let point = before.split(' ').nth(4)?;
    let point = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(point.to_owned(), |point, (code, plain)| point.replace(code, plain));
    Some((point.into(), after.split(' ').next()?.to_owned()))
}

#[cfg(any(target_os = "linux", test))]
fn is_untold(kind: &str) -> bool {
    const KINDS: &str = "9p afs beegfs ceph cifs coda davfs fuse gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs \
        prl_fs smb3 smbfs vboxsf virtiofs";
    // Disks that a program reads are changed through the system alone: `fuseblk`.
    KINDS.split(' ').any(|one| one == kind) || kind.starts_with("fuse.") || kind.starts_with("vmhgfs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_by_the_table_of_mounts() {
        let table = b"21 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            30 21 0:40 / /mnt/share rw,relatime shared:9 - nfs4 server:/x rw\n\
            31 21 0:41 / /mnt/my\\040phone rw - fuse.jmtpfs jmtpfs rw\n\
            32 21 0:42 / /home/me/cards/one rw - fuseblk /dev/sdb1 rw\n\
            33 30 0:43 / /mnt/share/local rw - tmpfs tmpfs rw\n\
            nonsense\n";
        let kind = |folder: &str| untold_in(table, Path::new(folder));
        assert_eq!(kind("/mnt/share/photos").as_deref(), Some("nfs4"));
        assert_eq!(kind("/mnt/my phone").as_deref(), Some("fuse.jmtpfs"));
        assert_eq!(kind("/mnt").as_deref(), Some("nfs4"), "below it");
        for told in ["/home/me", "/home/me/cards/one", "/mnt/share/local/x", "/mnt/sharex"] {
            assert_eq!(kind(told), None, "{told}");
        }
    }
}
