"""Editors that we did not write, run as their users' scripts run them. A test without its editor is skipped aloud."""

from __future__ import annotations

import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT_S = 240


def needed(program: str) -> str:
    """The path of a program; the test is skipped with its name where it is not here."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed: what it makes of our project was NOT tested (make editors-deps)")
    return found


def run(command, **more) -> str:
    """Runs to the end; its output. AssertionError with the last lines where it fails or hangs."""
    environment = {**os.environ, "SDL_AUDIODRIVER": "dummy", "QT_QPA_PLATFORM": "offscreen", **more.pop("env", {})}
    try:
        ran = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=LIMIT_S, env=environment, **more
        )
    except subprocess.TimeoutExpired as hung:
        raise AssertionError(f"{command[0]} did not end in {LIMIT_S} s: {hung.stdout or ''}"[-2000:]) from hung
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-3000:]
    return ran.stdout + ran.stderr


def melt(project: Path) -> Path:
    """What `melt` renders of an MLT or Kdenlive project: MJPEG and PCM."""
    out = project.with_suffix(".melt.mov")
    codec = ["vcodec=mjpeg", "qscale=3", "acodec=pcm_s16le", "ar=48000", "real_time=-1"]
    run([needed("melt"), project, "-silent", "-consumer", f"avformat:{out}", *codec])
    return out


def melt_late_frames() -> float:
    """Frames by which this melt begins sounds late: a packet of PCM before 7.30, else none."""
    said = run([needed("melt"), "--version"])
    version = tuple(int(part) for part in said.split("melt ")[1].split()[0].split(".")[:2])
    return 0.45 if version < (7, 30) else 0.0


def ges(project: Path, size: tuple[int, int], frame_rate: float) -> Path:
    """What `ges-launch-1.0` renders of an .xges project (or a timeline it can load): MJPEG and PCM."""
    out = project.with_suffix(".ges.mkv")
    needed("ges-launch-1.0")
    run(ges_command(project, out, size, frame_rate))
    return out


def ges_command(project: Path, out: Path, size: tuple[int, int], frame_rate: float) -> list[str | Path]:
    """How `ges-launch-1.0` is asked for a frame-exact file."""
    rate = Fraction(frame_rate).limit_denominator(1001)
    caps = f"video/x-raw,width={size[0]},height={size[1]},framerate={rate.numerator}/{rate.denominator}"
    encoding = "video/x-matroska:image/jpeg:audio/x-raw,format=S16LE"
    sound = "audio/x-raw,rate=48000,channels=2"
    said = ["--load", project, "-o", out, "-f", encoding, "--video-caps", caps, "--audio-caps", sound]
    return ["ges-launch-1.0", *said]


def blender_python() -> str:
    """An interpreter that has `bpy`: TWOPOP_BLENDER_PYTHON, else the environment that `make editors-deps` makes."""
    found = os.environ.get("TWOPOP_BLENDER_PYTHON") or str(ROOT / ".venv-blender" / "bin" / "python")
    if not Path(found).exists():
        pytest.skip("bpy is not installed: what Blender makes of our cut was NOT tested (make editors-deps)")
    return found


def in_blender(script: Path | str, *arguments, env: dict[str, str] | None = None) -> str:
    """Runs a script in Blender's Python, with our source on its path."""
    path = os.pathsep.join(str(ROOT / root) for root in ("sdk", "adapters", "tests/support"))
    return run([blender_python(), script, *arguments], env={"PYTHONPATH": path, **(env or {})})


# ---- editors in a system of their own -------------------------------------------------------------------------------


class Elsewhere:
    """Programs of this machine, or of a folder with a whole system that an environment variable names."""

    def __init__(self, variable: str) -> None:
        self.root = os.environ.get(variable, "")

    def _run(self, *command: str | Path, check: bool = True) -> str:
        before = ["chroot", self.root] if self.root else []
        program = [*before, "env", "TMPDIR=/tmp", "QT_QPA_PLATFORM=offscreen", *map(str, command)]
        try:
            ran = subprocess.run(program, capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            return ""
        assert not check or ran.returncode == 0, (ran.stdout + ran.stderr)[-2000:]
        return ran.stdout + ran.stderr

    def _carry(self, folder: Path) -> None:
        """The same folder under the same name in there: projects hold absolute paths."""
        if self.root:
            shutil.copytree(folder, f"{self.root}{folder}", dirs_exist_ok=True)

    def _fetch(self, *files: Path) -> None:
        for file in files if self.root else ():
            shutil.copy(f"{self.root}{file}", file)


_FORMATTERS = """
import gi
gi.require_version("GES", "1.0")
from gi.repository import GES, Gst
Gst.init(None)
GES.init()
print(*(asset.get_id() for asset in GES.list_assets(GES.Formatter)))
"""
"""Prints what GES can open; its formatter for .otio lies in its library, and needs OpenTimelineIO with its adapter."""


class GesWithOtio(Elsewhere):
    """A GES that opens .otio by itself (1.24 and later, with its Python plugin); made by `ges_root.sh`."""

    def __init__(self) -> None:
        super().__init__("TWOPOP_GES_ROOT")
        if "otioformatter" not in self._run("python3", "-c", _FORMATTERS, check=False):
            pytest.skip("no GES that reads .otio is here: that it opens ours was NOT tested (ges_root.sh)")

    def rendered(self, timeline: Path, size: tuple[int, int], frame_rate: float) -> Path:
        """What it renders of an .otio with absolute links: MJPEG and PCM."""
        self._carry(timeline.parent)
        out = timeline.with_suffix(".ges.mkv")
        self._run(*ges_command(timeline, out, size, frame_rate))
        self._fetch(out)
        return out


class Kdenlive(Elsewhere):
    """Kdenlive with its window; made by `kdenlive_root.sh` where the system has none."""

    def __init__(self) -> None:
        super().__init__("TWOPOP_KDENLIVE_ROOT")
        said = self._run("kdenlive", "--version", check=False)
        version = said.partition("kdenlive ")[2].split()
        if not version or int(version[0].partition(".")[0]) < 24:
            pytest.skip("no Kdenlive from 24 on here: that it opens our projects was NOT tested (kdenlive_root.sh)")
        self.version = version[0]

    def saved(self, project: Path, name: str, edit: str = "") -> Path:
        """Opens a project in the window, edits it (see `kdenlive_session.sh`), and saves it as `name` beside it."""
        script = Path(__file__).with_name("kdenlive_session.sh")
        shutil.copy(script, project.parent)
        self._carry(project.parent)
        saved, shot = project.with_name(name), project.with_name(f"{name}.png")
        session = ["bash", project.with_name(script.name), project, saved, shot, *([edit] if edit else [])]
        self._run("dbus-run-session", "xvfb-run", "-a", "-s", "-screen 0 1600x1400x24", *session)
        self._fetch(saved, shot)
        return saved

    def rendered(self, project: Path) -> Path:
        """What Kdenlive renders of a project, without its window."""
        self._carry(project.parent)
        out = project.with_suffix(".kdenlive.mp4")
        self._run("dbus-run-session", "xvfb-run", "-a", "kdenlive", "--render", project, out)
        self._fetch(out)
        return out


class Shotcut(Elsewhere):
    """Shotcut with its window, as Debian has it."""

    def __init__(self) -> None:
        super().__init__("TWOPOP_SHOTCUT_ROOT")
        if "Shotcut" not in self._run("sh", "-c", "command -v shotcut >/dev/null && echo Shotcut", check=False):
            pytest.skip("no Shotcut is here: that it opens our projects was NOT tested (apt-get install shotcut)")

    def saved(self, project: Path, name: str, edit: str = "") -> Path:
        """Opens a project in the window, edits it (see `shotcut_session.sh`), and saves it as `name` beside it."""
        script = Path(__file__).with_name("shotcut_session.sh")
        shutil.copy(script, project.parent)
        self._carry(project.parent)
        saved, shot = project.with_name(name), project.with_name(f"{name}.png")
        session = ["bash", project.with_name(script.name), project, saved, shot, *([edit] if edit else [])]
        self._run("dbus-run-session", "xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *session)
        self._fetch(saved, shot)
        return saved


class BlenderWindow(Elsewhere):
    """Blender with its window; made by `blender_root.sh` where the system has none."""

    def __init__(self) -> None:
        super().__init__("TWOPOP_BLENDER_ROOT")
        if "Blender" not in self._run("blender", "--version", check=False):
            pytest.skip("no Blender with a window is here: our panel in it was NOT looked at (blender_root.sh)")

    def pressed(self, folder: Path) -> Path:
        """What `blender_window.py` makes in `folder`: pictures, and what it saw as JSON."""
        for part in ("sdk", "adapters", "tests/support"):
            self._carry(ROOT / part)
        self._carry(folder)
        script = Path(__file__).with_name("blender_window.py")
        display = ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", "env", "LIBGL_ALWAYS_SOFTWARE=1"]
        self._run(*display, "blender", "--factory-startup", "--python", script, "--", ROOT, folder)
        if self.root:
            shutil.copytree(f"{self.root}{folder}", folder, dirs_exist_ok=True)
        return folder / "seen.json"
