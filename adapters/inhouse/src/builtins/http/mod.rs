//! `host.http`: parsers of HTTP/1, as objects that the engine's garbage collector frees.

mod parser;

use std::cell::RefCell;
use std::rc::Rc;

use rquickjs::{Ctx, Exception, Function, IntoJs, Object, Result, TypedArray, Value};

use super::natives;
use crate::engine::raw;
use parser::{Fields, Found, Kind, METHODS, Parser};

/// `host.http`.
pub(super) fn group<'js>(ctx: &Ctx<'js>, group: &Object<'js>) -> Result<()> {
    group.set("methods", METHODS.to_vec())?;
    natives!(ctx, group, { "parser" => new_parser });
    Ok(())
}

/// A parser of requests (`kind` 0), of a response (1), of the response to HEAD (2) or to CONNECT (3): `{ feed, goOn, finish, rest }`. The
/// first three answer a list of what was found, see [`to_js`].
fn new_parser<'js>(ctx: Ctx<'js>, kind: i32, limit: f64) -> Result<Object<'js>> {
    let kind = match kind {
        0 => Kind::Requests,
        kind => Kind::Response { bodiless: kind == 2, tunnel: kind == 3 },
    };
    let parser = Rc::new(RefCell::new(Parser::new(kind, limit as usize)));
    let object = Object::new(ctx.clone())?;
    let feeding = Rc::clone(&parser);
    let feed = move |ctx: Ctx<'js>, bytes: Value<'js>| {
        let mut found = Vec::new();
        raw::with_bytes(&ctx, &bytes, |bytes| feeding.borrow_mut().feed(bytes, &mut found))?
            .ok_or_else(|| Exception::throw_type(&ctx, "a parser takes bytes"))?;
        to_js(&ctx, found)
    };
    object.set("feed", Function::new(ctx.clone(), feed)?)?;
    let going = Rc::clone(&parser);
    let go_on = move |ctx: Ctx<'js>| {
        let mut found = Vec::new();
        going.borrow_mut().go_on(&mut found);
        to_js(&ctx, found)
    };
    object.set("goOn", Function::new(ctx.clone(), go_on)?)?;
    let finishing = Rc::clone(&parser);
    let finish = move |ctx: Ctx<'js>| {
        let mut found = Vec::new();
        finishing.borrow_mut().finish(&mut found);
        to_js(&ctx, found)
    };
    object.set("finish", Function::new(ctx.clone(), finish)?)?;
    let rest = move |ctx: Ctx<'js>| TypedArray::new(ctx, parser.borrow().rest().to_vec());
    object.set("rest", Function::new(ctx, rest)?)?;
    Ok(object)
}

/// A list of heads (objects), bodies (byte arrays), ends (lists of trailers) and errors (strings `code: reason`).
fn to_js<'js>(ctx: &Ctx<'js>, found: Vec<Found>) -> Result<Vec<Value<'js>>> {
    let convert = |found| match found {
        Found::Head(head) => {
            let object = Object::new(ctx.clone())?;
            object.set("word", latin1(&head.word))?;
            object.set("target", latin1(&head.target))?;
            object.set("status", head.status)?;
            object.set("minor", head.minor)?;
            object.set("fields", flat(&head.fields))?;
            object.set("keepAlive", head.keep_alive)?;
            object.set("upgrade", head.upgrade)?;
            Ok(object.into_value())
        }
        Found::Body(bytes) => Ok(TypedArray::new(ctx.clone(), bytes)?.into_value()),
        Found::End(trailers) => flat(&trailers).into_js(ctx),
        Found::Error(code, reason) => format!("{code}: {reason}").into_js(ctx),
    };
    found.into_iter().map(convert).collect()
}

/// Bytes as the characters of the same numbers.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Names and values in one list.
fn flat(fields: &Fields) -> Vec<String> {
    fields.iter().flat_map(|(name, value)| [latin1(name), latin1(value)]).collect()
}
