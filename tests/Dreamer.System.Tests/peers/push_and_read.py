#!/usr/bin/python3
"""A peer in another language: pushes one stream of experience to the replay service and reads the newest weights.

Shares nothing with the services but proto/: messages are generated here by protoc, CRC-32C and the schema hash are written out again
from the documented wire format. Prints one JSON object; exits with 1 and {"error": STATUS, "message": ...} when the service refuses.
"""
import argparse
import array
import hashlib
import importlib
import json
import math
import os
import pathlib
import queue
import subprocess
import sys
import tempfile

import grpc

WIDTHS = {"float32": 4, "uint8": 1, "int32": 4, "bfloat16": 2}
CRC_TABLE = []
for value in range(256):
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    CRC_TABLE.append(value)


def crc32c(*pieces):
    """CRC-32C (Castagnoli) over the pieces in order."""
    crc = 0xFFFFFFFF
    for piece in pieces:
        for byte in piece:
            crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def schema_hash(text):
    """64-bit FNV-1a over the schema's text form: the count of state tensors, then one tensor per line."""
    value = 14695981039346656037
    for byte in text.encode():
        value = (value ^ byte) * 1099511628211 % 2**64
    return value


def generate(proto):
    """The message classes of proto/dreamer/v1."""
    with tempfile.TemporaryDirectory(prefix="dreamer-peer-") as folder:
        files = sorted(str(path) for path in pathlib.Path(proto).glob("dreamer/v1/*.proto"))
        subprocess.run(["protoc", f"-I{proto}", f"--python_out={folder}", *files], check=True)
        sys.path.insert(0, folder)
        return importlib.import_module("dreamer.v1.experience_pb2"), importlib.import_module("dreamer.v1.weights_pb2")


def parse_tensor(line):
    """key:dtype:AxBxC[:classes]"""
    key, dtype, shape, *classes = line.split(":")
    return key, dtype, [int(extent) for extent in shape.split("x") if extent], int(classes[0]) if classes else 0


def build_schema(pb, text):
    state, *lines = text.split("\n")
    tensors = [
        pb.TensorSpec(key=key, dtype=pb.DType.Value(f"DTYPE_{dtype.upper()}"), shape=shape, classes=classes)
        for key, dtype, shape, classes in map(parse_tensor, lines)
    ]
    return pb.Schema(tensors=tensors, state_tensors=int(state), hash=schema_hash(text))


def build_chunks(pb, schema, text, stream, count, steps):
    """Chunks alike in all but their sequence, each one episode; values are small, so that they are finite and inside every class range."""
    columns = []
    for key, dtype, shape, _ in map(parse_tensor, text.split("\n")[1:]):
        elements = steps * math.prod(shape)
        if key in ("is_first", "is_last", "is_terminal"):
            column = bytearray(steps)
            column[0 if key == "is_first" else -1] = 1
        elif dtype == "float32":
            column = array.array("f", [1.0 if key == "reward" else (i % 7) / 8 for i in range(elements)])
            if sys.byteorder == "big":
                column.byteswap()
        else:
            column = bytes(elements * WIDTHS[dtype])
        columns.append(bytes(column))
    episode = pb.Episode(end_step=steps - 1, length=steps - 1, **{"return": float(steps)})
    chunk = pb.Chunk(stream=stream, steps=steps, schema_hash=schema.hash, columns=columns, crc32c=crc32c(*columns),
                     min_policy_version=-1, max_policy_version=-1, episodes=[episode])
    for sequence in range(count):
        chunk.sequence = sequence
        yield pb.Chunk.FromString(chunk.SerializeToString())


class Push:
    """One call of Experience.Push: sends from a queue, so that replies decide what is sent next."""

    def __init__(self, pb, channel, metadata, schema, streams, timeout):
        method = channel.stream_stream("/dreamer.v1.Experience/Push", request_serializer=pb.PushRequest.SerializeToString,
                                       response_deserializer=pb.PushReply.FromString)
        self.requests = queue.Queue()
        self.replies = method(iter(self.requests.get, None), metadata=metadata, timeout=timeout)
        self.pb, self.credit, self.marks = pb, 0, {}
        self.requests.put(pb.PushRequest(hello=pb.Hello(actor="python-peer", schema=schema, streams=streams)))
        self.welcome = None
        while self.welcome is None:
            self.read()

    def read(self):
        reply = next(self.replies)
        kind = reply.WhichOneof("body")
        if kind == "welcome":
            self.welcome = reply.welcome
        elif kind == "credit":
            self.credit += reply.credit.bytes
        elif kind == "ack":
            self.marks[reply.ack.stream] = reply.ack
        else:
            raise SystemExit(f"unexpected {kind}: {reply}")

    def send(self, chunk):
        while self.credit <= 0:
            self.read()
        self.credit -= sum(map(len, chunk.columns))
        self.requests.put(self.pb.PushRequest(chunk=chunk))

    def wait(self, stream, mark, sequence):
        while stream not in self.marks or getattr(self.marks[stream], mark) < sequence:
            self.read()
        return getattr(self.marks[stream], mark)

    def close(self):
        self.requests.put(None)
        for _ in self.replies:
            pass


def read_weights(pb, channel, metadata, timeout):
    """The newest version, its length and hash checked."""
    method = channel.unary_stream("/dreamer.v1.Weights/Subscribe", request_serializer=pb.SubscribeRequest.SerializeToString,
                                  response_deserializer=pb.WeightFrame.FromString)
    frames = method(pb.SubscribeRequest(after_version=-1), metadata=metadata, timeout=timeout)
    header, data = next(frames).header, bytearray()
    while len(data) < header.manifest_bytes + header.weight_bytes:
        data += next(frames).data
    frames.cancel()
    manifest = json.loads(data[:header.manifest_bytes])
    if len(data) != header.manifest_bytes + header.weight_bytes or hashlib.sha256(data).digest() != header.sha256:
        raise SystemExit("the weights do not match their header")
    return {"version": header.version, "manifest": manifest, "bytes": header.weight_bytes, "sha256": header.sha256.hex()}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--address", required=True, help="host:port of the replay service")
    options.add_argument("--proto", required=True, help="the folder proto/")
    options.add_argument("--schema", required=True, help="text form, lines separated by ';', e.g. 0;vector:float32:4;action:float32:2;...")
    options.add_argument("--token", default="", help="the actor's bearer token")
    options.add_argument("--chunks", type=int, default=3)
    options.add_argument("--steps", type=int, default=64)
    options.add_argument("--weights", action="store_true", help="read the newest weights, too")
    options.add_argument("--break", dest="broken", choices=["crc", "hash"], help="send a wrong checksum or a wrong schema hash")
    options.add_argument("--timeout", type=float, default=60, help="seconds for each call")
    args = options.parse_args()

    experience, weights = generate(args.proto)
    text = args.schema.replace(";", "\n")
    schema = build_schema(experience, text)
    metadata = [("authorization", f"Bearer {args.token}")] if args.token else []
    channel = grpc.insecure_channel(args.address, options=[("grpc.max_receive_message_length", 16 << 20)])
    grpc.channel_ready_future(channel).result(args.timeout)
    stream = os.urandom(16)
    try:
        push = Push(experience, channel, metadata, schema, [stream], args.timeout)
        chunks = list(build_chunks(experience, schema, text, stream, args.chunks, args.steps))
        if args.broken == "crc":
            chunks[0].crc32c ^= 1
        elif args.broken == "hash":
            chunks[0].schema_hash ^= 1
        for chunk in chunks:
            push.send(chunk)
        result = {
            "first": list(push.welcome.next_sequence),
            "instance": push.welcome.instance.hex(),
            "accepted": push.wait(stream, "accepted", args.chunks),
            "durable": push.wait(stream, "durable", args.chunks),
        }
        push.close()

        # A second call with the same stream: the service names the mark, and what it has already is acknowledged again.
        again = Push(experience, channel, metadata, schema, [stream], args.timeout)
        again.send(chunks[-1])
        result["resumed"] = list(again.welcome.next_sequence)
        result["duplicate"] = again.wait(stream, "accepted", args.chunks)
        again.close()
        if args.weights:
            result["weights"] = read_weights(weights, channel, metadata, args.timeout)
    except grpc.RpcError as error:
        print(json.dumps({"error": error.code().name, "message": error.details()}))
        sys.exit(1)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
