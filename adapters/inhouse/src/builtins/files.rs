//! `host.fs`: file operations, on the pool or blocking.
//!
//! JavaScript names an operation by its variant in lower camel case and passes the fields in order; see [`request`].

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use rquickjs::function::Rest;
use rquickjs::{Ctx, Exception, FromJs, Object, Result, Value};

use super::{completions, natives};
use crate::engine::core::Core;
use crate::engine::raw;
use crate::host::files::Seconds;
use crate::host::{FileRequest, JobId, Work};

/// `host.fs`.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "submit" => submit,
        "now" => now,
        "hide" => |ctx: Ctx<'_>, job: f64| Core::of(&ctx).host.hide(JobId(job as u64)),
        "alike" => |ctx: Ctx<'_>, job: f64, class: f64| Core::of(&ctx).host.alike(JobId(job as u64), class as u64),
    });
    Ok(())
}

/// Queues an operation on the pool; the number of the job, which `complete` is called with.
fn submit<'js>(ctx: Ctx<'js>, operation: String, arguments: Rest<Value<'js>>) -> Result<f64> {
    let request = request(&ctx, &operation, arguments.0)?;
    let core = Core::of(&ctx);
    let job = core.event_loop.begin_request();
    core.host.submit(job, Work::File(request));
    Ok(job.0 as f64)
}

/// Does an operation at once; `[error, value]`.
fn now<'js>(ctx: Ctx<'js>, operation: String, arguments: Rest<Value<'js>>) -> Result<Vec<Value<'js>>> {
    let request = request(&ctx, &operation, arguments.0)?;
    let core = Core::of(&ctx);
    let undefined = Value::new_undefined(ctx.clone());
    match core.host.file(request) {
        Ok(Ok(reply)) => Ok(vec![undefined, completions::file_reply(&ctx, reply)?]),
        Ok(Err(error)) => Ok(vec![completions::file_error(&ctx, &error)?, undefined]),
        Err(end) => {
            core.end_from_outside(end);
            Err(raw::throw_uncatchable(&ctx))
        }
    }
}

/// Arguments of an operation, taken one after the other.
struct Arguments<'a, 'js> {
    ctx: &'a Ctx<'js>,
    left: std::vec::IntoIter<Value<'js>>,
}

impl<'js> Arguments<'_, 'js> {
    fn next(&mut self) -> Value<'js> {
        self.left.next().unwrap_or_else(|| Value::new_undefined(self.ctx.clone()))
    }

    fn get<T: FromJs<'js>>(&mut self) -> Result<T> {
        let value = self.next();
        T::from_js(self.ctx, value)
    }

    /// A path as a string or as bytes.
    fn path(&mut self) -> Result<PathBuf> {
        let value = self.next();
        let bytes = match raw::bytes(self.ctx, &value)? {
            Some(bytes) => bytes,
            None => raw::utf8(self.ctx, &value)?,
        };
        let core = Core::of(self.ctx);
        let path = core.resolve(PathBuf::from(OsString::from_vec(bytes)));
        if core.host.simulated() && path.starts_with("/proc") {
            // What the system says of its processes is nothing that a simulated world could say of its own.
            core.end_for_real_world();
            return Err(raw::throw_uncatchable(self.ctx));
        }
        Ok(path)
    }

    fn bytes(&mut self) -> Result<Vec<u8>> {
        let value = self.next();
        Ok(raw::bytes(self.ctx, &value)?.unwrap_or_default())
    }

    fn length(&mut self) -> Result<usize> {
        Ok(self.get::<f64>()? as usize)
    }

    /// A position in a file; negative or missing for the descriptor's own.
    fn position(&mut self) -> Result<Option<u64>> {
        let value = self.next();
        let position = if value.is_number() { f64::from_js(self.ctx, value)? } else { -1.0 };
        Ok((position >= 0.0).then_some(position as u64))
    }

    fn seconds(&mut self) -> Result<Seconds> {
        Ok(Seconds((self.get::<f64>()? * 1e9) as i128))
    }
}

/// Reads an operation and its arguments.
fn request<'js>(ctx: &Ctx<'js>, operation: &str, arguments: Vec<Value<'js>>) -> Result<FileRequest> {
    use FileRequest as R;
    let mut next = Arguments { ctx, left: arguments.into_iter() };
    Ok(match operation {
        "open" => R::Open { path: next.path()?, flags: next.get()?, mode: next.get()? },
        "close" => R::Close { fd: next.get()? },
        "read" => R::Read { fd: next.get()?, length: next.length()?, position: next.position()? },
        "write" => R::Write { fd: next.get()?, bytes: next.bytes()?, position: next.position()? },
        "readFile" => R::ReadFile { path: next.path()?, flags: next.get()? },
        "readAll" => R::ReadAll { fd: next.get()? },
        "writeFile" => R::WriteFile { path: next.path()?, flags: next.get()?, mode: next.get()?, bytes: next.bytes()? },
        "stat" => R::Stat { path: next.path()? },
        "lstat" => R::Lstat { path: next.path()? },
        "fstat" => R::Fstat { fd: next.get()? },
        "access" => R::Access { path: next.path()?, mode: next.get()? },
        "readDir" => R::ReadDir { path: next.path()? },
        "makeDir" => R::MakeDir { path: next.path()?, mode: next.get()?, recursive: next.get()? },
        "makeTempDir" => R::MakeTempDir { prefix: next.path()? },
        "removeDir" => R::RemoveDir { path: next.path()? },
        "unlink" => R::Unlink { path: next.path()? },
        "remove" => R::Remove { path: next.path()?, recursive: next.get()?, force: next.get()? },
        "rename" => R::Rename { path: next.path()?, to: next.path()? },
        "copyFile" => R::CopyFile { path: next.path()?, to: next.path()? },
        "link" => R::Link { path: next.path()?, to: next.path()? },
        "symlink" => R::Symlink { target: next.path()?, path: next.path()? },
        "readLink" => R::ReadLink { path: next.path()? },
        "realPath" => R::RealPath { path: next.path()? },
        "chmod" => R::Chmod { path: next.path()?, mode: next.get()? },
        "truncate" => R::Truncate { path: next.path()?, length: next.length()? as u64 },
        "ftruncate" => R::Ftruncate { fd: next.get()?, length: next.length()? as u64 },
        "fsync" => R::Fsync { fd: next.get()? },
        "utimes" => R::Utimes { path: next.path()?, accessed: next.seconds()?, modified: next.seconds()? },
        _ => return Err(Exception::throw_internal(ctx, &format!("the host knows no file operation {operation}"))),
    })
}
