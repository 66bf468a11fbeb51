"""The gRPC contract as Python modules, generated from proto/ into the build folder when it changed.

    from contract import v1, rpc        # v1.InstructRequest, v1.AdminServiceStub, rpc.ErrorInfo
"""

import importlib
import os
import pathlib
import shutil
import subprocess
import sys
import types

SOURCE = pathlib.Path(os.environ["HUGANG_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["HUGANG_BUILD_DIR"])
BIN = pathlib.Path(os.environ["HUGANG_BIN_DIR"])
STUBS = BUILD / "tests" / "integration" / "stubs"


def generate():
    protos = sorted((SOURCE / "proto").rglob("*.proto"))
    mark = STUBS / "generated"
    newest = max(path.stat().st_mtime for path in protos)
    if mark.exists() and mark.stat().st_mtime > newest:
        return
    STUBS.mkdir(parents=True, exist_ok=True)
    names = [str(path.relative_to(SOURCE / "proto")) for path in protos]
    subprocess.run(["protoc", f"--proto_path={SOURCE / 'proto'}", f"--python_out={STUBS}",
                    f"--grpc_python_out={STUBS}",
                    f"--plugin=protoc-gen-grpc_python={shutil.which('grpc_python_plugin')}",
                    *names], check=True)
    mark.touch()


def gathered(*names):
    """One namespace with everything that these modules define."""
    space = types.SimpleNamespace()
    for name in names:
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            if not key.startswith("_"):
                setattr(space, key, value)
    return space


generate()
sys.path.insert(0, str(STUBS))
# google is a package of Debian's protobuf already: ours is added to it.
import google  # noqa: E402

if str(STUBS / "google") not in google.__path__:
    google.__path__.append(str(STUBS / "google"))

SERVICES = ("transfer", "account", "settlement", "position", "admin", "peer")
v1 = gathered("hugang.v1.types_pb2",
              *(f"hugang.v1.{name}_service_pb2" for name in SERVICES),
              *(f"hugang.v1.{name}_service_pb2_grpc" for name in SERVICES))
rpc = gathered("google.rpc.status_pb2", "google.rpc.error_details_pb2")
