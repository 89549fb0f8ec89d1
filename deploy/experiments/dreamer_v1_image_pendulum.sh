#!/usr/bin/env bash
# Dreamer (2019, reconstruction) on Pendulum-v1, images of 64x64 alone.
. "$(dirname "$0")/row.sh"
row dreamer_v1_image_pendulum "${SEEDS:-0 1}" --configs pendulum_image dreamer_v1 dreamer_v1_small --dreamer_v1.depth 8 --steps 40000 --limiter.train_ratio 64
