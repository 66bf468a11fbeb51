"""The cities of the tests as data, and the configuration file of each."""

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Asset:
    id: int
    code: str
    issuer: int
    scale: int


@dataclasses.dataclass(frozen=True)
class City:
    id: int
    code: str
    name: str
    suite: str  # as make-pki.sh takes it
    participants: tuple

    @property
    def wire_suite(self):
        return "sm2-sm3" if self.suite == "sm2" else self.suite


SHANGHAI = City(1, "shanghai", "Shanghai 上海", "sm2", ("ALICE", "ANNA"))
HONGKONG = City(2, "hongkong", "Hong Kong 香港", "ed25519", ("BOB", "BEN"))
SINGAPORE = City(3, "singapore", "Singapore 新加坡", "ed25519", ("SITI", "SAM"))

CNY = Asset(1, "CNY.D", SHANGHAI.id, 2)
HKD = Asset(2, "HKD", HONGKONG.id, 2)
XAU = Asset(3, "XAU.G", SHANGHAI.id, 4)
SGD = Asset(4, "SGD", SINGAPORE.id, 2)
ALL_ASSETS = (CNY, HKD, XAU, SGD)

STAFF = (("regulator", "regulator"), ("monitor", "monitor"))


def text(value):
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def table(header, /, **values):
    lines = [f"[{header}]"]
    for key, value in values.items():
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, (list, tuple)):
            value = "[" + ", ".join(text(each) for each in value) + "]"
        elif not isinstance(value, int):
            value = text(value)
        lines.append(f"{key} = {value}")
    return "\n".join(lines) + "\n"


def assets_among(cities):
    ids = {city.id for city in cities}
    return [asset for asset in ALL_ASSETS if asset.issuer in ids]


@dataclasses.dataclass
class Layout:
    """Where a node lives: its folder, its ports, the PKI, and keys beside the PKI's own."""
    city: City
    folder: pathlib.Path
    grpc_port: int
    operations_port: int
    signing_keys: list
    queue: dict = dataclasses.field(default_factory=dict)
    checkpoint_entries: int = 0
    ledger: pathlib.Path = None
    rules: list = dataclasses.field(default_factory=list)


def genesis(city, cities, rules):
    parts = [table("genesis.operator", code="operator", name=f"Operator of {city.name}")]
    known = assets_among(cities)
    for asset in known:
        parts.append(table("[genesis.asset]", id=asset.id, code=asset.code, issuer=asset.issuer,
                           scale=asset.scale))
    for code, role in STAFF:
        parts.append(table("[genesis.participant]", code=code, roles=[role], name=code.title()))
    for code in city.participants:
        bic = {"bic": code} if len(code) == 11 else {}
        parts.append(table("[genesis.participant]", code=code, roles=["participant"],
                           name=f"{code.title()} Bank", local_name="示范银行", **bic))
    for peer in cities:
        for asset in known:
            if peer.id != city.id and asset.issuer in (city.id, peer.id):
                parts.append(table("[genesis.corridor]", peer=peer.id, asset=asset.id))
    for asset in known:
        if asset.issuer == city.id:
            parts.append(table("[genesis.reserve]", asset=asset.id))
    parts.append(table("genesis.rules", version=1))
    parts += [table("[genesis.rules.rule]", **rule) for rule in rules]
    return parts


def configuration(layout, layouts, pki):
    """The TOML of one node; `layouts` holds those of all, by node code."""
    city = layout.city
    own = pki / city.code
    ledger = {"directory": layout.ledger or layout.folder / "ledger"}
    if layout.checkpoint_entries:
        ledger["checkpoint_entries"] = layout.checkpoint_entries
    parts = [
        table("node", id=city.id, code=city.code, name=city.name),
        table("ledger", **ledger),
        table("grpc", listen=f"127.0.0.1:{layout.grpc_port}"),
        table("operations", listen=f"127.0.0.1:{layout.operations_port}"),
        table("tls", certificate=own / "node.pem", key=own / "node.key",
              client_ca=own / "ca-bundle.pem"),
        table("signing", keys=layout.signing_keys),
        table("log", level="debug"),
    ]
    if layout.queue:
        parts.append(table("queue", **layout.queue))
    for other in layouts.values():
        peer = other.city
        if peer.id == city.id:
            continue
        parts.append(table("[peer]", id=peer.id, code=peer.code,
                           address=f"127.0.0.1:{other.grpc_port}",
                           public_key=pki / peer.code / f"signing-{peer.suite}.pub.pem",
                           suite=peer.wire_suite))
    cities = [other.city for other in layouts.values()]
    return "\n".join(parts + genesis(city, cities, layout.rules))
