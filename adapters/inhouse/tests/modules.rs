//! Builtin modules beside the loop on the command `inhouse`, in both worlds: compression, lines, async contexts, measurements, paths.

#[path = "support/command.rs"]
mod command;

use command::expect;

#[test]
fn what_is_compressed_comes_back() {
    let program = "
        const zlib = require('node:zlib');
        const data = Buffer.alloc(300000, 'as it was, ');
        const pairs = [['deflate', 'inflate'], ['gzip', 'gunzip'], ['deflateRaw', 'inflateRaw'], ['gzip', 'unzip'], ['deflate', 'unzip']];
        console.log(pairs.every(([there, back]) => zlib[`${back}Sync`](zlib[`${there}Sync`](data)).equals(data)));
        const members = Buffer.concat([zlib.gzipSync('one '), zlib.gzipSync('two'), Buffer.alloc(8)]);
        console.log(zlib.gunzipSync(members).toString(), zlib.crc32('hello'));
        const dictionary = Buffer.from('abc');
        const packed = zlib.deflateSync('abcabc', { dictionary });
        console.log(zlib.inflateSync(packed, { dictionary }).toString());
        const failures = [() => zlib.gunzipSync('garbage'), () => zlib.inflateSync(zlib.deflateSync(data).subarray(0, 20)),
            () => zlib.inflateSync(packed), () => zlib.inflateSync(packed, { dictionary: Buffer.from('no') }),
            () => zlib.createGzip({ level: 11 }), () => zlib.inflateSync(zlib.deflateSync(data), { maxOutputLength: 100 })];
        for (const fail of failures) try { fail(); } catch (error) { console.log(error.code, error.errno); }";
    let expected = [
        "true",
        "one two 907060870",
        "abcabc",
        "Z_DATA_ERROR -3",
        "Z_BUF_ERROR -5",
        "Z_NEED_DICT 2",
        "Z_NEED_DICT 2",
        "ERR_OUT_OF_RANGE undefined",
        "ERR_BUFFER_TOO_LARGE undefined",
    ];
    expect(program, &expected);
}

#[test]
fn compression_is_a_pool_job_and_its_streams_push_back() {
    let program = "
        const zlib = require('node:zlib');
        const { randomBytes } = require('node:crypto');
        zlib.deflate('x', (error) => {
            console.log('callback', error);
            const gzip = zlib.createGzip();
            let more = true;
            let written = 0;
            while (more && written < 1000) { more = gzip.write(randomBytes(16384)); written += 1; }
            console.log(more, written < 1000);
            for (let extra = 0; extra < 20; extra++) gzip.write(randomBytes(16384));
            setTimeout(() => {
                console.log(gzip.writableNeedDrain);
                let size = 0;
                gzip.on('drain', () => { console.log('drain'); gzip.end(); });
                gzip.on('data', (chunk) => { size += chunk.length; }).on('end', () => console.log(size > (written + 20) * 16384));
            }, 20);
        });
        process.nextTick(() => console.log('tick'));
        Promise.resolve().then(() => console.log('promise'));";
    expect(program, &["tick", "promise", "callback null", "false true", "true", "drain", "true"]);
}

#[test]
fn flushes_keep_their_place_among_the_writes() {
    let program = "
        const zlib = require('node:zlib');
        const deflate = zlib.createDeflate();
        const parts = [];
        deflate.on('data', (part) => parts.push(part));
        deflate.write('first ');
        deflate.flush(() => {
            const whole = zlib.inflateSync(Buffer.concat(parts), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
            console.log(whole.toString());
            deflate.params(9, 0, () => deflate.end('second'));
        });
        deflate.on('end', () => console.log(zlib.inflateSync(Buffer.concat(parts)).toString()));
        const source = new ReadableStream({ start(controller) {
            for (let byte = 0; byte < 20; byte++) controller.enqueue(new Uint8Array(10000).fill(byte));
            controller.close();
        } });
        const through = source.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'));
        deflate.on('close', () => new Response(through).arrayBuffer().then((bytes) => console.log(bytes.byteLength, new Uint8Array(bytes)[199999])));";
    expect(program, &["first ", "first second", "200000 19"]);
}

#[test]
fn lines_are_the_same_however_chunks_fall() {
    let program = "
        const readline = require('node:readline');
        const { PassThrough, Readable } = require('node:stream');
        const input = new PassThrough();
        const lines = readline.createInterface({ input });
        for (const event of ['line', 'pause', 'resume', 'close']) lines.on(event, (line) => console.log(event, line));
        lines.once('line', () => Promise.resolve().then(() => console.log('promise')));
        input.write('a\\nb\\r');
        setTimeout(() => {
            input.write('\\nc');
            setTimeout(() => {
                lines.pause();
                input.write('d\\n');
                setTimeout(() => { console.log('still paused'); lines.resume(); input.end('last'); }, 5);
            }, 5);
        }, 5);
        lines.on('close', async () => {
            const seen = [];
            for await (const line of readline.createInterface({ input: Readable.from(['1\\n2\\n', '3\\n4']) })) { await null; seen.push(line); }
            console.log(seen.join());
            const questions = new PassThrough();
            const asking = readline.createInterface({ input: questions });
            asking.on('line', (line) => console.log('line', line));
            asking.question('name? ', (answer) => console.log('answer', answer));
            questions.end('bob\\nnext\\n');
        });";
    let expected = [
        "line a",
        "line b",
        "promise",
        "pause undefined",
        "still paused",
        "resume undefined",
        "line cd",
        "line last",
        "pause undefined",
        "close undefined",
        "1,2,3,4",
        "answer bob",
        "line next",
    ];
    expect(program, &expected);
}

#[test]
fn ports_and_workers_call_listeners_in_the_async_context_of_their_creation() {
    let program = "
        const { AsyncLocalStorage } = require('node:async_hooks');
        const { MessageChannel, Worker } = require('node:worker_threads');
        const storage = new AsyncLocalStorage();
        const seen = [];
        const heard = (name) => seen.push(`${name} ${storage.getStore()}`);
        for (const store of ['a', 'b']) {
            storage.run(store, () => {
                const { port1, port2 } = new MessageChannel();
                port1.on('message', () => { heard('port'); port1.close(); });
                port2.postMessage('message');
            });
        }
        const { port1, port2 } = storage.run('outer', () => new MessageChannel());
        const inner = storage.run('inner', () => new MessageChannel());
        port1.on('message', (port) => {
            heard('outer');
            port.on('message', () => { heard('arrived'); port.close(); port1.close(); });
        });
        storage.run('post', () => {
            port2.postMessage(inner.port1, [inner.port1]);
            inner.port2.postMessage(1);
        });
        const channel = storage.run('channel', () => new BroadcastChannel('stores'));
        channel.onmessage = () => { heard('broadcast'); channel.close(); };
        const sender = new BroadcastChannel('stores');
        storage.run('sender', () => sender.postMessage(1));
        sender.close();
        const text = 'require(\"node:worker_threads\").parentPort.postMessage(1)';
        const worker = storage.run('worker', () => new Worker(text, { eval: true }));
        worker.on('message', () => heard('worker'));
        process.on('exit', () => seen.sort().forEach((line) => console.log(line)));
    ";
    expect(program, &["arrived undefined", "broadcast channel", "outer outer", "port a", "port b", "worker worker"]);
}

#[test]
fn brotli_is_one_more_kind_of_compression() {
    let program = "
        const zlib = require('node:zlib');
        const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants;
        const data = Buffer.from(Array.from({ length: 20000 }, (_, line) => `line ${line * 7919 % 10007}`).join());
        const fast = { params: { [BROTLI_PARAM_QUALITY]: 1, [BROTLI_PARAM_LGWIN]: 16 } };
        for (const options of [undefined, fast]) {
            const packed = zlib.brotliCompressSync(data, options);
            console.log(packed.length < data.length / 2, zlib.brotliDecompressSync(packed).equals(data));
        }
        // RFC 7932, appendix A: a stream of one empty last meta-block is the byte 06 with a window of 16 bits.
        console.log(zlib.brotliDecompressSync(Buffer.from([6])).length);
        const packed = zlib.brotliCompressSync(data);
        const failures = [() => zlib.brotliDecompressSync('garbage'), () => zlib.brotliDecompressSync(packed.subarray(0, 20)),
            () => zlib.brotliDecompressSync(packed, { maxOutputLength: 100 }), () => zlib.createBrotliCompress({ params: { 99: 1 } }),
            () => zlib.createBrotliCompress({ params: { 1: 'one' } }), () => zlib.createBrotliCompress({ flush: 4 }),
            () => zlib.createBrotliDecompress({ params: { 5: 1 } }), () => zlib.createBrotliCompress({ params: { 4: 42 } }),
            () => zlib.createBrotliCompress({ params: { 0: 0, '00': 0 } })];
        const dictionary = data.subarray(0, 1000);
        const small = zlib.brotliCompressSync(dictionary, { dictionary });
        console.log(small.length < 40, zlib.brotliDecompressSync(small, { dictionary }).equals(dictionary));
        for (const fail of failures) try { fail(); console.log('passed'); } catch (error) { console.log(error.code, error.errno); }
        const there = zlib.createBrotliCompress();
        const back = zlib.createBrotliDecompress({ chunkSize: 64 });
        const parts = [];
        // What was flushed comes out before anything else is written.
        back.on('data', (part) => {
            parts.push(part);
            if (parts.length === 1) there.end(data);
        });
        back.on('end', () => {
            console.log(Buffer.concat(parts).equals(Buffer.concat([Buffer.from('first'), data])));
            zlib.brotliDecompress(packed.subarray(0, 20), (error) => {
                console.log(error.code);
                zlib.brotliCompress('hello', (error, packed) => zlib.brotliDecompress(packed, (error, text) => console.log(error, `${text}`)));
            });
        });
        there.pipe(back);
        there.write('first');
        there.flush();";
    let expected = [
        "true true",
        "true true",
        "0",
        "true true",
        "ERR__ERROR_FORMAT_PADDING_1 -14",
        "Z_BUF_ERROR -5",
        "ERR_BUFFER_TOO_LARGE undefined",
        "ERR_BROTLI_INVALID_PARAM undefined",
        "ERR_INVALID_ARG_TYPE undefined",
        "ERR_OUT_OF_RANGE undefined",
        "ERR_ZLIB_INITIALIZATION_FAILED undefined",
        "ERR_ZLIB_INITIALIZATION_FAILED undefined",
        "ERR_BROTLI_INVALID_PARAM undefined",
        "true",
        "Z_BUF_ERROR",
        "null hello",
    ];
    expect(program, &expected);
}

#[test]
fn async_contexts_follow_every_queue_and_every_await() {
    let program = "
        const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
        const { EventEmitter } = require('node:events');
        const storage = new AsyncLocalStorage();
        const seen = [];
        const note = (name) => seen.push(`${name}:${storage.getStore()}`);
        async function work(name) {
            await null;
            await new Promise((resolve) => setTimeout(resolve, name === 'a' ? 4 : 2));
            try { await Promise.reject(new Error('no')); } catch { note(`${name} caught`); }
            await { then(resolve) { note(`${name} thenable`); setTimeout(resolve, 1); } };
            for await (const item of [1, Promise.resolve(2)]) note(`${name} ${item}`);
        }
        const { promise, resolve } = Promise.withResolvers();
        storage.run('at then', () => promise.then(() => note('reaction')));
        storage.run('at resolve', resolve);
        storage.run('S', () => {
            setTimeout(note, 0, 'timer');
            setImmediate(note, 'immediate');
            process.nextTick(note, 'tick');
            queueMicrotask(() => note('microtask'));
            require('node:fs').stat('.', () => note('file'));
        });
        const emitter = new EventEmitter();
        storage.run('on', () => emitter.on('event', () => note('emitter')));
        storage.run('emit', () => emitter.emit('event'));
        const resource = storage.run('made', () => new AsyncResource('R'));
        storage.run('other', () => resource.runInAsyncScope(note, null, 'resource'));
        storage.run('snapshot', () => AsyncLocalStorage.snapshot())(note, 'snapshot');
        setTimeout(note, 1, 'before enterWith');
        storage.enterWith('entered');
        storage.exit(() => note('exit'));
        note('main');
        process.on('unhandledRejection', (error) => seen.push(error.message));
        storage.run('x', () => { Promise.reject(new Error('unhandled')); });
        const both = ['a', 'b'].map((name) => storage.run(name.toUpperCase(), () => work(name)));
        Promise.all(both).then(() => setTimeout(() => console.log(seen.sort().join('\\n')), 20));";
    let expected = [
        "a 1:A",
        "a 2:A",
        "a caught:A",
        "a thenable:A",
        "b 1:B",
        "b 2:B",
        "b caught:B",
        "b thenable:B",
        "before enterWith:undefined",
        "emitter:emit",
        "exit:undefined",
        "file:S",
        "immediate:S",
        "main:entered",
        "microtask:S",
        "reaction:at then",
        "resource:made",
        "snapshot:snapshot",
        "tick:S",
        "timer:S",
        "unhandled",
    ];
    expect(program, &expected);
}

#[test]
fn the_loop_can_be_measured() {
    let program = "
        const { monitorEventLoopDelay, performance, createHistogram } = require('node:perf_hooks');
        const spin = (millis) => { const end = Date.now() + millis; while (Date.now() < end); };
        const delay = monitorEventLoopDelay({ resolution: 10 });
        delay.enable();
        setTimeout(() => {
            spin(60);
            setTimeout(() => {
                delay.disable();
                console.log(delay.max >= 40e6, delay.count > 0, delay.percentile(100) === delay.max);
                const start = performance.eventLoopUtilization();
                spin(50);
                console.log(performance.eventLoopUtilization(start).utilization > 0.5);
                const idle = performance.eventLoopUtilization();
                setTimeout(() => console.log(performance.eventLoopUtilization(idle).utilization < 0.5), 200);
            }, 30);
        }, 20);
        const histogram = createHistogram();
        for (const value of [5, 7, 9]) histogram.record(value);
        console.log(histogram.min, histogram.max, histogram.mean, histogram.percentile(50));
        const { channel } = require('node:diagnostics_channel');
        channel('news').subscribe((message, name) => console.log(name, message));
        channel('news').publish('at once');";
    expect(program, &["5 9 7 7", "news at once", "true true true", "true", "true"]);
}

#[test]
fn paths_and_file_urls_are_taken_apart() {
    let program = "
        const path = require('node:path');
        const { fileURLToPath, pathToFileURL, resolve, parse } = require('node:url');
        console.log(path.join('a', '..', 'b/'), path.resolve('/a', '../b'), path.relative('/a/b/c', '/a/d'), path.normalize('/../a//b/./c/..'));
        console.log(path.dirname('/a/b/'), path.basename('/a/b.txt', '.txt'), path.extname('.x'), path.extname('a.b.c'), path.isAbsolute('a'));
        console.log(JSON.stringify(path.parse('/home/x/f.txt')));
        console.log(fileURLToPath('file:///a%20b'), pathToFileURL('/x y#z?').href);
        console.log(resolve('/one/two/three', 'four'), resolve('http://a.example/b', '../c'), parse('/a?b=c', true).query.b);";
    let expected = [
        "b/ /b ../../d /a/b",
        "/a b  .c false",
        "{\"root\":\"/\",\"dir\":\"/home/x\",\"base\":\"f.txt\",\"ext\":\".txt\",\"name\":\"f\"}",
        "/a b file:///x%20y%23z%3F",
        "/one/two/four http://a.example/c c",
    ];
    expect(program, &expected);
}

#[test]
fn the_buffer_of_a_webassembly_memory_stays_with_it() {
    let program = "
        const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
        const { buffer } = memory;
        const attempt = (what) => { try { what(); return 'no error'; } catch (error) { return error.constructor.name; } };
        console.log(attempt(() => buffer.transfer()), attempt(() => structuredClone(buffer, { transfer: [buffer] })));
        new ReadableStream({
            type: 'bytes',
            start(controller) { console.log(attempt(() => controller.enqueue(new Uint8Array(buffer, 0, 1)))); },
        });
        new Uint8Array(buffer)[65535] = 7;
        console.log(memory.grow(1), buffer.detached, memory.buffer.byteLength, new Uint8Array(memory.buffer)[65535]);
        console.log(attempt(() => memory.grow(1)), attempt(() => new WebAssembly.Memory({ initial: 2, maximum: 1 })));
        const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
        console.log(shared.buffer instanceof SharedArrayBuffer, new ArrayBuffer(8).transfer(4).byteLength);";
    expect(program, &["TypeError TypeError", "TypeError", "1 true 131072 7", "RangeError RangeError", "true 4"]);
}
