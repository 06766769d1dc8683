"""What the demo says while it works: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from guardline.validator.demo.terraform import Message


@dataclass
class Step:
    """One step under way.

    Attributes:
        title: what it does.
        outcome: what to say when it is done.
        done: how many resources Terraform has finished with.
        total: how many there are to finish, 0 where that is not known.
    """

    title: str
    outcome: str = ""
    done: int = 0
    total: int = 0
    began: float = field(default_factory=time.monotonic)

    def hear(self, message: Message) -> None:
        """Count one message of `terraform ... -json`."""
        kinds = ("apply_complete",) if self.total else ("refresh_complete", "planned_change")
        if message.get("type") in kinds:
            self.done += 1

    def line(self) -> str:
        """The step in one line, while it lasts."""
        of = f"/{self.total}" if self.total else ""
        count = f"  {self.done}{of} resources" if self.done else ""
        return f"{self.title}{count}  {time.monotonic() - self.began:.0f} s"


class Progress:
    """The demo's steps on a console, and how long each took (seconds, by title)."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console = Console(highlight=False)
        self.times: dict[str, float] = {}
        self._began = time.monotonic()

    @contextmanager
    def step(self, title: str, total: int = 0) -> Iterator[Step]:
        """Show one step: while it runs, and its time when it has ended well."""
        step = Step(title, total=total)
        with self._moving(step):
            yield step
        took = time.monotonic() - step.began
        self.times[title] = took
        outcome = f"{title}: {step.outcome}" if step.outcome else title
        self._say(f"{took:6.1f} s  {outcome}")

    def total(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """A line between the steps."""
        self._say(text)

    def _say(self, text: str) -> None:
        # Not through rich: it would wrap, and read brackets in addresses as markup.
        print(text, flush=True)

    @contextmanager
    def _moving(self, step: Step) -> Iterator[None]:
        if not self.console.is_terminal:
            yield
            return
        from rich.live import Live
        from rich.spinner import Spinner
        from rich.text import Text

        spinner = Spinner("dots")

        class Moving:
            """Drawn anew several times a second."""

            def __rich__(self) -> Any:
                spinner.update(text=Text(step.line()))
                return spinner

        sys.stdout.flush()
        with Live(Moving(), console=self.console, transient=True, refresh_per_second=8):
            yield
