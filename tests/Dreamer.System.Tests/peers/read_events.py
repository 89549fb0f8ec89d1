"""Reads TensorBoard's event files as TensorBoard does: records checked by their masked CRC-32C, messages by the protobuf library from
descriptors written after tensorflow's event.proto and summary.proto. Prints one JSON object per file; a torn end is counted, not fatal."""
import base64
import json
import pathlib
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool

try:
    from google.protobuf.message_factory import GetMessageClass
except ImportError:
    from google.protobuf.message_factory import MessageFactory

    def GetMessageClass(descriptor):
        return MessageFactory().GetPrototype(descriptor)

TYPES = descriptor_pb2.FieldDescriptorProto


def event_class():
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="tensorflow", syntax="proto3")

    def message(name, *fields):
        made = file.message_type.add(name=name)
        for number, field, kind, label, other in fields:
            made.field.add(name=field, number=number, type=kind, label=label, type_name=other)

    one, many = TYPES.LABEL_OPTIONAL, TYPES.LABEL_REPEATED
    message("Image", (1, "height", TYPES.TYPE_INT32, one, None), (2, "width", TYPES.TYPE_INT32, one, None),
            (3, "colorspace", TYPES.TYPE_INT32, one, None), (4, "encoded_image_string", TYPES.TYPE_BYTES, one, None))
    message("Value", (1, "tag", TYPES.TYPE_STRING, one, None), (2, "simple_value", TYPES.TYPE_FLOAT, one, None),
            (4, "image", TYPES.TYPE_MESSAGE, one, ".tensorflow.Image"))
    message("Summary", (1, "value", TYPES.TYPE_MESSAGE, many, ".tensorflow.Value"))
    message("Event", (1, "wall_time", TYPES.TYPE_DOUBLE, one, None), (2, "step", TYPES.TYPE_INT64, one, None),
            (3, "file_version", TYPES.TYPE_STRING, one, None), (5, "summary", TYPES.TYPE_MESSAGE, one, ".tensorflow.Summary"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName("tensorflow.Event"))


def crc32c_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = crc32c_table()


def masked(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def read(path, event_type):
    data, position, events = path.read_bytes(), 0, []
    while position + 12 <= len(data):
        length, check = struct.unpack_from("<QI", data, position)
        if masked(data[position:position + 8]) != check:
            raise ValueError(f"{path.name}: wrong checksum of a length at {position}")
        end = position + 12 + length + 4
        if end > len(data):
            break
        content = data[position + 12:end - 4]
        if masked(content) != struct.unpack_from("<I", data, end - 4)[0]:
            raise ValueError(f"{path.name}: wrong checksum of a record at {position}")
        event = event_type.FromString(content)
        if len(event.UnknownFields()) if hasattr(event, "UnknownFields") else 0:
            raise ValueError(f"{path.name}: unknown fields at {position}")
        events.append({
            "time": event.wall_time, "step": event.step, "version": event.file_version,
            "scalars": {value.tag: value.simple_value for value in event.summary.value if not value.HasField("image")},
            "images": {value.tag: {"height": value.image.height, "width": value.image.width, "channels": value.image.colorspace,
                                   "file": base64.b64encode(value.image.encoded_image_string).decode()}
                       for value in event.summary.value if value.HasField("image")},
        })
        position = end
    return {"name": path.name, "torn": len(data) - position, "events": events}


def main():
    event_type = event_class()
    print(json.dumps([read(path, event_type) for path in sorted(pathlib.Path(sys.argv[1]).glob("*tfevents*"))]).replace("NaN", "null"))


main()
