#!/usr/bin/env bash
# Dreamer (2019) with the reward-only objective on Pendulum-v1, vectors: does not learn it in these steps.
. "$(dirname "$0")/row.sh"
row dreamer_v1_reward_only_pendulum "${SEEDS:-0}" --configs pendulum dreamer_v1_reward_only dreamer_v1_small --steps 40000
