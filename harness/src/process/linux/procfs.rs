//! Reading `/proc`: the few facts a sweep and the memory watch need. Whatever cannot be read belongs to a process that is gone, or not ours.

use std::{fs, os::unix::ffi::OsStrExt, path::PathBuf, sync::OnceLock, thread, time::Duration};

use rustix::process::{Pid, getpid};

/// Facts of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) parent: Option<Pid>,
    pub(super) session: Option<Pid>,
    /// Dead, and waiting to be reaped.
    pub(super) zombie: bool,
}

pub(super) fn stat(pid: Pid) -> Option<Stat> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The second field is the program's name in parentheses, which may itself hold blanks and parentheses; after it come state, parent, group and session.
fn parse_stat(text: &[u8]) -> Option<Stat> {
    let name_end = text.iter().rposition(|byte| *byte == b')')?;
    let text = str::from_utf8(&text[name_end + 1..]).ok()?;
    let mut fields = text.split_ascii_whitespace();
    let state = fields.next()?;
    let mut pid = || fields.next()?.parse().ok().map(Pid::from_raw);
    let (parent, _group, session) = (pid()?, pid()?, pid()?);
    Some(Stat { parent, session, zombie: matches!(state, "Z" | "X") })
}

/// The value of `variable` in the environment a process was started with. Outer none: it cannot be read (a zombie has none).
pub(super) fn environment(pid: Pid, variable: &str) -> Option<Option<String>> {
    let read = || fs::read(format!("/proc/{pid}/environ")).ok();
    let mut text = read()?;
    // In the middle of an exec the old environment is gone and the new one not yet there. A moment later it is, unless it is really empty.
    for _ in 0..3 {
        if !text.is_empty() {
            break;
        }
        thread::sleep(Duration::from_millis(1));
        text = read()?;
    }
    Some(find_variable(&text, variable))
}

fn find_variable(text: &[u8], variable: &str) -> Option<String> {
    let value = text.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(variable.as_bytes())?.strip_prefix(b"="))?;
    Some(String::from_utf8_lossy(value).into_owned())
}

pub(super) fn directory(pid: Pid) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok().filter(|path| !path.as_os_str().as_bytes().is_empty())
}

/// Resident bytes, shared pages included; 0 for a process that is gone.
pub(super) fn resident(pid: Pid) -> u64 {
    static PAGE: OnceLock<u64> = OnceLock::new();
    let page = *PAGE.get_or_init(|| {
        // SAFETY: the call reads a constant of the system and touches no memory of ours.
        let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        u64::try_from(size).unwrap_or(4096)
    });
    let pages = || fs::read_to_string(format!("/proc/{pid}/statm")).ok()?.split(' ').nth(1)?.parse::<u64>().ok();
    pages().unwrap_or(0) * page
}

/// Who is whose child, by the kernel's own lists if it keeps them, else by one look at all processes.
#[derive(Debug)]
pub(super) enum Kinship {
    /// `/proc/<pid>/task/<tid>/children` exists (`CONFIG_PROC_CHILDREN`).
    Lists,
    /// Pairs of child and parent.
    Table(Vec<(Pid, Pid)>),
}

impl Kinship {
    pub(super) fn now() -> Self {
        static LISTS: OnceLock<bool> = OnceLock::new();
        if *LISTS.get_or_init(|| fs::metadata(children_file(getpid(), getpid())).is_ok()) {
            return Self::Lists;
        }
        Self::by_scanning()
    }

    fn by_scanning() -> Self {
        Self::Table(everybody().filter_map(|pid| Some((pid, stat(pid)?.parent?))).collect())
    }

    /// Children of the harness that are not those of a thread but its first: orphans, which the kernel gives to the first thread that lives,
    /// and what that thread started itself. The table cannot tell threads apart and has all children.
    pub(super) fn adopted(&self) -> Vec<Pid> {
        match self {
            Self::Lists => read_list(getpid(), getpid()),
            Self::Table(_) => self.children(getpid()),
        }
    }

    /// Children of all threads of a process.
    pub(super) fn children(&self, pid: Pid) -> Vec<Pid> {
        match self {
            Self::Lists => numbers(&format!("/proc/{pid}/task")).flat_map(|thread| read_list(pid, thread)).collect(),
            Self::Table(pairs) => pairs.iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| *child).collect(),
        }
    }
}

fn children_file(pid: Pid, thread: Pid) -> String {
    format!("/proc/{pid}/task/{thread}/children")
}

fn read_list(pid: Pid, thread: Pid) -> Vec<Pid> {
    let text = fs::read_to_string(children_file(pid, thread)).unwrap_or_default();
    text.split_ascii_whitespace().filter_map(|number| Pid::from_raw(number.parse().ok()?)).collect()
}

/// All processes of the system.
pub(super) fn everybody() -> impl Iterator<Item = Pid> {
    numbers("/proc")
}

/// Entries of a folder whose names are pids.
fn numbers(folder: &str) -> impl Iterator<Item = Pid> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let stat = parse_stat(b"42 (a) R (b c) Z 7 8 9 0 -1 4194560 0").expect("a stat line");
        assert_eq!(stat, Stat { parent: Pid::from_raw(7), session: Pid::from_raw(9), zombie: true });
        assert_eq!(parse_stat(b"42 (sh) S 7"), None);
    }

    #[test]
    fn a_variable_is_found_by_its_whole_name() {
        let text = b"XTAG=1\0TAGX=2\0TAG=3=4\0";
        assert_eq!(find_variable(text, "TAG").as_deref(), Some("3=4"));
        assert_eq!(find_variable(text, "TA"), None);
    }

    #[test]
    fn lists_and_table_agree_on_a_child_of_this_thread() {
        let mut child = std::process::Command::new("/bin/sh")
            .args(["-c", "read line"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("a shell");
        let pid = Pid::from_child(&child);
        let listed = Kinship::now().children(getpid());
        let scanned = Kinship::by_scanning().children(getpid());
        drop(child.stdin.take());
        child.wait().expect("it was ours");
        assert!(listed.contains(&pid) && scanned.contains(&pid), "{pid}: {listed:?} {scanned:?}");
        assert_eq!(resident(pid), 0, "a process that is gone has no memory");
    }
}
