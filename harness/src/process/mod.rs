//! One operating-system process and its hygiene.
//!
//! Programs under test are hostile until proven otherwise: they hang, fork, flood, eat memory and crash. This folder is the
//! only place that starts, signals or waits for a process, and the only one that reads what a child wrote.
//!
//! What it promises for every [`run`] and every [`Channel`]:
//!
//! * **Nothing is inherited** but what the [`Launch`] names: the environment is whole, every descriptor above 2 is closed,
//!   signal dispositions and mask are the defaults, the file mode mask is 022. Standard output and error are regular files
//!   opened for append, because runtimes lose output to pipes when they exit; there is no terminal.
//! * **It ends.** The child leads a session of its own. At the deadline, past the output or memory limit, on an
//!   [`Interrupt`], and on `Drop`, that session is killed.
//! * **Nothing stays.** The harness is the subreaper of everything it starts, so that orphans become its children. After each
//!   launch they are looked for and killed, round after round, until none is left. Other launches run at the same time in
//!   other threads, so a sweep touches only processes that are in the launch's session, carry its unique
//!   [`TAG_VARIABLE`], were started by such a process, or (carrying no tag at all) still stand in the launch's own directory.
//!   Processes are reaped one by one through their descriptors, never "any child", so that no other waiter is robbed.
//! * **It costs little.** A launch that leaves nothing behind costs one small read of `/proc` beyond the launch itself.
//!
//! What it cannot do: a process that leaves the session, drops the tag, its parent and the directory at once is nobody's any more,
//! and files written outside the launch's own directory are the user's; the limits on their size still hold.
//!
//! A process death signal covers the harness itself being killed: a child dies with the *thread* that started it. [`run`]
//! waits in the calling thread, so the two live together; a [`Channel`] is started from a thread that lives as long as the process.
//! Grandchildren of a killed harness are found by the tag when the next [`TempDirs`] clears up after it.
//!
//! Required of an operating system (`linux`, and `other`, which is kept compiling but promises no more than to kill the child itself):
//!
//! * `spawn(&Program, Streams, file_bytes) -> Spawned`: a child with the above, and the harness's ends of its pipes.
//! * `Child::{wait, resident, sweep, end}`: sleep until something happens, measure, kill what the child started, kill everything and reap.
//! * `Feed::offer`, `Tap::drain`: the two ends of a pipe, neither ever blocking.
//! * `Wake`, `SIGNALS`, `is_ignored`: what an [`Interrupt`] is made of. `end_strays`: kill what a dead run of the harness left.

mod channel;
mod interrupt;
mod launch;
mod temp;
mod watch;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as os;

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
use other as os;

pub use channel::{Bounds, Channel, Closed, Heard, Worker};
pub use interrupt::Interrupt;
pub use launch::{Finished, Launch, LaunchError, Limits, TAG_VARIABLE, run};
pub use temp::{CaseDir, TempDirs, make_empty_dir};

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// A name for this run of the harness that no other run has had: 16 hexadecimal digits.
fn run_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| {
        // The standard library seeds its hashers from the system's random source, once a process.
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        format!("{:016x}", hasher.finish())
    })
}

/// The unique tag of one launch: the run's id, a dot, and a number.
fn next_tag() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}.{}", run_id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
