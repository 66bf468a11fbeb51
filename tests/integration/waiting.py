"""Waiting for a condition: the only place that passes time."""

import os
import time

# Seconds after which a condition that should come has failed to come. Sanitizers are slow.
PATIENCE = float(os.environ.get("HUGANG_PATIENCE", "30"))
PAUSE = 0.01


class TookTooLong(AssertionError):
    pass


def wait_until(condition, what, seconds=None):
    """The first true value of `condition()`; fails after `seconds`, saying `what` did not come."""
    limit = PATIENCE if seconds is None else seconds
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TookTooLong(f"after {limit:.0f} s: still not {what}; last: {value!r}")
        time.sleep(PAUSE)
