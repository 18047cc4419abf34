"""The folder of the results: the names that are ours to write, and links that resolve from there.

A cut that an editor saved over ours is never written over: twopop notes the sha256 of every cut it wrote in the report
beside it, and counts on to the next name where a file is another one. So it does where a numbered one of ours shows a
newer take than this result: two retakes that begin with the same cut are two results.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import cast

from .bundles import unpack_media
from .errors import TimelineError, UsageError
from .labels import split_take_name, take_name
from .links import local_path
from .plan import Plan
from .recognise import played_file, take_and_role
from .slates import sha256_file
from .timeline import Cut, Node, as_node, read_timeline, target_files, write_timeline
from .tracks import active_reference
from .wire import Finding

_LIKE_A_FILE = re.compile(r".*\.(otio|otioz|xml|fcpxml|aaf|edl|kdenlive|mlt|xges|json|mov|mp4|wav)", re.IGNORECASE)
"""A folder of such a name is somebody's mistake: `-o out.xml` where `--for xmeml -o out` was meant."""
_CONFORMED = re.compile(r"(.*)\.conformed(?:-(\d+))?$")


@dataclass(frozen=True, slots=True)
class Results:
    """The files of a conformed cut."""

    timeline: Path
    flavours: dict[str, str]
    """Paths of the timelines for other editors."""
    written: dict[str, str]
    """sha256 of every cut that twopop wrote in this folder, by file name: another one is an editor's."""
    findings: tuple[Finding, ...]

    @property
    def base(self) -> str:
        """What preview and report are called after."""
        return _base(self.timeline.stem)


def write_results(cut: Cut, done: Cut, plan: Plan, folder: Path, flavours: Sequence[str] = ()) -> Results:
    """Writes a conformed cut and its flavours into `folder`; what an editor saved there since is left as it is.

    Args:
        cut: the cut as it was read.
        done: the same, conformed.

    Raises:
        TimelineError: the folder or a file cannot be written.
    """
    make_folder(folder)
    carried = carry_media(cut, folder, plan)
    done = replace(done, roots=(folder, *cut.roots))
    first = _conformed_path(cut, folder)
    known = _written_before(folder / f"{_base(first.stem)}.report.json")
    target, edited, newer = _free_path(first, flavours, known, _shown(done))
    write_timeline(done, target)
    others, said = _write_flavours(done, folder / target.stem, flavours)
    files = [target, *map(Path, others.values())]
    kept = [*(_kept(file, target) for file in edited), *([_retaken(newer, target)] if newer else [])]
    return Results(
        target, others, {**known, **{file.name: sha256_file(file) for file in files}}, (*kept, *carried, *said)
    )


def folder_of(cut: Cut) -> Path:
    """The folder of the cut's own file; without one, the current folder."""
    return cut.path.parent if cut.path else Path.cwd()


def check_folder(folder: Path) -> None:
    """Sees that what shall be the folder of the results is none of a file's name.

    Raises:
        TimelineError: it is a file.
        UsageError: it is not there, and named like a file.
    """
    mend = "All results go into one folder: name it with -o; --for says which kinds of timelines are written there."
    if folder.is_file():
        raise TimelineError(f"{folder} cannot be written: it is a file. {mend} Nothing was generated.")
    if _LIKE_A_FILE.fullmatch(folder.name) and not folder.is_dir():
        raise UsageError(f"-o {folder.name} looks like a file. {mend} Nothing was generated.")


def make_folder(folder: Path) -> None:
    """Makes the folder of the results, and sees that it can be written, before anything is paid for.

    Raises:
        TimelineError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as exc:
        raise TimelineError(
            f"{folder} cannot be written: {exc.strerror}. Mend its permissions, or give another folder with -o. "
            "Nothing was generated."
        ) from exc


def carry_media(cut: Cut, folder: Path, plan: Plan) -> list[Finding]:
    """Makes relative links of media that is not ours, and of references, resolve from `folder` too.

    No clip is changed: a link `media/a.mov` gets a symbolic link of that name. References are copied, since a
    cut may open files of its own folder only. What cannot be carried is a finding.
    """
    source = folder_of(cut)
    if source.resolve() == folder.resolve():
        return []
    unpack_media(cut)
    findings: list[Finding] = []
    links = {str(active_reference(item.node).get("target_url") or "") for item in cut.items}
    references = {reference.path for shot in plan.shots for reference in shot.brief.references}
    for url in sorted(links | references):
        path = Path(url)
        if not url or "://" in url or path.is_absolute() or (folder / path).exists():
            continue
        found = local_path(url, (source,))
        if found is None or not found.exists():
            continue
        try:
            if ".." in path.parts:
                raise OSError("it lies above the cut's folder")
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if url in references:
                shutil.copyfile(found, folder / path)
            else:
                (folder / path).symlink_to(found.resolve())
        except OSError as exc:
            message = f"{url} does not resolve from {folder} ({exc}). Run: twopop relink CUT {found.parent}."
            findings.append(Finding(level="warning", code="media_elsewhere", message=message))
    return findings


def _conformed_path(cut: Cut, folder: Path) -> Path:
    """`<cut>.conformed.otio` in `folder`; a conformed cut rendered in place counts on: `.conformed-2.otio`."""
    found = _CONFORMED.match(cut.name)
    if found and cut.path and cut.path.parent.resolve() == folder.resolve():
        return folder / f"{found[1]}.conformed-{int(found[2] or 1) + 1}.otio"
    return folder / f"{found[1] if found else cut.name}.conformed.otio"


def _base(stem: str) -> str:
    return stem.partition(".conformed")[0]


def _written_before(report: Path) -> dict[str, str]:
    try:
        written = as_node(cast(Node, json.loads(report.read_bytes()))["written"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {str(name): str(digest) for name, digest in written.items()}


def _free_path(
    first: Path, flavours: Sequence[str], known: dict[str, str], shown: dict[str, int]
) -> tuple[Path, list[Path], list[tuple[Path, str]]]:
    """The first name whose files are missing, or as we wrote them and no newer than this result, and what kept us from
    earlier names: files that an editor changed, files with a newer take and which.
    """
    edited: list[Path] = []
    newer: list[tuple[Path, str]] = []
    for target in chain([first], _counted_on(first)):
        files = chain([target], *(target_files(target.with_suffix(""), flavour) for flavour in flavours))
        found = [file for file in files if file.is_file() and known.get(file.name) != sha256_file(file)]
        take = "" if found else _newer_take(target, shown)
        if not found and not take:
            return target, edited, newer
        edited += found
        newer += [(target, take)] if take else []
    raise AssertionError("names do not end")


def _shown(cut: Cut) -> dict[str, int]:
    """Label -> the highest number of its takes that a cut shows."""
    out: dict[str, int] = {}
    for item in cut.items:
        take, _ = take_and_role(played_file(item)) if item.schema == "Clip" else ("", "")
        label, number = split_take_name(take) or ("", 0)
        out[label] = max(number, out.get(label, 0))
    return out


def _newer_take(file: Path, shown: dict[str, int]) -> str:
    """A take that a numbered result shows and that is newer than the one in `shown`; "" where there is none."""
    found = _CONFORMED.match(file.stem)
    if not (found and found[2] and file.is_file()):
        return ""
    there = _shown(read_timeline(file))
    late = ((label, number) for label, number in there.items() if number > shown.get(label, number))
    return next((take_name(label, number) for label, number in late), "")


def _counted_on(path: Path) -> Iterator[Path]:
    found = _CONFORMED.match(path.stem)
    assert found is not None
    number = int(found[2] or 1)
    while True:
        number += 1
        yield path.with_name(f"{found[1]}.conformed-{number}.otio")


def _kept(file: Path, target: Path) -> Finding:
    message = (
        f"{file.name} was changed since twopop wrote it and is left as it is; this result is {target.name}. "
        f"To go on from your edit, run: twopop render {file}."
    )
    return Finding(level="warning", code="edit_kept", message=message)


def _retaken(newer: list[tuple[Path, str]], target: Path) -> Finding:
    shown = ", ".join(f"{file.name} shows {take}" for file, take in newer)
    message = (
        f"{shown}, which this result does not: left as it is; this result is {target.name}. "
        f"To have both, go on from {newer[-1][0].name}."
    )
    return Finding(level="warning", code="retake_kept", message=message)


def _write_flavours(cut: Cut, base: Path, flavours: Sequence[str]) -> tuple[dict[str, str], list[Finding]]:
    """Writes `cut` for editors beside `base`: paths by flavour, and what each file cannot say."""
    written: dict[str, str] = {}
    findings: list[Finding] = []
    for name in flavours:
        report = write_timeline(cut, base, flavour=name)
        written[name] = str(report.path)
        written |= {f"{name} {path.suffix.lstrip('.')}": str(path) for path in report.beside}
        for loss in report.losses:
            timecode = {"timecode": loss.where} if loss.where else {}
            message = f"{report.path.name}: {loss.what}"
            findings.append(Finding(level="info", code="not_in_flavour", message=message, **timecode))
    return written, findings
