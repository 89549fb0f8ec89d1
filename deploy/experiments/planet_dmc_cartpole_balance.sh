#!/usr/bin/env bash
# PlaNet on the Control suite's cartpole balance, vectors, at its published action repeat of 8.
. "$(dirname "$0")/row.sh"
row planet_dmc_cartpole_balance "${SEEDS:-0}" --configs planet planet_small --env dmc_cartpole_balance --env.action_repeat 8 --steps 80000 --planet.kl_scale 0.1
