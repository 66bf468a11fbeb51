#!/usr/bin/env python3
"""Lets the campaign look for every planted bug and prints how many seeds it took.

    run.py PROGRAM [--jobs 2] [--only NAME]... [--seeds-max N]

Fails when a mutant is not found within its figure, or when the product itself, on the seeds that
found the mutants, breaks a law.
"""

import argparse
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

WATCHDOG_SECONDS = 20
LAW_COLUMNS = 88


@dataclass
class Mutant:
    """A line of the program's list."""

    name: str
    within: int
    bug: str


@dataclass
class Finding:
    """What a run of seeds came to. `seed` 0: nothing was found."""

    seed: int
    law: str
    seconds: float


def catalogue(program):
    text = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in text.splitlines()]
    return [Mutant(name, int(within), bug) for name, within, bug in rows]


def reason(code, out, err):
    """Which law, check or signal ended the program."""
    laws = re.findall(r"^law (.*)", out, re.MULTILINE)
    if laws:
        return laws[-1]
    claims = re.findall(r"internal check failed: (.*)", err)
    if claims:
        return "check: " + claims[-1]
    if code == -14:
        return f"no progress: a seed takes more than {WATCHDOG_SECONDS} s"
    what = err.strip().splitlines()
    return f"signal {-code}" + (f": {what[-1]}" if what else "")


def look(program, name, seeds):
    """Runs seeds 1.. until one fails."""
    command = [program, "--seeds", f"1..{seeds}", "--watchdog", str(WATCHDOG_SECONDS)]
    if name:
        command += ["--mutant", name]
    begin = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    if done.returncode == 0:
        return Finding(0, "", seconds)
    if done.returncode == 2:
        raise RuntimeError(done.stderr)
    tried = re.findall(r"^seed (\d+)$", done.stdout, re.MULTILINE)
    return Finding(int(tried[-1]) if tried else 1,
                   reason(done.returncode, done.stdout, done.stderr), seconds)


def row(mutant, finding):
    law = finding.law if len(finding.law) <= LAW_COLUMNS else finding.law[:LAW_COLUMNS - 3] + "..."
    seed = str(finding.seed) if finding.seed else f">{mutant.within}"
    return f"{mutant.name:54} {seed:>6} {finding.seconds:7.1f}  {law or 'SURVIVES: ' + mutant.bug}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--seeds-max", type=int, default=0, help="no mutant is given more")
    arguments = parser.parse_args()
    program = arguments.program
    mutants = [m for m in catalogue(program) if not arguments.only or m.name in arguments.only]
    if not mutants:
        parser.error("no such mutant")

    def hunt(mutant):
        seeds = min(mutant.within, arguments.seeds_max or mutant.within)
        finding = look(program, mutant.name, seeds)
        print(row(mutant, finding), flush=True)
        return finding

    begin = time.monotonic()
    print(f"{'mutant':54} {'seeds':>6} {'seconds':>7}  what caught it")
    with ThreadPoolExecutor(arguments.jobs) as pool:
        findings = list(pool.map(hunt, mutants))
    survivors = [m.name for m, f in zip(mutants, findings) if f.seed == 0]
    last = max(f.seed for f in findings)
    control = look(program, "", max(last, 1))
    print(f"{len(mutants)} mutants, {len(mutants) - len(survivors)} found, the last with seed "
          f"{last}, in {time.monotonic() - begin:.0f} s")
    for name in survivors:
        print(f"survivor: {name}")
    if control.seed:
        print(f"the product itself fails with seed {control.seed}: {control.law}")
    else:
        print(f"the product itself passes seeds 1..{max(last, 1)}")
    return 1 if survivors or control.seed else 0


if __name__ == "__main__":
    sys.exit(main())
