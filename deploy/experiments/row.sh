# Sourced by each row of docs/results: trains one configuration over seeds, evaluates every seed, draws the curve.
#   row NAME "SEEDS" SETTINGS...
# Runs lie in $RESULTS (logdir/results); $JOBS seeds (2) run side by side. A row that was interrupted goes on where it stopped.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

row() {
    local name=$1 seeds=$2
    shift 2
    local out=${RESULTS:-$root/logdir/results}/$name
    mkdir -p "$out"
    "$root/dreamer" --version >/dev/null # builds before the seeds start side by side
    local running=0 seed
    for seed in $seeds; do
        if ((running >= ${JOBS:-2})); then wait -n; else running=$((running + 1)); fi
        {
            "$root/dreamer" train "$@" --seed "$seed" --logdir "$out/$seed" >"$out/$seed.log" 2>&1
            "$root/dreamer" eval --logdir "$out/$seed" --episodes 20 --json >"$out/$seed.json"
        } &
    done
    wait
    local runs=()
    printf '%-6s %-20s %-12s %s\n' seed 'mean +- std of 20' steps 'training s'
    for seed in $seeds; do
        runs+=("$out/$seed")
        local mean std
        mean=$(grep -o '"mean":[-0-9.e+]*' "$out/$seed.json" | cut -d: -f2)
        std=$(grep -o '"std":[-0-9.e+]*' "$out/$seed.json" | cut -d: -f2)
        printf '%-6s %-20s %-12s %s\n' "$seed" "$(printf '%.1f +- %.1f' "$mean" "$std")" \
            "$(tail -n 1 "$out/$seed/scores.jsonl" | grep -o '"step":[0-9]*' | cut -d: -f2)" \
            "$(grep -o '"train/seconds":[0-9.]*' "$out/$seed/metrics.jsonl" | tail -n 1 | cut -d: -f2 | cut -d. -f1)"
    done
    "$root/dreamer" compare "${runs[@]}" --out "$root/docs/results/$name.svg" --json
    echo "commit $(git -C "$root" rev-parse --short HEAD), load $(cut -d' ' -f1 /proc/loadavg)"
}
