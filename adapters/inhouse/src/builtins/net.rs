//! `host.net`: streams of bytes. A stream is a number; an error is a negative error number, as libuv has it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use rquickjs::{Ctx, Exception, IntoJs, Object, Result, TypedArray, Value};

use super::{errno, natives};
use crate::engine::core::Core;
use crate::engine::raw;
use crate::event_loop::{StreamEvent, TaskId, Written};
use crate::host::sockets::{Address, Errno, Listen, SocketId, SocketOption};
use crate::host::{Completion, Work};

/// `host.net`.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "listenIp" => |ctx: Ctx<'_>, ip: String, port: u16, backlog: u32, ipv6_only: bool| {
            let Some(on) = socket_address(&ip, port) else { return negative(Errno::INVAL) };
            named(Core::of(&ctx).event_loop.listen(&Address::Ip(on), Listen { backlog, ipv6_only }))
        },
        "listenPath" => |ctx: Ctx<'_>, path: String, backlog: u32| {
            named(Core::of(&ctx).event_loop.listen(&Address::Path(PathBuf::from(path)), Listen { backlog, ipv6_only: false }))
        },
        "connectIp" => |ctx: Ctx<'_>, ip: String, port: u16, from: Option<String>, from_port: u16| {
            let Some(to) = socket_address(&ip, port) else { return negative(Errno::INVAL) };
            let from = from.and_then(|from| socket_address(&from, from_port));
            named(Core::of(&ctx).event_loop.connect(&Address::Ip(to), from))
        },
        "connectPath" => |ctx: Ctx<'_>, path: String| {
            named(Core::of(&ctx).event_loop.connect(&Address::Path(PathBuf::from(path)), None))
        },
        "read" => |ctx: Ctx<'_>, socket: f64, reading: bool| Core::of(&ctx).event_loop.read_stream(id(socket), reading),
        "write" => write,
        "queued" => |ctx: Ctx<'_>, socket: f64| Core::of(&ctx).event_loop.queued_bytes(id(socket)) as f64,
        "shut" => |ctx: Ctx<'_>, socket: f64| done(Core::of(&ctx).event_loop.shut_stream(id(socket))),
        "ref" => |ctx: Ctx<'_>, socket: f64, refed: bool| Core::of(&ctx).event_loop.ref_stream(id(socket), refed),
        "close" => |ctx: Ctx<'_>, socket: f64, reset: bool, task: u32| {
            Core::of(&ctx).event_loop.close_stream(id(socket), reset, TaskId(task));
        },
        "ownAddress" => |ctx: Ctx<'js>, socket: f64| {
            let address = Core::of(&ctx).host.sockets().own_address(id(socket));
            address_to_js(&ctx, address)
        },
        "peerAddress" => |ctx: Ctx<'js>, socket: f64| {
            let address = Core::of(&ctx).host.sockets().peer_address(id(socket));
            address_to_js(&ctx, address)
        },
        "noDelay" => |ctx: Ctx<'_>, socket: f64, on: bool| {
            done(Core::of(&ctx).host.sockets().set_option(id(socket), SocketOption::NoDelay(on)))
        },
        "keepAlive" => |ctx: Ctx<'_>, socket: f64, on: bool, idle: u32| {
            let idle = (idle > 0).then_some(idle);
            done(Core::of(&ctx).host.sockets().set_option(id(socket), SocketOption::KeepAlive(on, idle)))
        },
        "bindDatagrams" => |ctx: Ctx<'_>, ip: String, port: u16, shared: bool| {
            let Some(on) = socket_address(&ip, port) else { return negative(Errno::INVAL) };
            let core = Core::of(&ctx);
            let socket = core.host.sockets().bind_datagrams(on, shared);
            if let Ok(socket) = socket {
                core.event_loop.open_datagrams(socket);
            }
            named(socket)
        },
        "connectDatagrams" => |ctx: Ctx<'_>, socket: f64, ip: Option<String>, port: u16| {
            let to = ip.and_then(|ip| socket_address(&ip, port));
            done(Core::of(&ctx).host.sockets().connect_datagrams(id(socket), to))
        },
        "send" => send,
        "broadcast" => |ctx: Ctx<'_>, socket: f64, on: bool| {
            done(Core::of(&ctx).host.sockets().set_option(id(socket), SocketOption::Broadcast(on)))
        },
        "timeToLive" => |ctx: Ctx<'_>, socket: f64, hops: u32| {
            done(Core::of(&ctx).host.sockets().set_option(id(socket), SocketOption::TimeToLive(hops)))
        },
        "family" => |text: String| match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(_)) => 4,
            Ok(IpAddr::V6(_)) => 6,
            Err(_) => 0,
        },
        "lookUp" => look_up,
        "describe" => |number: i32| {
            let (code, text) = errno::describe(number.abs());
            vec![code, text.to_owned()]
        },
    });
    Ok(())
}

/// Socket numbers are counted up from 1, so a double holds them.
fn id(socket: f64) -> SocketId {
    SocketId(socket as u64)
}

fn negative(error: Errno) -> f64 {
    -f64::from(error.raw_os_error())
}

fn named(socket: std::result::Result<SocketId, Errno>) -> f64 {
    socket.map_or_else(negative, |socket| socket.0 as f64)
}

fn done(outcome: std::result::Result<(), Errno>) -> f64 {
    outcome.map_or_else(negative, |()| 0.0)
}

fn socket_address(ip: &str, port: u16) -> Option<SocketAddr> {
    ip.parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, port))
}

/// `[ip, port]`, a path, or an error number.
fn address_to_js<'js>(ctx: &Ctx<'js>, address: std::result::Result<Address, Errno>) -> Result<Value<'js>> {
    match address {
        Ok(Address::Ip(address)) => vec![address.ip().to_string().into_js(ctx)?, address.port().into_js(ctx)?].into_js(ctx),
        Ok(Address::Path(path)) => path.to_string_lossy().into_owned().into_js(ctx),
        Err(error) => negative(error).into_js(ctx),
    }
}

/// Writes bytes, or a list of them as one: 0 if the system took them, 1 if [`StreamEvent::Written`] will follow.
fn write<'js>(ctx: Ctx<'js>, socket: f64, bytes: Value<'js>) -> Result<f64> {
    let mut all = Vec::new();
    let mut take = |part: &Value<'js>| {
        let taken = raw::with_bytes(&ctx, part, |part| all.extend_from_slice(part))?;
        taken.ok_or_else(|| Exception::throw_type(&ctx, "the host writes bytes"))
    };
    match bytes.as_array() {
        Some(parts) => parts.iter::<Value<'js>>().try_for_each(|part| take(&part?))?,
        None => take(&bytes)?,
    }
    Ok(match Core::of(&ctx).event_loop.write_stream(id(socket), all) {
        Ok(Written::Now) => 0.0,
        Ok(Written::Later) => 1.0,
        Err(error) => negative(error),
    })
}

/// Sends a datagram, to the connected address if `ip` is missing; the bytes sent, or an error.
fn send<'js>(ctx: Ctx<'js>, socket: f64, bytes: Value<'js>, ip: Option<String>, port: u16) -> Result<f64> {
    let to = ip.and_then(|ip| socket_address(&ip, port));
    let core = Core::of(&ctx);
    let sent = raw::with_bytes(&ctx, &bytes, |bytes| core.host.sockets().send(id(socket), bytes, to))?
        .ok_or_else(|| Exception::throw_type(&ctx, "the host sends bytes"))?;
    Ok(match sent {
        Ok(Some(count)) => count as f64,
        Ok(None) => negative(Errno::AGAIN),
        Err(error) => negative(error),
    })
}

/// What a look-up of a name takes in the simulated world, in nanoseconds.
const LOOK_UP: u64 = 200_000;

/// Queues the look-up of a name on the pool; the number of the job, whose value is a list of addresses.
fn look_up(ctx: Ctx<'_>, name: String) -> f64 {
    let core = Core::of(&ctx);
    let resolve = if core.host.simulated() { resolve_alone } else { resolve };
    let job = core.event_loop.begin_request();
    let run = Box::new(move || Completion::Addresses(resolve(&name)));
    core.host.submit(job, Work::Compute { modelled: LOOK_UP, run });
    job.0 as f64
}

/// The system's own look-up. It says no more of an error than its text.
fn resolve(name: &str) -> std::result::Result<Vec<IpAddr>, &'static str> {
    match (name, 0).to_socket_addrs() {
        Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
        Err(error) if error.to_string().contains("Temporary failure") => Err("EAI_AGAIN"),
        Err(_) => Err("ENOTFOUND"),
    }
}

/// The look-up of a host without a network, whose table of hosts has one line: `127.0.0.1 localhost`.
fn resolve_alone(name: &str) -> std::result::Result<Vec<IpAddr>, &'static str> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return Ok(vec![Ipv4Addr::LOCALHOST.into()]);
    }
    Err("ENOTFOUND")
}

/// Kind and value of an event, in the order that `js/internal/net/handle.js` knows.
pub(crate) fn event_to_js<'js>(ctx: &Ctx<'js>, event: StreamEvent) -> Result<(i32, Value<'js>)> {
    Ok(match event {
        StreamEvent::Connection(socket) => (0, (socket.0 as f64).into_js(ctx)?),
        StreamEvent::Connected(outcome) => (1, done(outcome).into_js(ctx)?),
        StreamEvent::Data(bytes) => (2, TypedArray::new(ctx.clone(), bytes)?.into_value()),
        StreamEvent::End => (3, Value::new_undefined(ctx.clone())),
        StreamEvent::Failed(error) => (4, negative(error).into_js(ctx)?),
        StreamEvent::Written(outcome) => (5, done(outcome).into_js(ctx)?),
        StreamEvent::Shut(outcome) => (6, done(outcome).into_js(ctx)?),
        StreamEvent::Datagram(bytes, from) => {
            let bytes = TypedArray::new(ctx.clone(), bytes)?.into_value();
            let (ip, port) = (from.ip().to_string().into_js(ctx)?, from.port().into_js(ctx)?);
            (7, vec![bytes, ip, port].into_js(ctx)?)
        }
    })
}
