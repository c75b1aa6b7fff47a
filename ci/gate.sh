#!/bin/sh
# A gate for a runtime's own CI, in any system that runs a shell:
#
#     LOCKSTEP=/path/to/lockstep sh gate.sh 'dev=node:./out/Release/node'
#
# The runtime is named as `lockstep run --runtime` takes it. Results are left in lockstep.json, lockstep.xml and lockstep.md; the
# exit code is Lockstep's: 0 all as recorded, 1 a regression, 2 suite or usage error, 5 harness fault.
set -eu
runtime=${1:?name the runtime to gate, as in \'dev=node:./out/Release/node\'}
shift
exec "${LOCKSTEP:-lockstep}" run --runtime "$runtime" --json lockstep.json --junit lockstep.xml --markdown lockstep.md "$@"
