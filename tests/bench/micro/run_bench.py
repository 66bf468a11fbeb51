"""Runs the micro-benchmarks and writes what they measured as one JSON file.

usage: run_bench.py --out FILE --version VERSION --preset NAME [--repetitions N] [--filter REGEX]
                    [--smoke] PROGRAM...

Each PROGRAM is a Google Benchmark program. Every benchmark runs N times (default 5); the file and
the table hold the median, the least and the most of the runs: times in nanoseconds, rates and
counters as the benchmark names them. A benchmark that fails, or that is listed and does not run,
fails the whole. --smoke runs each once, small and short, and writes the same file: its figures mean
nothing, it shows that all benchmarks run.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

NS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
# What Google Benchmark says of a run beside the counters that the benchmark itself adds.
OWN_FIELDS = {
    "name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions",
    "repetition_index", "threads", "iterations", "real_time", "cpu_time", "time_unit", "label",
    "error_occurred", "error_message",
}


class Failure(Exception):
    """What went wrong, as a sentence."""


def environment(smoke):
    variables = dict(os.environ)
    variables.pop("HUGANG_BENCH_SMOKE", None)
    if smoke:
        variables["HUGANG_BENCH_SMOKE"] = "1"
    return variables


def run_program(program, arguments, smoke):
    """The program's JSON, and the names of the benchmarks that it lists."""
    listed = subprocess.run([program, "--benchmark_list_tests", *arguments], check=True,
                            env=environment(smoke), stdout=subprocess.PIPE, text=True).stdout
    done = subprocess.run([program, "--benchmark_format=json", *arguments], check=False,
                          env=environment(smoke), stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failure(f"{program} ended with {done.returncode}")
    return json.loads(done.stdout), listed.split()


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def summarise(report, listed, program):
    """One entry a benchmark, in the order in which they ran."""
    runs = {}
    for run in report["benchmarks"]:
        if run["run_type"] == "iteration":
            runs.setdefault(run["run_name"], []).append(run)
    missing = [name for name in listed if name not in runs]
    if missing:
        raise Failure(f"{program} lists benchmarks that did not run: {', '.join(missing)}")
    entries = []
    for name, group in runs.items():
        failed = [run for run in group if run.get("error_occurred")]
        if failed:
            raise Failure(f"{name}: {failed[0].get('error_message', 'failed')}")
        scale = NS[group[0]["time_unit"]]
        entry = {
            "name": name,
            "program": pathlib.Path(program).name,
            "runs": len(group),
            "iterations": group[0]["iterations"],
            "real_ns": spread([run["real_time"] * scale for run in group]),
            "cpu_ns": spread([run["cpu_time"] * scale for run in group]),
        }
        for counter in group[0].keys() - OWN_FIELDS:
            entry.setdefault("counters", {})[counter] = spread([run[counter] for run in group])
        if "counters" in entry:
            entry["counters"] = dict(sorted(entry["counters"].items()))
        entries.append(entry)
    return entries


def first_value(path, key):
    """The value of the first "key: value" line of a /proc file; empty without one."""
    try:
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == key:
                return value.strip()
    except OSError:
        pass
    return ""


def machine():
    memory = first_value("/proc/meminfo", "MemTotal").split()
    return {
        "cpu_model": first_value("/proc/cpuinfo", "model name"),
        "logical_cores": os.cpu_count(),
        "memory_bytes": int(memory[0]) * 1024 if memory else 0,
        "kernel": f"{platform.system()} {platform.release()}",
    }


def time_text(ns):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return f"{ns / size:.3g} {unit}"
    return f"{ns:.3g} ns"


def rate_text(rate):
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if rate >= size:
            return f"{rate / size:.3g} {unit}"
    return f"{rate:.3g} "


def table(entries):
    rows = [("benchmark", "median", "least", "most", "items/s", "bytes/s")]
    for entry in entries:
        real = entry["real_ns"]
        counters = entry.get("counters", {})
        rates = [rate_text(counters[name]["median"]) if name in counters else ""
                 for name in ("items_per_second", "bytes_per_second")]
        times = [time_text(real[name]) for name in ("median", "min", "max")]
        rows.append((entry["name"], *times, *rates))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def options_of(arguments):
    parser = argparse.ArgumentParser(description="Runs the micro-benchmarks; see the docstring.")
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--filter", default="")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("programs", nargs="+")
    return parser.parse_args(arguments)


def program_arguments(options):
    arguments = []
    if options.smoke:
        arguments.append("--benchmark_min_time=0.001")
    else:
        arguments.append(f"--benchmark_repetitions={options.repetitions}")
    if options.filter:
        arguments.append(f"--benchmark_filter={options.filter}")
    return arguments


def main(arguments):
    options = options_of(arguments)
    started = datetime.datetime.now(datetime.timezone.utc)
    entries = []
    try:
        for program in options.programs:
            report, listed = run_program(program, program_arguments(options), options.smoke)
            entries += summarise(report, listed, program)
        names = [entry["name"] for entry in entries]
        if len(set(names)) != len(names):
            raise Failure("two benchmarks have one name")
        if not entries:
            raise Failure("no benchmark ran: look at --filter")
    except (Failure, OSError, subprocess.CalledProcessError, ValueError) as failure:
        print(f"run_bench.py: {failure}", file=sys.stderr)
        return 1
    document = {
        "schema": "hugang-bench",
        "schema_version": 1,
        "version": options.version,
        "preset": options.preset,
        "smoke": options.smoke,
        "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "benchmarks": entries,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    # Whoever reads the file while it is written anew sees the old one or the new one.
    written = options.out.with_suffix(".new")
    written.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    written.replace(options.out)
    print(table(entries))
    if options.preset != "release" and not options.smoke:
        print(f"built as {options.preset}: these figures mean little, use the release preset")
    print(f"{len(entries)} benchmarks: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
