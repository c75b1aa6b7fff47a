//! The Rust half of the builtins: plain functions, in groups, on an object that only builtin modules see.
//!
//! Contract of this folder: a group is a function that fills an object with natives; it is made when a builtin module first touches it,
//! so that a program pays for what it uses. Natives convert values and call the loop or the host; whatever has an order, an event
//! or an error class of Node's is JavaScript, in `js/`.

mod brotli;
mod child;
mod child_sync;
pub(crate) mod completions;
mod crypto;
pub(crate) mod decoders;
mod errno;
mod files;
mod http;
mod inspect;
mod messaging;
pub(crate) mod net;
mod program;
mod system;
mod timers;
mod zlib;

use rquickjs::{Ctx, Error, Function, Object, Result};

/// Makes the host object: `group(name)` makes a group, `groups` lists their names.
pub(crate) fn install<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    host.set("group", Function::new(ctx.clone(), group)?)?;
    host.set("groups", NAMES.to_vec())?;
    Ok(host)
}

const NAMES: &[&str] = &[
    "child",
    "clock",
    "console",
    "crypto",
    "fs",
    "http",
    "loop",
    "messaging",
    "modules",
    "net",
    "process",
    "timers",
    "util",
    "workers",
    "zlib",
];

fn group<'js>(ctx: Ctx<'js>, name: String) -> Result<Object<'js>> {
    let group = Object::new(ctx.clone())?;
    match name.as_str() {
        "child" => child::group(&ctx, &group)?,
        "clock" => system::clock(&ctx, &group)?,
        "console" => system::console(&ctx, &group)?,
        "crypto" => crypto::group(&ctx, &group)?,
        "fs" => files::group(&ctx, &group)?,
        "http" => http::group(&ctx, &group)?,
        "loop" => timers::loop_group(&ctx, &group)?,
        "messaging" => messaging::group(&ctx, &group)?,
        "modules" => program::group(&ctx, &group)?,
        "net" => net::group(&ctx, &group)?,
        "process" => system::process(&ctx, &group)?,
        "timers" => timers::group(&ctx, &group)?,
        "util" => inspect::group(&ctx, &group)?,
        "workers" => messaging::workers(&ctx, &group)?,
        "zlib" => zlib::group(&ctx, &group)?,
        _ => return Err(Error::Unknown),
    }
    Ok(group)
}

/// Puts natives on an object: `natives!(ctx, group, { "name" => function, … })`.
macro_rules! natives {
    ($ctx:expr, $group:expr, { $($name:literal => $function:expr),+ $(,)? }) => {
        $($group.set($name, rquickjs::Function::new($ctx.clone(), $function)?)?;)+
    };
}
use natives;
