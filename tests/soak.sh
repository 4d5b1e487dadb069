#!/usr/bin/env bash
# What takes too long for `make test`, stage by stage: `make soak`, or `make soak STAGES="kills load"` for some of it.
#
# A stage that fails keeps no other from running. What each of them said is in target/soak/STAGE.log, and a line of each on standard
# output. The sizes are those that the promises of docs/durability.md and docs/limits.md are stated for; variables make them others.

set -uo pipefail
cd "$(dirname "$0")/.."

ALL=(failpoints power-cuts flips flood sim guard beside kills disk backups load api fuzz)

# No stage is known to take half as long.
AT_MOST=3h

release() { cargo test --release --locked --test it "$@"; }
javascript() { npm --prefix tests/js run --silent "$@"; }

stage() {
    case "$1" in
    # A process ends at every step that the code names.
    failpoints) cargo test --locked --test it --features failpoints -- crash --nocapture --test-threads=1 ;;
    power-cuts) COWRITE_POWER_CUTS=${COWRITE_POWER_CUTS:-200} cargo test --locked --lib -- power_cuts --nocapture ;;
    flips) COWRITE_FLIPS=${COWRITE_FLIPS:-2000} cargo test --locked --test it -- folder::damage --nocapture ;;
    # Only a release build writes fast enough.
    flood) COWRITE_FLOOD=${COWRITE_FLOOD:-300} cargo test --release --locked --lib -- writers_in_a_hurry --nocapture ;;
    sim) COWRITE_SEEDS=${COWRITE_SEEDS:-300} release -- sim:: --nocapture ;;
    guard) COWRITE_MUTATIONS=${COWRITE_MUTATIONS:-10000000} release -- guard:: --nocapture ;;
    # Times are measured, so nothing runs beside it.
    beside) release -- beside:: --nocapture --test-threads=1 ;;
    kills) COWRITE_KILLS=${COWRITE_KILLS:-1000} javascript soak:crash ;;
    disk) SOAK_FULL_SECONDS=${SOAK_FULL_SECONDS:-60} javascript soak:disk ;;
    backups) SOAK_BACKUPS=${SOAK_BACKUPS:-20} javascript soak:backups ;;
    load) SOAK_PHASE_SECONDS=${SOAK_PHASE_SECONDS:-600} javascript soak:load ;;
    api) API_EXAMPLES=${API_EXAMPLES:-300} tests/api.sh ;;
    fuzz) make --no-print-directory fuzz ;;
    *) echo "there is no stage $1; there are: ${ALL[*]}" >&2 && return 2 ;;
    esac
}

# `timeout` starts this script anew, for one stage.
if [ "${1:-}" = --stage ]; then
    stage "$2"
    exit
fi

[ $# -gt 0 ] || set -- "${ALL[@]}"
trap 'echo "stopped"; exit 130' INT TERM
mkdir -p target/soak
failed=()
for name in "$@"; do
    log=target/soak/$name.log
    begun=$SECONDS
    if timeout --kill-after=1m "$AT_MOST" "$0" --stage "$name" >"$log" 2>&1; then
        verdict=passed
    else
        verdict=FAILED
        failed+=("$name")
    fi
    printf '%-10s  %s after %5d s  %s\n' "$name" "$verdict" $((SECONDS - begun)) "$log"
done
if [ ${#failed[@]} -gt 0 ]; then
    for name in "${failed[@]}"; do
        printf '\n%s ended with:\n' "$name"
        tail -n 25 "target/soak/$name.log"
    done
    exit 1
fi
