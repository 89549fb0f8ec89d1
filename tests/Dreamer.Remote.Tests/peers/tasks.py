"""Tasks for serve_gymnasium.py, with Gymnasium's methods but without Gymnasium."""
import math
import os
import threading

import numpy as np


class Box:
    def __init__(self, low, high, shape, dtype):
        self.low, self.high = np.full(shape, low, dtype), np.full(shape, high, dtype)
        self.shape, self.dtype = tuple(shape), np.dtype(dtype)


class Discrete:
    def __init__(self, n, start=0):
        self.n, self.start, self.shape = n, start, ()


class Dict:
    def __init__(self, **spaces):
        self.spaces = spaces


class CartPole:
    """Barto, Sutton and Anderson's cart with a pole, seeded as Gymnasium seeds it, cut after `limit` steps."""

    def __init__(self, limit=500):
        self.observation_space, self.action_space, self.limit = Box(-np.inf, np.inf, [4], np.float32), Discrete(2), limit
        self.random = np.random.Generator(np.random.PCG64())

    def reset(self, seed=None):
        if seed is not None:
            self.random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
        self.state, self.steps = [float(value) for value in self.random.uniform(-0.05, 0.05, 4)], 0
        return np.array(self.state, np.float32), {}

    def step(self, action):
        x, speed, angle, spin = self.state
        push = ((10.0 if action == 1 else -10.0) + 0.05 * (spin * spin) * math.sin(angle)) / 1.1
        spin_up = (9.8 * math.sin(angle) - math.cos(angle) * push) / (0.5 * (4.0 / 3.0 - 0.1 * (math.cos(angle) * math.cos(angle)) / 1.1))
        acceleration = push - 0.05 * spin_up * math.cos(angle) / 1.1
        self.state = [x + 0.02 * speed, speed + 0.02 * acceleration, angle + 0.02 * spin, spin + 0.02 * spin_up]
        self.steps += 1
        fallen = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * 2 * math.pi / 360
        return np.array(self.state, np.float32), 1.0, fallen, self.steps >= self.limit, {}


class Shapes:
    """One observation of every kind, and continuous actions that come back in the vector."""

    def __init__(self, ends="terminated"):
        self.ends = ends
        self.observation_space = Dict(
            picture=Box(0, 255, [32, 48, 3], np.uint8), room=Discrete(5, start=2), body=Dict(pose=Box(-1, 1, [2, 2], np.float64), touch=Box(0, 1, [1], np.int8)))
        self.action_space = Box(np.array([-2.0, 0.0]), np.array([2.0, 10.0]), [2], np.float32)

    def show(self, action):
        return {"picture": np.arange(32 * 48 * 3, dtype=np.uint8).reshape(32, 48, 3), "room": 4,
                "body": {"pose": np.array([[0.25, -0.5], action]), "touch": np.array([1], np.int8)}}

    def reset(self, seed=None):
        self.steps = 0
        return self.show([0.0, 0.0]), {}

    def step(self, action):
        self.steps += 1
        return self.show(action), 0.5, self.steps == 3 and self.ends == "terminated", self.steps == 3 and self.ends == "truncated", {}


class Drawn(CartPole):
    """Shows its number of steps as the brightness of a picture, where it is asked for one."""

    def __init__(self, render_mode=None):
        super().__init__()
        self.render_mode = render_mode

    def render(self):
        return np.full((20, 30, 3), self.steps, np.uint8) if self.render_mode == "rgb_array" else None


class Faulty(CartPole):
    """Fails at its third step: with an exception, without an end, or with the whole process."""

    def __init__(self, fault="raise"):
        super().__init__()
        self.fault = fault

    def step(self, action):
        if self.steps == 2:
            if self.fault == "hang":
                threading.Event().wait()
            if self.fault == "exit":
                os._exit(3)
            raise RuntimeError("the simulator is out of order")
        return super().step(action)


def choose(task="CartPole", **settings):
    """The task that CreateWorld asks for: one server for many tests."""
    return globals()[task](**settings)
