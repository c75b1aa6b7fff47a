//! ES modules: the engine links and evaluates them, `js/internal/modules/esm.js` says what a specifier means.
//!
//! A module's name within the engine is its absolute path, or `node:ID` for builtins. CommonJS, JSON and builtin modules become synthetic modules:
//! their export names are known when they are loaded, their values when they are evaluated.

use std::ffi::CString;

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Module, Object, Result, Value, qjs};

use super::core::{Core, Hook};
use super::{jobs, raw};

/// Asks `resolveImport` what a specifier names.
#[derive(Debug)]
pub(super) struct Resolve;

impl Resolver for Resolve {
    fn resolve<'js>(&mut self, ctx: &Ctx<'js>, base: &str, name: &str, _: Option<ImportAttributes<'js>>) -> Result<String> {
        let core = Core::of(ctx);
        let resolve = core.hook(ctx, Hook::ResolveImport)?;
        match resolve.call::<_, Value<'js>>((name, base)).and_then(|id| raw::string(ctx, &id)) {
            // There is nothing to load, and imports of it settle in the order of their calls.
            Ok(id) if core.loaded.borrow().contains(&id) => Ok(id),
            Ok(id) => {
                jobs::take_turns(ctx);
                Ok(id)
            }
            Err(Error::Exception) => {
                let thrown = ctx.catch();
                jobs::take_turns(ctx);
                Err(ctx.throw(thrown))
            }
            Err(error) => Err(error),
        }
    }
}

/// Asks `describeImport` what a name holds, and makes a module of it.
#[derive(Debug)]
pub(super) struct Load;

impl Loader for Load {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let kind = match attributes {
            Some(attributes) => attributes.get_type()?,
            None => None,
        };
        let core = Core::of(ctx);
        core.loaded.borrow_mut().insert(name.to_owned());
        let describe = core.hook(ctx, Hook::DescribeImport)?;
        let description: Object<'js> = describe.call((name, kind))?;
        let names: Option<Vec<String>> = description.get("names")?;
        if let Some(names) = names {
            return synthetic(ctx, name, &names);
        }
        let source: Value<'js> = description.get("source")?;
        let module = Module::declare(ctx.clone(), name, raw::utf8(ctx, &source)?)?;
        let fill: rquickjs::Function<'js> = description.get("fillMeta")?;
        fill.call::<_, ()>((module.meta()?,))?;
        Ok(module)
    }
}

/// A module whose values JavaScript provides when it is evaluated.
fn synthetic<'js>(ctx: &Ctx<'js>, name: &str, exports: &[String]) -> Result<Module<'js, Declared>> {
    let raw = ctx.as_raw().as_ptr();
    let c_name = CString::new(name)?;
    let exports = exports.iter().map(|export| CString::new(export.as_str())).collect::<std::result::Result<Vec<_>, _>>()?;
    let define = |_: *mut qjs::JSContext, _: *const qjs::c_char| {
        // SAFETY: the names are NUL-terminated and copied by the engine; `evaluate` has the signature the engine calls.
        unsafe {
            let module = qjs::JS_NewCModule(raw, c_name.as_ptr(), Some(evaluate));
            if !module.is_null() {
                for export in &exports {
                    if qjs::JS_AddModuleExport(raw, module, export.as_ptr()) < 0 {
                        return std::ptr::null_mut();
                    }
                }
            }
            module
        }
    };
    let module = define(raw, c_name.as_ptr());
    if module.is_null() {
        return Err(Error::Exception);
    }
    adopt(ctx, module)
}

/// Wraps a module that the engine owns.
fn adopt<'js>(ctx: &Ctx<'js>, module: *mut qjs::JSModuleDef) -> Result<Module<'js, Declared>> {
    thread_local! {
        /// The one module on its way through `from_load_fn`, which takes a plain function and no state.
        static MODULE: std::cell::Cell<*mut qjs::JSModuleDef> = const { std::cell::Cell::new(std::ptr::null_mut()) };
    }
    unsafe extern "C" fn take(_: *mut qjs::JSContext, _: *const qjs::c_char) -> *mut qjs::JSModuleDef {
        MODULE.replace(std::ptr::null_mut())
    }
    MODULE.set(module);
    // SAFETY: `take` returns the module just stored, which belongs to this context.
    unsafe { Module::from_load_fn(ctx.clone(), "synthetic", take) }
}

/// Sets the exports of a synthetic module to what `evaluateImport` returns.
unsafe extern "C" fn evaluate(ctx: *mut qjs::JSContext, module: *mut qjs::JSModuleDef) -> i32 {
    // SAFETY: the engine calls this with the live context that the module belongs to.
    let ctx = unsafe { Ctx::from_raw(std::ptr::NonNull::new(ctx).expect("the engine passes its context")) };
    match set_exports(&ctx, module) {
        Ok(()) => 0,
        Err(Error::Exception) => -1,
        Err(error) => {
            rquickjs::Exception::throw_message(&ctx, &error.to_string());
            -1
        }
    }
}

fn set_exports<'js>(ctx: &Ctx<'js>, module: *mut qjs::JSModuleDef) -> Result<()> {
    let raw = ctx.as_raw().as_ptr();
    // SAFETY: the module is alive while it is evaluated; the name's atom is freed once it is a string.
    let name = unsafe {
        let atom = qjs::JS_GetModuleName(raw, module);
        let name = Value::from_raw(ctx.clone(), qjs::JS_AtomToString(raw, atom));
        qjs::JS_FreeAtom(raw, atom);
        name
    };
    let evaluate = Core::of(ctx).hook(ctx, Hook::EvaluateImport)?;
    let exports: Object<'js> = evaluate.call((name,))?;
    let (names, values): (Vec<String>, Vec<Value<'js>>) = (exports.get("names")?, exports.get("values")?);
    for (export, value) in names.into_iter().zip(values) {
        let export = CString::new(export)?;
        // SAFETY: the engine takes over the reference duplicated here. An export that was not declared answers -1 without an exception.
        unsafe {
            let value = qjs::JS_DupValue(raw, value.as_raw());
            qjs::JS_SetModuleExport(raw, module, export.as_ptr(), value);
        }
    }
    Ok(())
}

/// Loads and evaluates the module at `path` as `import()` does; the promise of its namespace, which takes promise jobs to settle.
pub(crate) fn import<'js>(ctx: &Ctx<'js>, path: &str) -> Result<Value<'js>> {
    let name = CString::new(path)?;
    // SAFETY: the string outlives the call; the promise is owned from here on.
    unsafe {
        let promise = qjs::JS_LoadModule(ctx.as_raw().as_ptr(), name.as_ptr(), name.as_ptr());
        if qjs::JS_IsException(promise) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), promise))
    }
}

/// Loads and evaluates the module at `path` without any promise job, as `require()` does: the promise of its evaluation, pending only if
/// the module awaits, and a namespace whose `namespace` is the module's.
pub(crate) fn require_now<'js>(ctx: &Ctx<'js>, path: &str) -> Result<Vec<Value<'js>>> {
    // What is resolved from here on is resolved at once, also if this is called in a promise job.
    Core::of(ctx).fresh_job.set(false);
    let specifier: Value<'js> = rquickjs::IntoJs::into_js(path, ctx)?;
    let literal = ctx.json_stringify(specifier)?.ok_or(Error::Unknown)?.to_string()?;
    let wrapper = Module::declare(ctx.clone(), format!("require:{path}"), format!("export * as namespace from {literal};"))?;
    let (wrapper, promise) = wrapper.eval()?;
    Ok(vec![promise.into_value(), wrapper.namespace()?.into_value()])
}
