//! `host.child.spawnSync`: a process that the whole loop waits for.
//!
//! As in libuv-based runtimes the waiting is a loop of its own, which knows nothing but this process and its pipes, so nothing else of the
//! program runs meanwhile.

use std::rc::Rc;

use rquickjs::{Ctx, Exception, Object, Result, Value};

use super::child::{self, Refusal};
use crate::engine::core::Core;
use crate::engine::raw;
use crate::host::children::{Pid, Status};
use crate::host::sockets::{Errno, Interest, SocketId};
use crate::host::{Event, Host, HostEnd, Patience, Reading};

/// Bytes that one read takes.
const READ: usize = 65_536;

/// A pipe of the process.
struct Pipe {
    socket: SocketId,
    /// What has come from the process; none for its input.
    output: Option<Vec<u8>>,
    /// What it still has to get.
    input: Vec<u8>,
    at: usize,
    open: bool,
}

struct Waiting<'a> {
    host: &'a dyn Host,
    pid: Pid,
    pipes: Vec<Option<Pipe>>,
    status: Option<Status>,
    error: Option<Errno>,
    most: f64,
    kill_signal: i32,
}

/// Runs a process to its end from `{ …spawn's, input, timeout, maxBuffer, killSignal }`, with `['pipe']` allowed in `stdio`.
pub(super) fn run<'js>(ctx: Ctx<'js>, spec: Object<'js>) -> Result<Vec<Value<'js>>> {
    let core = Core::of(&ctx);
    let host = core.host.nest().map_err(|error| Exception::throw_message(&ctx, &error.to_string()))?;
    let guard = Nested(Rc::clone(&host));
    let mut pipes = Vec::new();
    let stdio: rquickjs::Array<'js> = spec.get("stdio")?;
    for index in 0..stdio.len() {
        let entry: rquickjs::Array<'js> = stdio.get(index)?;
        if entry.get::<String>(0)? != "pipe" {
            pipes.push(None);
            continue;
        }
        let (near, far) = match host.sockets().pair() {
            Ok(ends) => ends,
            Err(error) => return child::sync_result(&ctx, 0.0, (0, 0), child::negative(error), Vec::new()),
        };
        entry.set(0, "end")?;
        entry.set(1, far.0 as f64)?;
        let input = if index == 0 { child::member_bytes(&ctx, &spec, "input")? } else { Vec::new() };
        pipes.push(Some(Pipe { socket: near, output: (index > 0).then(Vec::new), input, at: 0, open: true }));
    }
    let command = match child::command(&ctx, &*host, &spec)? {
        Ok(command) => command,
        Err(error) => return child::sync_result(&ctx, 0.0, (0, 0), child::negative(error), Vec::new()),
    };
    let pid = match child::start(&core, &*host, command) {
        Ok(pid) => pid,
        Err(Refusal::System(error)) => return child::sync_result(&ctx, 0.0, (0, 0), child::negative(error), Vec::new()),
        Err(Refusal::WantsRealWorld) => return Err(raw::throw_uncatchable(&ctx)),
    };
    let mut waiting = Waiting {
        host: &*host,
        pid,
        pipes,
        status: None,
        error: None,
        most: child::member_number(&ctx, &spec, "maxBuffer")?.unwrap_or(f64::INFINITY),
        kill_signal: child::member_number(&ctx, &spec, "killSignal")?.unwrap_or(15.0) as i32,
    };
    let timeout = child::member_number(&ctx, &spec, "timeout")?.filter(|&timeout| timeout > 0.0);
    if let Err(end) = waiting.finish(timeout) {
        drop(waiting);
        drop(guard);
        core.end_from_outside(end);
        return Err(raw::throw_uncatchable(&ctx));
    }
    let Waiting { pipes, status, error, .. } = waiting;
    drop(guard);
    let status = match status {
        Some(Status::Code(code)) => (code, 0),
        Some(Status::Signal(signal)) => (0, signal),
        None => (0, 0),
    };
    let outputs = pipes.into_iter().map(|pipe| pipe.and_then(|pipe| pipe.output)).collect();
    child::sync_result(&ctx, f64::from(pid.0), status, error.map_or(0.0, child::negative), outputs)
}

/// Leaves the loop that waits, whatever happens.
struct Nested(Rc<dyn Host>);

impl Drop for Nested {
    fn drop(&mut self) {
        self.0.sockets().abandon();
        self.0.leave();
    }
}

impl Waiting<'_> {
    /// Waits until the process is over and its pipes are closed.
    fn finish(&mut self, timeout: Option<f64>) -> std::result::Result<(), HostEnd> {
        let now = || self.host.now(Reading::LoopUpdate);
        let mut until = timeout.map(|millis| now() + (millis * 1e6) as u64);
        for index in 0..self.pipes.len() {
            self.write(index);
        }
        while self.status.is_none() || self.pipes.iter().flatten().any(|pipe| pipe.open && pipe.output.is_some()) {
            let patience = match until {
                None => Patience::Forever,
                Some(until) => Patience::For(until.saturating_sub(self.host.now(Reading::LoopUpdate)).div_ceil(1_000_000)),
            };
            for event in self.host.poll(patience)? {
                match event {
                    Event::Exited(_, status) => self.status = Some(status),
                    Event::Ready(socket, _) => self.ready(socket),
                    Event::JobDone(..) | Event::Message(_) | Event::Signal(_) => {}
                }
            }
            if until.is_some_and(|until| until <= self.host.now(Reading::LoopUpdate)) {
                until = None;
                self.kill(Errno::TIMEDOUT);
            }
        }
        Ok(())
    }

    fn kill(&mut self, reason: Errno) {
        if self.error.is_none() && self.status.is_none() {
            self.error = Some(reason);
            // It may be over by now.
            let _ = self.host.signal(self.pid, self.kill_signal);
        }
    }

    fn ready(&mut self, socket: SocketId) {
        let Some(index) = self.pipes.iter().position(|pipe| pipe.as_ref().is_some_and(|pipe| pipe.socket == socket)) else {
            return;
        };
        match &self.pipes[index] {
            Some(pipe) if pipe.output.is_some() => self.read(index),
            _ => self.write(index),
        }
    }

    fn read(&mut self, index: usize) {
        let Some(pipe) = &mut self.pipes[index] else { return };
        let Some(output) = &mut pipe.output else { return };
        match self.host.sockets().read(pipe.socket, READ) {
            Ok(None) => {}
            Ok(Some(bytes)) if !bytes.is_empty() => {
                output.extend(bytes);
                if output.len() as f64 > self.most {
                    output.truncate(self.most as usize);
                    self.kill(Errno::NOBUFS);
                }
            }
            Ok(Some(_)) | Err(_) => {
                pipe.open = false;
                self.host.sockets().close(pipe.socket);
            }
        }
    }

    fn write(&mut self, index: usize) {
        let Some(pipe) = &mut self.pipes[index] else { return };
        if pipe.output.is_some() {
            self.host.sockets().watch(pipe.socket, Interest { read: true, write: false });
            return;
        }
        while pipe.open && pipe.at < pipe.input.len() {
            match self.host.sockets().write(pipe.socket, &pipe.input[pipe.at..]) {
                Ok(Some(count)) => pipe.at += count,
                Ok(None) => {
                    self.host.sockets().watch(pipe.socket, Interest { read: false, write: true });
                    return;
                }
                // The process does not want its input.
                Err(_) => break,
            }
        }
        if pipe.open {
            pipe.open = false;
            self.host.sockets().close(pipe.socket);
        }
    }
}
