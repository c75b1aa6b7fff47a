//! Streams of bytes over sockets: libuv's `uv_stream_t`, as far as an order can be seen.
//!
//! A stream reads while it is told to, keeps a queue of writes that found no room, shuts its writing direction down when that queue is
//! empty, and reports everything from the poll phase, except what it knows without waiting: that goes through the pending phase, as
//! libuv's `uv__io_feed` has it. What a closing stream still owes is cancelled in the closing phase. Authority: libuv 1.52,
//! `src/unix/stream.c`, `tcp.c` and `pipe.c`.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use super::{Batch, EventLoop, Pending, TaskId};
use crate::host::sockets::{Address, Connect, Errno, Interest, Listen, Readiness, SocketId};

#[cfg(test)]
mod tests;

/// What a stream has to say.
#[derive(Debug)]
pub enum StreamEvent {
    /// A connection was accepted; the new stream is open and does not read yet.
    Connection(SocketId),
    /// The outcome of a connection.
    Connected(Result<(), Errno>),
    /// Bytes have arrived.
    Data(Vec<u8>),
    /// The other end writes no more; the stream has stopped reading.
    End,
    /// Reading has failed, and has stopped.
    Failed(Errno),
    /// A datagram has arrived, from this sender.
    Datagram(Vec<u8>, SocketAddr),
    /// The first write in the queue is over.
    Written(Result<(), Errno>),
    /// The writing direction is shut down, or could not be.
    Shut(Result<(), Errno>),
}

/// What became of a write at its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The system has taken all of it; nothing will be reported.
    Now,
    /// The rest is in the queue; [`StreamEvent::Written`] will report it.
    Later,
}

/// The streams of a loop.
#[derive(Debug, Default)]
pub(super) struct Streams {
    open: HashMap<SocketId, Stream>,
}

#[derive(Debug)]
struct Stream {
    role: Role,
    /// Whether it keeps the loop alive while it reads or listens.
    refed: bool,
    /// What it is counted for in the loop's handles.
    counted: bool,
    reading: bool,
    /// The last read did not fill its buffer: there was no more.
    drained: bool,
    /// The end of the stream, or an error of reading, was reported.
    ended: bool,
    /// Whether it waits to be able to write, or to be connected.
    writing: bool,
    queue: VecDeque<Write>,
    finished: VecDeque<Result<(), Errno>>,
    shutdown: Shutdown,
    /// Whether it is in the pending queue.
    fed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Listening,
    Connecting {
        failed: Option<Errno>,
    },
    Open,
    /// It has no connection; it receives while it reads.
    Datagrams,
    Closing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shutdown {
    None,
    Wanted,
    Done,
}

#[derive(Debug)]
struct Write {
    bytes: Vec<u8>,
    at: usize,
}

impl Stream {
    fn new(role: Role) -> Self {
        Self {
            role,
            refed: true,
            counted: false,
            reading: false,
            drained: false,
            ended: false,
            writing: false,
            queue: VecDeque::new(),
            finished: VecDeque::new(),
            shutdown: Shutdown::None,
            fed: false,
        }
    }

    fn interest(&self) -> Interest {
        let read = self.reading || self.role == Role::Listening;
        Interest { read, write: self.writing }
    }

    /// Requests keep the loop alive whether or not the stream is referenced; reading and listening only if it is. What is closing is
    /// kept alive by the closing phase.
    fn keeps_alive(&self) -> bool {
        let requests = matches!(self.role, Role::Connecting { .. })
            || !self.queue.is_empty()
            || !self.finished.is_empty()
            || self.shutdown == Shutdown::Wanted;
        self.role != Role::Closing && (requests || self.refed && (self.reading || self.role == Role::Listening))
    }
}

/// What streams are asked to do. A stream is named by its socket; calls for one that is closed do nothing.
impl EventLoop {
    /// Listens for connections.
    ///
    /// # Errors
    /// The system's.
    pub fn listen(&self, on: &Address, how: Listen) -> Result<SocketId, Errno> {
        let socket = self.host.sockets().listen(on, how)?;
        self.add_stream(socket, Role::Listening);
        Ok(socket)
    }

    /// Begins a connection; [`StreamEvent::Connected`] reports its outcome.
    ///
    /// # Errors
    /// The system's, if there can be no such socket.
    pub fn connect(&self, to: &Address, from: Option<SocketAddr>) -> Result<SocketId, Errno> {
        let (socket, connect) = self.host.sockets().connect(to, from)?;
        let failed = if let Connect::Failed(error) = connect { Some(error) } else { None };
        self.add_stream(socket, Role::Connecting { failed });
        self.change(socket, |stream| stream.writing = true);
        if failed.is_some() {
            self.feed(socket);
        }
        Ok(socket)
    }

    /// Makes a stream of a connected socket, or of the end of a pipe.
    pub fn open_stream(&self, socket: SocketId) {
        self.add_stream(socket, Role::Open);
    }

    /// Makes a socket for datagrams one that the loop receives from.
    pub fn open_datagrams(&self, socket: SocketId) {
        self.add_stream(socket, Role::Datagrams);
    }

    /// Begins or stops reading.
    pub fn read_stream(&self, socket: SocketId, reading: bool) {
        self.change(socket, |stream| {
            if matches!(stream.role, Role::Open | Role::Datagrams) {
                stream.reading = reading;
            }
        });
    }

    /// Writes at once what the system takes, and queues the rest.
    ///
    /// # Errors
    /// The system's, if nothing can be written at all.
    pub fn write_stream(&self, socket: SocketId, mut bytes: Vec<u8>) -> Result<Written, Errno> {
        let idle = self
            .stream(socket, |stream| match stream.role {
                Role::Open => Some(stream.queue.is_empty()),
                Role::Connecting { .. } => Some(false),
                Role::Listening | Role::Datagrams | Role::Closing => None,
            })
            .flatten()
            .ok_or(Errno::BADF)?;
        let mut at = 0;
        if idle {
            at = self.host.sockets().write(socket, &bytes)?.unwrap_or(0);
            if at == bytes.len() {
                return Ok(Written::Now);
            }
        }
        if at > bytes.len() / 2 {
            (bytes, at) = (bytes.split_off(at), 0);
        }
        self.change(socket, |stream| {
            stream.queue.push_back(Write { bytes, at });
            stream.writing |= stream.role == Role::Open;
        });
        if idle {
            // libuv tries once more when the request is queued.
            self.flush_stream(socket);
        }
        Ok(Written::Later)
    }

    /// Bytes in the queue of writes.
    #[must_use]
    pub fn queued_bytes(&self, socket: SocketId) -> usize {
        self.stream(socket, |stream| stream.queue.iter().map(|write| write.bytes.len() - write.at).sum()).unwrap_or(0)
    }

    /// Shuts the writing direction down once everything is written; [`StreamEvent::Shut`] reports it.
    ///
    /// # Errors
    /// `ENOTCONN` if the stream is not open, or shut down already.
    pub fn shut_stream(&self, socket: SocketId) -> Result<(), Errno> {
        let idle = self
            .stream(socket, |stream| {
                let fits = stream.role == Role::Open && stream.shutdown == Shutdown::None;
                fits.then_some(stream.queue.is_empty())
            })
            .flatten()
            .ok_or(Errno::NOTCONN)?;
        self.change(socket, |stream| stream.shutdown = Shutdown::Wanted);
        if idle {
            self.feed(socket);
        }
        Ok(())
    }

    /// Says whether a stream keeps the loop alive while it reads or listens; it does from its start.
    pub fn ref_stream(&self, socket: SocketId, refed: bool) {
        self.change(socket, |stream| stream.refed = refed);
    }

    /// Closes a stream, by a reset if wanted; `task` runs in the closing phase, after whatever was still owed is cancelled.
    pub fn close_stream(&self, socket: SocketId, reset: bool, task: TaskId) {
        self.change(socket, |stream| (stream.role, stream.reading, stream.writing) = (Role::Closing, false, false));
        if reset {
            self.host.sockets().reset(socket);
        } else {
            self.host.sockets().close(socket);
        }
        self.put_closing(&[Pending::Stream(socket), Pending::Task(task)]);
    }

    // What happens to streams.

    /// Does what a ready stream has to do: libuv's `uv__stream_io` and `uv__server_io`.
    pub(super) fn stream_ready(&self, socket: SocketId, ready: Readiness, batch: &mut Batch<'_>) {
        match self.stream(socket, |stream| stream.role) {
            None | Some(Role::Closing) => {}
            Some(Role::Listening) => self.accept_streams(socket, batch),
            Some(Role::Datagrams) => self.receive_ready(socket, batch),
            Some(Role::Connecting { failed }) => self.stream_connected(socket, failed, batch),
            Some(Role::Open) => {
                if ready.readable {
                    self.read_ready(socket, batch);
                }
                let hangs = |stream: &Stream| ready.hung_up && stream.reading && stream.drained && !stream.ended;
                if self.stream(socket, hangs) == Some(true) {
                    self.stop_reading(socket);
                    self.tell(socket, StreamEvent::End, batch);
                }
                if ready.writable {
                    self.write_ready(socket, batch);
                }
            }
        }
    }

    /// Cancels what a closed stream still owes: libuv's `uv__stream_destroy`.
    pub(super) fn end_stream(&self, socket: SocketId, batch: &mut Batch<'_>) {
        let Some(stream) = self.streams.borrow_mut().open.remove(&socket) else { return };
        for outcome in stream.finished.into_iter().chain(stream.queue.iter().map(|_| Err(Errno::CANCELED))) {
            self.tell(socket, StreamEvent::Written(outcome), batch);
        }
        if stream.shutdown == Shutdown::Wanted {
            self.tell(socket, StreamEvent::Shut(Err(Errno::CANCELED)), batch);
        }
    }

    fn accept_streams(&self, listener: SocketId, batch: &mut Batch<'_>) {
        for _ in 0..self.policy.accepts_per_readiness {
            // A connection that broke meanwhile is nobody's error; without descriptors, the next poll tries again.
            let Ok(Some(socket)) = self.host.sockets().accept(listener) else { return };
            self.add_stream(socket, Role::Open);
            if !self.tell(listener, StreamEvent::Connection(socket), batch) {
                return;
            }
        }
    }

    fn stream_connected(&self, socket: SocketId, failed: Option<Errno>, batch: &mut Batch<'_>) {
        let outcome = failed.map_or_else(|| self.host.sockets().outcome(socket), Err);
        if outcome == Err(Errno::INPROGRESS) {
            return;
        }
        self.change(socket, |stream| (stream.role, stream.writing) = (Role::Open, !stream.queue.is_empty() && outcome.is_ok()));
        if self.tell(socket, StreamEvent::Connected(outcome), batch) && outcome.is_err() {
            self.change(socket, |stream| {
                let cancelled = stream.queue.drain(..).map(|_| Err(Errno::CANCELED));
                stream.finished.extend(cancelled);
            });
            self.write_ready(socket, batch);
        }
    }

    fn read_ready(&self, socket: SocketId, batch: &mut Batch<'_>) {
        let size = self.policy.read_size as usize;
        self.change(socket, |stream| stream.drained = false);
        for _ in 0..self.policy.reads_per_readiness {
            if self.stream(socket, |stream| stream.reading) != Some(true) {
                return;
            }
            match self.host.sockets().read(socket, size) {
                Ok(None) => return,
                Ok(Some(bytes)) if bytes.is_empty() => {
                    self.stop_reading(socket);
                    self.tell(socket, StreamEvent::End, batch);
                    return;
                }
                Ok(Some(bytes)) => {
                    let partial = bytes.len() < size;
                    if !self.tell(socket, StreamEvent::Data(bytes), batch) {
                        return;
                    }
                    if partial {
                        self.change(socket, |stream| stream.drained = true);
                        return;
                    }
                }
                Err(error) => {
                    self.stop_reading(socket);
                    self.tell(socket, StreamEvent::Failed(error), batch);
                    return;
                }
            }
        }
    }

    /// Receives what has arrived: libuv's `uv__udp_recvmsg`.
    fn receive_ready(&self, socket: SocketId, batch: &mut Batch<'_>) {
        for _ in 0..self.policy.reads_per_readiness {
            if self.stream(socket, |stream| stream.reading) != Some(true) {
                return;
            }
            let event = match self.host.sockets().receive(socket) {
                Ok(None) => return,
                Ok(Some((bytes, from))) => StreamEvent::Datagram(bytes, from),
                Err(error) => StreamEvent::Failed(error),
            };
            if !self.tell(socket, event, batch) {
                return;
            }
        }
    }

    fn stop_reading(&self, socket: SocketId) {
        self.change(socket, |stream| (stream.reading, stream.ended) = (false, true));
    }

    fn write_ready(&self, socket: SocketId, batch: &mut Batch<'_>) {
        self.flush_stream(socket);
        // What callbacks write meanwhile is reported in a later round.
        let finished = self.stream_mut(socket, |stream| std::mem::take(&mut stream.finished)).unwrap_or_default();
        for outcome in finished {
            if !self.tell(socket, StreamEvent::Written(outcome), batch) {
                return;
            }
        }
        let done =
            self.stream(socket, |stream| (stream.role == Role::Open && stream.queue.is_empty()).then_some(stream.shutdown));
        let Some(Some(shutdown)) = done else { return self.change(socket, |_| {}) };
        self.change(socket, |stream| stream.writing = false);
        if shutdown == Shutdown::Wanted {
            let outcome = self.host.sockets().shutdown(socket);
            let after = if outcome.is_ok() { Shutdown::Done } else { Shutdown::None };
            self.change(socket, |stream| stream.shutdown = after);
            self.tell(socket, StreamEvent::Shut(outcome), batch);
        }
    }

    /// Writes from the queue as much as there is room for: libuv's `uv__write`.
    fn flush_stream(&self, socket: SocketId) {
        let mut any = false;
        self.change(socket, |stream| {
            for _ in 0..self.policy.writes_per_readiness {
                let Some(write) = stream.queue.front_mut() else { break };
                let outcome = match self.host.sockets().write(socket, &write.bytes[write.at..]) {
                    Ok(Some(count)) if write.at + count == write.bytes.len() => Ok(()),
                    Ok(count) => {
                        write.at += count.unwrap_or(0);
                        break;
                    }
                    Err(error) => Err(error),
                };
                stream.queue.pop_front();
                stream.finished.push_back(outcome);
                any = true;
                if outcome.is_err() {
                    break;
                }
            }
            stream.writing = !stream.queue.is_empty();
        });
        if any {
            self.feed(socket);
        }
    }

    /// Lets a stream have its turn in the pending phase: libuv's `uv__io_feed`.
    fn feed(&self, socket: SocketId) {
        if self.stream_mut(socket, |stream| std::mem::replace(&mut stream.fed, true)) == Some(false) {
            self.pending.borrow_mut().push_back(Pending::Stream(socket));
        }
    }

    /// The turn of a stream in the pending phase.
    pub(super) fn stream_fed(&self, socket: SocketId, batch: &mut Batch<'_>) {
        self.stream_mut(socket, |stream| stream.fed = false);
        self.stream_ready(socket, Readiness { writable: true, ..Readiness::default() }, batch);
    }

    /// Calls back about a stream, and drains; whether the loop may go on with this stream.
    fn tell(&self, socket: SocketId, event: StreamEvent, batch: &mut Batch<'_>) -> bool {
        if !batch.before_next() {
            return false;
        }
        batch.ran(batch.tasks.stream(socket, event));
        batch.close();
        !batch.tasks.stopping() && self.stream(socket, |stream| stream.role != Role::Closing) == Some(true)
    }

    // The streams themselves. No borrow outlives one of these calls, and nothing in them calls back.

    fn add_stream(&self, socket: SocketId, role: Role) {
        self.streams.borrow_mut().open.insert(socket, Stream::new(role));
        self.change(socket, |_| {});
    }

    fn stream<T>(&self, socket: SocketId, look: impl FnOnce(&Stream) -> T) -> Option<T> {
        self.streams.borrow().open.get(&socket).map(look)
    }

    fn stream_mut<T>(&self, socket: SocketId, change: impl FnOnce(&mut Stream) -> T) -> Option<T> {
        self.streams.borrow_mut().open.get_mut(&socket).map(change)
    }

    /// Changes a stream, and what follows from its state: what it waits for, and whether it keeps the loop alive.
    fn change(&self, socket: SocketId, change: impl FnOnce(&mut Stream)) {
        self.stream_mut(socket, |stream| {
            change(stream);
            if stream.role != Role::Closing {
                self.host.sockets().watch(socket, stream.interest());
            }
            let keeps = stream.keeps_alive();
            match (std::mem::replace(&mut stream.counted, keeps), keeps) {
                (false, true) => self.ref_handle(),
                (true, false) => self.unref_handle(),
                _ => {}
            }
        });
    }
}
