"""Kills real nodes at random while clients run, then judges both ledgers offline.

usage: kill_campaign.py --source DIR --build DIR [--kills N] [--seed N] [--minutes M] ...

Exit code 0: every law was kept. 1: one was broken; the folder stays, and what to look at is said.
77: skipped, the reason is printed.
"""

import argparse
import os
import pathlib
import secrets
import sys
import tempfile
import threading
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
SHOWN = 12  # broken laws that are printed in full


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--source", type=pathlib.Path, default=HERE.parent.parent)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, help="of the faults and of each client (random)")
    parser.add_argument("--minutes", type=float, help="ends earlier than the kills, if need be")
    parser.add_argument("--pace", type=float, default=0.35, help="mean seconds between faults")
    parser.add_argument("--full-disks", type=int, default=3, help="episodes of a full disk")
    parser.add_argument("--checks", type=int, default=3, help="judgements before the last one")
    parser.add_argument("--no-clock-steps", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the folder in any case")
    parser.add_argument("--lose-writes", type=int, default=0, metavar="BYTES",
                        help="take away the end of a ledger before it is judged: must be noticed")
    return parser.parse_args()


def reason_to_skip(options):
    from run_topic import reason_to_skip as usual_reason
    return usual_reason(options.build)


def find_clock_shim(options):
    """The library that steps clocks, or why there is none."""
    if options.no_clock_steps:
        return None, "clock steps skipped: not wanted"
    shim = options.build.resolve() / "tests" / "campaign" / "libcampaign_clock.so"
    if not shim.exists():
        return None, f"clock steps skipped: {shim} was not built (sanitizers leave it out)"
    return shim, None


class Progress:
    """One line that is written over on a terminal; elsewhere a line now and then."""

    def __init__(self, campaign):
        self.campaign = campaign
        self.over = threading.Event()
        self.is_terminal = sys.stdout.isatty()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over.wait(0.5 if self.is_terminal else 15):
            text = self.campaign.progress()
            print(f"\r\033[K{text}" if self.is_terminal else text,
                  end="" if self.is_terminal else "\n", flush=True)

    def close(self):
        self.over.set()
        self.thread.join()
        if self.is_terminal:
            print("\r\033[K", end="", flush=True)


def repeat_command(options, seed):
    return (f"tests/campaign/run.sh --kills {options.kills} --seed {seed} --pace {options.pace} "
            f"--full-disks {options.full_disks} --checks {options.checks}")


def tell_failure(campaign, options, error):
    laws = getattr(error, "laws", None) or [
        (type(error).__name__, f"{error}\n{''.join(traceback.format_tb(error.__traceback__))}")]
    print(f"FAILED: seed {campaign.seed}, after {campaign.progress()}")
    for law, sentence in laws[:SHOWN]:
        print(f"  law {law}: {sentence[:3_000]}")
    if len(laws) > SHOWN:
        print(f"  and {len(laws) - SHOWN} more")
    print("what was done last:")
    for line in campaign.events:
        print(f"  {line}")
    print(f"kept: {campaign.folder} (both ledgers, logs, faults.log, clients.jsonl)")
    print(f"repeat with: {repeat_command(options, campaign.seed)}", flush=True)


def main():
    options = parse_arguments()
    reason = reason_to_skip(options)
    if reason:
        print(f"skipped: {reason}")
        return 77
    programs = tempfile.TemporaryDirectory(prefix="hugang-programs-")
    os.environ.update(HUGANG_SOURCE_DIR=str(options.source.resolve()),
                      HUGANG_BUILD_DIR=str(options.build.resolve()),
                      HUGANG_BIN_DIR=programs.name, HUGANG_KEEP="1")
    from run_topic import keep_programs
    keep_programs(options.build / "bin", pathlib.Path(programs.name))
    options.clock_shim, note = find_clock_shim(options)
    seed = options.seed if options.seed is not None else secrets.randbelow(10**9)
    print(f"seed {seed}", flush=True)

    from campaign import Campaign
    campaign = Campaign(options, seed)
    for text in [note] * bool(note) + campaign.notes:
        print(text, flush=True)
    progress, is_kept = Progress(campaign), options.keep
    try:
        campaign.start()
        campaign.run()
        evidence = campaign.judge(campaign.come_to_rest())
        progress.close()
        print(campaign.summary(evidence), flush=True)
        if options.lose_writes:
            print("FAILED: what was taken away was not missed")
        return 1 if options.lose_writes else 0
    except Exception as error:  # whatever it is: say how to repeat it, keep what there is
        campaign.halt.set()
        progress.close()
        if options.lose_writes and "acknowledged_is_there" in dict(getattr(error, "laws", ())):
            print(f"found out: {str(error).splitlines()[0]}")
            return 0
        is_kept = True
        tell_failure(campaign, options, error)
        return 1
    finally:
        campaign.close(is_kept)
        programs.cleanup()


if __name__ == "__main__":
    sys.exit(main())
