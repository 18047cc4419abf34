"""One request through the real worker, ledger and store: what `generate_takes` does with it, without a cut."""

import contextlib
from pathlib import Path

from twopop.jobs import RunRow, new_run_id, now
from twopop.ledger import Ledger
from twopop.store import TakeStore
from twopop.worker import Limits, Stop, Worker

QUICK = Limits(overall_s=30, stall_s=20, cancel_s=5, busy_s=10)


@contextlib.contextmanager
def a_worker(root: Path, backend, requests, *, limits=QUICK, stop=None, budget=None):
    """A worker on a run that is journalled in TWOPOP_STATE_DIR; yields it, its events and its store."""
    store = TakeStore(root)
    ledger = Ledger.of(store)
    run = RunRow(new_run_id(store.id), now(), backend.name, budget, str(store.root), "{}", "[]")
    ledger.begin(run, requests)
    events = []
    worker = Worker(run.id, store, ledger, backend, emit=events.append, stop=stop or Stop(), qc=None, limits=limits)
    try:
        yield worker, events, store
    finally:
        ledger.close()


def make_take(root: Path, backend, request, **options):
    """The outcome of one request."""
    with a_worker(root, backend, [request], **options) as (worker, _, _):
        return worker.make(request)
