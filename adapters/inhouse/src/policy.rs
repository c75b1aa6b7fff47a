//! Every rule that the loop follows, as data.
//!
//! A field of [`LoopPolicy`] is one rule; [`LoopPolicy::node`] sets them all as Node 26 does, other constructors describe
//! other loops, and [`LoopPolicy::set`] flips a single one by name. A flipped field is a *mutant*: a suite is as strong as the share of
//! mutants it notices. Nothing outside this file decides an order by itself.

use std::fmt;
use std::str::FromStr;

/// Why a policy field could not be set. The owner is the user who named it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// There is no such field.
    #[error("the loop policy has no field `{field}`; it has {}", LoopPolicy::FIELDS.join(", "))]
    UnknownField {
        /// The name given.
        field: String,
    },
    /// There is no such policy.
    #[error("there is no loop policy `{name}`; there are {}", LoopPolicy::NAMES.join(", "))]
    UnknownName {
        /// The name given.
        name: String,
    },
    /// The field exists, the value does not fit it.
    #[error("`{value}` is no value of policy field `{field}`; it takes {expected}")]
    BadValue {
        /// The field.
        field: &'static str,
        /// The value given.
        value: String,
        /// What the field takes.
        expected: &'static str,
    },
}

/// A type that a policy field may have.
trait Value: FromStr + fmt::Display {
    /// What may be written, in words.
    const EXPECTED: &'static str;
}

impl Value for bool {
    const EXPECTED: &'static str = "true or false";
}

impl Value for u32 {
    const EXPECTED: &'static str = "a whole number";
}

/// Declares a policy value that is one of a few words.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? } expected $expected:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_meta])* $variant),+ }

        impl FromStr for $name {
            type Err = ();
            fn from_str(word: &str) -> Result<Self, ()> {
                match word { $($word => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }

        impl Value for $name {
            const EXPECTED: &'static str = $expected;
        }
    };
}

words! {
    /// When ticks and promise jobs are drained.
    Drain {
        /// After every single callback.
        Callback = "callback",
        /// After all callbacks of a phase.
        Phase = "phase",
    } expected "`callback` or `phase`"
}

words! {
    /// What an error does that nobody catches.
    Uncaught {
        /// It ends the program, unless a listener takes it.
        Exit = "exit",
        /// An event tells the global object; it is written to standard error unless that prevents it, and the program goes on.
        Report = "report",
    } expected "`exit` or `report`"
}

words! {
    /// Where in an iteration expired timers run.
    TimersAt {
        /// At the end, and once before the first iteration.
        End = "end",
        /// At the start of each iteration.
        Start = "start",
    } expected "`end` or `start`"
}

words! {
    /// Which standard's loop runs.
    Model {
        /// libuv's phases.
        Phases = "phases",
        /// HTML's processing model: one task, one microtask checkpoint.
        Html = "html",
    } expected "`phases` or `html`"
}

words! {
    /// What the program finds on its global object.
    Globals {
        /// Node's: `process`, `Buffer`, modules of Node.
        Node = "node",
        /// A page's: `window`, `document`, animation frames; nothing of Node's.
        Page = "page",
    } expected "`node` or `page`"
}

words! {
    /// What an unhandled rejection without a listener does.
    Unhandled {
        /// It is raised as an uncaught exception.
        Throw = "throw",
        /// It is written to standard error, and the program goes on.
        Warn = "warn",
        /// An event tells the global object in a task of its own; it is written to standard error unless that prevents it.
        Event = "event",
    } expected "`throw`, `warn` or `event`"
}

/// Lists the fields once; the structure, the defaults, the names and the setter all come from this list.
macro_rules! policy {
    ($($(#[$meta:meta])* $field:ident: $type:ty = $node:expr;)+) => {
        /// The rules of one loop. Each field names its authority.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct LoopPolicy { $($(#[$meta])* pub $field: $type),+ }

        impl LoopPolicy {
            /// The names of all fields, in the order of their declaration.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

            /// The loop of Node 26.
            #[must_use]
            pub fn node() -> Self {
                Self { $($field: $node),+ }
            }

            /// Sets one field from its written form.
            ///
            /// # Errors
            /// [`PolicyError`] names what is allowed if the field or the value is unknown.
            pub fn set(&mut self, field: &str, value: &str) -> Result<(), PolicyError> {
                match field {
                    $(stringify!($field) => {
                        self.$field = value.parse().map_err(|_| PolicyError::BadValue {
                            field: stringify!($field),
                            value: value.to_owned(),
                            expected: <$type as Value>::EXPECTED,
                        })?;
                    })+
                    _ => return Err(PolicyError::UnknownField { field: field.to_owned() }),
                }
                Ok(())
            }

            /// The written form of one field; none if there is no such field.
            #[must_use]
            pub fn get(&self, field: &str) -> Option<String> {
                match field {
                    $(stringify!($field) => Some(self.$field.to_string()),)+
                    _ => None,
                }
            }
        }
    };
}

policy! {
    /// Which loop runs. Authority: libuv design overview; HTML, event loop processing model.
    model: Model = Model::Phases;
    /// Where expired timers run. Authority: libuv design overview and `uv_run` since 1.45 (Node 20); before that at the start.
    timers_at: TimersAt = TimersAt::End;
    /// When ticks and promise jobs run. Authority: Node 11 change log, "timers: run nextTicks after each immediate and timer".
    drain: Drain = Drain::Callback;
    /// Whether a callback that threw (and whose error was handled) is followed by a drain before the next callback. Observed in Node 26.
    drain_after_throw: bool = false;
    /// Whether the tick queue is emptied before the promise jobs. Authority: Node, `process.nextTick`.
    ticks_before_promise_jobs: bool = true;
    /// Whether the main body of an ES module is itself a promise job, so that promise jobs precede ticks there. Authority: Node, `process.nextTick` and ES modules.
    esm_main_in_promise_job: bool = true;
    /// Whether timers of equal duration form one list, and a due list runs all its due timers before the next list. Observed in Node since 0.x.
    timer_lists: bool = true;
    /// The shortest delay in milliseconds; smaller ones become it. Authority: Node, `setTimeout` ("delay will be set to 1"); HTML says 0.
    timer_minimum: u32 = 1;
    /// The shortest delay in milliseconds of a timer that is nested more than five deep; 0 knows no nesting. Authority: HTML, timer
    /// initialization steps (4); Node has none.
    timer_nested_minimum: u32 = 0;
    /// Updates of the display a second, which animation frames wait for. Authority: HTML, update the rendering, leaves it open.
    frame_rate: u32 = 60;
    /// Whether the clock is read anew when a timer is inserted, instead of using the loop's cached time. Observed in Node since 11.
    timer_rereads_clock: bool = true;
    /// Whether an interval's next period starts when its callback starts, not when it ends. Observed in Node 26.
    interval_from_start: bool = true;
    /// Whether immediates that are queued in the check phase wait for the next iteration. Authority: Node, `setImmediate`.
    immediates_wait: bool = true;
    /// Whether poll returns at once while a referenced immediate is queued. Authority: libuv, `uv_backend_timeout` with an idle handle.
    immediates_stop_poll: bool = true;
    /// Whether close callbacks run after the check phase. Authority: libuv design overview.
    check_before_close: bool = true;
    /// Whether close callbacks run in the reverse order of closing. Authority: libuv, `uv__make_close_pending` keeps a stack; observed in Node 26.
    close_callbacks_last_first: bool = true;
    /// Reads of one stream that one readiness allows. Authority: libuv, `uv__read`.
    reads_per_readiness: u32 = 32;
    /// Bytes of one read. Authority: libuv, `uv__read` asks for buffers of 64 KiB.
    read_size: u32 = 65_536;
    /// Queued writes of one stream that one readiness allows. Authority: libuv, `uv__write`.
    writes_per_readiness: u32 = 32;
    /// Connections that one readiness of a listener accepts. Authority: libuv since 1.46, `uv__server_io`; before that all that wait.
    accepts_per_readiness: u32 = 1;
    /// Messages of one port that one wake-up delivers, unless more are waiting when it begins; 1 makes each a task of its own, as in
    /// HTML. Observed in Node 26.
    port_batch: u32 = 1000;
    /// Whether ticks and promise jobs run between two listeners of an event that the loop itself fires. Authority: HTML, "clean up after
    /// running script"; Node 26 calls all listeners in one callback, which the suite records as its deviation.
    drain_after_listener: bool = true;
    /// Threads of the pool unless `UV_THREADPOOL_SIZE` says otherwise. Authority: libuv, thread pool work scheduling.
    pool_size: u32 = 4;
    /// Pool jobs that `fs.readFile` of a small file takes. Observed: 1 in Node 26, 4 before (open, stat, read, close).
    read_file_hops: u32 = 1;
    /// What an unhandled rejection does. Authority: Node, `--unhandled-rejections`; `throw` since 15.
    unhandled_rejections: Unhandled = Unhandled::Throw;
    /// Whether promise jobs, and no ticks, still run after the listeners of `exit` at a program's natural end. Observed in Node 26.
    promise_jobs_after_exit: bool = true;
    /// What an uncaught error does. Authority: Node, `process` event `uncaughtException`; HTML, report an exception.
    uncaught_errors: Uncaught = Uncaught::Exit;
    /// What the global object holds. Authority: Node, global objects; HTML, the Window object.
    globals: Globals = Globals::Node;
}

impl LoopPolicy {
    /// The loop of Node 18 and 16: libuv 1.44, timers at the start of an iteration.
    #[must_use]
    pub fn node_18() -> Self {
        Self { timers_at: TimersAt::Start, read_file_hops: 4, accepts_per_readiness: u32::MAX, ..Self::node() }
    }

    /// The loop of Node 10: ticks and promise jobs run after all expired timers, and after all immediates.
    #[must_use]
    pub fn node_10() -> Self {
        Self { drain: Drain::Phase, unhandled_rejections: Unhandled::Warn, ..Self::node_18() }
    }
}

impl LoopPolicy {
    /// HTML's event loop, in a page on a display of 60 Hz.
    #[must_use]
    pub fn web() -> Self {
        Self {
            model: Model::Html,
            drain_after_throw: true,
            esm_main_in_promise_job: false,
            timer_lists: false,
            timer_minimum: 0,
            timer_nested_minimum: 4,
            interval_from_start: false,
            port_batch: 1,
            unhandled_rejections: Unhandled::Event,
            uncaught_errors: Uncaught::Report,
            globals: Globals::Page,
            ..Self::node()
        }
    }

    /// The names of the whole policies.
    pub const NAMES: &'static [&'static str] = &["node", "node_18", "node_10", "web"];

    /// A whole policy by its name.
    ///
    /// # Errors
    /// [`PolicyError`] names those there are.
    pub fn named(name: &str) -> Result<Self, PolicyError> {
        match name {
            "node" => Ok(Self::node()),
            "node_18" => Ok(Self::node_18()),
            "node_10" => Ok(Self::node_10()),
            "web" => Ok(Self::web()),
            _ => Err(PolicyError::UnknownName { name: name.to_owned() }),
        }
    }
}

impl Default for LoopPolicy {
    fn default() -> Self {
        Self::node()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_reads_back_what_it_prints() {
        for name in LoopPolicy::NAMES {
            let source = LoopPolicy::named(name).expect("a listed name");
            let mut copy = LoopPolicy::node();
            for field in LoopPolicy::FIELDS {
                let value = source.get(field).expect("a listed field");
                copy.set(field, &value).expect("its own value");
            }
            assert_eq!(copy, source);
        }
    }

    #[test]
    fn errors_say_what_is_allowed() {
        let mut policy = LoopPolicy::node();
        let unknown = policy.set("timer_at", "end").expect_err("no such field").to_string();
        assert!(unknown.contains("`timer_at`") && unknown.contains("timers_at"), "{unknown}");
        let bad = policy.set("drain", "never").expect_err("no such value").to_string();
        assert!(bad.contains("`callback` or `phase`"), "{bad}");
        assert_eq!(policy, LoopPolicy::node());
        let unknown = LoopPolicy::named("chrome").expect_err("no such policy").to_string();
        assert!(unknown.contains("node_18, node_10, web"), "{unknown}");
    }
}
