"""Takes two ledgers whose nodes are stopped, and says what is wrong with them."""

import concurrent.futures
import json
import subprocess

import harness
import journal
import laws
from contract import BIN


def read_ledger(directory):
    """(entries, what hugang-audit verify has against it)."""
    done = harness.run(BIN / "hugang-audit", "verify", directory, "--json")
    verdict = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    trouble = []
    if done.returncode != 0 or verdict.get("verdict") != "good" or verdict.get("findings"):
        trouble.append(f"{directory}: hugang-audit verify ended with {done.returncode}: "
                       f"{done.stdout[-1_500:]}{done.stderr[-1_500:]}")
    elif verdict["envelopes_unverifiable"]:
        trouble.append(f"{directory}: envelopes whose signatures nobody can verify: {verdict}")
    dump = subprocess.run([BIN / "hugang-audit", "dump", directory, "--raw"], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    if dump.returncode != 0:
        trouble.append(f"{directory}: hugang-audit dump: {dump.stderr.decode()[-1_500:]}")
    return journal.entries(dump.stdout), trouble


def judge(nodes, record, at_rest, told_accounts=None):
    """(evidence, [(law, sentence)]) for FaultyNodes that do not run."""
    with concurrent.futures.ThreadPoolExecutor(len(nodes)) as pool:
        read = list(pool.map(lambda node: read_ledger(node.node.ledger), nodes))
    ledgers = {node.city.id: entries for node, (entries, _) in zip(nodes, read)}
    evidence = laws.Evidence(ledgers, record.lines(), at_rest, told_accounts)
    broken = [("audit", sentence) for _, trouble in read for sentence in trouble]
    return evidence, broken + laws.judge(evidence)


def told_accounts(node):
    """What the node tells of its accounts: number -> (debits, credits, and both on hold)."""
    return {account.number: tuple(int(getattr(account, f"{side}_{state}_minor"))
                                  for state in ("posted", "pending")
                                  for side in ("debits", "credits"))
            for account in node.operator.all_accounts()}
