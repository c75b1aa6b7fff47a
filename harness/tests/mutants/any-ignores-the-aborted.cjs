// breaks: AbortSignal.any of a signal that is aborted already is not aborted
// noticed by: ordering/abort

'use strict';
const real = AbortSignal.any;
AbortSignal.any = (signals) => real.call(AbortSignal, [...signals].filter((signal) => !signal.aborted));
