#!/usr/bin/env bash
# DreamerV2 on CartPole-v1, vectors.
. "$(dirname "$0")/row.sh"
row dreamer_v2_cartpole "${SEEDS:-0 1 2}" --configs cartpole dreamer_v2_small --steps 12000
