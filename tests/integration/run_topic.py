"""Runs the integration tests of one topic.

usage: run_topic.py TOPIC --source DIR --build DIR [-k PATTERN] [--keep]

Needs hugangd and hugang-audit (and hugang for some) in BUILD/bin. Exit code 77: skipped, the reason
is printed. --keep leaves the folders of ledgers, configurations and logs where they are.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

SKIPPED = 77


def reason_to_skip(build):
    try:
        import grpc  # noqa: F401
    except ImportError as error:
        return f"{error}: install python3-grpcio"
    if shutil.which("grpc_python_plugin") is None:
        return "grpc_python_plugin is missing: install protobuf-compiler-grpc"
    if not (build / "bin" / "hugangd").exists():
        return f"{build / 'bin' / 'hugangd'} was not built"
    return None


def keep_programs(build, to):
    """Copies what is tested, so that a build next door does not change it half-way."""
    for name in ("hugangd", "hugang", "hugang-audit", "hugang-load"):
        if (build / name).exists():
            shutil.copy2(build / name, to / name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topic")
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("-k", action="append", dest="patterns")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    reason = reason_to_skip(arguments.build)
    if reason:
        print(f"skipped: {reason}")
        return SKIPPED
    os.environ["HUGANG_SOURCE_DIR"] = str(arguments.source.resolve())
    os.environ["HUGANG_BUILD_DIR"] = str(arguments.build.resolve())
    programs = tempfile.TemporaryDirectory(prefix="hugang-programs-")
    os.environ["HUGANG_BIN_DIR"] = programs.name
    keep_programs(arguments.build / "bin", pathlib.Path(programs.name))
    if arguments.keep:
        os.environ["HUGANG_KEEP"] = "1"
    loader = unittest.TestLoader()
    if arguments.patterns:
        loader.testNamePatterns = [f"*{pattern}*" for pattern in arguments.patterns]
    suite = loader.loadTestsFromName(f"test_{arguments.topic}")
    result = unittest.TextTestRunner(verbosity=2, failfast=False).run(suite)
    if result.testsRun == 0:
        print("no test matched")
        return 1
    if result.wasSuccessful() and len(result.skipped) == result.testsRun:
        return SKIPPED
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
