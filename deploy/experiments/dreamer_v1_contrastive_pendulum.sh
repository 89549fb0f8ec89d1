#!/usr/bin/env bash
# Dreamer (2019) with the contrastive objective on Pendulum-v1, vectors.
. "$(dirname "$0")/row.sh"
row dreamer_v1_contrastive_pendulum "${SEEDS:-0}" --configs pendulum dreamer_v1_contrastive dreamer_v1_small --steps 40000
