"""What is done to the nodes, at random from a seed. Each fault leaves both nodes running."""

import signal

from faulty_node import SECOND

HOUR = 3_600 * SECOND
# Where nodes can be told to kill themselves (services/node/crash_points.hpp), with what passes.
POINTS = ("core.before-apply", "core.after-apply", "journal.before-append",
          "journal.after-append", "release.before", "release.after")
TAGS = ("", "@transfer", "@instruct", "@decision", "@peer-envelope", "@affirm", "@recall", "@tick")
LINK_POINTS = ("peer.before-send", "peer.after-send", "peer.after-receive", "peer.after-verify",
               "peer.before-ack")
WAIT_FOR_POINT = 2.0  # seconds; then an armed node is killed from outside
WAIT_FOR_FULL = 20.0  # seconds in which a node under load should notice that its disk is full


class Faults:
    """`nodes` are FaultyNodes; `halt` is set when the campaign failed elsewhere."""

    def __init__(self, nodes, rng, halt, tell, pace, is_heavy):
        self.is_heavy = is_heavy  # an event that makes clients write much
        self.nodes = nodes
        self.rng = rng
        self.halt = halt
        self.tell = tell
        self.pace = pace  # mean seconds between faults
        self.pauses = self.steps = self.full_disks = 0
        self.kinds = [(self.kill_one, 30), (self.kill_both, 10), (self.kill_in_start, 14),
                      (self.kill_after_start, 8), (self.burst, 4), (self.kill_in_stop, 4),
                      (self.crash_at_point, 12), (self.pause, 10), (self.kill_paused, 3)]
        if all(node.clock for node in nodes):
            self.kinds.append((self.step_clock, 18))
        self.home_clocks = [node.clock.ns for node in nodes if node.clock]

    def kills(self):
        return sum(node.kills for node in self.nodes)

    def wait(self, seconds):
        """A random instant is the point here: nothing is waited for."""
        self.halt.wait(seconds)

    def one(self):
        for node in self.nodes:
            node.check_alive()
        self.wait(min(self.rng.expovariate(1 / self.pace), 5 * self.pace))
        kinds, weights = zip(*self.kinds)
        self.rng.choices(kinds, weights)[0]()

    def node(self):
        return self.rng.choice(self.nodes)

    def down_time(self):
        if self.rng.random() < 0.4:
            self.wait(self.rng.uniform(0, 0.8))

    # ---- kill -9 ----

    def kill_one(self):
        node = self.node()
        node.kill()
        self.down_time()
        node.start()

    def kill_both(self):
        first, second = self.rng.sample(self.nodes, 2)
        first.kill("with the other")
        self.wait(self.rng.choice((0, self.rng.uniform(0, 0.02), self.rng.uniform(0, 0.3))))
        second.kill("with the other")
        self.down_time()
        for node in self.rng.sample(self.nodes, 2):
            node.spawn()
        for node in self.nodes:
            node.wait_serving()

    def usual_start(self):
        """Seconds; for instants within a start and a recovery."""
        known = sorted(time for node in self.nodes for time in node.recoveries)
        return known[len(known) // 2] if known else 0.3

    def kill_in_start(self):
        node = self.node()
        node.kill()
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            node.spawn()
            self.wait(self.rng.uniform(0, 1.2) * self.usual_start())
            node.kill("while it started")
        node.start()

    def kill_after_start(self):
        node = self.node()
        node.kill()
        node.start()
        node.kill("as soon as it served")
        node.start()

    def burst(self):
        node = self.node()
        for _ in range(self.rng.randint(3, 5)):
            node.kill("in a burst")
            node.start()
            self.wait(self.rng.uniform(0, 0.1))

    def kill_in_stop(self):
        node = self.node()
        node.signal(signal.SIGTERM)
        self.wait(self.rng.uniform(0, 0.1))
        node.kill("while it stopped", may_have_stopped=True)
        node.start()

    def crash_at_point(self):
        node = self.node()
        if self.rng.random() < 0.35:
            wish = self.rng.choice(LINK_POINTS)
        else:
            wish = self.rng.choice(POINTS) + self.rng.choice(TAGS)
        wish += f":{self.rng.choice((1, 2, 5, self.rng.randint(1, 60)))}"
        node.kill("to be armed")
        node.spawn(crash_at=wish)
        node.wait_killed(WAIT_FOR_POINT, f"at {wish}")
        node.start()

    # ---- SIGSTOP ----

    def pause(self):
        nodes = self.nodes if self.rng.random() < 0.2 else [self.node()]
        for node in nodes:
            node.signal(signal.SIGSTOP)
        seconds = min(5.0, 0.05 + self.rng.expovariate(1.5))
        self.wait(seconds)
        for node in nodes:
            node.signal(signal.SIGCONT)
            self.pauses += 1
        self.tell(f"{' and '.join(node.city.code for node in nodes)} paused for {seconds:.2f} s")

    def kill_paused(self):
        node = self.node()
        node.signal(signal.SIGSTOP)
        self.pauses += 1
        self.wait(self.rng.uniform(0.05, 0.5))
        node.kill("while it was paused")
        node.start()

    # ---- The clock ----

    def step_clock(self):
        """Up to an hour to either side of where this clock began, or back to there."""
        index = self.rng.randrange(len(self.nodes))
        home = self.home_clocks[index]
        reach = self.rng.choice((0, SECOND // 100, SECOND, 10 * SECOND, 60 * SECOND, HOUR))
        self.nodes[index].step_clock(home + self.rng.randint(-reach, reach))
        self.steps += 1

    # ---- The disk ----

    def fill_disk(self):
        node = next(node for node in self.nodes if node.disk)
        leave = self.rng.choice((0, 4_096, 65_536, 1 << 20))
        self.tell(f"{node.city.code}'s disk filled but for {leave} bytes")
        node.disk.fill(leave)
        self.full_disks += 1
        self.is_heavy.set()  # the log in use was given its room in advance: that is used up first
        try:
            has_stopped = node.wait_stopped_by_disk(WAIT_FOR_FULL)
            if not has_stopped:
                node.kill("on a full disk, which it had not noticed")
            elif self.rng.random() < 0.5:
                node.spawn()  # must stop as cleanly, or serve what it can without writing
                if node.wait_serving(is_measured=False, may_end_with=(73, 74)):
                    node.kill("on a full disk, on which it had started")
        finally:
            self.is_heavy.clear()
            node.disk.free()
        self.tell(f"{node.city.code}'s disk has room again")
        node.start()
        return has_stopped


def calm(nodes):
    """Faults are over: clocks agree, at the latest that any of them ever showed."""
    clocks = [node.clock for node in nodes if node.clock]
    latest = max((clock.latest for clock in clocks), default=0)
    for clock in clocks:
        clock.set(latest + 10 * SECOND)


