#!/usr/bin/env bash
# World Models on CartPole-v1 from images, its controller searched for in the environment: 16 candidates of 2 episodes each.
. "$(dirname "$0")/row.sh"
row world_models_cartpole "${SEEDS:-0}" --configs world_models_doom --env CartPole-v1 --steps 300000 --actor.environments 8 --threads 1 \
    --limiter.min_items 6000 --limiter.train_ratio 1 --limiter.pretrain_batches 600 \
    --world_models.batch_size 16 --world_models.batch_length 16 --world_models.latent 12 --world_models.depth 8 --world_models.units 64 \
    --world_models.vision_updates 300 --world_models.vision_batch 32 --world_models.memory_updates 300 --world_models.cross_entropy true \
    --world_models.vision_optimiser.learning_rate 1.0e-3 --world_models.memory_optimiser.learning_rate 3.0e-3 \
    --world_models.controller.dream false --world_models.controller.bias true --world_models.controller.cell_state false \
    --world_models.controller.population 16 --world_models.controller.rollouts 2 --world_models.controller.evaluate_every 10
