//! `host.modules`: reading, compiling and evaluating a program's files and the builtin modules.

use std::path::Path;

use rquickjs::function::Opt;
use rquickjs::{Ctx, Error, Function, Object, Result, Value};

use super::natives;
use crate::engine::modules;
use crate::engine::{self, raw};

/// `host.modules`.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "builtin" => |ctx: Ctx<'js>, id: String| engine::load_builtin(&ctx, &id),
        "isBuiltin" => |id: String| engine::exists(&id) && !id.starts_with("internal/"),
        "builtinIds" => || engine::public_ids().map(str::to_owned).collect::<Vec<_>>(),
        "kind" => |path: String| kind(Path::new(&path)),
        "read" => read,
        "realPath" => |path: String| std::fs::canonicalize(&path).map_or(path, |real| real.to_string_lossy().into_owned()),
        "compile" => compile,
        "runScript" => run_script,
        "import" => |ctx: Ctx<'js>, path: String| modules::import(&ctx, &path),
        "evaluateNow" => |ctx: Ctx<'js>, path: String| modules::require_now(&ctx, &path),
        "enqueue" => |ctx: Ctx<'js>, job: Function<'js>| raw::enqueue(&ctx, job),
    });
    Ok(())
}

/// 1 for a file, 2 for a directory, 0 for anything else or nothing.
fn kind(path: &Path) -> i32 {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => 2,
        Ok(_) => 1,
        Err(_) => 0,
    }
}

/// A source text; none if it cannot be read.
fn read(path: String) -> Option<String> {
    let bytes = std::fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

/// The function whose body is a CommonJS module.
fn compile<'js>(ctx: Ctx<'js>, source: Value<'js>, path: String, parameters: Opt<String>) -> Result<Function<'js>> {
    let source = raw::string(&ctx, &source)?;
    // A first line `#!…` is a comment; the wrapper in front of it would make it a syntax error.
    let source = if source.starts_with("#!") { format!("//{source}") } else { source };
    let parameters = parameters.0.unwrap_or_else(|| "exports, require, module, __filename, __dirname".to_owned());
    let function =
        raw::eval_script(&ctx, &format!("(function ({parameters}) {{\n\n{source}\n}})"), &path, raw::TWO_LINES_BEFORE)?;
    function.into_function().ok_or(Error::Unknown)
}

/// Runs a global script.
fn run_script<'js>(ctx: Ctx<'js>, source: Value<'js>, path: String) -> Result<Value<'js>> {
    let source = raw::string(&ctx, &source)?;
    raw::eval_script(&ctx, &source, &path, 1)
}
