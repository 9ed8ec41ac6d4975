//! The memory that the control groups of this process leave it: containers and services are given less than the machine
//! has. Linux only; elsewhere there is no limit.
//!
//! Of both versions, see Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of Linux.

use std::fs;
use std::path::{Path, PathBuf};

/// Where control groups are mounted.
const ROOT: &str = "/sys/fs/cgroup";

/// Memory of a control group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GroupMemory {
    /// What its processes may hold together.
    pub limit_bytes: u64,
    /// What they hold, without the files that are cached and can be dropped.
    pub used_bytes: u64,
}

impl GroupMemory {
    /// The one of this process and the groups above that leaves least; `None` if there is no limit.
    pub fn of_process() -> Option<Self> {
        let table = fs::read_to_string("/proc/self/cgroup").ok().filter(|_| cfg!(target_os = "linux"))?;
        Self::tightest(Path::new(ROOT), &table)
    }

    /// Bytes that are to be had.
    pub const fn available_bytes(self) -> u64 {
        self.limit_bytes.saturating_sub(self.used_bytes)
    }

    fn tightest(root: &Path, table: &str) -> Option<Self> {
        groups(root, table).iter().filter_map(|group| Self::read(group)).min_by_key(|group| group.available_bytes())
    }

    fn read(group: &Path) -> Option<Self> {
        let number = |name: &str| fs::read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
        // `max`, or an absurd number, where there is no limit.
        let limit = |name: &str| number(name).filter(|limit| *limit < 1 << 60);
        let (limit_bytes, held, prefix) = match limit("memory.max") {
            Some(limit) => (limit, number("memory.current")?, ""),
            None => (limit("memory.limit_in_bytes")?, number("memory.usage_in_bytes")?, "total_"),
        };
        let stat = fs::read_to_string(group.join("memory.stat")).unwrap_or_default();
        let of = |name: &str| {
            let line = stat.lines().find_map(|line| line.strip_prefix(prefix)?.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
        };
        Some(Self { limit_bytes, used_bytes: held.saturating_sub(of("active_file") + of("inactive_file")) })
    }
}

/// The folders of the groups that a process is in, those above them included.
fn groups(root: &Path, table: &str) -> Vec<PathBuf> {
    let of_line = |line: &str| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let (root, path) = match controllers {
            "" => (root.to_path_buf(), path),
            list if list.split(',').any(|controller| controller == "memory") => (root.join("memory"), path),
            _ => return None,
        };
        let group = root.join(path.trim_start_matches('/'));
        Some(group.ancestors().take_while(|above| above.starts_with(&root)).map(Path::to_path_buf).collect::<Vec<_>>())
    };
    table.lines().filter_map(of_line).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(folder: &Path, files: &[(&str, &str)]) {
        fs::create_dir_all(folder).unwrap();
        for (name, content) in files {
            fs::write(folder.join(name), content).unwrap();
        }
    }

    #[test]
    fn the_group_that_leaves_least_counts() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let none = [("memory.max", "max\n"), ("memory.current", "5000\n")];
        group(&root.join("user.slice/app"), &none);
        let table = "0::/user.slice/app\n";
        assert_eq!(GroupMemory::tightest(root, table), None);
        let files = "anon 100\nactive_file 20\ninactive_file 30\n";
        group(
            &root.join("user.slice"),
            &[("memory.max", "1000\n"), ("memory.current", "400\n"), ("memory.stat", files)],
        );
        let above = GroupMemory { limit_bytes: 1000, used_bytes: 350 };
        assert_eq!(GroupMemory::tightest(root, table), Some(above));
        assert_eq!(above.available_bytes(), 650);
        group(&root.join("user.slice/app"), &[("memory.max", "500\n"), ("memory.current", "450\n")]);
        assert_eq!(GroupMemory::tightest(root, table).map(GroupMemory::available_bytes), Some(50));
    }

    #[test]
    fn groups_of_the_first_version_have_a_tree_for_each_controller() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        let stat = "active_file 1\ntotal_active_file 100\ntotal_inactive_file 200\n";
        let files = [("memory.limit_in_bytes", "2000\n"), ("memory.usage_in_bytes", "1500\n"), ("memory.stat", stat)];
        group(&root.join("memory/box"), &files);
        group(&root.join("memory"), &[("memory.limit_in_bytes", "9223372036854771712\n")]);
        let table = "5:devices:/box\n4:cpu,memory:/box\n0::/\n";
        let found = GroupMemory { limit_bytes: 2000, used_bytes: 1200 };
        assert_eq!(GroupMemory::tightest(root, table), Some(found));
        assert_eq!(GroupMemory::tightest(root, "nonsense\n"), None);
    }
}
