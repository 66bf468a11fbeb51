"""What the fuzzers' corpora begin with: the golden bytes, the demo's files, and texts of each form.

seeds(name) gives the inputs of one target, words(name) the entries of its dictionary. A change of
format changes the golden bytes, and with them what is here.
"""

import base64
import pathlib
import random
import re
import struct
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
DEMO = ROOT / "deploy" / "demo"


def golden(path):
    """The bytes of each block of a golden file: hexadecimal lines, each block under a title."""
    blocks, block = [], bytearray()
    for line in (GOLDEN / path).read_text(encoding="utf-8").splitlines():
        digits = re.sub(r"\s", "", line)
        if re.fullmatch(r"(?:[0-9a-f]{2})+", digits):
            block += bytes.fromhex(digits)
        elif block:
            blocks.append(bytes(block))
            block = bytearray()
    return blocks + [bytes(block)] if block else blocks


def golden_all(pattern):
    return [block for file in sorted(GOLDEN.glob(pattern))
            for block in golden(file.relative_to(GOLDEN))]


def noise(count, longest, seed):
    """Bytes of no form: for targets that make something of any of them."""
    source = random.Random(seed)
    return [source.randbytes(source.randint(1, longest)) for _ in range(count)]


def command_kinds():
    header = (ROOT / "clearing" / "wire" / "records.hpp").read_text(encoding="utf-8")
    body = re.search(r"enum class CommandKind[^{]*{(.*?)};", header, re.DOTALL).group(1)
    return [(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(), int(number))
            for name, number in re.findall(r"\bk(\w+) = (\d+)", body)]


def sections():
    """Commands sections: the golden ones, and a group of each kind."""
    found = golden_all("messages/section.hex")
    for name, number in command_kinds():
        file = pathlib.Path("messages") / f"{name}.hex"
        if (GOLDEN / file).is_file():
            for record in golden(file):
                head = struct.pack("<HHIIIQQ", number, 0, 1, 1, len(record), 0, 0)
                found.append(head + record)
    return found


def pem(kind, der):
    return (f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}"
            f"-----END {kind}-----\n").encode()


def public_keys():
    """RFC 8032's first key, and the base point of SM2's curve (GB/T 32918.5), a key too."""
    ed25519 = bytes.fromhex("302a300506032b6570032100"
                            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    sm2 = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"
                        "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
                        "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0")
    return [ed25519, sm2]


def certificates():
    """Certificates as the installer's own, with a URI of ours and with name constraints."""
    made = []
    with tempfile.TemporaryDirectory() as folder:
        for name, extension in (("leaf", "subjectAltName=URI:hugang://shanghai/alice"),
                                ("ca", "nameConstraints=critical,permitted;URI:shanghai")):
            key, certificate = f"{folder}/{name}.key", f"{folder}/{name}.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes",
                            "-subj", f"/O=Example/CN={name}", "-addext", extension, "-days", "9",
                            "-keyout", key, "-out", certificate], check=True, capture_output=True)
            made.append(pathlib.Path(certificate).read_bytes())
            made.append(made[-1] + pathlib.Path(key).read_bytes())
    return made


def good_config():
    header = ROOT / "tests" / "unit" / "services" / "runtime" / "config_text.hpp"
    return re.search(r'R"\((.*?)\)"', header.read_text(encoding="utf-8"), re.DOTALL).group(1)


def configurations():
    texts = [good_config()] + [file.read_text(encoding="utf-8")
                               for file in sorted(DEMO.glob("*.toml"))]
    # Also without each line, and each line alone at its place: the splices of the target.
    lines = good_config().splitlines(keepends=True)
    without = ["".join(lines[:i] + lines[i + 1:]) for i in range(0, len(lines), 3)]
    return [text.encode() for text in texts + without]


PROFILES = """default = "alice"
[profile.alice]
address = "127.0.0.1:7401"
ca = "pki/ca.pem"
cert = "pki/ALICE.pem"
key = "pki/ALICE.key"
server_name = "node"
"""

RULES = """version = 2
effective_from = "2026-02-01T00:00:00Z"
[[rule]]
kind = "single-max"
asset = "CNY.D"
amount = "500,000.00"
[[rule]]
kind = "corridor-cap"
asset = "2"
peer = 2
amount = "10000000.0"
"""

TEXTS = """0 0.07 1,234.56 1234.5 100000000000000000 999,999,999,999.99 -1 -0
-170141183460469231731687303715884105727 1000000000145 1000000000242
01234567-89ab-4cde-8f01-23456789abcd 5F0C8A3E-6D1B-4C2A-9E57-0A1B2C3D4E5F
2026-11-22T05:18:43.000000001Z 2026-11-22T05:18:43+08:00 1970-01-01T00:00:00Z 1972-02-29T23:59:59.5Z
90s 10m 2h 1d 250ms 366d 20260105 2026-01-05 hugang://shanghai/ALICE hugang://hong-kong/a.b_c-1
127.0.0.1:7001 [::1]:7011 node.example:0 HGSHCNSHXXX HFBKHKHH 5493001KJTIIGC8Y1R12
GB82WEST12345698765432 12:30:00 12:30:00.123+08:00 true Shanghai上海 ä€😀""".split()


def seeds(name):
    """The inputs that the corpus of a target is grown from, as bytes."""
    made = {
        "apply": lambda: [b"\0\0" + section for section in sections()] + noise(64, 400, 1),
        "batch": lambda: sections() + golden_all("messages/instruct.hex") +
                 golden_all("messages/peer_envelope.hex") + golden_all("messages/set_rules.hex"),
        "checkpoint": lambda: golden_all("journal/checkpoint.hex") + golden_all("journal/keys.hex"),
        "client_config": lambda: [PROFILES.encode(), RULES.encode()] +
                         [pem("PUBLIC KEY", der) for der in public_keys()],
        "config": configurations,
        "entry": lambda: golden_all("journal/entry.hex"),
        "entry_text": lambda: sections() + golden_all("messages/event*.hex") +
                      golden_all("journal/outcomes_events.hex"),
        "envelope": lambda: golden_all("envelope/*.hex"),
        "iso20022": lambda: [file.read_bytes() for file in sorted(DEMO.glob("messages/*.xml"))],
        "key": lambda: public_keys() + [pem("PUBLIC KEY", der) for der in public_keys()] +
               certificates(),
        "log_scan": lambda: noise(64, 100, 2),
        "payload": lambda: golden_all("messages/payload*.hex") +
                   golden_all("messages/message_*.hex"),
        "snapshot": lambda: golden_all("messages/state_*.hex") + noise(16, 60, 3),
        "text": lambda: [bytes([scale]) + text.encode() for text in TEXTS for scale in (0, 2)],
    }
    return made[name]()


def words(name):
    """The words of a target's text form; none for targets of bytes."""
    if name in ("config", "client_config"):
        text = good_config() if name == "config" else PROFILES + RULES
        found = set(re.findall(r'^\[+[\w.]+\]+|^\w+(?= =)|"[^"\n]*"', text, re.MULTILINE))
        found |= {"= [", "[[", "]]", "\\u00e9", '"""', "'''", "2031-01-01T00:00:00+08:00", "\n"}
        if name == "client_config":
            found |= {"-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"}
        return sorted(found)
    if name == "iso20022":
        text = "".join(file.read_text(encoding="utf-8") for file in DEMO.glob("messages/*.xml"))
        found = set(re.findall(r"</?\w+>|xmlns(?::\w+)?=|urn:[\w:.]+|Ccy=", text))
        return sorted(found | {"<![CDATA[", "]]>", "<!--", "-->", "&#65;", "&amp;", "<?xml ", "?>"})
    return TEXTS if name == "text" else []
