//! Programs that use sockets, HTTP, datagrams and fetch, in both worlds. Each order follows from Node's documentation of the module.

use std::process::Command;

/// What a CommonJS program prints, in the simulated world and in the real one.
#[track_caller]
fn run(program: &str) -> [Vec<String>; 2] {
    let place = tempfile::tempdir().expect("a directory");
    std::fs::write(place.path().join("main.cjs"), program).expect("a file");
    [&["--virtual-time", "main.cjs"][..], &["main.cjs"]].map(|arguments| {
        let command = Command::new(env!("CARGO_BIN_EXE_inhouse")).args(arguments).current_dir(place.path()).output();
        let output = command.expect("the command starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    })
}

/// Both worlds print exactly this.
#[track_caller]
fn expect_cjs(program: &str, expected: &[&str]) {
    for lines in run(program) {
        assert_eq!(lines, expected);
    }
}

/// Both worlds print each of these chains in its order, and nothing else; how they interleave is the network's affair.
#[track_caller]
fn expect_in_order(program: &str, chains: &[&[&str]]) {
    for lines in run(program) {
        for &chain in chains {
            let seen: Vec<&String> = lines.iter().filter(|line| chain.contains(&line.as_str())).collect();
            assert_eq!(seen, chain, "in {lines:#?}");
        }
        let strange = lines.iter().find(|line| !chains.iter().any(|chain| chain.contains(&line.as_str())));
        assert_eq!(strange, None, "in {lines:#?}");
    }
}

#[test]
fn a_connection_tells_its_life_in_order() {
    let program = "
        const net = require('node:net');
        const server = net.createServer((socket) => {
          socket.on('data', (data) => socket.end(`echo ${data}`));
          socket.on('end', () => console.log('server: end'));
          socket.on('close', (hadError) => console.log('server: close', hadError));
        });
        server.listen(0, '127.0.0.1', () => {
          console.log('listening', server.address().family);
          const client = net.connect(server.address().port, '127.0.0.1');
          for (const event of ['connect', 'ready', 'end', 'finish', 'close']) client.on(event, () => console.log(`client: ${event}`));
          client.on('data', (data) => console.log(`client: data ${data}`));
          client.on('close', () => server.close(() => console.log('server is closed')));
          client.write('hello');
        });
        console.log('listening?', server.listening);";
    let client = [
        "listening? false",
        "listening IPv4",
        "client: connect",
        "client: ready",
        "client: data echo hello",
        "client: end",
        "client: finish",
        "client: close",
    ];
    expect_in_order(program, &[&client, &["server: end", "server: close false"], &["client: end", "server is closed"]]);
}

#[test]
fn nobody_listens_is_an_error_and_then_a_close() {
    let program = "
        const net = require('node:net');
        const socket = net.connect(1, '127.0.0.1');
        socket.on('connect', () => console.log('connect'));
        socket.on('error', (error) => console.log(error.message, error.syscall, error.port));
        socket.on('close', (hadError) => console.log('close', hadError));";
    expect_cjs(program, &["connect ECONNREFUSED 127.0.0.1:1 connect 1", "close true"]);
}

#[test]
fn a_stuck_reader_stops_its_writer_and_loses_nothing() {
    let program = "
        const net = require('node:net');
        const size = 8 << 20;
        const server = net.createServer((socket) => {
          socket.pause();
          let received = 0;
          socket.on('data', (data) => { received += data.length; });
          socket.on('end', () => console.log('received', received === size));
          client.on('drain', () => { console.log('drain', reading); client.end(); });
          console.log('write', client.write(Buffer.alloc(size)));
          let reading = false;
          setTimeout(() => { console.log('left', client.writableLength > 0); reading = true; socket.resume(); }, 20);
          server.close();
        });
        let client;
        server.listen(0, '127.0.0.1', () => { client = net.connect(server.address().port, '127.0.0.1').resume(); });";
    expect_cjs(program, &["write false", "left true", "drain true", "received true"]);
}

#[test]
fn handles_that_do_nothing_or_are_unreferenced_keep_nobody_alive() {
    let program = "
        const net = require('node:net');
        const server = net.createServer((socket) => { console.log('connection'); socket.unref(); server.unref(); });
        server.listen(0, '127.0.0.1', () => {
          const client = net.connect(server.address().port, '127.0.0.1', () => console.log('connect'));
          client.unref();
        });
        process.on('exit', (code) => console.log('exit', code));";
    expect_in_order(program, &[&["connection", "exit 0"], &["connect", "exit 0"]]);
}

#[test]
fn close_callbacks_run_last_closed_first() {
    let program = "
        const net = require('node:net');
        const sockets = ['a', 'b', 'c'].map((name) => new net.Socket().on('close', () => console.log('close', name)));
        const server = net.createServer().listen(0, '127.0.0.1', () => {
          let connected = 0;
          for (const socket of sockets) {
            socket.connect(server.address().port, '127.0.0.1', () => {
              if (++connected === 3) sockets.forEach((one) => one.destroy());
            });
          }
          server.unref();
        });";
    expect_cjs(program, &["close c", "close b", "close a"]);
}

#[test]
fn a_request_and_its_response_are_told_on_both_sides() {
    let program = "
        const http = require('node:http');
        const server = http.createServer((request, response) => {
          console.log('request', request.method, request.url);
          let body = '';
          request.on('data', (data) => { body += data; });
          request.on('end', () => { console.log('request end', body); response.end('thanks'); });
          response.on('finish', () => console.log('response finish'));
          response.on('close', () => console.log('response close'));
        });
        server.listen(0, '127.0.0.1', () => {
          const request = http.request({ port: server.address().port, host: '127.0.0.1', method: 'POST', path: '/x', agent: false });
          for (const event of ['socket', 'finish', 'close']) request.on(event, () => console.log('client:', event));
          request.on('response', (response) => {
            console.log('client: response', response.statusCode, response.headers['content-length']);
            response.on('data', (data) => console.log('client: data', `${data}`));
            response.on('end', () => { console.log('client: end'); server.close(); });
          });
          request.end('please');
        });";
    expect_in_order(
        program,
        &[
            &[
                "client: socket",
                "client: finish",
                "client: response 200 6",
                "client: data thanks",
                "client: end",
                "client: close",
            ],
            &["client: socket", "request POST /x", "request end please", "response finish", "response close"],
        ],
    );
}

#[test]
fn a_keep_alive_agent_uses_one_connection_for_all() {
    let program = "
        const http = require('node:http');
        let connections = 0;
        const server = http.createServer((request, response) => response.end(request.url)).on('connection', () => { connections++; });
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        server.listen(0, '127.0.0.1', () => {
          const paths = ['/a', '/b', '/c'];
          let left = paths.length;
          for (const path of paths) {
            http.get({ port: server.address().port, host: '127.0.0.1', path, agent }, (response) => {
              response.on('data', (data) => console.log(`${data}`));
              response.on('end', () => {
                if (--left > 0) return;
                console.log('connections', connections);
                agent.destroy();
                server.close();
              });
            });
          }
        });";
    expect_cjs(program, &["/a", "/b", "/c", "connections 1"]);
}

#[test]
fn responses_to_pipelined_requests_keep_their_order() {
    let program = "
        const http = require('node:http');
        const net = require('node:net');
        const waiting = [];
        const server = http.createServer((request, response) => {
          waiting.push(response);
          if (waiting.length < 2) return;
          waiting[1].end('second');
          setImmediate(() => waiting[0].end('first'));
        });
        server.listen(0, '127.0.0.1', () => {
          const client = net.connect(server.address().port, '127.0.0.1');
          let text = '';
          client.on('data', (data) => { text += data; if (text.includes('second')) client.end(); });
          client.on('close', () => { console.log(text.match(/first|second/g).join()); server.close(); });
          client.write('GET /1 HTTP/1.1\\r\\nHost: h\\r\\n\\r\\nGET /2 HTTP/1.1\\r\\nHost: h\\r\\n\\r\\n');
        });";
    expect_cjs(program, &["first,second"]);
}

#[test]
fn what_is_no_http_is_refused_and_the_server_goes_on() {
    let program = "
        const http = require('node:http');
        const net = require('node:net');
        const server = http.createServer((request, response) => response.end('fine'));
        const say = (text) => new Promise((resolve) => {
          const client = net.connect(server.address().port, '127.0.0.1', () => client.write(text));
          let answer = '';
          client.on('data', (data) => { answer += data; });
          client.on('close', () => { console.log(answer.split('\\r\\n')[0]); resolve(); });
        });
        server.listen(0, '127.0.0.1', async () => {
          await say('NONSENSE\\r\\n\\r\\n');
          await say(`GET / HTTP/1.1\\r\\nHost: h\\r\\nX: ${'x'.repeat(20000)}\\r\\n\\r\\n`);
          await say('GET / HTTP/1.1\\r\\n\\r\\n');
          await say('GET / HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n');
          server.close();
        });";
    let refused = ["HTTP/1.1 400 Bad Request", "HTTP/1.1 431 Request Header Fields Too Large", "HTTP/1.1 400 Bad Request"];
    expect_cjs(program, &[&refused[..], &["HTTP/1.1 200 OK"]].concat());
}

#[test]
fn fetch_streams_a_body_follows_redirects_and_is_aborted() {
    let program = "
        const http = require('node:http');
        const server = http.createServer((request, response) => {
          if (request.url === '/moved') response.writeHead(302, { location: '/here' }).end();
          else if (request.url === '/slow') response.write('first');
          else request.pipe(response);
        });
        server.listen(0, '127.0.0.1', async () => {
          const base = `http://127.0.0.1:${server.address().port}`;
          const echo = await fetch(`${base}/echo`, { method: 'POST', body: 'body' });
          console.log(echo.status, await echo.text());
          const moved = await fetch(`${base}/moved`);
          console.log(moved.redirected, moved.url.endsWith('/here'));
          const controller = new AbortController();
          const slow = await fetch(`${base}/slow`, { signal: controller.signal });
          const reader = slow.body.getReader();
          console.log(new TextDecoder().decode((await reader.read()).value));
          controller.abort();
          await reader.read().catch((error) => console.log(error.name));
          await fetch('http://127.0.0.1:2').catch((error) => console.log(error.message, error.cause.code));
          await moved.text();
          server.close();
          server.closeAllConnections();
        });";
    expect_cjs(program, &["200 body", "true true", "first", "AbortError", "fetch failed ECONNREFUSED"]);
}

#[test]
fn datagrams_arrive_whole() {
    let program = "
        const dgram = require('node:dgram');
        const receiver = dgram.createSocket('udp4', (message, { address, size }) => {
          console.log(`${message}`, address, size);
          if (size === 3) { receiver.close(); sender.close(() => console.log('closed')); }
        });
        const sender = dgram.createSocket('udp4');
        receiver.bind(0, '127.0.0.1', () => {
          const { port } = receiver.address();
          sender.send('first', port, '127.0.0.1', () => sender.send(Buffer.from('xtwoy'), 1, 3, port, '127.0.0.1'));
        });";
    expect_cjs(program, &["first 127.0.0.1 5", "two 127.0.0.1 3", "closed"]);
}

#[test]
fn a_name_is_looked_up_on_the_pool_and_an_address_is_not() {
    let program = "
        const dns = require('node:dns');
        dns.lookup('localhost', 4, (error, address, family) => console.log(error, address, family));
        dns.lookup('10.1.2.3', (error, address) => console.log(address));
        dns.lookup('name.invalid', (error) => console.log(error.syscall, /^(?:ENOTFOUND|EAI_AGAIN)$/.test(error.code)));
        console.log('sync');";
    expect_in_order(program, &[&["sync", "10.1.2.3", "null 127.0.0.1 4"], &["10.1.2.3", "getaddrinfo true"]]);
}

#[test]
fn a_thousand_sockets_are_opened_used_and_closed() {
    let program = "
        const net = require('node:net');
        let served = 0;
        let answered = 0;
        const server = net.createServer((socket) => { served++; socket.on('data', (data) => socket.end(data)); });
        server.listen(0, '127.0.0.1', () => {
          for (let i = 0; i < 200; i++) next();
        });
        let started = 0;
        function next() {
          if (started++ >= 1000) return;
          const client = net.connect(server.address().port, '127.0.0.1');
          client.write('x');
          client.resume();
          client.on('close', () => {
            if (++answered === 1000) { console.log(served, answered); server.close(() => console.log('closed')); } else next();
          });
        }";
    expect_cjs(program, &["1000 1000", "closed"]);
}
