#!/usr/bin/env bash
# Dreamer (2019) with the reward-only objective on Pendulum-v1, vectors. With its free nats and a KL scale of 1 it stays near random.
. "$(dirname "$0")/row.sh"
row dreamer_v1_reward_only_pendulum "${SEEDS:-0}" --configs pendulum dreamer_v1_reward_only dreamer_v1_small --steps 40000 --dreamer_v1.free_nats 0 --dreamer_v1.kl_scale 0.1
