"""Settings: defaults, then `twopop.toml`, then arguments."""

from __future__ import annotations

from pathlib import Path

import pytest

import twopop
from twopop.errors import UsageError
from twopop.settings import Settings, kept_settings, load_settings, with_kept_settings


def write(folder: Path, text: str | bytes) -> Path:
    (folder / "twopop.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "kitchen.otio"


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "kitchen.otio") == load_settings(None) == Settings()


def test_the_file_wins_over_defaults_and_arguments_over_the_file(tmp_path: Path) -> None:
    cut = write(tmp_path, 'handles_frames = 24\nstyle = "16mm"\n[cast]\nMARA = "warm alto"\n[engine]\nidle_s = 5\n')
    found = load_settings(cut, style="8mm", budget=None)
    assert (found.handles_frames, found.style, found.budget) == (24, "8mm", None)
    assert found.cast == {"MARA": "warm alto"}
    assert found.engine.idle_s == 5


def test_none_leaves_what_is_there_but_falsy_values_count() -> None:
    found = Settings(handles_frames=24, beds=True).updated(handles_frames=0, beds=False, style=None)
    assert (found.handles_frames, found.beds, found.style) == (0, False, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("handels_frames = 3", "Did you mean handles_frames?"),
        ("[engine]\npyton = 'x'", "Did you mean python?"),
        ("handles_frames = -1", "handles_frames"),
        ("handles_frames = 'many'", "handles_frames"),
        ("width = 99999999", "width"),
        ("budget = -1", "budget"),
        ("budget = nan", "budget"),
        ("bed_tail_s = inf", "bed_tail_s"),
        ("fit = 'loose'", "'warn', 'tighten' or 'strict'"),
        ("frame_rate = 'fast'", "not a number"),
        ("frame_rate = '0'", "outside 1 to 1000"),
        ("marker_colors = 'RED'", "marker_colors"),
        ("tracks = { dialog = 'D' }", "dialogue"),
        ("fit = ", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_bad_file_names_itself_and_the_rule(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(write(tmp_path, text))
    assert "twopop.toml" in str(caught.value)
    assert said in str(caught.value)
    assert "Nothing was generated." in str(caught.value)


def test_a_bad_argument_is_named() -> None:
    with pytest.raises(UsageError, match=r"handles_frames.*greater than or equal to 0"):
        Settings().updated(handles_frames=-4)
    with pytest.raises(UsageError, match=r"Did you mean budget\?"):
        Settings().updated(buget=4)


def test_a_byte_order_mark_is_no_reason_to_fail(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, b"\xef\xbb\xbfstyle = '16mm'")).style == "16mm"


def test_a_folder_in_its_place_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "twopop.toml").mkdir()
    assert load_settings(tmp_path / "kitchen.otio") == Settings()


def test_a_conformed_cut_asks_for_the_same_wherever_it_lies(tmp_path: Path) -> None:
    write(tmp_path, 'style = "16mm"\nprompt = "night"\n[cast]\nMARA = "alto"\n')
    shots = [{"name": "A", "length": 12, "prompt": "a wall", "dialogue": "MARA: No."}]
    twopop.write_timeline(twopop.assemble(shots, name="cut", frame_rate=24), tmp_path / "cut.otio")
    options = {"backend": "bars", "width": 256, "height": 144, "handles_frames": 2, "preview": False}
    first = twopop.render(tmp_path / "cut.otio", out=tmp_path / "elsewhere", **options)
    again = twopop.render(first.timeline, **options)
    assert [shot.cached for shot in again.shots] == [True]
    other = twopop.plan_shots(twopop.read_timeline(first.timeline), settings=Settings(style="8mm"))
    assert (other.shots[0].brief.style, other.shots[0].brief.prompt) == ("8mm", "night. a wall")


def test_what_a_cut_notes_must_be_settings() -> None:
    assert with_kept_settings(Settings(style="8mm"), {"style": "16mm", "backend": "evil", "store": "/"}) == Settings(
        style="8mm"
    )
    with pytest.raises(UsageError, match=r"metadata\.twopop\.settings"):
        with_kept_settings(Settings(), {"fit": "loose"})
    everything = Settings(prompt="a", cast={"A": "b"}, marker_colors=("RED",), retime="bake", handles_frames=3)
    assert with_kept_settings(Settings(handles_frames=3), kept_settings(everything)) == everything
