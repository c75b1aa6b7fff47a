//! The harness's ends of a child's pipes. Neither ever blocks, so that the wait for a child sees everything else too.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::{
    fs::{OFlags, fcntl_getfl, fcntl_setfl},
    io::Errno,
    pipe::{PipeFlags, pipe_with},
};

/// Both ends, close-on-exec; whether an end blocks is its own property, so the child's stays an ordinary one.
fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe_with(PipeFlags::CLOEXEC)?)
}

fn never_block(fd: &OwnedFd) -> io::Result<()> {
    Ok(fcntl_setfl(fd, fcntl_getfl(fd)? | OFlags::NONBLOCK)?)
}

/// The end that writes a child's standard input; dropping it is the end of input.
#[derive(Debug)]
pub(in super::super) struct Feed(OwnedFd);

impl Feed {
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (theirs, ours) = pair()?;
        never_block(&ours)?;
        Ok((Self(ours), theirs))
    }

    /// Writes as much as fits now and says how much that was.
    ///
    /// # Errors
    /// Fails once nobody reads any more.
    pub(in super::super) fn offer(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match rustix::io::write(&self.0, bytes) {
            Ok(taken) => Ok(taken),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Feed {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The end that reads a child's standard output.
#[derive(Debug)]
pub(in super::super) struct Tap(OwnedFd);

impl Tap {
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = pair()?;
        never_block(&ours)?;
        Ok((Self(ours), theirs))
    }

    /// Appends one chunk of what is there now; false once everybody who could write has closed.
    pub(in super::super) fn drain(&mut self, into: &mut Vec<u8>) -> io::Result<bool> {
        let mut chunk = [0; 64 << 10];
        match rustix::io::read(&self.0, &mut chunk) {
            Ok(0) => Ok(false),
            Ok(length) => {
                into.extend_from_slice(&chunk[..length]);
                Ok(true)
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
