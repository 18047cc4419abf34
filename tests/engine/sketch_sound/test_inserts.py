"""A close picture of a thing shows the hands of who handles it in the scene."""

import numpy as np
import pytest

from twopop.wire import Brief, Cue, Scene, Voice
from twopop_engine.models.sketch.carrying import Carried
from twopop_engine.models.sketch.picture import scene_look
from twopop_engine.models.sketch.reading import read_request

CAST = (Voice(speaker="MARA", description=""), Voice(speaker="LEO", description=""))
INSERT = Brief(prompt="insert of a knife on a wooden board")


@pytest.fixture
def read(make_request):
    def read(brief=INSERT, before=(), carried=None, cast=CAST):
        request = make_request(brief, 60, scene=Scene(cast=cast, before=before))
        return request, read_request(request, lambda phones, rate: np.zeros(len(phones), np.float32), carried)

    return read


def test_who_handled_the_thing_last_does_so_in_the_insert(read):
    handled = (("knife", "MARA"), ("pan", "LEO"))
    carried = Carried(cut_s=0.5, places={"LEO": -0.55, "MARA": 0.55}, hands=handled, seen=("LEO",))
    _, reading = read(carried=carried)
    assert reading.names == ("MARA",)
    assert any("MARA's" in said for said in reading.facts["guessed"])
    assert reading.deeds.spots == (0.55,)


@pytest.mark.parametrize(
    ("prompt", "cue", "before", "carried", "name"),
    [
        ("insert of a ticket", "", ("wide of MARA", "medium of LEO at the stove"), None, "LEO"),
        ("insert of a ticket", "", (), Carried(seen=("LEO",)), "LEO"),
        ("insert of the plate", "MARA puts the plate down", ("medium of LEO",), None, "MARA"),
        ("insert: her hand on the plate", "", ("medium of LEO",), None, "MARA"),
        ("insert of MARA's hand", "", ("medium of LEO",), None, "MARA"),
        ("insert of a stranger's hand taking the key", "", ("medium of LEO",), None, ""),
    ],
)
def test_whose_hands_they_are(read, prompt, cue, before, carried, name):
    cues = (Cue(role="effects", text=cue, at_frames=20),) if cue else ()
    _, reading = read(Brief(prompt=prompt, cues=cues), before, carried)
    assert reading.names == (name,)


def test_nobody_stays_nobody(read):
    assert read(Brief(prompt="insert of an empty plate, nobody around"), ("medium of LEO",))[1].names == ()


def test_skin_and_sleeves_are_theirs(read):
    medium, close = (
        read(Brief(prompt="medium of LEO in a green apron")),
        read(before=("medium of LEO in a green apron",)),
    )
    (there,), (here,) = (scene_look(*one).people for one in (medium, close))
    assert (there.skin, there.cloth) == (here.skin, here.cloth)


def test_a_scene_without_names_keeps_its_person(read):
    told = "medium of an old fisherman in a yellow coat, he mends a net"
    medium, close = read(Brief(prompt=told), cast=()), read(before=(told,), cast=())
    (there,), (here,) = (scene_look(*one).people for one in (medium, close))
    assert there == here
    (other,) = scene_look(*read(before=("medium of a young woman in a red dress",), cast=())).people
    assert (other.skin, other.cloth) != (here.skin, here.cloth)
