"""Starts and stops the two nodes of the demonstration, and runs the command line against them."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import day_plan

NODES = ("shanghai", "hongkong")
OPERATIONS_PORT = {"shanghai": 7102, "hongkong": 7202}
GRPC_PORT = {"shanghai": 7101, "hongkong": 7201}
READY_SECONDS = 30


class DemoError(Exception):
    """Something that the person at the terminal can act on."""


class Demo:
    """The demonstration's folder: configurations, PKI, ledgers, logs and process ids."""

    def __init__(self, folder, binaries, verbose):
        self.folder = Path(folder)
        self.binaries = Path(binaries).resolve()
        self.verbose = verbose
        self.commands_run = 0

    # ---- folder ------------------------------------------------------------------------------

    def prepare(self):
        """An empty folder with configurations, a PKI and client profiles."""
        self.stop_nodes()
        for port in (*OPERATIONS_PORT.values(), *GRPC_PORT.values()):
            self._require_free(port)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for node in NODES:
            shutil.copy(day_plan.FOLDER / f"{node}.toml", self.folder)
        self._make_pki()
        self._write_profiles()

    @staticmethod
    def _require_free(port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise DemoError(
                    f"Port {port} on 127.0.0.1 is taken by another program; "
                    "stop it and run the demo again."
                ) from error

    def _make_pki(self):
        script = day_plan.FOLDER.parent / "pki" / "make-pki.sh"
        command = [
            str(script),
            "--out",
            str(self.folder / "pki"),
            "--node",
            "shanghai:sm2",
            "--node",
            "hongkong:ed25519",
        ]
        for participant in day_plan.participants():
            command += ["--client", f"{participant.node}:{participant.bic}"]
        self._run_plain(command)

    def _write_profiles(self):
        text = ['default = "shanghai"', ""]
        identities = [(node, node, "operator") for node in NODES]
        identities += [(p.bic, p.node, p.bic) for p in day_plan.participants()]
        for profile, node, code in identities:
            text += [
                f"[profile.{profile}]",
                f'address = "127.0.0.1:{GRPC_PORT[node]}"',
                f'ca = "pki/{node}/ca.pem"',
                f'cert = "pki/{node}/clients/{code}.pem"',
                f'key = "pki/{node}/clients/{code}.key"',
                "",
            ]
        (self.folder / "profiles.toml").write_text("\n".join(text), encoding="utf-8")

    # ---- nodes -------------------------------------------------------------------------------

    def start_nodes(self):
        for node in NODES:
            log = open(self.folder / f"{node}.log", "ab")
            process = subprocess.Popen(
                [str(self.binaries / "hugangd"), "--config", str(self.folder / f"{node}.toml")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            (self.folder / f"{node}.pid").write_text(str(process.pid), encoding="utf-8")
            self._await_ready(node, process)

    def _await_ready(self, node, process):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise DemoError(f"The {node} node stopped at start:\n{self._tail(node)}")
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{OPERATIONS_PORT[node]}/readyz", timeout=1
                ) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.05)  # between two looks at the condition
        raise DemoError(
            f"The {node} node is not ready after {READY_SECONDS} s:\n{self._tail(node)}"
        )

    def _tail(self, node):
        lines = (
            (self.folder / f"{node}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        )
        return "\n".join(lines[-15:])

    def stop_nodes(self):
        """Asks each node to stop and waits until it has; a node that is not there is fine."""
        for node in NODES:
            file = self.folder / f"{node}.pid"
            if not file.exists():
                continue
            pid = int(file.read_text(encoding="utf-8"))
            if self._is_node(pid):
                os.kill(pid, signal.SIGTERM)
                self._await_end(node, pid)
            file.unlink()

    def _is_node(self, pid):
        """A process id may have been given to somebody else since."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return words[0].endswith(b"hugangd")

    def _await_end(self, node, pid):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
            if not self._is_node(pid):
                return
            time.sleep(0.05)  # between two looks at the condition
        raise DemoError(
            f"The {node} node (process {pid}) does not stop; its log is {self.folder}/{node}.log"
        )

    # ---- commands ----------------------------------------------------------------------------

    def _run_plain(self, command):
        self._show(command)
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise DemoError(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _show(self, command):
        self.commands_run += 1
        if self.verbose:
            print("    $ " + " ".join(command), file=sys.stderr)

    def hugang(self, profile, *arguments, may_fail=False):
        """Runs `hugang ... --json` as `profile`; gives (exit code, document)."""
        command = [
            str(self.binaries / "hugang"),
            *arguments,
            "--profile",
            profile,
            "--json",
            "--timeout",
            "30s",
        ]
        self._show(command)
        environment = dict(os.environ, HUGANG_CONFIG=str(self.folder / "profiles.toml"))
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        try:
            document = json.loads(done.stdout)
        except json.JSONDecodeError as error:
            raise DemoError(
                f"{' '.join(command)}\nprinted no JSON:\n{done.stdout}{done.stderr}"
            ) from error
        if done.returncode != 0 and not may_fail:
            raise DemoError(
                f"{' '.join(command)}\nfailed with {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done.returncode, document

    def audit(self, *arguments):
        """Runs hugang-audit; gives (exit code, document)."""
        command = [str(self.binaries / "hugang-audit"), *arguments, "--json"]
        self._show(command)
        done = subprocess.run(command, capture_output=True, text=True)
        try:
            return done.returncode, json.loads(done.stdout)
        except json.JSONDecodeError as error:
            raise DemoError(
                f"{' '.join(command)}\nprinted no JSON:\n{done.stdout}{done.stderr}"
            ) from error
