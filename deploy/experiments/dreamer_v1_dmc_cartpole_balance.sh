#!/usr/bin/env bash
# Dreamer (2019) on the Control suite's cartpole balance, vectors, action repeat 2. With the preset's KL scale of 1 it does not learn.
. "$(dirname "$0")/row.sh"
row dreamer_v1_dmc_cartpole_balance "${SEEDS:-0}" --configs dreamer_v1 dreamer_v1_small --env dmc_cartpole_balance --steps 40000 --dreamer_v1.kl_scale 0.1
