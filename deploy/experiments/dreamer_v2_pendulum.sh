#!/usr/bin/env bash
# DreamerV2 on Pendulum-v1, vectors.
. "$(dirname "$0")/row.sh"
row dreamer_v2_pendulum "${SEEDS:-0}" --configs pendulum dreamer_v2_small --steps 16000
