"""hugang from a shell: the day of the demonstration through its command line alone, exit codes that
scripts can rely on, and files that it must survive."""

import concurrent.futures
import dataclasses
import datetime
import decimal
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest
import uuid

import cities
import harness
from contract import BIN, SOURCE
from waiting import wait_until

DEMO = SOURCE / "deploy" / "demo"
SHARED = pathlib.Path(os.environ.get("HUGANG_SHARED", SOURCE.parent / "shared"))
SHANGHAI = dataclasses.replace(
    cities.SHANGHAI, participants=("HGHPCNSHXXX", "HGSJCNSHXXX", "HGWTCNSHXXX"))
HONGKONG = dataclasses.replace(
    cities.HONGKONG, participants=("HGVHHKHHXXX", "HGLRHKHHXXX", "HGPKHKHHXXX"))
OK, REFUSED, USAGE, UNAVAILABLE, NOT_PERMITTED, _, UNKNOWN = range(7)
ISO_ACCEPTED, ISO_REFUSED = {"ACSC", "ACCC", "CNCL"}, {"RJCT", "RJCR"}


def rows(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


class CommandLine(harness.ClusterTest):
    SHARED = True
    CITIES = (SHANGHAI, HONGKONG)

    @staticmethod
    def prepare(owner):
        folder = owner.cluster.folder
        owner.profiles = folder / "profiles.toml"
        text = []
        for city in owner.CITIES:
            for code in (*city.participants, "operator", "regulator", "monitor", "STRANGER"):
                stem = owner.cluster.pki / city.code / "clients" / code
                text.append(cities.table(
                    f"profile.{city.code}-{code}", address=owner.cluster[city].address,
                    ca=owner.cluster.pki / city.code / "ca.pem", cert=f"{stem}.pem",
                    key=f"{stem}.key"))
        owner.profiles.write_text("\n".join(text), encoding="utf-8")
        owner.accounts = {}
        for city in owner.CITIES:
            for code in city.participants:
                for asset in (cities.CNY, cities.HKD, cities.XAU):
                    opened = owner.hugang(owner, city, code, "accounts", "open", "--asset",
                                          asset.code)
                    owner.accounts[city.code, code, asset.code] = opened["account"]

    def shell(self, city, code, *words, **options):
        environment = {**os.environ, "HUGANG_CONFIG": str(self.profiles),
                       "HUGANG_PROFILE": f"{city.code}-{code}", "NO_COLOR": "1"}
        return harness.run(BIN / "hugang", *words, env=environment, **options)

    def hugang(self, city, code, *words, expected=OK):
        """The JSON document of one command."""
        done = self.shell(self, city, code, *words, "--json") if isinstance(self, type) \
            else self.shell(city, code, *words, "--json")
        assert done.returncode == expected, \
            f"hugang {' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def account(self, city, code, asset):
        return self.accounts[city.code, code, asset]


class TheDay(CommandLine):
    """deploy/demo/day.txt, to the balances of closing.txt."""

    def city(self, code):
        return next(city for city in self.CITIES if city.code == code)

    def who(self, name):
        city, code = name.split(":")
        return self.city(city), code

    def filled(self, name):
        """The message with the ledger's account numbers in place."""
        text = (DEMO / name).read_text(encoding="utf-8")
        text = text.replace("${DATE}", datetime.date.today().isoformat())
        text = re.sub(r"\$\{ACCOUNT:([^:]+):([^:]+):([^}]+)\}",
                      lambda m: self.accounts[m[1], m[2], m[3]], text)
        path = self.cluster.folder / pathlib.Path(name).name
        path.write_text(text, encoding="utf-8")
        return path

    def fund(self, name, amount, asset):
        city, code = self.who(name)
        self.hugang(city, "operator", "admin", "issue", "--asset", asset, "--to",
                    self.account(city, code, asset), "--amount", amount)

    def submit(self, name, message, outcome):
        city, code = self.who(name)
        path = self.filled(message)
        answer = path.with_suffix(".answer.xml")
        done = self.shell(city, code, "submit", path, "--answer", answer, "--json")
        expected = REFUSED if outcome == "refused" else OK
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        self.assertIsInstance(document, dict)
        written = answer.read_text(encoding="utf-8")
        self.check_schema(answer, written)
        statuses = set(re.findall(r"<(?:\w+:)?(?:TxSts|TxCxlSts)>(\w+)<", written))
        good = ISO_REFUSED if outcome == "refused" else ISO_ACCEPTED
        self.assertTrue(statuses and statuses <= good, f"{message}: {statuses}\n{written}")

    def check_schema(self, path, written):
        name = re.search(r"urn:iso:std:iso:20022:tech:xsd:(pacs\.002[\d.]+|camt\.029[\d.]+)",
                         written)[1]
        schema = SHARED / "conformance" / "iso20022" / "xsd" / f"{name}.xsd"
        if not schema.exists() or shutil.which("xmllint") is None:
            return
        done = harness.run("xmllint", "--nonet", "--noout", "--schema", schema, path)
        self.assertEqual(done.returncode, 0, done.stderr)

    def exchange(self, verb, giver, give, taker, get, outcome):
        city, code = self.who(giver)
        other, their = self.who(taker)
        settlement_id = str(uuid.uuid4())
        (given, give_asset), (got, get_asset) = give, get
        sent = self.hugang(
            city, code, verb, "--id", settlement_id, "--no-wait",
            "--give", f"{give_asset} {given}", "--from", self.account(city, code, give_asset),
            "--to", self.account(other, their, give_asset), "--get", f"{get_asset} {got}",
            "--into", self.account(city, code, get_asset), "--from-theirs",
            self.account(other, their, get_asset))
        self.assertEqual(sent["settlement"]["status"], "sent")

        def pending():
            listed = self.hugang(other, their, "pending")["settlements"]
            return [each for each in listed if each["id"] == settlement_id]
        wait_until(pending, f"{settlement_id} waits for {taker}")
        done = self.shell(other, their, "affirm", settlement_id, "--json")
        self.assertIn(done.returncode, (OK, REFUSED), done.stdout + done.stderr)
        status = self.hugang(city, code, "status", settlement_id, "--wait", "--timeout", "30s",
                             "--other", f"{other.code}-{their}")
        wanted = "refused" if outcome == "refused" else "settled"
        for side in ("settlement", "other"):
            self.assertEqual(status[side]["status"], wanted, status)

    def test_the_day_ends_with_the_closing_balances(self):
        for line in rows(DEMO / "day.txt"):
            step, outcome = (part.strip() for part in line.split("=>"))
            verb, *words = step.split()
            with self.subTest(line):
                if verb == "fund":
                    self.fund(*words)
                elif verb == "submit":
                    self.submit(*words, outcome)
                elif verb in ("pvp", "dvp"):
                    self.exchange(verb, words[0], words[1:3], words[3], words[4:6], outcome)
                elif verb == "reconcile":
                    answer = self.hugang(self.city(words[0]), "operator", "reconcile", words[1])
                    self.assertEqual(answer["status"], outcome)
                else:
                    self.assertEqual(verb, "audit")  # at the end of every test here
        held = {}
        for city in self.CITIES:
            for code in city.participants:
                for each in self.hugang(city, code, "balances")["accounts"]:
                    key = f"{city.code}:{code}", each["asset"]
                    held[key] = held.get(key, 0) + decimal.Decimal(each["balance"])
        expected = {}
        for line in rows(DEMO / "closing.txt"):
            name, amount, asset = line.split()
            expected[name, asset] = decimal.Decimal(amount)
        self.assertEqual({key: value for key, value in held.items() if value}, expected)


class ExitCodes(CommandLine):
    BANK, SELLER = "HGHPCNSHXXX", "HGVHHKHHXXX"

    @staticmethod
    def prepare(owner):
        CommandLine.prepare(owner)
        owner.own = owner.accounts["shanghai", "HGHPCNSHXXX", "CNY.D"]
        owner.other = owner.accounts["hongkong", "HGVHHKHHXXX", "CNY.D"]
        owner.hugang(owner, SHANGHAI, "operator", "admin", "issue", "--asset", "CNY.D", "--to",
                     owner.own, "--amount", "1,000.00")

    def pay(self, amount, *more, expected=OK, to=None):
        return self.hugang(SHANGHAI, self.BANK, "pay", "--from", self.own, "--to",
                           to or self.other, "--amount", amount, *more, expected=expected)

    def test_pay_is_final_when_it_returns_and_its_retry_repeats(self):
        settlement_id = str(uuid.uuid4())
        first = self.pay("1.25", "--id", settlement_id)
        self.assertEqual((first["id"], first["settlement"]["status"]),
                         (settlement_id, "settled"))
        before = self.hugang(SHANGHAI, self.BANK, "balances")
        again = self.pay("1.25", "--id", settlement_id)
        self.assertEqual(again["settlement"]["steps"], first["settlement"]["steps"])
        self.assertEqual(self.hugang(SHANGHAI, self.BANK, "balances"), before)
        other = self.pay("1.26", "--id", settlement_id, expected=REFUSED)
        self.assertEqual(other["error"]["code"], "ID_USED_FOR_OTHER_CONTENT")
        back = self.hugang(HONGKONG, self.SELLER, "return", settlement_id)
        self.assertEqual(back["settlement"]["status"], "settled")
        recall = self.shell(SHANGHAI, self.BANK, "recall", settlement_id, "--reason", "DUPL",
                            "--json")
        self.assertEqual(recall.returncode, REFUSED, recall.stdout)

    def test_refused_usage_permission_and_absence_have_their_codes(self):
        poor = self.pay("99999999", expected=REFUSED)
        self.assertEqual(poor["error"], {**poor["error"], "code": "INSUFFICIENT_FUNDS",
                                         "exit_code": REFUSED})
        lost = self.pay("1", to="2009999999949", expected=REFUSED)
        self.assertEqual(lost["error"]["code"], "CREDIT_ACCOUNT_UNKNOWN")
        for words in (("pay",), ("pay", "--from", "1", "--to", "2", "--amount", "3"),
                      ("no-such-command",), ("status", "no-uuid"),
                      ("balances", "--profile", "nobody")):
            done = self.shell(SHANGHAI, self.BANK, *words, "--json")
            self.assertEqual(done.returncode, USAGE, (words, done.stdout))
            self.assertEqual(json.loads(done.stdout)["error"]["exit_code"], USAGE)
        for amount in ("1e9", "-1", "0.001", "1,0", "", "NaN", "١"):
            self.pay(amount, expected=USAGE)
        self.hugang(SHANGHAI, self.BANK, "admin", "participant", "list", expected=NOT_PERMITTED)
        self.hugang(SHANGHAI, "STRANGER", "balances", expected=NOT_PERMITTED)
        self.hugang(SHANGHAI, self.BANK, "balances", "--node", "127.0.0.1:1", "--timeout", "2s",
                    expected=UNAVAILABLE)

    def test_waiting_in_vain_is_unknown_not_failed(self):
        hongkong = self.cluster[HONGKONG]
        hongkong.stop()
        settlement_id = str(uuid.uuid4())
        open_end = self.pay("2.00", "--id", settlement_id, "--timeout", "1s", expected=UNKNOWN)
        self.assertEqual(open_end["id"], settlement_id)
        hongkong.start()
        settled = self.pay("2.00", "--id", settlement_id, "--timeout", "30s")
        self.assertEqual(settled["settlement"]["status"], "settled")

    def test_every_command_teaches_itself(self):
        def commands(words=()):
            done = self.shell(SHANGHAI, self.BANK, *words, "--help")
            self.assertEqual(done.returncode, OK, words)
            self.assertIn("Examples:", done.stdout, words)
            below = re.search(r"\nSubcommands:\n((?: .*\n)+)", done.stdout)
            found = re.findall(r"^  (\S+)", below[1], re.M) if below else []
            return 1 + sum(commands((*words, each)) for each in found)
        self.assertGreater(commands(), 30)

    def test_completion_completes(self):
        script = self.shell(SHANGHAI, self.BANK, "completion", "bash").stdout
        asked = ("COMP_WORDS=(hugang a); COMP_CWORD=1; COMP_LINE='hugang a'; COMP_POINT=8; "
                 "_hugang; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "-c", f"{script}\n{asked}"], capture_output=True, text=True,
                              check=True)
        self.assertLessEqual({"accounts", "admin", "affirm", "assets"},
                             set(done.stdout.split()))
        for shell in ("zsh", "fish"):
            self.assertGreater(len(self.shell(SHANGHAI, self.BANK, "completion", shell).stdout),
                               500)

    def test_tables_are_for_people_and_json_is_one_document(self):
        for words in (("balances",), ("assets",), ("accounts",), ("settlements",), ("pending",)):
            table = self.shell(SHANGHAI, self.BANK, *words)
            self.assertEqual((table.returncode, table.stderr), (OK, ""), words)
            self.assertNotIn("\x1b", table.stdout, "colours are for terminals")
            self.hugang(SHANGHAI, self.BANK, *words)
        for words in (("positions",), ("participants",), ("admin", "status"),
                      ("admin", "peer", "list"), ("admin", "rules", "show")):
            self.hugang(SHANGHAI, "operator", *words)

    def test_the_operator_registers_freezes_and_sets_rules(self):
        added = self.hugang(SHANGHAI, "operator", "admin", "participant", "add", "--code", "NEWCO",
                            "--name", "New Company", "--local-name", "新公司")
        self.assertTrue(added["outcome"]["accepted"])
        self.hugang(SHANGHAI, "operator", "admin", "account", "freeze", self.own)
        frozen = self.pay("1", expected=REFUSED)
        self.assertEqual(frozen["error"]["code"], "DEBIT_ACCOUNT_FROZEN")
        self.hugang(SHANGHAI, "operator", "admin", "account", "unfreeze", self.own)
        self.pay("1")
        self.hugang(SHANGHAI, "operator", "admin", "asset", "add", "--number", "9", "--code",
                    "TEST", "--issuer", "1", "--scale", "3")
        assets = self.hugang(SHANGHAI, "regulator", "assets")["assets"]
        self.assertIn("TEST", [asset["code"] for asset in assets])


class FilesOfOthers(CommandLine):
    """Whatever file comes, an answer comes; a signal never does."""

    def survives(self, path):
        done = self.shell(SHANGHAI, "HGHPCNSHXXX", "submit", path, "--answer", "-", "--timeout",
                          "5s")
        self.assertIn(done.returncode, (OK, REFUSED, USAGE), f"{path}: {done.returncode}\n"
                      f"{done.stdout[-2_000:]}{done.stderr[-2_000:]}")
        self.assertNotEqual((done.stdout + done.stderr).strip(), "", path)
        return done

    def test_the_samples_of_third_parties(self):
        samples = SHARED / "conformance" / "iso20022" / "samples"
        if not samples.exists():
            self.skipTest(f"{samples} is not here")
        files = sorted(path for path in samples.rglob("*") if path.is_file())
        self.assertGreater(len(files), 5)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(self.survives, files))
        for path, done in zip(files, answers):
            with self.subTest(path.name):
                # Their accounts are not ours: understood, then refused, with a reason code.
                self.assertEqual(done.returncode, REFUSED, done.stdout + done.stderr)
                self.assertRegex(done.stdout + done.stderr, r"\b[A-Z]{2}\d{2}\b|NARR|[A-Z_]{6,}")

    def test_broken_and_hostile_files(self):
        folder = self.cluster.folder / "files"
        folder.mkdir()
        good = (DEMO / "messages" / "02-liquidity-cny.xml").read_bytes()
        bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "' + b"x" * 1_000 + b'">' + b"".join(
            b'<!ENTITY b%d "%s">' % (n, b"&a;" * 50) for n in range(9)) + b"]><d>&b8;</d>"
        files = {
            "empty": b"", "noise": os.urandom(5_000), "truncated": good[:len(good) // 2],
            "text": b"pay Bob 5 dollars\n", "bomb": bomb, "deep": b"<a>" * 100_000,
            "entity": b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>',
            "nul": good.replace(b"Amt", b"A\0t"), "latin": good.replace(b"HG", b"\xe4\xf6"),
            "placeholders": good, "large": b"<a>" + b" " * (5 << 20) + b"</a>",
            "utf16": good.decode().encode("utf-16"),
        }
        for name, data in files.items():
            path = folder / f"{name}.xml"
            path.write_bytes(data)
            with self.subTest(name):
                done = self.survives(path)
                self.assertNotEqual(done.returncode, OK)
                self.assertNotIn("root:", done.stdout)
        self.assertEqual(self.shell(SHANGHAI, "HGHPCNSHXXX", "submit", folder / "absent.xml")
                         .returncode, USAGE)
        self.survives(folder)


if __name__ == "__main__":
    unittest.main()
