"""Checks how the tests are registered: tests/run.sh chooses and schedules them by it.

usage: check_ctest.py BUILD_DIR

Each test has a label that says its kind, and a time limit; integration tests, which start nodes and
measure real time, run alone.
"""

import json
import subprocess
import sys

KINDS = {"unit", "scenario", "golden", "model", "simulation", "fuzz", "integration", "bench",
         "lint", "tidy", "campaign"}


def complaints(tests):
    for test in tests:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        labels = set(properties.get("LABELS", []))
        if not labels & KINDS:
            yield f"{test['name']}: has no label of {', '.join(sorted(KINDS))}"
        if "TIMEOUT" not in properties:
            yield f"{test['name']}: has no TIMEOUT"
        if "integration" in labels and not properties.get("RUN_SERIAL"):
            yield f"{test['name']}: is an integration test without RUN_SERIAL"


def main():
    listed = subprocess.run(["ctest", "--show-only=json-v1"], cwd=sys.argv[1], check=True,
                            capture_output=True).stdout
    tests = json.loads(listed)["tests"]
    found = list(complaints(tests))
    if not any(test["name"] == "lint.tests" for test in tests):
        found.append("lint.tests does not see itself: the list of tests is not complete")
    print("\n".join(found) if found else f"{len(tests)} tests are registered as they should")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
