"""What the engine serves: a Model makes one take, picture and sound together, into an empty folder.

    generate(request, out_dir, emit, cancel) -> TakeFiles

The protocol is the SDK's own, so that any model also runs in the editor's process (`backends/inprocess.py`). A model
- gives exactly `request.frames` frames and `request.samples` samples on the mix and on every stem;
- writes no timecode and no wall-clock time: the same request gives the same bytes;
- polls `cancel` at every step and then raises CancelledError, at most one step late;
- reports steps with `emit`, naming `request.shots`;
- touches nothing outside `out_dir`, and raises BackendError where it cannot make the take.
"""

from twopop.backends.base import Cancel, Model, TakeFiles

__all__ = ["Cancel", "Model", "TakeFiles"]
