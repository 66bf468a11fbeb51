"""Just enough of protobuf's wire format for the two gRPC services whose Python packages Debian
does not have (health, reflection), and for messages that no library would write."""

import grpc


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def field(number, data):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def fields(data):
    """(number, value) of each field; value is an int or bytes."""
    at = 0

    def read_varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
    while at < len(data):
        tag = read_varint()
        if tag & 7 == 0:
            yield tag >> 3, read_varint()
        elif tag & 7 == 2:
            size = read_varint()
            yield tag >> 3, data[at:at + size]
            at += size
        else:
            raise ValueError(f"wire type {tag & 7}")


def health(channel, service=""):
    """1 SERVING, 2 NOT_SERVING; raises grpc.RpcError for an unknown service."""
    request = field(1, service.encode()) if service else b""
    answer = channel.unary_unary("/grpc.health.v1.Health/Check")(request, timeout=10)
    return dict(fields(answer)).get(1, 0)


def reflected_services(channel):
    path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
    answers = channel.stream_stream(path)(iter([field(7, b"*")]), timeout=10)
    listed = dict(fields(next(iter(answers))))[6]
    return [dict(fields(service))[1].decode() for number, service in fields(listed) if number == 1]


def call_raw(channel, path, data, timeout=30):
    """Sends bytes as they are; the answer is bytes, or the grpc.RpcError."""
    try:
        return channel.unary_unary(path)(data, timeout=timeout, wait_for_ready=True)
    except grpc.RpcError as error:
        return error
