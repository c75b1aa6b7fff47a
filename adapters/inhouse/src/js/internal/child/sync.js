'use strict';
// Processes that the whole loop waits for.
// Authority: https://nodejs.org/api/child_process.html#synchronous-process-creation

const { codes } = require('internal/errors');
const { readStdio } = require('internal/child/process');
const { NAMES } = require('internal/signals');
const { Buffer } = require('buffer');

function inputOf(input) {
  if (input === undefined || input === null) return undefined;
  if (typeof input === 'string') return Buffer.from(input);
  if (ArrayBuffer.isView(input)) return Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  throw new codes.ERR_INVALID_ARG_TYPE('options.stdio[0]', ['Buffer', 'TypedArray', 'DataView', 'string'], input);
}

function failure(number, file, args) {
  const [code] = host.net.describe(number);
  const syscall = `spawnSync ${file}`;
  return Object.assign(new Error(`${syscall} ${code}`), { errno: number, code, syscall, path: file, spawnargs: args.slice(1) });
}

function run(options) {
  const stdio = readStdio(options.stdio, true);
  const [pid, code, signal, error, outputs] = host.child.spawnSync({
    file: options.file, args: options.args, env: options.envPairs, cwd: options.cwd ?? undefined,
    detached: Boolean(options.detached), uid: options.uid, gid: options.gid,
    stdio: stdio.map(({ type, fd }) => (type === 'pipe' ? ['pipe'] : type === 'fd' ? ['fd', fd] : ['null'])),
    input: inputOf(options.input),
    timeout: options.timeout, maxBuffer: options.maxBuffer, killSignal: options.killSignal,
  });
  const decoded = options.encoding && options.encoding !== 'buffer';
  const bytes = (part) => {
    const buffer = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    return decoded ? buffer.toString(options.encoding) : buffer;
  };
  const output = outputs.length === 0 ? null : outputs.map((part) => (part === null ? null : bytes(part)));
  const failed = error < 0 && output === null;
  const result = {
    status: failed || signal !== 0 ? null : code,
    signal: signal === 0 ? null : NAMES[signal],
    output, pid,
    stdout: output?.[1] ?? null,
    stderr: output?.[2] ?? null,
  };
  if (error < 0) result.error = failure(error, options.file, options.args);
  return result;
}

function make({ normalize, shellArguments, checkTimeout, checkMaxBuffer, killSignalOf, MAX_BUFFER }) {
  function spawnSync(file, args, options) {
    const given = { maxBuffer: MAX_BUFFER, ...normalize(file, args, options) };
    checkTimeout(given.timeout);
    checkMaxBuffer(given.maxBuffer);
    given.killSignal = killSignalOf(given.killSignal);
    return run(given);
  }

  // Throws for a process that failed.
  function check(result, command) {
    let error;
    if (result.error) {
      error = result.error;
      Object.assign(error, result);
    } else if (result.status !== 0) {
      const stderr = result.stderr?.length > 0 ? `\n${result.stderr}` : '';
      error = Object.assign(new Error(`Command failed: ${command}${stderr}`), result);
    }
    if (error !== undefined) throw error;
  }

  function finish(result, command, inheritsErrors) {
    if (inheritsErrors && result.stderr) process.stderr.write(result.stderr);
    check(result, command);
    return result.stdout;
  }

  function execFileSync(file, args, options) {
    if (args !== undefined && !Array.isArray(args)) {
      options = args;
      args = [];
    }
    const result = spawnSync(file, args ?? [], options);
    return finish(result, [file, ...args ?? []].join(' '), !options?.stdio);
  }

  function execSync(command, options) {
    const { given } = shellArguments(command, options, undefined);
    return finish(spawnSync(command, given), command, !given.stdio);
  }

  return { spawnSync, execFileSync, execSync };
}

module.exports = { make };
