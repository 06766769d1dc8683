"""Annotations of a GitHub workflow: one command for each problem, in the log of the step.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands (messages escape ``%`` and
line breaks, properties also ``:`` and ``,``). GitHub shows ten errors and ten warnings of a step; the last line says
how many there are.
"""

from __future__ import annotations

from guardline.spec.saying import printable
from guardline.validator.report import Report, WaiverNote
from guardline.validator.reporters.problems import Place, Problem, one_line, problems, unread
from guardline.validator.reporters.summary import compared, conclusion, counts, coverage, not_judged, stops_covering
from guardline.validator.reporters.vocabulary import count

SHOWN = 10
"""How many annotations of a kind GitHub shows for a step."""


def render(report: Report) -> str:
    """Render the report as workflow commands, and one plain line at the end."""
    stopped = stops_covering(report)
    first = [f"guardline: {printable(stopped)}"] if stopped is not None else []
    lines = [_command("error", message, place, "could not be read") for message, place in unread(report)]
    lines += [_annotation(report, problem) for problem in problems(report)]
    lines += [
        _command("warning", _said(note), _place(note.where), f"{note.state} waiver") for note in report.waiver_notes
    ]
    more = [kind for kind in ("error", "warning") if sum(line.startswith(f"::{kind}") for line in lines) > SHOWN]
    note = f"; GitHub shows {SHOWN} {' and '.join(f'{kind}s' for kind in more)} of a step" if more else ""
    found = f"{counts(report)}; coverage {coverage(report)}"
    last = f"guardline: {found}; {conclusion(report)}; {count(len(lines), 'problem')}{note}"
    last += "".join(f"; {printable(said)}" for said in (compared(report), not_judged(report)) if said is not None)
    return "\n".join([*first, *lines, last])


def _said(note: WaiverNote) -> str:
    return one_line(f"The waiver{f' of {note.control}' if note.control else ''}: {note.message}.")


def _place(where: str) -> Place:
    file, _, line = where.rpartition(":")
    return Place(printable(file), int(line))


def _annotation(report: Report, problem: Problem) -> str:
    heavy = problem.severity.rank >= report.options.fail_on.rank
    kind = "notice" if not heavy else "warning" if problem.undetermined else "error"
    place = problem.places[0] if problem.places else None
    title = f"{problem.control} ({problem.severity})"
    return _command(kind, f"{problem.message} Fix: {problem.fix}", place, title)


def _command(kind: str, message: str, place: Place | None, title: str) -> str:
    where = {"file": place.file, "line": str(place.line)} if place is not None else {}
    properties = {**where, "title": f"guardline: {title}"}
    written = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    return f"::{kind} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
