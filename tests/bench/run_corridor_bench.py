#!/usr/bin/env python3
"""Starts two nodes with mutual TLS and sync on, lets them settle payments with each other in
batches, and prints what they reach and where the CPU went.

    tests/bench/run_corridor_bench.py [--binaries build/release/bin] [--runs 5] [--batches 200]

Client and both nodes share the machine. A figure is the median of the runs, with min and max.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "demo"))

import day_plan  # noqa: E402
import demo_nodes  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def move_ports(shift):
    """Other ports than the demonstration's, so that both can run on one machine."""
    moved = {}
    for ports in (demo_nodes.OPERATIONS_PORT, demo_nodes.GRPC_PORT):
        for node in ports:
            moved[str(ports[node])] = str(ports[node] + shift)
            ports[node] += shift
    return moved


def cpu_seconds(pid):
    """Of all threads, by name."""
    threads = {}
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            name, rest = re.match(r"\d+ \((.*)\) (.*)", stat.read_text()).groups()
        except OSError:
            continue
        fields = rest.split()
        name = re.sub(r"\d+$", "", name)
        threads[name] = threads.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICKS
    return threads


def directory_bytes(folder):
    return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binaries", default=str(ROOT / "build/release/bin"))
    parser.add_argument("--folder", default=str(ROOT / "build/corridor-bench"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--batches", type=int, default=200)
    parser.add_argument("--batch-size", type=int, default=8190)
    parser.add_argument("--window", type=int, default=4)
    parser.add_argument("--typed", action="store_true")
    parser.add_argument("--port-shift", type=int, default=400)
    options = parser.parse_args()
    moved = move_ports(options.port_shift)
    demo = demo_nodes.Demo(options.folder, options.binaries, verbose=False)
    demo.prepare()
    for node in demo_nodes.NODES:
        file = demo.folder / f"{node}.toml"
        text = file.read_text(encoding="utf-8")
        for before, after in moved.items():
            text = text.replace(f":{before}", f":{after}")
        file.write_text(text, encoding="utf-8")
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
    for person in (payer, payee):
        demo.hugang(
            person.node, "admin", "participant", "add", "--code", person.bic, "--name", person.name
        )
    command = [str(demo.binaries / "corridor_load"), "--profiles"]
    command += [str(demo.folder / "profiles.toml"), "--bank", payer.bic]
    command += ["--payer-operator", "shanghai", "--payee-operator", "hongkong"]
    command += ["--batches", str(options.batches), "--batch-size", str(options.batch_size)]
    command += ["--window", str(options.window)] + (["--typed"] if options.typed else [])
    pids = {node: int((demo.folder / f"{node}.pid").read_text()) for node in demo_nodes.NODES}
    rates = []
    for _ in range(options.runs):
        before = {node: cpu_seconds(pid) for node, pid in pids.items()}
        bytes_before = directory_bytes(demo.folder)
        client_before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        client_after = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(done.stdout.strip())
        rates.append(float(re.search(r"(\d+) settled/s", done.stdout)[1]))
        count = int(re.search(r"\((\d+) in", done.stdout)[1])
        for node, pid in pids.items():
            after = cpu_seconds(pid)
            spent = {name: after[name] - before[node].get(name, 0) for name in after}
            parts = sorted(spent.items(), key=lambda part: -part[1])
            text = ", ".join(f"{n} {t / count * 1e6:.2f}" for n, t in parts if t > 0.02)
            print(f"  {node}: {sum(spent.values()) / count * 1e6:.2f} µs each: {text}")
        spent = client_after.ru_utime + client_after.ru_stime
        spent -= client_before.ru_utime + client_before.ru_stime
        print(f"  client: {spent / count * 1e6:.2f} µs each")
        print(f"  disk: {(directory_bytes(demo.folder) - bytes_before) / count:.0f} bytes each")
    print(
        f"settled/s, two nodes and client: {statistics.median(rates):,.0f} "
        f"({min(rates):,.0f}–{max(rates):,.0f}, {len(rates)} runs)"
    )


if __name__ == "__main__":
    main()
