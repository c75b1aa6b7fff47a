//! What pool jobs answer, as JavaScript values.

use std::os::unix::ffi::OsStrExt;

use rquickjs::{Ctx, IntoJs, Object, Result, TypedArray, Value};

use super::errno;
use crate::host::{Completion, FileError, FileReply, Stat};

/// Error and value of a completion; one of them is undefined.
pub(crate) fn to_js<'js>(ctx: &Ctx<'js>, completion: Completion) -> Result<(Value<'js>, Value<'js>)> {
    let undefined = Value::new_undefined(ctx.clone());
    Ok(match completion {
        Completion::File(Ok(reply)) => (undefined, file_reply(ctx, reply)?),
        Completion::File(Err(error)) => (file_error(ctx, &error)?, undefined),
        Completion::Addresses(Ok(addresses)) => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            (undefined, addresses.into_js(ctx)?)
        }
        Completion::Addresses(Err(code)) => (code.into_js(ctx)?, undefined),
        Completion::Bytes(bytes) => (undefined, TypedArray::new(ctx.clone(), bytes)?.into_value()),
    })
}

/// The answer of a file operation.
pub(super) fn file_reply<'js>(ctx: &Ctx<'js>, reply: FileReply) -> Result<Value<'js>> {
    match reply {
        FileReply::Nothing => Ok(Value::new_undefined(ctx.clone())),
        FileReply::Descriptor(fd) => fd.into_js(ctx),
        FileReply::Count(count) => (count as f64).into_js(ctx),
        FileReply::Bytes(bytes) => Ok(TypedArray::new(ctx.clone(), bytes)?.into_value()),
        FileReply::Path(path) => String::from_utf8_lossy(path.as_bytes()).into_owned().into_js(ctx),
        FileReply::Stat(stat) => stat_numbers(&stat).into_js(ctx),
        FileReply::Names(names) => names
            .into_iter()
            .map(|(name, kind)| {
                Ok(vec![String::from_utf8_lossy(name.as_bytes()).into_owned().into_js(ctx)?, (kind as i32).into_js(ctx)?])
            })
            .collect::<Result<Vec<Vec<Value<'js>>>>>()?
            .into_js(ctx),
    }
}

/// The facts of an error object: `{ errno, code, text, syscall, path, dest }`, `errno` negative as libuv has it.
pub(super) fn file_error<'js>(ctx: &Ctx<'js>, error: &FileError) -> Result<Value<'js>> {
    let (code, text) = errno::describe(error.errno);
    let facts = Object::new(ctx.clone())?;
    facts.set("errno", -error.errno)?;
    facts.set("code", code)?;
    facts.set("text", text)?;
    facts.set("syscall", error.syscall)?;
    if let Some(path) = &error.path {
        facts.set("path", path.to_string_lossy().into_owned())?;
    }
    if let Some(dest) = &error.dest {
        facts.set("dest", dest.to_string_lossy().into_owned())?;
    }
    Ok(facts.into_value())
}

/// The numbers of a stat in the order that `js/fs.js` reads them.
fn stat_numbers(stat: &Stat) -> Vec<f64> {
    vec![
        stat.dev as f64,
        f64::from(stat.mode),
        stat.nlink as f64,
        f64::from(stat.uid),
        f64::from(stat.gid),
        stat.rdev as f64,
        stat.blksize as f64,
        stat.ino as f64,
        stat.size as f64,
        stat.blocks as f64,
        stat.atime_ms,
        stat.mtime_ms,
        stat.ctime_ms,
        stat.birthtime_ms,
    ]
}
