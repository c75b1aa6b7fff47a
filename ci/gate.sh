#!/bin/sh
# A gate for a runtime's own CI, in any system that runs a shell:
#
#     sh gate.sh 'dev=node:./out/Release/node' baseline.json
#
# The runtime is named as `lockstep run --runtime` takes it. Without a baseline the run is held against the suite and its recorded
# deviations; with one, only what got worse fails, and a baseline that does not exist yet is recorded.
#
# In shards, each on a machine of its own with TEST_SHARD_INDEX and TEST_TOTAL_SHARDS set, the same command leaves a part in lockstep.json
# and fails only for what is nobody's regression; then, once, with all parts at hand:
#
#     sh gate.sh --merge baseline.json part-0/lockstep.json part-1/lockstep.json
#
# Results are left in lockstep.json, lockstep.xml (JUnit), lockstep.md (for a comment or a summary) and lockstep.html (for a browser). The
# exit code is Lockstep's: 0 nothing wrong, 1 a regression, 2 suite or usage error, 5 harness fault. LOCKSTEP names the binary.
set -eu
lockstep=${LOCKSTEP:-lockstep}
reports='--junit lockstep.xml --markdown lockstep.md --html lockstep.html'

# A part that is wrong is no verdict yet, and a shard may hold no case at all.
part() {
    "$@" && code=0 || code=$?
    case $code in 0 | 1 | 4) return 0 ;; *) exit "$code" ;; esac
}

if [ "${1:-}" = --merge ]; then
    baseline=${2:?name the baseline}
    shift 2
    part "$lockstep" merge --json lockstep.json "$@"
    if [ -f "$baseline" ]; then
        # The reports' names have no blanks; they are meant to be split.
        # shellcheck disable=SC2086
        exec "$lockstep" gate --baseline "$baseline" --result lockstep.json $reports
    fi
    echo "gate.sh: there is no $baseline yet; recording it" >&2
    exec cp lockstep.json "$baseline"
fi

runtime=${1:?name the runtime to gate, as in 'dev=node:./out/Release/node'}
baseline=${2:-}
set -- --runtime "$runtime" --json lockstep.json
if [ -n "$baseline" ] && [ "${TEST_TOTAL_SHARDS:-1}" -gt 1 ]; then
    part "$lockstep" run "$@"
elif [ -z "$baseline" ]; then
    # shellcheck disable=SC2086
    exec "$lockstep" run "$@" $reports
elif [ -f "$baseline" ]; then
    # shellcheck disable=SC2086
    exec "$lockstep" gate --baseline "$baseline" --repeat 5 "$@" $reports
else
    echo "gate.sh: there is no $baseline yet; recording it" >&2
    exec "$lockstep" gate --record "$baseline" "$@"
fi
