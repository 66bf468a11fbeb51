"""A node that is treated badly: killed, paused, its clock stepped, its disk filled; and the log of
what was done to it."""

import atexit
import errno
import http.client
import mmap
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time

from waiting import TookTooLong, wait_until

KILLED = -signal.SIGKILL
DISK_FULL = 74
SECOND = 10**9


class NodeDied(AssertionError):
    """It ended by itself, and nothing that was done to it explains that."""


class Clock:
    """The wall clock of one node, by tests/campaign/clock_shim.cpp. Steps take effect at once."""

    def __init__(self, folder, shim, begins_at_ns):
        path = folder / "clock"
        path.write_bytes(struct.pack("=q", begins_at_ns))
        with open(path, "r+b") as file:
            self.offset = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(shim), "HUGANG_CLOCK_FILE": str(path)}
        self.ns = self.latest = begins_at_ns

    def set(self, ns):
        self.offset[:] = struct.pack("=q", ns)
        self.ns, self.latest = ns, max(self.latest, ns)


class SmallDisk:
    """A file system in memory with a ballast file. Raises OSError when it cannot be mounted."""

    def __init__(self, size):
        self.path = tempfile.mkdtemp(prefix="hugang-campaign-disk-")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.path],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            os.rmdir(self.path)
            reason = done.stderr.strip().split("\n")[0]
            raise OSError(errno.EPERM, f"a small disk cannot be mounted: {reason}")
        self.ballast = os.path.join(self.path, "ballast")
        atexit.register(self.close)

    def fill(self, leave):
        with open(self.ballast, "ab") as file:
            while True:
                room = shutil.disk_usage(self.path).free - leave
                if room <= 0:
                    return
                try:
                    os.posix_fallocate(file.fileno(), file.tell(), room)
                    file.seek(0, os.SEEK_END)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    # The node took some of it in between.

    def free(self):
        if os.path.exists(self.ballast):
            os.unlink(self.ballast)
        # Logs with a torn end are kept aside, and a full disk tears many: whoever makes room may
        # delete those.
        shutil.rmtree(os.path.join(self.path, "ledger", "cut"), ignore_errors=True)

    def close(self):
        atexit.unregister(self.close)
        subprocess.run(["umount", "-l", self.path], check=False)
        shutil.rmtree(self.path, ignore_errors=True)


class FaultyNode:
    """Owned by the thread that does the faults. `tell(text)` notes what happens."""

    def __init__(self, node, tell, clock=None, disk=None):
        self.node = node
        self.city = node.city
        self.tell = tell
        self.clock = clock
        self.disk = disk
        self.kills = 0
        self.recoveries = []  # seconds from start to serving

    def spawn(self, crash_at=None):
        self.node.process.spawn(crash_at=crash_at,
                                environment=self.clock.environment if self.clock else ())
        self.started = time.monotonic()

    def is_serving(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.node.layout.operations_port,
                                                timeout=1)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_serving(self, is_measured=True, may_end_with=()):
        """The time to serving is a recovery time. False when it ended with a code it may."""
        def is_over():
            return self.is_serving() or not self.node.process.is_running()
        try:
            wait_until(is_over, f"{self.city.code} serves")
        except TookTooLong as error:
            raise TookTooLong(f"{error}\n{self.node.log_tail()}") from error
        if not self.node.process.is_running():
            code = self.node.process.wait_end()
            self.tell(f"{self.city.code} ended with {code} while it started")
            if code in may_end_with:
                return False
            raise NodeDied(f"{self.city.code} did not start: {code}\n{self.node.log_tail()}")
        if is_measured:
            self.recoveries.append(time.monotonic() - self.started)
        return True

    def start(self):
        self.spawn()
        self.wait_serving()

    def is_up(self):
        return self.node.process.process is not None

    def check_alive(self):
        if self.is_up() and not self.node.process.is_running():
            code = self.node.process.wait_end()
            raise NodeDied(f"{self.city.code} ended by itself: {code}\n{self.node.log_tail()}")

    def kill(self, why="", may_have_stopped=False):
        """Also of a node that was armed and came before us, or was asked to stop."""
        code = self.node.process.kill()
        if code == KILLED:
            self.kills += 1
            self.tell(f"{self.city.code} killed {why}".rstrip())
        elif code == 0 and may_have_stopped:
            self.tell(f"{self.city.code} stopped before it was killed")
        else:
            raise NodeDied(f"{self.city.code} had ended by itself: {code}\n{self.node.log_tail()}")

    def wait_killed(self, seconds, why):
        """Of an armed node: until it passes its point; it is killed anyway when it does not."""
        try:
            self.node.process.process.wait(seconds)
        except subprocess.TimeoutExpired:
            why += ", which it did not pass"
        self.kill(why)

    def stop(self):
        code = self.node.process.terminate()
        if code != 0:
            raise NodeDied(f"{self.city.code} ended with {code} when it was asked to stop\n"
                           f"{self.node.log_tail()}")

    def signal(self, number):
        self.node.process.process.send_signal(number)

    def step_clock(self, ns):
        self.tell(f"{self.city.code}'s clock: {(ns - self.clock.ns) / SECOND:+.3f} s")
        self.clock.set(ns)

    def wait_stopped_by_disk(self, seconds):
        """True when the full disk ended it within that time, as it should end."""
        try:
            wait_until(lambda: not self.node.process.is_running(), "stopped", seconds)
        except TookTooLong:
            return False
        code = self.node.process.wait_end()
        self.tell(f"{self.city.code} ended with {code} on a full disk")
        if code != DISK_FULL:
            raise NodeDied(f"{self.city.code} ended with {code} on a full disk, not with "
                           f"{DISK_FULL}\n{self.node.log_tail()}")
        return True
