//! Memory that there is still room for.

use std::fs;
use std::path::Path;

/// Memory that the process may still take: what the system has free, within the limits of its control groups and its own
/// (`ulimit -v`, `ulimit -d`).
/// `None` where the system does not say.
pub fn available_bytes() -> Option<u64> {
    let system = number_after(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemAvailable:").map(|kib| kib * 1024);
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = |name: &str| fs::read_to_string(Path::new("/proc/self").join(name)).unwrap_or_default();
    let limits = within_limits(&own("limits"), &own("status"));
    system.into_iter().chain(within_groups(Path::new("/sys/fs/cgroup"), &groups)).chain(limits).min()
}

/// Room within the process' limits on address space and on data: `limits` and `status` are the contents of these files in
/// `/proc/self`.
fn within_limits(limits: &str, status: &str) -> Option<u64> {
    let room = |limit: &str, used: &str| {
        let most = limits.lines().find_map(|line| line.strip_prefix(limit))?.split_whitespace().next()?.parse::<u64>().ok()?;
        Some(most.saturating_sub(number_after(status, used)? * 1024))
    };
    [room("Max address space", "VmSize:"), room("Max data size", "VmData:")].into_iter().flatten().min()
}

/// Least room in the process' control groups and those above them, of version 2 and of version 1. `groups` is the
/// content of `/proc/self/cgroup`: lines of number, controllers and path.
fn within_groups(root: &Path, groups: &str) -> Option<u64> {
    let rooms = groups.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let (mount, files) = match controllers {
            "" => (root.to_owned(), ["memory.max", "memory.current", "inactive_file "]),
            _ if controllers.split(',').any(|c| c == "memory") => {
                (root.join("memory"), ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "])
            }
            _ => return None,
        };
        // In a container the path may be the host's; its own group is then the root.
        let below = Path::new(path.trim_start_matches('/'));
        below.ancestors().filter_map(|group| room(&mount.join(group), files)).min()
    });
    rooms.min()
}

/// Limit of a group less what it uses; cached files that nobody needs are given back when memory is wanted.
fn room(group: &Path, [limit, used, cached]: [&str; 3]) -> Option<u64> {
    let read = |name: &str| fs::read_to_string(group.join(name)).ok();
    let number = |name: &str| read(name)?.trim().parse::<u64>().ok();
    let cached = read("memory.stat").and_then(|text| number_after(&text, cached)).unwrap_or(0);
    Some(number(limit)?.saturating_sub(number(used)?.saturating_sub(cached)))
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(folder: &Path, files: &[(&str, &str)]) {
        fs::create_dir_all(folder).expect("a folder");
        files.iter().for_each(|(name, text)| fs::write(folder.join(name), text).expect("written"));
    }

    #[test]
    fn limits_of_the_process_count() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max data size             unlimited            unlimited            bytes\n\
                      Max address space         409600000            unlimited            bytes\n";
        let status = "VmSize:\t  100000 kB\nVmData:\t   50000 kB\n";
        assert_eq!(within_limits(limits, status), Some(409_600_000 - 102_400_000));
        assert_eq!(within_limits(&limits.replace("409600000", "unlimited"), status), None);
        let data = limits.replace(
            "unlimited            unlimited            bytes\nMax a",
            "60000000             unlimited            bytes\nMax a",
        );
        assert_eq!(within_limits(&data, status), Some(60_000_000 - 51_200_000));
    }

    #[test]
    fn the_tightest_group_above_decides() {
        let root = std::env::temp_dir().join(format!("exodus-groups-{}", std::process::id()));
        // Version 2: the job has no limit of its own, its user has.
        group(&root.join("user/job"), &[("memory.max", "max\n"), ("memory.current", "700\n")]);
        group(
            &root.join("user"),
            &[("memory.max", "10000\n"), ("memory.current", "7000\n"), ("memory.stat", "anon 5\ninactive_file 1000\n")],
        );
        assert_eq!(within_groups(&root, "0::/user/job\n"), Some(4000));
        assert_eq!(within_groups(&root, "0::/elsewhere\n"), None);
        // Version 1 beside it, in a container that does not see the host's path.
        group(&root.join("memory"), &[("memory.limit_in_bytes", "3000\n"), ("memory.usage_in_bytes", "500\n")]);
        let both = "4:memory:/docker/0123\n1:cpu:/\n0::/user/job\n";
        assert_eq!(within_groups(&root, both), Some(2500));
        assert_eq!(within_groups(&root, "1:cpu:/\n"), None);
        fs::remove_dir_all(&root).expect("removed");
    }
}
