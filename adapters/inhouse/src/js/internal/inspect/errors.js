'use strict';
// Errors as `inspect` shows them: the stack, then what else they carry.

// The trace with its first lines "name: message". An engine whose `stack` is only the frames gets them here.
function stackOf(error) {
  const { stack } = error;
  if (typeof stack !== 'string') return Error.prototype.toString.call(error);
  const trimmed = stack.endsWith('\n') ? stack.slice(0, -1) : stack;
  if (trimmed !== '' && !/^\s+at /.test(trimmed)) return withCode(error, trimmed);
  const head = headOf(error);
  return trimmed === '' ? head : `${head}\n${trimmed}`;
}

// Errors of this library tell their code in the first line.
function hasCodeInHead(error) {
  return typeof error.code === 'string' && error.code.startsWith('ERR_') && Object.hasOwn(error, 'toString');
}

function headOf(error) {
  let text;
  try {
    text = hasCodeInHead(error) ? error.toString() : Error.prototype.toString.call(error);
  } catch {
    text = 'Error';
  }
  return text;
}

function withCode(error, stack) {
  if (!hasCodeInHead(error) || stack.includes(`[${error.code}]`)) return stack;
  const { name } = error;
  return stack.startsWith(name) ? `${name} [${error.code}]${stack.slice(name.length)}` : stack;
}

// The class of the error, where the first line tells another name.
function improve(givenStack, constructor, name, tag) {
  let stack = givenStack;
  if (constructor !== null && !(name.endsWith('Error') && stack.startsWith(name) &&
      (stack.length === name.length || stack[name.length] === ':' || stack[name.length] === '\n' || stack[name.length] === ' '))) {
    return stack;
  }
  if (constructor === null) {
    const start = /^([A-Z][a-z_ A-Z0-9[\]()-]+)(?::|\n\s+at)/.exec(stack) ?? /^([a-z_A-Z0-9-]*Error)$/.exec(stack);
    const shown = start?.[1] ?? '';
    stack = `[${shown || 'Error'}: null prototype] ${tag === '' ? '' : `[${tag}] `}${stack.slice(shown.length).replace(/^: /, '')}`;
    return stack;
  }
  if (constructor === name) return stack;
  if (constructor.includes(name)) {
    return name.length === 0 ? `${constructor}: ${stack}` : `${constructor}${stack.slice(name.length)}`;
  }
  return `${constructor} [${name}]${stack.slice(name.length)}`;
}

// Takes keys off `keys` that the first line has told already, and adds hidden ones that matter.
function showError(context, error, constructor, tag, keys) {
  const name = error.name != null ? String(error.name) : 'Error';
  const stack = stackOf(error);
  if (!context.showHidden) {
    for (const key of ['name', 'message', 'stack']) {
      const at = keys.indexOf(key);
      if (at !== -1 && (typeof error[key] !== 'string' || stack.includes(error[key]))) keys.splice(at, 1);
    }
  }
  if ('cause' in error && !keys.includes('cause')) keys.push('cause');
  if (Array.isArray(error.errors) && !keys.includes('errors')) keys.push('errors');

  let text = improve(stack, constructor, name, tag);
  const message = error.message ? text.indexOf(error.message) : -1;
  const frames = text.indexOf('\n    at', message === -1 ? 0 : message + String(error.message).length);
  if (frames === -1) text = `[${text}]`;
  if (context.indentation > 0) text = text.replaceAll('\n', `\n${' '.repeat(context.indentation)}`);
  return text;
}

module.exports = { showError, stackOf };
