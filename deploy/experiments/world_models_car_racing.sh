#!/usr/bin/env bash
# World Models on CarRacing-v3 with a reduced population: 16 candidates of one episode of 400 frames each.
. "$(dirname "$0")/row.sh"
row world_models_car_racing "${SEEDS:-0 1 2}" --configs world_models_small
