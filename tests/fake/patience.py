"""How long a test waits for what must come. Nothing is measured by such a wait (a test that asserts a bound
looks at the clock itself), so on a busy machine it may last: what a test names is what a quiet one needs."""
import os
import time

FACTOR = float(os.environ.get("AMBO_PATIENCE", 4))


def patient(seconds):
    return seconds * FACTOR


def deadline(seconds):
    return time.monotonic() + patient(seconds)
