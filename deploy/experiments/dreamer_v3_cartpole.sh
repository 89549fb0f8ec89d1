#!/usr/bin/env bash
# DreamerV3 on CartPole-v1, vectors.
. "$(dirname "$0")/row.sh"
row dreamer_v3_cartpole "${SEEDS:-0 1 2}" --configs cartpole
