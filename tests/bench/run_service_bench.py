#!/usr/bin/env python3
"""Starts two nodes with mutual TLS and sync on, loads them with hugang-load, and prints what they
reach.

    tests/bench/run_service_bench.py [--binaries build/release/bin] [--runs 5] [--seconds 10]

Client and both nodes share the machine. A figure is the median of the runs, with min and max.
"""

import argparse
import json
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

# What is measured: a label, hugang-load's words, and whether a request is a batch.
MEASURES = (
    ("streamed, packed", ("--kind", "stream"), True),
    ("streamed, packed, random ids", ("--kind", "stream", "--ids", "random"), True),
    ("streamed, packed, 90 % on 10 %", ("--kind", "stream", "--hot", "10:90"), True),
    ("streamed, typed", ("--kind", "stream", "--typed"), True),
    ("unary, alone", ("--kind", "unary", "--in-flight", "1"), False),
    ("unary, 64 in flight", ("--kind", "unary", "--in-flight", "64"), False),
    ("cross-border, one alone", ("--kind", "cross-border", "--in-flight", "1"), False),
)


def machine():
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"model name\s*: (.*)", text)
    name = model[1] if model else platform.machine()
    cores = text.count("processor\t")
    return f"{name}, {cores} cores, {platform.system()} {platform.release()}"


def spread(label, unit, values, digits):
    middle, low, high = statistics.median(values), min(values), max(values)
    print(
        f"  {label}: {middle:,.{digits}f} {unit} "
        f"({low:,.{digits}f}–{high:,.{digits}f}, {len(values)} runs)",
        flush=True,
    )


def percentile_ms(kind, percent):
    """From the record's histogram: the lower end of the bucket, which is 0.4 % wide."""
    buckets = kind["latency"]["buckets"]
    wanted = kind["latency"]["count"] * percent / 100
    seen = 0
    for lower, count in zip(buckets[::2], buckets[1::2]):
        seen += count
        if seen >= wanted - 1e-6:
            return lower / 1e6
    raise ValueError("no request was answered")


class Bench:
    def __init__(self, demo, options):
        self.demo = demo
        self.options = options
        self.program = str(demo.binaries / "hugang-load")
        people = day_plan.participants()
        self.payer, self.payee = [
            next(p for p in people if p.node == node) for node in ("shanghai", "hongkong")
        ]

    def run(self, command, *words):
        whole = [
            self.program,
            command,
            "--profiles",
            str(self.demo.folder / "profiles.toml"),
            "--profile",
            self.payer.bic,
            "--operator",
            "shanghai",
            "--other",
            self.payee.bic,
            "--accounts-file",
            str(self.demo.folder / "load.accounts"),
            *words,
        ]
        done = subprocess.run(whole, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(whole)}\n{done.stdout}{done.stderr}")

    def prepare(self):
        for person in (self.payer, self.payee):
            self.demo.hugang(
                person.node,
                "admin",
                "participant",
                "add",
                "--code",
                person.bic,
                "--name",
                person.name,
            )
        # Out of a reserve that may issue a good deal, within the cap of the corridor.
        accounts = str(self.options.accounts)
        self.run("prepare", "--asset", "CNY.D", "--accounts", accounts, "--payees", "100")

    def measure(self, label, words, is_batch):
        rates, medians, worst = [], [], []
        record_file = self.demo.folder / "record.json"
        for _ in range(self.options.runs):
            duration = f"{self.options.seconds}s"
            self.run(
                "run",
                *words,
                "--accounts",
                str(self.options.accounts),
                "--duration",
                duration,
                "--warm-up",
                "1s",
                "--out",
                str(record_file),
            )
            record = json.loads(record_file.read_text(encoding="utf-8"))
            (kind,) = record["kinds"]
            rates.append(kind["transfers_accepted"] / record["measured_s"])
            medians.append(percentile_ms(kind, 50))
            worst.append(percentile_ms(kind, 99))
        what = "batch" if is_batch else "request"
        spread(label, "a second", rates, 0)
        spread(f"  {what} p50", "ms", medians, 2)
        spread(f"  {what} p99", "ms", worst, 2)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binaries", default=str(ROOT / "build/release/bin"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10, help="measured, each run")
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--only", help="measures whose name contains this")
    options = parser.parse_args()
    demo = Demo(ROOT / "build/bench", options.binaries, verbose=False)
    demo.prepare()
    demo.start_nodes()
    try:
        bench = Bench(demo, options)
        bench.prepare()
        print(machine())
        print(
            f"binaries: {demo.binaries}; batches of 8,190 with 4 under way, "
            f"{options.accounts:,} accounts, {options.seconds} s a run after 1 s of warm-up"
        )
        for label, words, is_batch in MEASURES:
            if not options.only or options.only in label:
                bench.measure(label, words, is_batch)
    finally:
        demo.stop_nodes()


if __name__ == "__main__":
    main()
