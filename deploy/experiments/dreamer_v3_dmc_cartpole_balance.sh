#!/usr/bin/env bash
# DreamerV3 on the Control suite's cartpole balance, vectors, action repeat 1. Published: 490 at 50,000 steps, 816 at 100,000.
. "$(dirname "$0")/row.sh"
row dreamer_v3_dmc_cartpole_balance "${SEEDS:-0}" --configs cartpole --env dmc_cartpole_balance --steps 50000
