#!/usr/bin/env bash
# Dreamer (2019, reconstruction) on Pendulum-v1, vectors.
. "$(dirname "$0")/row.sh"
row dreamer_v1_pendulum "${SEEDS:-0 1 2}" --configs pendulum dreamer_v1 dreamer_v1_small --steps 40000
