//! Much of everything at once, and structured clones of anything: nothing is lost, nothing changes its order, and memory is bounded.

mod support;

use lockstep_protocol::{Case, Done, Ended, Limits, World};
use proptest::prelude::*;
use support::{Place, Worker};

/// Runs a program in 128 MiB, in both worlds; what it prints must be the same in both.
fn expect(program: &str, expected: &[&str]) {
    let mut worker = Worker::start();
    for world in [World::Simulated, World::Real] {
        let place = Place::new(program);
        let case = place.case();
        // The deadline is for a machine that does much else.
        let limits = Limits { deadline_ms: 120_000, memory_bytes: 128 << 20, ..case.limits };
        let done = worker.run(Case { world, limits, ..case });
        assert_eq!(done.events, expected, "{world:?}: {}", done.stderr);
        assert_eq!((done.ended, done.code), (Ended::Idle, 0), "{world:?}: {}", done.stderr);
    }
}

#[test]
fn a_thousand_timers_on_one_deadline_fire_in_their_order() {
    let program = "
        const order = [];
        for (let i = 0; i < 1000; i++) setTimeout(() => order.push(i), 5);
        setTimeout(() => console.log(order.length, order.every((value, index) => value === index)), 5);";
    expect(program, &["1000 true"]);
}

#[test]
fn a_hundred_thousand_promises_wait_and_are_settled_in_their_order() {
    let program = "
        let settle;
        const gate = new Promise((resolve) => { settle = resolve; });
        let next = 0;
        let inOrder = true;
        for (let i = 0; i < 100000; i++) gate.then(() => { inOrder &&= next === i; next += 1; });
        setTimeout(() => { console.log('before', next); settle(); }, 1);
        setTimeout(() => console.log('after', next, inOrder), 2);";
    expect(program, &["before 0", "after 100000 true"]);
}

#[test]
fn ten_thousand_pool_jobs_are_all_done() {
    let program = "
        const fs = require('node:fs');
        const crypto = require('node:crypto');
        let done = 0;
        const one = (error) => { if (error) throw error; done += 1; if (done === 10000) console.log('all are done'); };
        for (let i = 0; i < 5000; i++) { fs.stat('.', one); crypto.randomBytes(8, one); }
        console.log('sync', done);";
    expect(program, &["sync 0", "all are done"]);
}

#[test]
fn a_gibibyte_passes_through_streams_in_bounded_memory() {
    let program = "
        const { Readable, Transform, Writable, pipeline } = require('node:stream');
        const chunk = Buffer.alloc(1 << 20, 'x');
        let made = 0;
        let taken = 0;
        const source = new Readable({ read() { this.push(made++ < 1024 ? chunk : null); } });
        const middle = new Transform({ transform(data, encoding, callback) { callback(null, Buffer.from(data)); } });
        const end = new Writable({ write(data, encoding, callback) { taken += data.length; setImmediate(callback); } });
        pipeline(source, middle, end, (error) => console.log(error, taken));";
    expect(program, &["undefined 1073741824"]);
}

#[test]
fn what_fails_half_way_has_delivered_what_came_before() {
    let program = "
        const fs = require('node:fs');
        const net = require('node:net');
        fs.writeFileSync('data', 'x'.repeat(100000));
        const file = fs.createReadStream('data', { highWaterMark: 10000 });
        let read = 0;
        file.on('data', (data) => {
          read += data.length;
          // From here on the descriptor is somebody else's business.
          if (read === 30000) fs.closeSync(file.fd);
        });
        file.on('error', (error) => { console.log('file', read >= 30000, error.code); sockets(); });
        file.on('end', () => console.log('file: end'));
        function sockets() {
          const server = net.createServer((socket) => {
            socket.write('y'.repeat(50000));
            socket.once('data', () => socket.resetAndDestroy());
          });
          server.listen(0, '127.0.0.1', () => {
            const client = net.connect(server.address().port, '127.0.0.1');
            let received = 0;
            client.on('data', (data) => {
              received += data.length;
              if (received === 50000) client.write('all of it');
            });
            client.on('error', (error) => console.log('socket', received, error.code));
            client.on('close', () => server.close());
          });
        }";
    expect(program, &["file true EBADF", "socket 50000 ECONNRESET"]);
}

/// An expression that makes a value which structured cloning keeps as it is.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("undefined".to_owned()),
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i32>().prop_map(|value| value.to_string()),
        any::<f64>().prop_map(|value| if value.is_finite() { format!("{value:e}") } else { "NaN".to_owned() }),
        any::<i64>().prop_map(|value| format!("{value}n")),
        "[ -~é\u{1F600}]{0,12}".prop_map(|value| serde_json::to_string(&value).expect("a string")),
        Just("-0".to_owned()),
        any::<u32>().prop_map(|value| format!("new Date({value})")),
        Just("new Date(NaN)".to_owned()),
        Just("/a(b)/giu".to_owned()),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(|bytes| format!("new Uint8Array({bytes:?})")),
        prop::collection::vec(any::<u16>(), 0..5).prop_map(|items| format!("new Uint16Array({items:?}).subarray(1)")),
        any::<u8>().prop_map(|length| format!("new ArrayBuffer({length}, {{ maxByteLength: 300 }})")),
        Just("new DataView(new ArrayBuffer(8), 2, 3)".to_owned()),
        Just("new RangeError('x', { cause: 1 })".to_owned()),
        Just("Object(1n)".to_owned()),
        Just("Object('boxed')".to_owned()),
        // Values that occur more than once keep their identity, and one that contains itself does too.
        Just("shared".to_owned()),
        Just("circle".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|items| format!("[, {}, ,]", items.join(", "))),
            prop::collection::vec(("[a-z]{1,3}", inner.clone()), 0..5).prop_map(|entries| {
                let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key:?}: {value}")).collect();
                format!("({{ {} }})", entries.join(", "))
            }),
            prop::collection::vec((inner.clone(), inner.clone()), 0..4).prop_map(|entries| {
                let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("[{key}, {value}]")).collect();
                format!("new Map([{}])", entries.join(", "))
            }),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("new Set([{}])", items.join(", "))),
        ]
    })
}

fn once(program: &str) -> Done {
    let mut worker = Worker::start();
    worker.run(Place::new(program).case())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Here, through a port, and to a worker and back.
    #[test]
    fn a_structured_clone_is_another_value_that_looks_the_same(values in prop::collection::vec(value(), 1..6)) {
        let program = format!(
            "const assert = require('node:assert');
             const {{ Worker }} = require('node:worker_threads');
             const shared = {{ name: 'shared' }};
             const circle = [1];
             circle.push(circle);
             const value = [shared, circle, {}];
             const check = (copy) => {{
               assert.deepStrictEqual(copy, value);
               assert.notStrictEqual(copy, value);
               assert.strictEqual(copy[1][1], copy[1]);
               if (value[2] === shared) assert.strictEqual(copy[2], copy[0]);
             }};
             check(structuredClone(value));
             const {{ port1, port2 }} = new MessageChannel();
             port2.once('message', (copy) => {{ check(copy); console.log('port'); port1.close(); }});
             port1.postMessage(value);
             const echo = \"const {{ parentPort }} = require('worker_threads'); parentPort.once('message', (data) => parentPort.postMessage(data));\";
             const worker = new Worker(echo, {{ eval: true }});
             worker.once('message', (copy) => {{ check(copy); console.log('worker'); }});
             worker.postMessage(value);",
            values.join(", ")
        );
        let done = once(&program);
        prop_assert_eq!(&done.events, &["port", "worker"], "{}\n{}", program, done.stderr);
        prop_assert_eq!((done.ended, done.code), (Ended::Idle, 0), "{}\n{}", program, done.stderr);
    }
}
