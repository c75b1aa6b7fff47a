'use strict';
// Node's `stream/promises` module. Authority: https://nodejs.org/api/stream.html#streams-promises-api

const { finishedPromise } = require('internal/streams/finished');
const { pipelinePromise } = require('internal/streams/pipeline');

Object.defineProperty(finishedPromise, 'name', { value: 'finished' });
Object.defineProperty(pipelinePromise, 'name', { value: 'pipeline' });

exports.finished = finishedPromise;
exports.pipeline = pipelinePromise;
