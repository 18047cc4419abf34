"""Pruning never touches what a cut of the folder names or would use."""

from twopop.cli.takes import _wanted
from twopop.store import TakeStore
from twopop.timeline import read_timeline

from .conftest import hole, timeline


def test_a_cut_of_holes_keeps_the_takes_it_would_use(bench):
    edit = timeline(hole("SH010"), hole("SH020"))
    bench.render(edit, out=bench.folder / "elsewhere")
    store = TakeStore(bench.folder / "takes")
    cuts = [read_timeline(bench.folder / "cut.otio")]
    assert len(store.prune(cuts)) == 2  # no clip names them
    assert store.prune(cuts, keep=_wanted(cuts, store)) == []


def test_what_was_replaced_and_is_in_no_cut_goes(bench):
    bench.render(timeline(hole("SH010")), out=bench.folder / "elsewhere")
    edit = timeline(hole("SH010", prompt="another idea"))
    bench.render(edit, out=bench.folder / "elsewhere")
    store = TakeStore(bench.folder / "takes")
    cuts = [read_timeline(bench.folder / "cut.otio")]
    assert [take.name for take in store.prune(cuts, keep=_wanted(cuts, store))] == ["cut_SH010_t001"]
