#!/usr/bin/env python3
"""Serves a Gymnasium environment over dm_env_rpc; Dreamer trains on it with --env remote:HOST:PORT.

    python3 serve_gymnasium.py CartPole-v1 --port 7500
    python3 serve_gymnasium.py ALE/Pong-v5 --set frameskip=4
    python3 serve_gymnasium.py my_module:MyEnv
    python3 serve_gymnasium.py CartPole-v1 --host 0.0.0.0 --token-file token --certificate server.crt --key server.key

Needs grpcio, protobuf and numpy, and gymnasium unless the environment is module:Class with Gymnasium's reset, step and spaces.
Each connection has an environment of its own. One process uses about one core: for more, start several.
"""
import argparse
import ast
import concurrent.futures
import hmac
import importlib
import os
import re
import signal
import sys
import threading

import grpc
import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# What is spoken of dm_env_rpc.v1. Types are named freely, since only numbers travel.
PROTO = """
message Floats { repeated float array = 1; }      message Doubles { repeated double array = 1; }
message Bytes { bytes array = 1; }                message Bools { repeated bool array = 1; }
message Int32s { repeated int32 array = 1; }      message Int64s { repeated int64 array = 1; }
message Uint32s { repeated uint32 array = 1; }    message Uint64s { repeated uint64 array = 1; }
message Strings { repeated string array = 1; }
message Tensor {
  oneof payload { Floats floats = 1; Doubles doubles = 2; Bytes int8s = 3; Int32s int32s = 4; Int64s int64s = 5; Bytes uint8s = 6;
                  Uint32s uint32s = 7; Uint64s uint64s = 8; Bools bools = 9; Strings strings = 10; }
  repeated int32 shape = 15;
}
message Value {
  oneof payload { Floats floats = 9; Doubles doubles = 10; Bytes int8s = 11; Int32s int32s = 12; Int64s int64s = 13; Bytes uint8s = 14;
                  Uint32s uint32s = 15; Uint64s uint64s = 16; }
}
message TensorSpec { string name = 1; repeated int32 shape = 2; int32 dtype = 3; Value min = 4; Value max = 5; }
message Specs { map<uint64, TensorSpec> actions = 1; map<uint64, TensorSpec> observations = 2; }
message World { string world_name = 1; }
message Settings { map<string, Tensor> settings = 1; }
message WorldSettings { string world_name = 1; map<string, Tensor> settings = 2; }
message SpecsReply { Specs specs = 1; }
message Step { map<uint64, Tensor> actions = 1; repeated uint64 requested_observations = 2; }
message StepReply { int32 state = 1; map<uint64, Tensor> observations = 2; }
message Nothing { }
message Status { int32 code = 1; string message = 2; }
message EnvironmentRequest {
  oneof payload { Settings create_world = 1; WorldSettings join_world = 2; Step step = 3; Settings reset = 4; WorldSettings reset_world = 5;
                  Nothing leave_world = 6; World destroy_world = 7; }
}
message EnvironmentResponse {
  oneof payload { World create_world = 1; SpecsReply join_world = 2; StepReply step = 3; SpecsReply reset = 4; Nothing reset_world = 5;
                  Nothing leave_world = 6; Nothing destroy_world = 7; Status error = 16; }
}
"""
# Payloads of a tensor in the order of their data types, which are numbered from 1.
PAYLOADS = "floats doubles int8s int32s int64s uint8s uint32s uint64s bools strings".split()
DTYPES = [np.float32, np.float64, np.int8, np.int32, np.int64, np.uint8, np.uint32, np.uint64, np.bool_, np.str_]
WIDER = {np.dtype(np.float16): np.float32, np.dtype(np.int16): np.int32, np.dtype(np.uint16): np.uint32}
RUNNING, TERMINATED = 1, 2
INVALID_ARGUMENT, INTERNAL = 3, 13
WORLD, ACTION = "world", 1


class Refusal(Exception):
    """The request does not fit; nothing has changed."""


def compile_messages(proto):
    """Message classes by name. A pool of our own: other code of this process may have the same names in the default one."""
    file = descriptor_pb2.FileDescriptorProto(name="dm_env_rpc.proto", package="dm_env_rpc.v1", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto

    def add(message, name, kind, number, **more):
        field = message.field.add(name=name, number=number, **{"label": kinds.LABEL_OPTIONAL, **more})
        if kind[0].isupper():
            field.type, field.type_name = kinds.TYPE_MESSAGE, f".dm_env_rpc.v1.{kind}"
        else:
            field.type = kinds.Type.Value(f"TYPE_{kind.upper()}")

    for name, body in re.findall(r"message (\w+) {((?:[^{}]|{[^{}]*})*)}", proto):
        message = file.message_type.add(name=name)
        either = re.search(r"oneof payload {([^}]*)}", body)
        if either:
            message.oneof_decl.add(name="payload")
        for repeated, key, kind, field, number in re.findall(r"(?:(repeated) |map<(\w+), )?(\w+)>? (\w+) = (\d+);", body):
            if key:
                entry = message.nested_type.add(name=f"{field.capitalize()}Entry")
                entry.options.map_entry = True
                add(entry, "key", key, 1)
                add(entry, "value", kind, 2)
                kind, repeated = f"{name}.{entry.name}", True
            more = {"label": kinds.LABEL_REPEATED} if repeated else {}
            if either and f" {field} = {number};" in either[1]:
                more["oneof_index"] = 0
            add(message, field, kind, int(number), **more)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    of = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
    return {message.name: of(pool.FindMessageTypeByName(f"dm_env_rpc.v1.{message.name}")) for message in file.message_type}


PB = compile_messages(PROTO)


def pack(value, message="Tensor"):
    """A tensor, or with message="Value" a bound: one number where all are the same."""
    array = np.asarray(value)
    array = array.astype(WIDER.get(array.dtype, array.dtype))
    result, name = PB[message](), PAYLOADS[DTYPES.index(array.dtype.type)]
    if message == "Tensor":
        result.shape.extend(array.shape)
    elif array.size and (array == array.flat[0]).all():
        array = array.flat[:1]
    payload = getattr(result, name).array
    if name in ("int8s", "uint8s"):
        getattr(result, name).array = array.tobytes()
    else:
        payload.extend(array.ravel().tolist())
    return result


def unpack(tensor):
    """The array of a tensor, one element repeated where that is all there is."""
    name = tensor.WhichOneof("payload")
    if name is None:
        raise Refusal("a tensor without a payload, or with one that is not supported")
    dtype, data = DTYPES[PAYLOADS.index(name)], getattr(tensor, name).array
    array = np.frombuffer(data, dtype) if isinstance(data, bytes) else np.array(data, dtype)
    shape = list(tensor.shape)
    try:
        return np.broadcast_to(array[0], shape) if array.size == 1 and min(shape, default=1) > 0 else array.reshape(shape)
    except ValueError:
        raise Refusal(f"{array.size} elements do not fit the shape {shape}") from None


def leaves(space, name):
    """Name and space of each tensor in a space; those of a Dict or Tuple are joined with dots."""
    parts = getattr(space, "spaces", None)
    if parts is None:
        yield name, space
        return
    for key, part in parts.items() if hasattr(parts, "items") else enumerate(parts):
        yield from leaves(part, str(key) if name in ("", "observation") else f"{name}.{key}")


def values(value, space):
    """The parts of a value in the order of `leaves`."""
    parts = getattr(space, "spaces", None)
    if parts is None:
        yield value
        return
    for key, part in parts.items() if hasattr(parts, "items") else enumerate(parts):
        yield from values(value[key], part)


def describe(name, space):
    """The TensorSpec of a space, and the NumPy type in which its values travel."""
    low = high = None
    if hasattr(space, "nvec"):
        dtype, shape, low = np.int64, space.shape, np.zeros(space.shape, np.int64)
        high = np.asarray(space.nvec, np.int64) - 1
    elif hasattr(space, "low"):
        dtype, shape = WIDER.get(np.dtype(space.dtype), np.dtype(space.dtype).type), space.shape
        if np.isfinite(space.low).all() and np.isfinite(space.high).all():
            low, high = space.low.astype(dtype), space.high.astype(dtype)
    elif hasattr(space, "n"):
        dtype, shape = np.int64, tuple(getattr(space, "shape", None) or ())
        low = np.int64(getattr(space, "start", 0))
        high = np.int64(1 if shape else low + space.n - 1)
    else:
        raise SystemExit(f"error: {name} is of the space {space}, which is not supported; wrap the environment so that it shows Box, Discrete, "
                         "MultiBinary, MultiDiscrete, or a Dict or Tuple of these.")
    spec = PB["TensorSpec"](name=name, shape=shape, dtype=DTYPES.index(np.dtype(dtype).type) + 1)
    if low is not None:
        spec.min.CopyFrom(pack(low, "Value"))
        spec.max.CopyFrom(pack(high, "Value"))
    return spec, dtype


class Served:
    """A Gymnasium environment as tensors by number."""

    def __init__(self, env, render):
        self.env, self.render = env, render
        if hasattr(env.action_space, "spaces"):
            raise SystemExit("error: actions of a Dict or Tuple are not supported; flatten them with a wrapper.")
        self.specs = PB["Specs"]()
        action, self.action_type = describe("action", env.action_space)
        self.specs.actions[ACTION].CopyFrom(action)
        self.names, self.types = [], []
        for name, space in leaves(env.observation_space, "observation"):
            self.offer(*describe(name, space))
        if render:
            env.reset(seed=0)
            frame = np.asarray(env.render())
            self.offer(PB["TensorSpec"](name="image", shape=frame.shape, dtype=PAYLOADS.index("uint8s") + 1), np.uint8)
        for name, dtype in (("reward", np.float64), ("discount", np.float64), ("truncated", np.bool_)):
            self.offer(PB["TensorSpec"](name=name, dtype=DTYPES.index(dtype) + 1), dtype)

    def offer(self, spec, dtype):
        self.names.append(spec.name)
        self.types.append(dtype)
        self.specs.observations[len(self.names)].CopyFrom(spec)

    def action(self, actions):
        """The action of a step; one that is left out, as the protocol allows, is zero or what comes nearest to it."""
        if any(uid != ACTION for uid in actions):
            raise Refusal(f"there is no action but {ACTION}, in {sorted(actions)}")
        spec = self.specs.actions[ACTION]
        low, high = (unpack_bound(bound, spec.shape) for bound in (spec.min, spec.max))
        value = np.zeros(spec.shape, self.action_type)
        if ACTION in actions:
            value = unpack(actions[ACTION])
        elif low is not None:
            value = np.clip(value, low, high)
        if value.dtype != self.action_type or value.shape != tuple(spec.shape):
            raise Refusal(f"action {ACTION} is {np.dtype(self.action_type)} {list(spec.shape)}, not {value.dtype} {list(value.shape)}")
        if low is not None and not ((value >= low) & (value <= high)).all():
            raise Refusal(f"action {ACTION} is {value}; it must lie in {low} to {high}")
        return value.item() if not value.shape and np.issubdtype(value.dtype, np.integer) else value

    def observe(self, uid, observation, signals):
        if not 1 <= uid <= len(self.names):
            raise Refusal(f"there is no observation {uid}; there are 1 to {len(self.names)}")
        name, dtype = self.names[uid - 1], self.types[uid - 1]
        if name in signals:
            value = signals[name]
        elif name == "image" and self.render:
            value = self.env.render()
        else:
            value = list(values(observation, self.env.observation_space))[uid - 1]
        return pack(np.asarray(value, dtype))


def unpack_bound(bound, shape):
    """A bound for each element; None where there is none."""
    name = bound.WhichOneof("payload")
    return None if name is None else unpack(PB["Tensor"](shape=shape, **{name: getattr(bound, name)}))


class Session:
    """One stream: at most one world, with one agent in it."""

    def __init__(self, make):
        self.make, self.world, self.joined, self.running, self.seed, self.last = make, None, False, False, None, None

    def answer(self, request):
        kind = request.WhichOneof("payload")
        try:
            if kind is None:
                raise Refusal("this kind of request is not served here")
            return PB["EnvironmentResponse"](**{kind: getattr(self, kind)(getattr(request, kind))})
        except Refusal as refusal:
            return PB["EnvironmentResponse"](error=PB["Status"](code=INVALID_ARGUMENT, message=str(refusal)))
        except (Exception, SystemExit) as failure:  # Whatever breaks is the environment's, and the client must hear of it.
            self.running = False
            return PB["EnvironmentResponse"](error=PB["Status"](code=INTERNAL, message=f"the environment broke down: {type(failure).__name__}: {failure}"))

    def close(self):
        if self.world is not None:
            getattr(self.world.env, "close", lambda: None)()
        self.world, self.joined, self.running = None, False, False

    def create_world(self, request):
        if self.world is not None:
            raise Refusal("this stream has a world already; destroy it first, or open another stream")
        settings = {key: unpack(value) for key, value in request.settings.items()}
        self.seed = self.take_seed(settings)
        self.world = self.make({key: value[()].item() if not value.shape else value for key, value in settings.items()})
        return PB["World"](world_name=WORLD)

    def join_world(self, request):
        self.require_world(request.world_name)
        if self.joined:
            raise Refusal("this stream has joined its world already; leave it first")
        self.refuse(request.settings)
        self.joined, self.running = True, False
        return PB["SpecsReply"](specs=self.world.specs)

    def step(self, request):
        self.require_joined()
        reply, running = PB["StepReply"](), self.running
        if running:
            action = self.world.action(request.actions)
            self.running = False
            observation, reward, terminated, truncated, _ = self.world.env.step(action)
        else:
            observation, _ = self.world.env.reset(**({} if self.seed is None else {"seed": self.seed}))
            reward, terminated, truncated, self.seed = 0.0, False, False, None
        self.running = not (terminated or truncated)
        signals = {"reward": float(reward), "discount": 0.0 if terminated else 1.0, "truncated": bool(truncated)}
        reply.state = RUNNING if self.running else TERMINATED
        for uid in request.requested_observations:
            reply.observations[uid].CopyFrom(self.world.observe(uid, observation, signals))
        return reply

    def reset(self, request):
        self.require_joined()
        self.interrupt(request.settings)
        return PB["SpecsReply"](specs=self.world.specs)

    def reset_world(self, request):
        self.require_world(request.world_name)
        self.interrupt(request.settings)
        return PB["Nothing"]()

    def leave_world(self, _):
        self.joined = self.running = False
        return PB["Nothing"]()

    def destroy_world(self, request):
        self.require_world(request.world_name)
        if self.joined:
            raise Refusal("the world is joined; leave it first")
        self.close()
        return PB["Nothing"]()

    def interrupt(self, settings):
        settings = {key: unpack(value) for key, value in settings.items()}
        seed = self.take_seed(settings)
        self.refuse(settings)
        self.seed, self.running = seed if seed is not None else self.seed, False

    @staticmethod
    def take_seed(settings):
        seed = settings.pop("seed", None)
        if seed is not None and (seed.size != 1 or not np.issubdtype(seed.dtype, np.integer) or seed.item() < 0):
            raise Refusal("seed must be one integer that is not negative")
        return None if seed is None else seed.item()

    @staticmethod
    def refuse(settings):
        if settings:
            raise Refusal(f"there is no setting {', '.join(map(repr, settings))} here; what the environment is made from is set by CreateWorld")

    def require_world(self, name):
        if self.world is None or name != WORLD:
            raise Refusal(f"there is no world {name!r} in this stream; " + (f"there is {WORLD!r}" if self.world else "create one first"))

    def require_joined(self):
        if not self.joined:
            raise Refusal("join a world first")


def factory(name):
    """What makes the environment of this name."""
    module, _, attribute = name.partition(":")
    if attribute:
        sys.path.insert(0, os.getcwd())
        made = getattr(importlib.import_module(module), attribute, None)
        if made is not None:
            return made
    try:
        import gymnasium
    except ImportError:
        raise SystemExit(f"error: gymnasium is not installed, and {name!r} is not a module:Class that is; pip install gymnasium.") from None
    return lambda **settings: gymnasium.make(name, **settings)


def setting(text):
    key, found, value = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    try:
        return key, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return key, value


def read(flag, path):
    """The bytes of a file that a flag names."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as missing:
        raise SystemExit(f"error: {flag}: {path} cannot be read: {missing.strerror}.") from None


def tokens(path):
    """The tokens that clients may show, one a line, as they are now; none where the file has gone."""
    try:
        with open(path, "rb") as file:
            return file.read().split()
    except OSError:
        return []


def shows(metadata, known):
    """Whether a client shows one of the tokens; the time that it takes tells nothing about them."""
    shown = dict(metadata).get("authorization", "").encode()
    return any([hmac.compare_digest(shown, b"Bearer " + token) for token in known])


def credentials(args):
    """TLS by the files that the flags name; None without them."""
    if not args.certificate and not args.key:
        if args.ca:
            raise SystemExit("error: --ca is whose clients count, and needs TLS: name --certificate and --key as well.")
        return None
    if not args.certificate or not args.key:
        raise SystemExit("error: --certificate and --key go together.")
    pair = read("--key", args.key), read("--certificate", args.certificate)
    return grpc.ssl_server_credentials([pair], read("--ca", args.ca) if args.ca else None, require_client_auth=bool(args.ca))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("env", help="a name that gymnasium.make knows, or module:Class")
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    options.add_argument("--port", type=int, default=7500, help="0 takes a free one (default: %(default)s)")
    options.add_argument("--sessions", type=int, default=64, help="connections at once (default: %(default)s)")
    options.add_argument("--set", dest="settings", type=setting, action="append", default=[], metavar="KEY=VALUE", help="argument of the environment; may be repeated")
    options.add_argument("--render", action="store_true", help="add the rendered picture as the observation 'image'")
    options.add_argument("--token-file", help="clients must show a token of this file, one a line; without it nobody is asked")
    options.add_argument("--certificate", help="speak TLS with this certificate, PEM ...")
    options.add_argument("--key", help="... and its private key")
    options.add_argument("--ca", help="clients must show a certificate of these authorities, PEM")
    args = options.parse_args()
    secure = credentials(args)
    if args.token_file and not tokens(args.token_file):
        raise SystemExit(f"error: --token-file: {args.token_file} cannot be read or holds no token; openssl rand -hex 32 makes one.")

    create = factory(args.env)
    defaults = {**dict(args.settings), **({"render_mode": "rgb_array"} if args.render else {})}

    def make(settings):
        return Served(create(**{**defaults, **settings}), args.render)

    # What cannot be served is to be known now, not when somebody comes.
    getattr(make({}).env, "close", lambda: None)()

    def process(requests, context):
        if args.token_file and not shows(context.invocation_metadata(), tokens(args.token_file)):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "this server asks for a token, and knows no such one; set env.remote.token_file")
        session = Session(make)
        try:
            for request in requests:
                yield session.answer(request)
        finally:
            session.close()

    request, response = PB["EnvironmentRequest"], PB["EnvironmentResponse"]
    server = grpc.server(
        concurrent.futures.ThreadPoolExecutor(args.sessions),
        options=[("grpc.so_reuseport", 0), ("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)])
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("dm_env_rpc.v1.Environment", {
        "Process": grpc.stream_stream_rpc_method_handler(process, request.FromString, response.SerializeToString)})])
    try:
        address = f"{args.host}:{args.port}"
        port = server.add_secure_port(address, secure) if secure else server.add_insecure_port(address)
    except RuntimeError:
        port = 0
    if port == 0:
        raise SystemExit(f"error: cannot listen on {args.host}:{args.port}; choose another --port, or stop what uses it" + ("; or --certificate, --key or --ca are no PEM." if secure else "."))
    server.start()
    print(f"serving {args.env} at {args.host}:{port}", flush=True)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    server.stop(grace=1).wait()


if __name__ == "__main__":
    main()
