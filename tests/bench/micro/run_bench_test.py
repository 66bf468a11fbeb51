"""What run_bench.py makes of the programs that it runs, shown with programs of this test's own."""

import contextlib
import io
import json
import os
import pathlib
import stat
import tempfile
import unittest

import run_bench


def run(name, real_time, **fields):
    return {"name": name, "run_name": name, "run_type": "iteration", "repetitions": 1,
            "iterations": 10, "real_time": real_time, "cpu_time": real_time, "time_unit": "us",
            **fields}


class RunBench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / "results" / "bench.json"

    def program(self, name, runs, listed=None, code=0):
        names = listed if listed is not None else sorted({r["run_name"] for r in runs})
        report = self.folder / f"{name}.json"
        report.write_text(json.dumps({"benchmarks": runs}), encoding="utf-8")
        script = self.folder / name
        script.write_text(f"""#!/bin/sh
echo "$HUGANG_BENCH_SMOKE $*" >>"{self.folder}/calls"
case $1 in
  --benchmark_list_tests) printf '%s\\n' {" ".join(names)} ;;
  *) cat "{report}"; exit {code} ;;
esac
""", encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return str(script)

    def run_main(self, *arguments):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = run_bench.main(["--out", str(self.out), "--version", "1.2.3", "--preset",
                                   "release", *arguments])
        return code, printed.getvalue()

    def calls(self):
        return (self.folder / "calls").read_text(encoding="utf-8")

    def test_merges_programs_into_medians_with_least_and_most(self):
        first = self.program("first", [run("a/1", t, items_per_second=1e6 / t) for t in (3, 1, 8)])
        second = self.program("second", [run("b", 5, p50_us=4.0)])
        code, printed = self.run_main(first, second)
        self.assertEqual(code, 0, printed)
        document = json.loads(self.out.read_text(encoding="utf-8"))
        self.assertEqual(document["schema"], "hugang-bench")
        self.assertEqual(document["version"], "1.2.3")
        self.assertEqual(document["machine"]["logical_cores"], os.cpu_count())
        a, b = document["benchmarks"]
        self.assertEqual((a["name"], a["program"], a["runs"]), ("a/1", "first", 3))
        self.assertEqual(a["real_ns"], {"median": 3000, "min": 1000, "max": 8000})
        self.assertEqual(a["counters"]["items_per_second"]["max"], 1e6)
        self.assertEqual(b["counters"], {"p50_us": {"median": 4.0, "min": 4.0, "max": 4.0}})
        self.assertIn("a/1          3 µs   1 µs  8 µs    333 k", printed)

    def test_smoke_is_short_and_small(self):
        code, _ = self.run_main("--smoke", self.program("one", [run("a", 1)]))
        self.assertEqual(code, 0)
        self.assertIn("1 --benchmark_format=json --benchmark_min_time=0.001", self.calls())
        self.assertTrue(json.loads(self.out.read_text(encoding="utf-8"))["smoke"])

    def test_passes_repetitions_and_filter(self):
        code, _ = self.run_main("--repetitions", "9", "--filter", "a.*",
                                self.program("one", [run("a", 1)]))
        self.assertEqual(code, 0)
        self.assertIn("--benchmark_repetitions=9 --benchmark_filter=a.*", self.calls())

    def fails(self, sentence, *arguments):
        code, printed = self.run_main(*arguments)
        self.assertEqual(code, 1)
        self.assertIn(sentence, printed)
        self.assertFalse(self.out.exists())

    def test_fails_with_a_benchmark(self):
        failed = run("a", 1, error_occurred=True, error_message="a transfer was refused")
        self.fails("a: a transfer was refused", self.program("one", [failed]))

    def test_fails_when_a_listed_benchmark_did_not_run(self):
        self.fails("did not run: b", self.program("one", [run("a", 1)], listed=["a", "b"]))

    def test_fails_with_a_program(self):
        self.fails("ended with 3", self.program("one", [run("a", 1)], code=3))
        self.fails("No such file", str(self.folder / "absent"))

    def test_fails_when_nothing_ran_or_a_name_stands_twice(self):
        self.fails("no benchmark ran", self.program("one", [], listed=[]))
        same = [self.program(name, [run("a", 1)]) for name in ("one", "two")]
        self.fails("one name", *same)


if __name__ == "__main__":
    unittest.main()
