"""RocksDB's write-ahead log, for tests that break it: blocks of 32 KiB, records with a checksum
(CRC-32C, masked), a length and a type. Enough to change bytes with and without being noticed."""

import struct

BLOCK = 32_768
HEADER = struct.Struct("<IHB")


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """(offset, payload size) of each physical record, up to the first that is none."""
    at = 0
    while at + HEADER.size <= len(data):
        if BLOCK - at % BLOCK < HEADER.size:
            at += BLOCK - at % BLOCK
            continue
        _, size, kind = HEADER.unpack_from(data, at)
        if kind == 0 or at + HEADER.size + size > len(data):
            return
        yield at, size
        at += HEADER.size + size


def forge(data, old, new):
    """Replaces the one occurrence of `old`, and makes the record's checksum right again."""
    assert len(old) == len(new) and data.count(old) == 1, data.count(old)
    changed = bytearray(data.replace(old, new))
    place = data.index(old)
    for at, size in records(data):
        start = at + HEADER.size
        if at <= place < start + size:
            struct.pack_into("<I", changed, at, masked_crc(changed[at + 6:start + size]))
            return bytes(changed)
    raise AssertionError("not inside a record")
