//! What programs see of async resources with `async_hooks` on the command `inhouse`, in both worlds.

#[path = "support/command.rs"]
mod command;

use command::expect;

#[test]
fn hooks_see_the_lives_of_callbacks_and_promises() {
    // The numbers, and what causes what, are those that Node's documentation of async_hooks describes.
    let program = "
        const { createHook, executionAsyncId, triggerAsyncId, executionAsyncResource } = require('node:async_hooks');
        const say = (...words) => require('node:fs').writeSync(1, `${words.join(' ')}\\n`);
        createHook({
            init: (id, type, trigger) => say('init', id, type, trigger),
            before: (id) => say('before', id, executionAsyncId()),
            after: (id) => say('after', id, executionAsyncId()),
            promiseResolve: (id) => say('resolve', id),
        }).enable();
        process.nextTick(() => say('tick', executionAsyncResource().constructor.name));
        queueMicrotask(() => say('microtask'));
        (async () => {
            await null;
            setImmediate(() => {
                say('immediate', executionAsyncResource().constructor.name);
                setTimeout(() => say('timeout', triggerAsyncId()), 1);
            });
        })().then(() => say('then'));
        Promise.reject(1).catch(() => say('caught', executionAsyncResource() instanceof Promise));
    ";
    let expected = [
        "init 2 TickObject 1",
        "init 3 Microtask 1",
        // The async function's promise, the wrapper of what it awaits, the promise of the `await`, and the one of `then`.
        "init 4 PROMISE 1",
        "init 5 PROMISE 4",
        "resolve 5",
        "init 6 PROMISE 5",
        "init 7 PROMISE 4",
        "init 8 PROMISE 1",
        "resolve 8",
        "init 9 PROMISE 8",
        "before 2 2",
        "tick Object",
        "after 2 2",
        "before 3 3",
        "microtask",
        "after 3 3",
        "before 6 6",
        "init 10 Immediate 6",
        "resolve 4",
        "resolve 6",
        "after 6 6",
        "before 9 9",
        "caught true",
        "resolve 9",
        "after 9 9",
        "before 7 7",
        "then",
        "resolve 7",
        "after 7 7",
        "before 10 10",
        "immediate Immediate",
        "init 11 Timeout 10",
        "after 10 10",
        "before 11 11",
        "timeout 10",
        "after 11 11",
    ];
    expect(program, &expected);
}

#[test]
fn hooks_hear_of_ends_and_of_errors_in_the_name_of_what_failed() {
    let program = "
        const { createHook, AsyncResource, executionAsyncId } = require('node:async_hooks');
        const seen = [];
        const types = new Map();
        const hook = createHook({
            init: (id, type) => types.set(id, type),
            after: (id) => seen.push(`after ${types.get(id)}`),
            destroy: (id) => seen.push(`destroy ${types.get(id)}`),
        });
        hook.enable();
        setTimeout(() => {
            process.on('uncaughtException', () => seen.push(`uncaught in ${types.get(executionAsyncId())}`));
            clearTimeout(setTimeout(() => {}, 1000));
            clearImmediate(setImmediate(() => {}));
            new AsyncResource('Mine').emitDestroy();
            process.nextTick(() => { throw new Error('no'); });
            process.once('beforeExit', () => {
                hook.disable();
                setTimeout(() => console.log(seen.slice(0, 8).join('\\n')), 1);
            });
        }, 1);
    ";
    let expected = [
        "after Timeout",
        "uncaught in TickObject",
        "after TickObject",
        "destroy Timeout",
        "destroy Immediate",
        "destroy Mine",
        "destroy Timeout",
        "destroy TickObject",
    ];
    expect(program, &expected);
}

#[test]
fn a_hook_that_comes_late_or_goes_early_sees_its_part() {
    let program = "
        const { createHook } = require('node:async_hooks');
        const seen = [];
        const hook = createHook({ init: (id, type) => seen.push(`init ${type}`), before: () => seen.push('before'), after: () => seen.push('after') });
        Promise.resolve().then(() => {
            hook.enable();
            process.nextTick(() => {
                seen.push('tick');
                hook.disable();
                setImmediate(() => console.log(seen.join()));
            });
        });
    ";
    // The reaction that enabled it ends in its sight, the tick that disabled it begins there.
    expect(program, &["init TickObject,after,before,tick"]);
}

#[test]
fn stores_pass_through_subclasses_and_do_not_leak_into_microtasks() {
    let program = "
        const { AsyncLocalStorage } = require('node:async_hooks');
        const storage = new AsyncLocalStorage();
        const other = new AsyncLocalStorage();
        class Sub extends Promise {}
        storage.run('S', () => Sub.resolve().then(() => console.log('subclass', storage.getStore())));
        const { promise, resolve } = storage.run('made', () => Promise.withResolvers());
        resolve();
        queueMicrotask(() => console.log('microtask', storage.getStore()));
        storage.run('in', () => {
            other.enterWith('left behind');
            storage.disable();
            console.log('disabled', storage.getStore());
        });
        console.log(storage.getStore(), other.getStore());
    ";
    let expected = ["disabled undefined", "undefined left behind", "subclass S", "microtask undefined"];
    expect(program, &expected);
}
