//! Named pipes of the simulated world: who has which end open, what lies in the buffer, and which operations wait.
//!
//! The rules are POSIX's (`open`, `read`, `write`, `pipe`): an open for one end waits for the other unless it is non-blocking or for
//! both, a read waits while the pipe is empty and has writers, a write waits while it is full and has readers.
//! An [`Operation`] is advanced as far as it goes, again and again until it is done; nothing here knows of time.

use std::collections::{HashMap, VecDeque};
use std::os::fd::RawFd;
use std::path::PathBuf;

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::files::{self, FileError, FileReply, FileRequest};

/// Bytes that a pipe holds; Linux's default.
const CAPACITY: usize = 64 << 10;

/// The device and inode of a FIFO.
type Key = (u64, u64);

/// All FIFOs that the program has touched, and the descriptors that lead to them.
#[derive(Debug, Default)]
pub(super) struct Fifos {
    pipes: HashMap<Key, Pipe>,
    descriptors: HashMap<RawFd, End>,
}

#[derive(Debug, Default)]
struct Pipe {
    readers: usize,
    writers: usize,
    /// Ends ever opened, so that an opener notices a partner that came and left while it waited.
    readers_seen: u64,
    writers_seen: u64,
    data: VecDeque<u8>,
}

#[derive(Debug, Clone)]
struct End {
    key: Key,
    path: PathBuf,
    reads: bool,
    writes: bool,
    nonblocking: bool,
    /// What the opener saw of the other end when it came.
    readers_seen: u64,
    writers_seen: u64,
}

/// A file operation on a FIFO, on its way.
#[derive(Debug)]
pub(super) struct Operation {
    request: FileRequest,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Not begun: the end is not counted yet.
    Arriving,
    /// Counted, and waiting for the other end.
    Opening(End),
    /// Reading what the request asks for; bytes so far.
    Reading(End, Vec<u8>),
    /// Writing; bytes written so far.
    Writing(End, usize),
}

impl Fifos {
    /// Takes an operation over if it is about a FIFO, else gives the request back.
    pub(super) fn admit(&self, request: FileRequest) -> Result<Operation, FileRequest> {
        use FileRequest as R;
        let ours = match &request {
            R::Open { path, .. } | R::ReadFile { path, .. } | R::WriteFile { path, .. } => files::is_fifo(path),
            R::Read { fd, .. } | R::Write { fd, .. } | R::ReadAll { fd } | R::Close { fd } | R::Fstat { fd } => {
                self.descriptors.contains_key(fd)
            }
            _ => false,
        };
        if ours { Ok(Operation { request, stage: Stage::Arriving }) } else { Err(request) }
    }

    /// Takes `operation` as far as it goes; none if it has to wait.
    pub(super) fn advance(&mut self, operation: &mut Operation) -> Option<Result<FileReply, FileError>> {
        loop {
            let stage = std::mem::replace(&mut operation.stage, Stage::Arriving);
            match self.step(&operation.request, stage) {
                Step::Next(stage) => operation.stage = stage,
                Step::Waits(stage) => {
                    operation.stage = stage;
                    return None;
                }
                Step::Done(reply) => return Some(Ok(reply)),
                Step::Failed(syscall, errno) => return Some(Err(files::failure(&operation.request, syscall, errno))),
            }
        }
    }

    fn step(&mut self, request: &FileRequest, stage: Stage) -> Step {
        match stage {
            Stage::Arriving => self.arrive(request),
            Stage::Opening(end) => self.open(request, end),
            Stage::Reading(end, bytes) => self.read(request, end, bytes),
            Stage::Writing(end, written) => self.write(request, end, written),
        }
    }

    fn arrive(&mut self, request: &FileRequest) -> Step {
        use FileRequest as R;
        match request {
            R::Open { path, flags, .. } | R::ReadFile { path, flags } | R::WriteFile { path, flags, .. } => {
                let Some(key) = files::identity(path) else { return Step::Failed("open", Errno::NOENT) };
                let flags = OFlags::from_bits_retain(flags.cast_unsigned());
                let mode = flags & OFlags::RWMODE;
                let pipe = self.pipes.entry(key).or_default();
                let end = End {
                    key,
                    path: path.clone(),
                    reads: mode != OFlags::WRONLY,
                    writes: mode != OFlags::RDONLY,
                    nonblocking: flags.contains(OFlags::NONBLOCK),
                    readers_seen: pipe.readers_seen,
                    writers_seen: pipe.writers_seen,
                };
                if end.nonblocking && end.writes && !end.reads && pipe.readers == 0 {
                    return Step::Failed("open", Errno::NXIO);
                }
                pipe.count(&end);
                Step::Next(Stage::Opening(end))
            }
            R::Close { fd } => match self.descriptors.remove(fd) {
                Some(end) => {
                    self.leave(&end);
                    request.clone().perform().map_or_else(|_| Step::Failed("close", Errno::BADF), Step::Done)
                }
                None => Step::Failed("close", Errno::BADF),
            },
            R::Fstat { fd } => match self.descriptors.get(fd) {
                Some(end) => FileRequest::Stat { path: end.path.clone() }
                    .perform()
                    .map_or_else(|error| Step::Failed("fstat", Errno::from_raw_os_error(error.errno)), Step::Done),
                None => Step::Failed("fstat", Errno::BADF),
            },
            R::Read { fd, position, .. } => match self.descriptors.get(fd) {
                Some(end) if end.reads && position.is_none() => Step::Next(Stage::Reading(end.clone(), Vec::new())),
                Some(end) if end.reads => Step::Failed("read", Errno::SPIPE),
                _ => Step::Failed("read", Errno::BADF),
            },
            R::ReadAll { fd } => match self.descriptors.get(fd) {
                Some(end) if end.reads => Step::Next(Stage::Reading(end.clone(), Vec::new())),
                _ => Step::Failed("read", Errno::BADF),
            },
            R::Write { fd, position, .. } => match self.descriptors.get(fd) {
                Some(end) if end.writes && position.is_none() => Step::Next(Stage::Writing(end.clone(), 0)),
                Some(end) if end.writes => Step::Failed("write", Errno::SPIPE),
                _ => Step::Failed("write", Errno::BADF),
            },
            _ => Step::Failed("open", Errno::INVAL),
        }
    }

    fn open(&mut self, request: &FileRequest, end: End) -> Step {
        let pipe = self.pipes.entry(end.key).or_default();
        let partner = match (end.reads, end.writes) {
            (true, false) => pipe.writers > 0 || pipe.writers_seen != end.writers_seen,
            (false, true) => pipe.readers > 0 || pipe.readers_seen != end.readers_seen,
            _ => true,
        };
        if !partner && !end.nonblocking {
            return Step::Waits(Stage::Opening(end));
        }
        match request {
            FileRequest::ReadFile { .. } => Step::Next(Stage::Reading(end, Vec::new())),
            FileRequest::WriteFile { .. } => Step::Next(Stage::Writing(end, 0)),
            _ => match files::placeholder() {
                Ok(fd) => {
                    self.descriptors.insert(fd, end);
                    Step::Done(FileReply::Descriptor(fd))
                }
                Err(errno) => {
                    self.leave(&end);
                    Step::Failed("open", errno)
                }
            },
        }
    }

    fn read(&mut self, request: &FileRequest, end: End, mut bytes: Vec<u8>) -> Step {
        let pipe = self.pipes.entry(end.key).or_default();
        let wanted = match request {
            FileRequest::Read { length, .. } => Some(*length),
            _ => None,
        };
        let count = pipe.data.len().min(wanted.unwrap_or(usize::MAX));
        bytes.extend(pipe.data.drain(..count));
        let ended = pipe.writers == 0;
        if wanted.is_some_and(|wanted| wanted == 0 || count > 0) || ended {
            if matches!(request, FileRequest::ReadFile { .. }) {
                self.leave(&end);
            }
            return Step::Done(FileReply::Bytes(bytes));
        }
        if end.nonblocking {
            return Step::Failed("read", Errno::AGAIN);
        }
        Step::Waits(Stage::Reading(end, bytes))
    }

    fn write(&mut self, request: &FileRequest, end: End, written: usize) -> Step {
        let (FileRequest::Write { bytes, .. } | FileRequest::WriteFile { bytes, .. }) = request else {
            return Step::Failed("write", Errno::INVAL);
        };
        let pipe = self.pipes.entry(end.key).or_default();
        if pipe.readers == 0 {
            if matches!(request, FileRequest::WriteFile { .. }) {
                self.leave(&end);
            }
            return Step::Failed("write", Errno::PIPE);
        }
        let count = (bytes.len() - written).min(CAPACITY - pipe.data.len());
        pipe.data.extend(&bytes[written..written + count]);
        let written = written + count;
        if written < bytes.len() && !end.nonblocking {
            return Step::Waits(Stage::Writing(end, written));
        }
        if written == 0 && !bytes.is_empty() {
            return Step::Failed("write", Errno::AGAIN);
        }
        if matches!(request, FileRequest::WriteFile { .. }) {
            self.leave(&end);
            return Step::Done(FileReply::Nothing);
        }
        Step::Done(FileReply::Count(written))
    }

    fn leave(&mut self, end: &End) {
        let Some(pipe) = self.pipes.get_mut(&end.key) else { return };
        pipe.readers -= usize::from(end.reads);
        pipe.writers -= usize::from(end.writes);
        if pipe.readers == 0 && pipe.writers == 0 {
            self.pipes.remove(&end.key);
        }
    }
}

impl Drop for Fifos {
    fn drop(&mut self) {
        for &fd in self.descriptors.keys() {
            // The placeholders are the world's own; a program that closed one by another way leaves nothing to close.
            let _ = FileRequest::Close { fd }.perform();
        }
    }
}

impl Pipe {
    fn count(&mut self, end: &End) {
        self.readers += usize::from(end.reads);
        self.writers += usize::from(end.writes);
        self.readers_seen += u64::from(end.reads);
        self.writers_seen += u64::from(end.writes);
    }
}

/// Where a step leads.
enum Step {
    Next(Stage),
    Waits(Stage),
    Done(FileReply),
    Failed(&'static str, Errno),
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: i32 = 0;
    const WRITE: i32 = 1;
    const NONBLOCK: i32 = OFlags::NONBLOCK.bits() as i32;

    struct Place {
        _dir: tempfile::TempDir,
        path: PathBuf,
        fifos: Fifos,
    }

    impl Place {
        fn new() -> Self {
            let dir = tempfile::tempdir().expect("a directory");
            let path = dir.path().join("gate");
            rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).expect("a FIFO");
            Self { _dir: dir, path, fifos: Fifos::default() }
        }

        fn admit(&self, request: FileRequest) -> Operation {
            self.fifos.admit(request).expect("it is about a FIFO")
        }

        fn opening(&self, flags: i32) -> Operation {
            self.admit(FileRequest::Open { path: self.path.clone(), flags, mode: 0 })
        }

        fn descriptor(&mut self, operation: &mut Operation) -> RawFd {
            match self.fifos.advance(operation) {
                Some(Ok(FileReply::Descriptor(fd))) => fd,
                other => panic!("no descriptor: {other:?}"),
            }
        }
    }

    #[test]
    fn a_reader_waits_for_a_writer_and_both_go_on() {
        let mut place = Place::new();
        let (mut reader, mut writer) = (place.opening(READ), place.opening(WRITE));
        assert!(place.fifos.advance(&mut reader).is_none(), "there is no writer");
        let write_end = place.descriptor(&mut writer);
        let read_end = place.descriptor(&mut reader);

        let mut read = place.admit(FileRequest::Read { fd: read_end, length: 10, position: None });
        assert!(place.fifos.advance(&mut read).is_none(), "the pipe is empty");
        let mut write = place.admit(FileRequest::Write { fd: write_end, bytes: b"abc".to_vec(), position: None });
        assert_eq!(place.fifos.advance(&mut write), Some(Ok(FileReply::Count(3))));
        assert_eq!(place.fifos.advance(&mut read), Some(Ok(FileReply::Bytes(b"abc".to_vec()))));

        let mut close = place.admit(FileRequest::Close { fd: write_end });
        assert_eq!(place.fifos.advance(&mut close), Some(Ok(FileReply::Nothing)));
        let mut end = place.admit(FileRequest::Read { fd: read_end, length: 10, position: None });
        assert_eq!(place.fifos.advance(&mut end), Some(Ok(FileReply::Bytes(Vec::new()))), "no writer is left: end of file");
    }

    #[test]
    fn a_writer_that_came_and_left_still_lets_the_reader_through() {
        let mut place = Place::new();
        let mut reader = place.opening(READ);
        assert!(place.fifos.advance(&mut reader).is_none());
        let mut writer = place.opening(WRITE);
        let fd = place.descriptor(&mut writer);
        let mut close = place.admit(FileRequest::Close { fd });
        place.fifos.advance(&mut close);
        place.descriptor(&mut reader);
    }

    #[test]
    fn opens_that_never_wait() {
        let mut place = Place::new();
        let mut write_only = place.opening(WRITE | NONBLOCK);
        let error = place.fifos.advance(&mut write_only).expect("it does not wait").expect_err("there is no reader");
        assert_eq!(error.errno, Errno::NXIO.raw_os_error());
        let mut read_only = place.opening(READ | NONBLOCK);
        place.descriptor(&mut read_only);
        let mut both = place.opening(OFlags::RDWR.bits() as i32);
        place.descriptor(&mut both);
    }

    #[test]
    fn a_full_pipe_holds_the_writer_until_somebody_reads() {
        let mut place = Place::new();
        let mut both = place.opening(OFlags::RDWR.bits() as i32);
        let fd = place.descriptor(&mut both);
        let mut write = place.admit(FileRequest::Write { fd, bytes: vec![7; CAPACITY + 1], position: None });
        assert!(place.fifos.advance(&mut write).is_none());
        let mut read = place.admit(FileRequest::Read { fd, length: 1, position: None });
        assert_eq!(place.fifos.advance(&mut read), Some(Ok(FileReply::Bytes(vec![7]))));
        assert_eq!(place.fifos.advance(&mut write), Some(Ok(FileReply::Count(CAPACITY + 1))));
    }

    #[test]
    fn whole_files_are_read_up_to_the_last_writer() {
        let mut place = Place::new();
        let mut whole = place.admit(FileRequest::ReadFile { path: place.path.clone(), flags: READ });
        assert!(place.fifos.advance(&mut whole).is_none());
        let mut write =
            place.admit(FileRequest::WriteFile { path: place.path.clone(), flags: WRITE, mode: 0, bytes: b"all".to_vec() });
        assert_eq!(place.fifos.advance(&mut write), Some(Ok(FileReply::Nothing)));
        assert_eq!(place.fifos.advance(&mut whole), Some(Ok(FileReply::Bytes(b"all".to_vec()))));
    }
}
