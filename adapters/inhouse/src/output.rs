//! The program's standard output and error: written at once, counted, and cut off at the limit.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::io::Errno;

/// Standard output and error of one program.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// Bytes that may still be written, by all programs of the world together.
    left: Arc<AtomicU64>,
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Descriptor 1.
    Out,
    /// Descriptor 2.
    Error,
}

/// Bytes that all programs of this process have written so far.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// Bytes that all programs of this process have written so far.
pub(crate) fn written() -> u64 {
    WRITTEN.load(Ordering::Relaxed)
}

/// The program wrote more than it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Flood;

impl Output {
    pub(crate) fn new(limit: u64) -> Self {
        Self { left: Arc::new(AtomicU64::new(limit)) }
    }

    /// Writes all of `bytes`. A closed or broken descriptor swallows them, as it does for Node's console.
    pub(crate) fn write(&self, stream: Stream, bytes: &[u8]) -> Result<(), Flood> {
        let wanted = bytes.len() as u64;
        let take = |left: u64| Some(left - left.min(wanted));
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).unwrap_or_default();
        let allowed = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        WRITTEN.fetch_add(allowed as u64, Ordering::Relaxed);
        write_all(stream, &bytes[..allowed]);
        if allowed < bytes.len() { Err(Flood) } else { Ok(()) }
    }
}

fn write_all(stream: Stream, mut bytes: &[u8]) {
    let (out, error) = (std::io::stdout(), std::io::stderr());
    let descriptor: BorrowedFd<'_> = match stream {
        Stream::Out => out.as_fd(),
        Stream::Error => error.as_fd(),
    };
    while !bytes.is_empty() {
        match rustix::io::write(descriptor, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                // Somebody made the descriptor non-blocking; wait as a blocking write would.
                let mut waiting = [rustix::event::PollFd::from_borrowed_fd(descriptor, rustix::event::PollFlags::OUT)];
                let _ = rustix::event::poll(&mut waiting, None);
            }
            Err(_) => return,
        }
    }
}
