#!/usr/bin/env python3
"""Starts two nodes with mutual TLS and sync on, loads them, and prints what they reach.

    tests/bench/run_service_bench.py [--binaries build/release/bin] [--runs 5]

Client and both nodes share the machine. A figure is the median of the runs, with min and max.
"""

import argparse
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "demo"))

import day_plan  # noqa: E402
from demo_nodes import Demo  # noqa: E402


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    cores = Path("/proc/cpuinfo").read_text(encoding="utf-8").count("processor\t")
    name = model[1] if model else platform.machine()
    return f"{name}, {cores} cores, {platform.system()} {platform.release()}"


def spread(label, unit, values):
    print(
        f"  {label}: {statistics.median(values):,.2f} {unit} "
        f"({min(values):,.2f}–{max(values):,.2f}, {len(values)} runs)"
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binaries", default=str(ROOT / "build/release/bin"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--batches", type=int, default=200)
    options = parser.parse_args()
    demo = Demo(ROOT / "build/bench", options.binaries, verbose=False)
    demo.prepare()
    demo.start_nodes()
    try:
        measure(demo, options)
    finally:
        demo.stop_nodes()


def measure(demo, options):
    payer, payee = [
        next(p for p in day_plan.participants() if p.node == node)
        for node in ("shanghai", "hongkong")
    ]
    accounts = []
    for person in (payer, payee):
        demo.hugang(
            person.node, "admin", "participant", "add", "--code", person.bic, "--name", person.name
        )
        _, opened = demo.hugang(person.bic, "accounts", "open", "--asset", "CNY.D")
        accounts.append(opened["account"])
    demo.hugang(
        "shanghai",
        "admin",
        "issue",
        "--asset",
        "CNY.D",
        "--to",
        accounts[0],
        "--amount",
        "1,000,000.00",
    )
    base = [
        str(demo.binaries / "service_bench"),
        "--profiles",
        str(demo.folder / "profiles.toml"),
        "--bank",
        payer.bic,
        "--operator",
        "shanghai",
    ]

    def run(*words):
        done = subprocess.run(base + list(words), capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return done.stdout

    print(machine())
    print(
        f"binaries: {demo.binaries}; batches of 8,190, {options.batches} a run, "
        "10,000 accounts, 4 under way"
    )
    for label, extra in (("packed", []), ("typed", ["--typed"])):
        rates, medians = [], []
        for _ in range(options.runs):
            text = run("stream", "--batches", str(options.batches), *extra)
            rates.append(float(re.search(r"(\d+) transfers/s", text)[1]))
            medians.append(float(re.search(r"p50 ([\d.]+) ms", text)[1]))
        spread(f"streamed local transfers, {label}", "transfers/s", rates)
        spread(f"  batch p50, {label}", "ms", medians)
    whole, ledger = [], []
    for _ in range(options.runs):
        text = run("settle", "--from", accounts[0], "--to", accounts[1])
        found = re.findall(r"p50 ([\d.]+) ms", text)
        whole.append(float(found[0]))
        ledger.append(float(found[1]))
    spread("cross-border payment alone, request to final answer, p50", "ms", whole)
    spread("cross-border payment alone, hold to final by the ledger, p50", "ms", ledger)


if __name__ == "__main__":
    main()
