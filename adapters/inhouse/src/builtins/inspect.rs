//! `host.util`: what only the engine knows about values, and conversions that would be slow in JavaScript.

use encoding_rs::Encoding;
use rquickjs::{ArrayBuffer, Ctx, Exception, Function, IntoJs, Object, Result, TypedArray, Value};

use super::natives;
use crate::engine::core::Core;
use crate::engine::{self, raw};

/// `host.util`.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    natives!(ctx, group, {
        "isProxy" => |value: Value<'_>| value.is_proxy(),
        "proxyDetails" => proxy_details,
        "classOf" => class_of,
        "promiseState" => promise_state,
        "markHandled" => |ctx: Ctx<'_>, promise: Value<'_>| raw::mark_handled(&ctx, &promise),
        "detachArrayBuffer" => |ctx: Ctx<'_>, buffer: Value<'_>| raw::detach(&ctx, &buffer),
        "transferArrayBuffer" => transfer,
        "utf8Encode" => utf8_encode,
        "utf8Decode" => utf8_decode,
        "encodingName" => encoding_name,
        "startDecoder" => start_decoder,
        "runDecoder" => run_decoder,
        "utf8Length" => utf8_length,
        "watch" => |ctx: Ctx<'_>, on: bool| Core::of(&ctx).watching.set(on),
        "trackPromises" => |ctx: Ctx<'_>| engine::track_promises(&ctx),
        "beforeReaction" => |ctx: Ctx<'js>, promise: Value<'js>, marker: Function<'js>| raw::then(&ctx, &promise, &marker),
        "keepFrame" => |ctx: Ctx<'_>| Core::of(&ctx).keep_frame.set(true),
        "ticking" => |ctx: Ctx<'_>, on: bool| Core::of(&ctx).ticking.set(on),
        "keeping" => |ctx: Ctx<'_>, on: bool| Core::of(&ctx).keeping.set(on),
        "collectGarbage" => |ctx: Ctx<'_>| ctx.run_gc(),
    });
    Ok(())
}

fn proxy_details<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Option<Vec<Value<'js>>>> {
    Ok(raw::proxy_details(&ctx, &value)?.map(|(target, handler)| vec![target, handler]))
}

/// The internal class of a value; primitives have the name of their type's constructor.
fn class_of<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<String> {
    Ok(match raw::class_name(&ctx, &value)? {
        Some(name) => name,
        None => match value.type_of() {
            rquickjs::Type::Undefined | rquickjs::Type::Uninitialized => "Undefined",
            rquickjs::Type::Null => "Null",
            rquickjs::Type::Bool => "Boolean",
            rquickjs::Type::Int | rquickjs::Type::Float => "Number",
            rquickjs::Type::String => "String",
            rquickjs::Type::Symbol => "Symbol",
            _ => "BigInt",
        }
        .to_owned(),
    })
}

fn promise_state<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Option<Vec<Value<'js>>>> {
    let Some((state, result)) = raw::promise_state(&ctx, &value)? else { return Ok(None) };
    Ok(Some(vec![state.into_js(&ctx)?, result]))
}

/// A new `ArrayBuffer` with the contents of an old one, which is detached.
fn transfer<'js>(ctx: Ctx<'js>, buffer: Value<'js>) -> Result<ArrayBuffer<'js>> {
    let Some(bytes) = raw::bytes(&ctx, &buffer)? else {
        return Err(Exception::throw_type(&ctx, "the value is no ArrayBuffer"));
    };
    raw::detach(&ctx, &buffer);
    ArrayBuffer::new(ctx, bytes)
}

fn utf8_encode<'js>(ctx: Ctx<'js>, text: Value<'js>) -> Result<TypedArray<'js, u8>> {
    let bytes = raw::utf8(&ctx, &text)?;
    TypedArray::new(ctx, bytes)
}

fn utf8_length<'js>(ctx: Ctx<'js>, text: Value<'js>) -> Result<f64> {
    Ok(raw::utf8(&ctx, &text)?.len() as f64)
}

/// Decodes as the Encoding Standard's UTF-8 decoder; none if `fatal` and the bytes are no UTF-8.
fn utf8_decode<'js>(ctx: Ctx<'js>, bytes: Value<'js>, fatal: bool, ignore_bom: bool) -> Result<Option<String>> {
    let bytes = raw::bytes(&ctx, &bytes)?.unwrap_or_default();
    let content = if ignore_bom { &bytes[..] } else { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes) };
    Ok(match std::str::from_utf8(content) {
        Ok(text) => Some(text.to_owned()),
        Err(_) if fatal => None,
        Err(_) => Some(String::from_utf8_lossy(content).into_owned()),
    })
}

/// The name of an encoding by one of its labels, in lower case; none if the Encoding Standard has no decoder for it.
fn encoding_name(label: String) -> Option<String> {
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    Some(encoding.name().to_ascii_lowercase())
}

/// Begins to decode a text; the number of its decoder.
fn start_decoder(ctx: Ctx<'_>, name: String) -> Result<u32> {
    let encoding = Encoding::for_label(name.as_bytes()).ok_or(rquickjs::Error::Unknown)?;
    Ok(Core::of(&ctx).decoders.start(encoding))
}

/// Decodes more of a text; none if `fatal` and the bytes are malformed. The decoder is gone after that, and after the last bytes.
fn run_decoder<'js>(ctx: Ctx<'js>, id: u32, bytes: Value<'js>, last: bool, fatal: bool) -> Result<Option<String>> {
    let bytes = raw::bytes(&ctx, &bytes)?.unwrap_or_default();
    Ok(Core::of(&ctx).decoders.run(id, &bytes, last, fatal))
}
