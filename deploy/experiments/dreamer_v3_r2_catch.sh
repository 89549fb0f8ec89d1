#!/usr/bin/env bash
# DreamerV3 without a decoder (R2-Dreamer's objective) on Catch, images of 48x48 alone.
. "$(dirname "$0")/row.sh"
row dreamer_v3_r2_catch "${SEEDS:-0}" --configs cartpole --env catch --env.observation image --env.size 48 --steps 6000 --limiter.train_ratio 64 \
    --dreamer_v3.depth 2 --dreamer_v3.batch_size 8 --dreamer_v3.batch_length 16 --dreamer_v3.optimiser.learning_rate 1.0e-3 --dreamer_v3.entropy_scale 0.05 \
    --dreamer_v3.representation r2
