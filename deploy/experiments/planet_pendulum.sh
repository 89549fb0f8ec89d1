#!/usr/bin/env bash
# PlaNet on Pendulum-v1, vectors.
. "$(dirname "$0")/row.sh"
row planet_pendulum "${SEEDS:-0 1 2}" --configs pendulum planet planet_small --steps 16000
