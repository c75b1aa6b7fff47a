#!/bin/sh
# A gate for a runtime's own CI, in any system that runs a shell:
#
#     LOCKSTEP=/path/to/lockstep sh gate.sh 'dev=node:./out/Release/node' baseline.json
#
# The runtime is named as `lockstep run --runtime` takes it. Without a baseline file the run is held against the suite and its recorded
# deviations; with one, only what got worse fails, and a baseline that does not exist yet is recorded. Results are left in
# lockstep.json, lockstep.xml and lockstep.md. The exit code is Lockstep's: 0 nothing wrong, 1 a regression, 2 suite or usage error, 5
# harness fault.
set -eu
lockstep=${LOCKSTEP:-lockstep}
runtime=${1:?name the runtime to gate, as in 'dev=node:./out/Release/node'}
baseline=${2:-}
set -- --runtime "$runtime" --json lockstep.json --junit lockstep.xml --markdown lockstep.md
if [ -z "$baseline" ]; then
    exec "$lockstep" run "$@"
elif [ -f "$baseline" ]; then
    exec "$lockstep" gate --baseline "$baseline" --repeat 5 "$@"
else
    echo "gate.sh: there is no $baseline yet; recording it" >&2
    exec "$lockstep" gate --record "$baseline" "$@"
fi
