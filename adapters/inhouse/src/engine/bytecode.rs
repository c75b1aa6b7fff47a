//! The builtin modules' JavaScript, compiled once a process and read into each context on first use.
//!
//! A source is the body of a function `(exports, require, module, host)`. It is compiled from source once (`JS_WriteObject`), and
//! every context that needs it reads the bytecode, a fifth of the work.

use std::collections::HashMap;
use std::sync::OnceLock;

use rquickjs::{Ctx, Error, Function, Result, Value, qjs};

use super::raw;

include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// A builtin module and its bytecode, once somebody asked for it.
struct Builtin {
    source: &'static str,
    bytecode: OnceLock<Box<[u8]>>,
}

fn table() -> &'static HashMap<&'static str, Builtin> {
    static TABLE: OnceLock<HashMap<&'static str, Builtin>> = OnceLock::new();
    TABLE.get_or_init(|| SOURCES.iter().map(|&(id, source)| (id, Builtin { source, bytecode: OnceLock::new() })).collect())
}

/// Whether `id` names a builtin module, public or internal.
pub(crate) fn exists(id: &str) -> bool {
    table().contains_key(id)
}

/// The ids that programs may import, sorted.
pub(crate) fn public_ids() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|&(id, _)| id).filter(|id| !id.starts_with("internal/"))
}

/// Reads the function of builtin module `id` into `ctx`; none if there is no such module.
///
/// # Errors
/// A syntax error in the builtin's source, or exhausted memory.
pub(crate) fn load<'js>(ctx: &Ctx<'js>, id: &str) -> Result<Option<Function<'js>>> {
    let Some(builtin) = table().get(id) else { return Ok(None) };
    let bytecode = match builtin.bytecode.get() {
        Some(bytecode) => bytecode,
        None => {
            let compiled = compile(ctx, id, builtin.source)?;
            builtin.bytecode.get_or_init(|| compiled)
        }
    };
    read(ctx, bytecode).map(Some)
}

fn compile(ctx: &Ctx<'_>, id: &str, source: &str) -> Result<Box<[u8]>> {
    let wrapped = format!("(function (exports, require, module, host) {{\n\n{source}\n}})");
    let raw = ctx.as_raw().as_ptr();
    let flags = qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY;
    let function = raw::eval(ctx, &wrapped, &format!("inhouse:{id}"), raw::TWO_LINES_BEFORE, flags)?;
    // SAFETY: `function` is a value of this context; the tag is all that is read.
    if unsafe { qjs::JS_IsException(function) } {
        return Err(Error::Exception);
    }
    let mut length = 0;
    let flags = qjs::JS_WRITE_OBJ_BYTECODE | qjs::JS_WRITE_OBJ_STRIP_SOURCE;
    // SAFETY: `function` is bytecode compiled above; the buffer is copied and then freed by the allocator it came from.
    unsafe {
        let buffer = qjs::JS_WriteObject(raw, &raw mut length, function, flags as i32);
        qjs::JS_FreeValue(raw, function);
        if buffer.is_null() {
            return Err(Error::Exception);
        }
        let bytecode = std::slice::from_raw_parts(buffer, length as usize).into();
        qjs::js_free(raw, buffer.cast());
        Ok(bytecode)
    }
}

fn read<'js>(ctx: &Ctx<'js>, bytecode: &[u8]) -> Result<Function<'js>> {
    let raw = ctx.as_raw().as_ptr();
    // SAFETY: the bytes were written by `compile` in this process, by the same engine. `JS_EvalFunction` takes the value over.
    let function = unsafe {
        let script = qjs::JS_ReadObject(raw, bytecode.as_ptr(), bytecode.len() as _, qjs::JS_READ_OBJ_BYTECODE as i32);
        if qjs::JS_IsException(script) {
            return Err(Error::Exception);
        }
        let function = qjs::JS_EvalFunction(raw, script);
        if qjs::JS_IsException(function) {
            return Err(Error::Exception);
        }
        Value::from_raw(ctx.clone(), function)
    };
    function.get()
}
