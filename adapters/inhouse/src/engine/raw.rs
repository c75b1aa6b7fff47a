//! What the safe binding does not offer, each as one safe function.

use std::ffi::CString;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};

use rquickjs::{Ctx, Error, FromJs, Function, Object, Result, Value, qjs};

use super::shared::Held;
use crate::host::channels::{Packet, SharedMemory};

/// What came of one promise job.
pub(crate) enum Job<'js> {
    /// There was none.
    None,
    /// It ran.
    Ran,
    /// It ran and threw this. Reactions of promises never do; plain microtasks may.
    Threw(Value<'js>),
}

/// Runs the first promise job.
pub(crate) fn run_job<'js>(ctx: &Ctx<'js>) -> Job<'js> {
    let mut job_ctx = MaybeUninit::uninit();
    // SAFETY: the runtime belongs to the live context; the out-pointer is valid for the call.
    let result = unsafe { qjs::JS_ExecutePendingJob(qjs::JS_GetRuntime(ctx.as_raw().as_ptr()), job_ctx.as_mut_ptr()) };
    match result {
        0 => Job::None,
        // There is one context a runtime, so the exception is pending on this one.
        ..0 => Job::Threw(ctx.catch()),
        _ => Job::Ran,
    }
}

/// Queues `function` as a promise job of its own. What it throws comes out of [`run_job`].
pub(crate) fn enqueue<'js>(ctx: &Ctx<'js>, function: Function<'js>) -> Result<()> {
    unsafe extern "C" fn call(ctx: *mut qjs::JSContext, _: i32, argv: *mut qjs::JSValue) -> qjs::JSValue {
        // SAFETY: the engine passes the one argument given to `JS_EnqueueJob` below, alive for the job.
        unsafe { qjs::JS_Call(ctx, *argv, qjs::JS_UNDEFINED, 0, std::ptr::null_mut()) }
    }
    let mut argument = function.as_value().as_raw();
    // SAFETY: the engine takes its own reference to the argument.
    let result = unsafe { qjs::JS_EnqueueJob(ctx.as_raw().as_ptr(), Some(call), 1, &raw mut argument) };
    if result < 0 { Err(Error::Exception) } else { Ok(()) }
}

/// An error that no `catch`, no `finally` and no rejection handler sees: it unwinds the program.
pub(crate) fn throw_uncatchable(ctx: &Ctx<'_>) -> Error {
    let raw = ctx.as_raw().as_ptr();
    // SAFETY: `JS_Throw` takes over the one reference to the new error.
    unsafe {
        let error = qjs::JS_NewError(raw);
        qjs::JS_SetUncatchableError(raw, error);
        qjs::JS_Throw(raw, error);
    }
    Error::Exception
}

/// The first line of a text with two lines put in front of a file, so that positions are those of the file. The engine takes 0 for 1.
pub(crate) const TWO_LINES_BEFORE: i32 = -1;

/// Evaluates `source` as a global script (ECMA-262 `Script`), whose first line is number `line`.
pub(crate) fn eval_script<'js>(ctx: &Ctx<'js>, source: &str, name: &str, line: i32) -> Result<Value<'js>> {
    own(ctx, eval(ctx, source, name, line, qjs::JS_EVAL_TYPE_GLOBAL)?)
}

/// Evaluates, or with `JS_EVAL_FLAG_COMPILE_ONLY` compiles; the caller owns the result.
pub(super) fn eval(ctx: &Ctx<'_>, source: &str, name: &str, line: i32, flags: u32) -> Result<qjs::JSValue> {
    let source = CString::new(source)?;
    let name = CString::new(name)?;
    let mut options = qjs::JSEvalOptions {
        version: qjs::JS_EVAL_OPTIONS_VERSION as i32,
        eval_flags: flags as i32,
        filename: name.as_ptr(),
        line_num: line,
    };
    // SAFETY: both strings are NUL-terminated and outlive the call, like the options.
    Ok(unsafe { qjs::JS_Eval2(ctx.as_raw().as_ptr(), source.as_ptr(), source.as_bytes().len() as _, &raw mut options) })
}

/// A string without a lossy step in Rust's direction: lone surrogates become U+FFFD, as Node's UTF-8 encoder does it.
pub(crate) fn utf8<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Vec<u8>> {
    let raw = ctx.as_raw().as_ptr();
    let mut length = 0_usize;
    // SAFETY: the engine returns `length` bytes that stay valid until they are freed, which happens right after the copy.
    let mut bytes = unsafe {
        let text = qjs::JS_ToCStringLen(raw, &raw mut length, value.as_raw());
        if text.is_null() {
            return Err(Error::Exception);
        }
        let bytes = std::slice::from_raw_parts(text.cast::<u8>(), length).to_vec();
        qjs::JS_FreeCString(raw, text);
        bytes
    };
    // The engine encodes a lone surrogate as ED A0..BF xx, which no UTF-8 text contains.
    let mut at = 0;
    while let Some(offset) = bytes[at..].windows(3).position(|window| window[0] == 0xed && window[1] >= 0xa0) {
        bytes[at + offset..at + offset + 3].copy_from_slice("\u{fffd}".as_bytes());
        at += offset + 3;
    }
    Ok(bytes)
}

/// A string for Rust; lone surrogates become U+FFFD.
pub(crate) fn string<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<String> {
    Ok(String::from_utf8_lossy(&utf8(ctx, value)?).into_owned())
}

/// The class that the engine gave an object (`Map`, `Promise`, `Uint8Array` …), whatever its prototype says; none for primitives.
pub(crate) fn class_name<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<String>> {
    let raw = ctx.as_raw().as_ptr();
    // SAFETY: the class id is that of a live value; the atom is freed after its conversion.
    unsafe {
        let class = qjs::JS_GetClassID(value.as_raw());
        if class == qjs::JS_INVALID_CLASS_ID {
            return Ok(None);
        }
        let atom = qjs::JS_GetClassName(qjs::JS_GetRuntime(raw), class);
        let name = own(ctx, qjs::JS_AtomToString(raw, atom))?;
        qjs::JS_FreeAtom(raw, atom);
        string(ctx, &name).map(Some)
    }
}

/// State (0 pending, 1 fulfilled, 2 rejected) and result of a promise; none if `value` is no promise.
pub(crate) fn promise_state<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<(i32, Value<'js>)>> {
    let raw = ctx.as_raw().as_ptr();
    // SAFETY: both calls accept any live value of this context.
    unsafe {
        let state = qjs::JS_PromiseState(raw, value.as_raw());
        if state == qjs::JSPromiseStateEnum_JS_PROMISE_NOT_A_PROMISE {
            return Ok(None);
        }
        let result = own(ctx, qjs::JS_PromiseResult(raw, value.as_raw()))?;
        Ok(Some((state, result)))
    }
}

/// Marks a promise so that its rejection counts as handled.
pub(crate) fn mark_handled(ctx: &Ctx<'_>, promise: &Value<'_>) {
    // SAFETY: the engine ignores values that are no promises.
    unsafe { qjs::JS_PromiseMarkAsHandled(ctx.as_raw().as_ptr(), promise.as_raw()) };
}

/// Registers `function` for both ways in which a promise can settle: `PerformPromiseThen`, without a look at `then` or `constructor`.
pub(crate) fn then<'js>(ctx: &Ctx<'js>, promise: &Value<'js>, function: &Function<'js>) -> Result<()> {
    let handler = function.as_value().as_raw();
    // SAFETY: the engine takes its own references, and checks that it is given a promise; the derived promise is owned and dropped.
    own(ctx, unsafe { qjs::JS_PromiseThen(ctx.as_raw().as_ptr(), promise.as_raw(), handler, handler) }).map(drop)
}

/// Target and handler of a proxy; none if `value` is no proxy.
pub(crate) fn proxy_details<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<(Value<'js>, Value<'js>)>> {
    if !value.is_proxy() {
        return Ok(None);
    }
    let raw = ctx.as_raw().as_ptr();
    // SAFETY: `value` is a proxy of this context; the results are owned from here on.
    unsafe {
        let target = own(ctx, qjs::JS_GetProxyTarget(raw, value.as_raw()))?;
        let handler = own(ctx, qjs::JS_GetProxyHandler(raw, value.as_raw()))?;
        Ok(Some((target, handler)))
    }
}

/// Bytes of an `ArrayBuffer`, `SharedArrayBuffer` or view of one, copied.
pub(crate) fn bytes<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<Vec<u8>>> {
    with_bytes(ctx, value, |bytes| bytes.to_vec())
}

/// Lets `read` see the bytes of an `ArrayBuffer` or view in place. It must not run JavaScript, and cannot: it has no context.
pub(crate) fn with_bytes<'js, T>(ctx: &Ctx<'js>, value: &Value<'js>, read: impl FnOnce(&mut [u8]) -> T) -> Result<Option<T>> {
    let raw = ctx.as_raw().as_ptr();
    let Some((buffer, offset, length)) = view(ctx, value)? else { return Ok(None) };
    let mut size = 0_usize;
    // SAFETY: the buffer is alive for the call. Its memory cannot move meanwhile: `read` runs no JavaScript. `size` bounds the slice.
    unsafe {
        let start = qjs::JS_GetArrayBuffer(raw, &raw mut size as _, buffer.as_raw());
        if start.is_null() {
            // Detached, or of length 0.
            drop(ctx.catch());
            return Ok(Some(read(&mut [])));
        }
        let offset = offset.min(size);
        let length = length.unwrap_or(size).min(size - offset);
        Ok(Some(read(std::slice::from_raw_parts_mut(start.add(offset), length))))
    }
}

/// The buffer behind a value, with offset and length of the view.
fn view<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Option<(Value<'js>, usize, Option<usize>)>> {
    if !value.is_object() {
        return Ok(None);
    }
    // SAFETY: the tests read the class of a live value.
    let (is_buffer, is_typed, is_data) = unsafe {
        let raw = value.as_raw();
        (qjs::JS_IsArrayBuffer(raw), qjs::JS_GetTypedArrayType(raw) >= 0, qjs::JS_IsDataView(raw))
    };
    if is_buffer {
        return Ok(Some((value.clone(), 0, None)));
    }
    if !is_typed && !is_data {
        return Ok(None);
    }
    let object: Object<'_> = Object::from_js(ctx, value.clone())?;
    let (offset, length): (f64, f64) = (object.get("byteOffset")?, object.get("byteLength")?);
    Ok(Some((object.get("buffer")?, offset as usize, Some(length as usize))))
}

/// Detaches an `ArrayBuffer`.
pub(crate) fn detach(ctx: &Ctx<'_>, buffer: &Value<'_>) {
    // SAFETY: the engine ignores what is no array buffer.
    unsafe { qjs::JS_DetachArrayBuffer(ctx.as_raw().as_ptr(), buffer.as_raw()) };
}

/// Writes a value that is plain data, buffers and shared buffers, for another engine to read.
pub(crate) fn write_message<'js>(ctx: &Ctx<'js>, value: &Value<'js>) -> Result<Packet> {
    let raw = ctx.as_raw().as_ptr();
    let mut length = 0;
    let mut table = qjs::JSSABTab { tab: std::ptr::null_mut(), len: 0 };
    let flags = qjs::JS_WRITE_OBJ_SAB | qjs::JS_WRITE_OBJ_REFERENCE;
    // SAFETY: the out-pointers are valid for the call; buffer and table are copied, then freed by the allocator they came from. The table
    // lists memory that the live value keeps alive.
    unsafe {
        let buffer = qjs::JS_WriteObject2(raw, &raw mut length, value.as_raw(), flags as i32, &raw mut table);
        if buffer.is_null() {
            return Err(Error::Exception);
        }
        let bytes = std::slice::from_raw_parts(buffer, length as usize).to_vec();
        qjs::js_free(raw, buffer.cast());
        let mut shared: Vec<Box<dyn SharedMemory>> = Vec::new();
        for index in 0..table.len as usize {
            shared.push(Box::new(Held::new((*table.tab.add(index)).cast())));
        }
        qjs::js_free(raw, table.tab.cast());
        Ok(Packet::Message { bytes, shared })
    }
}

/// Reads what [`write_message`] wrote, in this or another engine of the process.
pub(crate) fn read_message<'js>(ctx: &Ctx<'js>, bytes: &[u8]) -> Result<Value<'js>> {
    let flags = qjs::JS_READ_OBJ_SAB | qjs::JS_READ_OBJ_REFERENCE;
    // SAFETY: the bytes come from `write_message` of this process, and the packet they lie in keeps the shared memory alive.
    let value = unsafe { qjs::JS_ReadObject(ctx.as_raw().as_ptr(), bytes.as_ptr(), bytes.len() as _, flags as i32) };
    own(ctx, value)
}

/// The address of an element's memory, the same in all engines that share it; none if the value is no view.
pub(crate) fn address<'js>(ctx: &Ctx<'js>, view: &Value<'js>, offset: usize) -> Result<Option<usize>> {
    with_bytes(ctx, view, |bytes| bytes.as_ptr() as usize + offset)
}

/// Whether the element of shared memory at `address` holds `expected`, 4 or 8 bytes, in one atomic reading.
pub(crate) fn shared_element_is(address: usize, expected: &[u8]) -> bool {
    // SAFETY: the address is that of an aligned element of a view that the waiting program holds; other threads access it atomically too.
    unsafe {
        match <[u8; 4]>::try_from(expected) {
            Ok(narrow) => (*(address as *const AtomicI32)).load(Ordering::SeqCst) == i32::from_ne_bytes(narrow),
            Err(_) => <[u8; 8]>::try_from(expected)
                .is_ok_and(|wide| (*(address as *const AtomicI64)).load(Ordering::SeqCst) == i64::from_ne_bytes(wide)),
        }
    }
}

/// Takes over a value that the engine returned.
fn own<'js>(ctx: &Ctx<'js>, value: qjs::JSValue) -> Result<Value<'js>> {
    // SAFETY: the callers pass values they own, of this context.
    unsafe {
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}
