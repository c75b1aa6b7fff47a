//! Finding and killing what a launch left behind, and nothing else.
//!
//! Everything happens through process descriptors: one is opened first, then the process is looked at, then it is signalled and
//! reaped through the descriptor. A pid that is given to another process in between makes the descriptor stale, and the
//! signal goes nowhere.

use std::{
    collections::HashSet,
    env, io,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags},
    io::Errno,
    process::{
        Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, getpid, kill_process_group, pidfd_open, pidfd_send_signal, waitid,
    },
};

use super::{
    STARTING, kill, live, poll_for,
    procfs::{self, Kinship, Stat},
};
use crate::process::launch::TAG_VARIABLE;

/// How many processes one round kills; a descriptor is held for each.
const ROUND: usize = 256;

/// One round looks at a time: the kernel's list of children may skip an entry while another entry is reaped.
static LOOKING: Mutex<()> = Mutex::new(());

/// How the processes of one launch are told from all others.
#[derive(Debug)]
pub(super) struct Mark {
    /// The direct child's pid, which is its session's and process group's id.
    session: Option<Pid>,
    tag: String,
    /// The launch's own directory; none if the harness itself stands in it, because then it tells nothing.
    dir: Option<PathBuf>,
}

impl Mark {
    pub(super) fn new(tag: &str, dir: &Path) -> Self {
        let shared = env::current_dir().map_or(true, |here| here.starts_with(dir));
        Self { session: None, tag: tag.to_owned(), dir: (!shared).then(|| dir.to_owned()) }
    }

    /// The mark once the direct child is known.
    pub(super) fn of(self, child: Pid) -> Self {
        Self { session: Some(child), ..self }
    }

    fn claims(&self, pid: Pid, stat: &Stat) -> bool {
        if stat.session == self.session {
            return true;
        }
        match procfs::environment(pid, TAG_VARIABLE) {
            Some(Some(tag)) => tag == self.tag,
            // Somebody emptied its environment. Where it stands may still tell whose it is.
            Some(None) => {
                self.dir.as_ref().is_some_and(|dir| procfs::directory(pid).is_some_and(|stands| stands.starts_with(dir)))
            }
            None => false,
        }
    }
}

/// A process that belongs to a launch.
#[derive(Debug)]
pub(super) struct Member {
    pid: Pid,
    pidfd: OwnedFd,
    alive: bool,
}

/// Walks down from `roots`: a process is a member if `inherited` says so of its parent, or the mark claims it. `passing` sees the others;
/// of one that was listed and is gone by the time it is looked at, it sees the pid alone.
fn walk(
    mark: &Mark,
    kinship: &Kinship,
    roots: Vec<Pid>,
    inherited: Option<Pid>,
    mut passing: impl FnMut(Pid, Option<(OwnedFd, Stat)>),
) -> Vec<Member> {
    let mut members = Vec::new();
    let mut seen = HashSet::new();
    let mut queue: Vec<(Pid, Option<Pid>)> = roots.into_iter().map(|pid| (pid, inherited)).collect();
    while let Some((pid, ours)) = queue.pop() {
        if Some(pid) == mark.session || !seen.insert(pid) || members.len() == ROUND {
            continue;
        }
        let facts = pidfd_open(pid, PidfdFlags::empty()).ok().and_then(|pidfd| Some((pidfd, procfs::stat(pid)?)));
        let Some((pidfd, stat)) = facts else {
            passing(pid, None);
            continue;
        };
        // The pid may be another process's by now: it is a child of ours only if it says so itself.
        let is_member = (ours.is_some() && stat.parent == ours) || mark.claims(pid, &stat);
        queue.extend(kinship.children(pid).into_iter().map(|child| (child, is_member.then_some(pid))));
        if is_member {
            members.push(Member { pid, pidfd, alive: !stat.zombie });
        } else {
            passing(pid, Some((pidfd, stat)));
        }
    }
    members
}

/// What descends from the living direct child.
pub(super) fn below(mark: &Mark, child: Pid) -> Vec<Member> {
    let kinship = Kinship::now();
    let roots = kinship.children(child);
    walk(mark, &kinship, roots, Some(child), |_, _| {})
}

/// What one look at the harness's adopted children shows.
#[derive(Debug)]
struct Look {
    /// The launch's orphans, and what they started.
    members: Vec<Member>,
    /// Whether somebody who may have been a member died meanwhile. What it started was nobody's orphan yet when the look began,
    /// so only another look can find it.
    unsure: bool,
}

/// Looks for the launch's orphans, which have become the harness's children. `dead` are those that earlier looks of the same sweep
/// found dead: they have left all their children to the harness by now, and make nobody unsure again.
fn adopted(mark: &Mark, dead: &mut HashSet<Pid>) -> Look {
    let looking = LOOKING.lock().unwrap_or_else(PoisonError::into_inner);
    let kinship = Kinship::now();
    // What another launch's living child started is that launch's own.
    let others = live().clone();
    let roots = kinship.adopted().into_iter().filter(|pid| !others.contains(pid)).collect();
    let own = own_session();
    let mut strangers = Vec::new();
    let mut unsure = false;
    let members = walk(mark, &kinship, roots, None, |pid, facts| match facts {
        None => unsure = true,
        // A zombie in the harness's own session is a child that other code started and will reap.
        Some((pidfd, stat)) if stat.zombie && stat.parent == Some(getpid()) && stat.session != own => {
            unsure |= dead.insert(pid);
            strangers.push((pid, pidfd, stat));
        }
        Some(_) => {}
    });
    if !strangers.is_empty() {
        reap_strangers(strangers);
    }
    drop(looking);
    Look { members, unsure }
}

/// As `/proc` says it, like that of the others: none where the session's leader is outside this PID namespace.
fn own_session() -> Option<Pid> {
    procfs::stat(getpid()).and_then(|stat| stat.session)
}

/// Reaps dead orphans nobody can claim: one that led a session of its own has nothing left to be known by once it is dead.
///
/// Not touched is what may have another waiter: those of a live launch. (Those in the harness's own session are no strangers.)
fn reap_strangers(zombies: Vec<(Pid, OwnedFd, Stat)>) {
    // While a launch starts, its child may already be dead and not yet be known; the next sweep comes soon enough.
    let Ok(_nobody_starts) = STARTING.try_write() else { return };
    let live = live();
    for (pid, pidfd, stat) in zombies {
        if !live.contains(&pid) && !stat.session.is_some_and(|session| live.contains(&session)) {
            let _ = reap(&pidfd);
        }
    }
}

/// Pids of everything that belongs to the launch, the direct child left out.
pub(super) fn members(mark: &Mark, child: Pid) -> impl Iterator<Item = Pid> {
    let all: HashSet<Pid> =
        below(mark, child).into_iter().chain(adopted(mark, &mut HashSet::new()).members).map(|member| member.pid).collect();
    all.into_iter()
}

/// Kills everything below the living direct child, round after round; says how many processes were alive.
pub(super) fn descendants(mark: &Mark, child: Pid, give_up: Instant) -> io::Result<usize> {
    let mut killed = 0;
    loop {
        let members = below(mark, child);
        // The dead are the direct child's own to reap.
        if members.iter().all(|member| !member.alive) {
            return Ok(killed);
        }
        for member in &members {
            kill(&member.pidfd);
        }
        killed += members.iter().filter(|member| member.alive).count();
        pause(&members[0].pidfd, give_up)?;
    }
}

/// Kills the launch's orphans, round after round until none is found; says how many were alive. With `group` the direct child is dead and
/// unreaped, and its process group is killed as a whole, which nobody in it can outrun by forking.
pub(super) fn orphans(mark: &Mark, give_up: Instant, group: bool) -> io::Result<usize> {
    let mut killed = 0;
    let mut dead = HashSet::new();
    loop {
        let Look { members, unsure } = adopted(mark, &mut dead);
        if let (true, Some(session)) = (group, mark.session) {
            kill_group(session);
        }
        if members.is_empty() && (!unsure || Instant::now() >= give_up) {
            return Ok(killed);
        }
        killed += finish(members, give_up)?;
    }
}

/// Kills these and waits until they are gone, reaping those that are or become the harness's children; says how many were alive.
pub(super) fn finish(mut members: Vec<Member>, give_up: Instant) -> io::Result<usize> {
    let killed = members.iter().filter(|member| member.alive).count();
    loop {
        for member in &members {
            kill(&member.pidfd);
        }
        members.retain(|member| !is_gone(&member.pidfd));
        match members.first() {
            Some(member) => pause(&member.pidfd, give_up)?,
            None => return Ok(killed),
        }
    }
}

/// Kills the members of a process group.
pub(super) fn kill_group(leader: Pid) {
    // It fails if nobody is left in the group, which is the aim.
    let _ = kill_process_group(leader, Signal::KILL);
}

/// Reaps the process if it is a dead child of the harness; says whether nothing of it is left.
fn is_gone(pidfd: &OwnedFd) -> bool {
    reap(pidfd) || pidfd_send_signal(pidfd, Signal::KILL) == Err(Errno::SRCH)
}

fn reap(pidfd: &OwnedFd) -> bool {
    matches!(waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG), Ok(Some(_)))
}

/// Waits a moment for a killed process: until it is dead, and if it is, until its parent may have reaped it or died.
fn pause(pidfd: &OwnedFd, give_up: Instant) -> io::Result<()> {
    if Instant::now() >= give_up {
        return Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "processes it started do not die or multiply faster than they are killed",
        ));
    }
    if poll_for(&mut [PollFd::new(pidfd, PollFlags::IN)], Duration::from_millis(20))? > 0 && !is_gone(pidfd) {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Kills every process of the system that a dead run of the harness tagged. They are some other process's children by now, which reaps them.
pub(super) fn strays(run_id: &str) {
    let prefix = format!("{run_id}.");
    for pid in procfs::everybody() {
        let Ok(pidfd) = pidfd_open(pid, PidfdFlags::empty()) else { continue };
        if procfs::environment(pid, TAG_VARIABLE).flatten().is_some_and(|tag| tag.starts_with(&prefix)) {
            kill(&pidfd);
        }
    }
}
