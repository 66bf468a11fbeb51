"""One hugangd as a real process: its ports, start, stop, kill, and when it is ready."""

import errno
import os
import random
import signal
import socket
import subprocess
import time

import grpc

from contract import BIN
from waiting import PATIENCE, PAUSE, wait_until

# Below the range from which the kernel takes ports for outgoing connections: a port that a node
# leaves for a moment (kill, restart) is still free when it comes back.
PORTS = range(20_000, 32_000)
SERVING = b"\x08\x01"  # grpc.health.v1.HealthCheckResponse{status: SERVING}
NOT_YET = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
_given = set()


def free_port():
    for _ in range(1_000):
        port = random.choice(PORTS)
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
        _given.add(port)
        return port
    raise AssertionError("no free port")


class Died(AssertionError):
    """The process ended while it should have become ready; .code is its exit code."""

    def __init__(self, code, log):
        super().__init__(f"hugangd ended with {code}:\n{log}")
        self.code = code
        self.log = log


class Process:
    """What is written goes to one log, life after life."""

    def __init__(self, config, folder):
        self.config = config
        self.log = folder / "hugangd.log"
        self.process = None
        self.life_begins_at = 0

    def spawn(self, crash_at=None, arguments=(), environment=()):
        """Starts it, without waiting. `environment` is added to this process's own."""
        assert self.process is None, "it runs already"
        environment = {**os.environ, **dict(environment)}
        environment.pop("HUGANG_CRASH_AT", None)
        command = [str(BIN / "hugangd"), "--config", str(self.config), *arguments]
        if crash_at is not None:
            environment["HUGANG_CRASH_AT"] = crash_at
            command.append("--test-hooks")
        self.life_begins_at = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=environment)

    def log_of_this_life(self):
        with open(self.log, "rb") as log:
            log.seek(self.life_begins_at)
            return log.read().decode("utf-8", "replace")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_ready(self, address, credentials):
        """Until the health service says SERVING to this identity."""
        end = time.monotonic() + PATIENCE
        channel = grpc.secure_channel(address, credentials, quick_options())
        try:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            while True:
                if not self.is_running():
                    code = self.wait_end()
                    raise Died(code, self.log_of_this_life())
                try:
                    # Waits in the library: it does not dial again while nobody waits.
                    if check(b"", timeout=0.5, wait_for_ready=True) == SERVING:
                        return
                    last = "not serving"
                except grpc.RpcError as error:
                    if error.code() not in NOT_YET:
                        raise
                    last = error.details()
                assert time.monotonic() < end, \
                    f"not ready in time: {last}\n{self.log_of_this_life()[-4_000:]}"
                time.sleep(PAUSE)
        finally:
            channel.close()

    def wait_end(self, seconds=None):
        """The exit code, as subprocess has it: negative for a signal."""
        code = self.process.wait(PATIENCE if seconds is None else seconds)
        self.process = None
        return code

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait_end()

    def kill(self):
        self.process.kill()
        return self.wait_end()

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1_024
        raise AssertionError("no VmRSS")

    def wait_log(self, words):
        return wait_until(lambda: words in self.log_of_this_life(), f"in the log: {words}")


def quick_options():
    """So that a client comes back as soon as a restarted node does."""
    return [("grpc.initial_reconnect_backoff_ms", 20),
            ("grpc.max_reconnect_backoff_ms", 200), ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", -1)]
