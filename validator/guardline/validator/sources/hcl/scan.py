"""A light scanner for what the grammar does not cover: templates in heredocs and JSON, escapes, comments in odd places.

python-hcl2 keeps a heredoc as one token, has no ``${~ x ~}``, ends ``$${`` at the next brace, and knows ASCII names
only. `Marks` rewrites those to text that the grammar takes, and `restore` undoes it on the literals that come out.
"""

from __future__ import annotations

import re

import msgspec

_SKIP = re.compile(r'[^"{}$%#/<]+')


class ScanError(ValueError):
    """A template that does not end; `offset` is where it begins."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def expression_end(text: str, start: int) -> int:
    """The position of the brace that closes a template sequence whose inside begins at `start`.

    Raises:
        ScanError: it is not closed.
    """
    depth = ["}"]
    position = start
    while position < len(text):
        char = text[position]
        if depth[-1] == '"':
            if char == "\\":
                position += 2
            elif char == '"':
                depth.pop()
                position += 1
            elif text.startswith(("$${", "%%{"), position):
                position += 3
            elif text.startswith(("${", "%{"), position):
                depth.append("}")
                position += 2
            else:
                position += 1
            continue
        if char == '"' or char == "{":
            depth.append('"' if char == '"' else "}")
            position += 1
        elif char == "}":
            depth.pop()
            if not depth:
                return position
            position += 1
        else:
            position = _over(text, position)
    raise ScanError("a template sequence is not closed: expected }", start)


def _over(text: str, position: int) -> int:
    """The position after a comment, or after a run of ordinary text."""
    end = comment_end(text, position)
    if end > position:
        return end
    run = _SKIP.match(text, position)
    return run.end() if run else position + 1


def comment_end(text: str, position: int) -> int:
    """The position after the comment that begins here (a line comment's newline not included), else `position`."""
    if text[position] == "#" or text.startswith("//", position):
        end = text.find("\n", position)
        return len(text) if end < 0 else end
    if text.startswith("/*", position):
        end = text.find("*/", position + 2)
        return len(text) if end < 0 else end + 2
    return position


_SEQUENCE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")


def pieces(text: str) -> list[tuple[bool, str]]:
    """Split a raw template into (is a sequence, text) pieces; sequences keep their ``${`` and ``}``.

    Raises:
        ScanError: a sequence is not closed.
    """
    found: list[tuple[bool, str]] = []
    begin = position = 0
    while match := _SEQUENCE.search(text, position):
        if len(match[0]) == 3:
            position = match.end()
            continue
        if match.start() > begin:
            found.append((False, text[begin : match.start()]))
        end = expression_end(text, match.end()) + 1
        found.append((True, text[match.start() : end]))
        begin = position = end
    if begin < len(text):
        found.append((False, text[begin:]))
    return found


class Marks(msgspec.Struct, frozen=True):
    """The rewriting of one text: a prefix that occurs nowhere in it, and what the marks stand for.

    `left` and `right` stand for the ``~`` of ``${~`` and ``~}``.
    """

    prefix: str

    @property
    def left(self) -> str:
        return f"{self.prefix}l_"

    @property
    def right(self) -> str:
        return f"{self.prefix}r_"

    def apply(self, text: str) -> str:
        """Rewrite a text."""
        text = text.replace("$${", f"{self.prefix}i_").replace("%%{", f"{self.prefix}d_")
        text = text.replace("${~", f"{self.left}${{").replace("%{~", f"{self.left}%{{").replace("~}", f"}}{self.right}")
        return text if text.isascii() else _FOREIGN.sub(self._spell, text)

    def _spell(self, match: re.Match[str]) -> str:
        return "".join(f"{self.prefix}u{ord(char):06x}_" if _in_name(char) else char for char in match[0])

    def restore(self, text: str) -> str:
        """Undo `apply` on a name or a literal."""
        if self.prefix not in text:
            return text
        text = text.replace(f"}}{self.right}", "~}").replace(self.right, "").replace(self.left, "")
        text = text.replace(f"{self.prefix}i_", "${").replace(f"{self.prefix}d_", "%{")
        return re.sub(f"{self.prefix}u([0-9a-f]{{6}})_", lambda match: chr(int(match[1], 16)), text)


_FOREIGN = re.compile(r"[^\x00-\x7f]+")


def _in_name(char: str) -> bool:
    return f"a{char}".isidentifier()


def marks(text: str) -> Marks | None:
    """The marks that a text needs, or None (the common case)."""
    if text.isascii() and not any(mark in text for mark in ("$${", "%%{", "${~", "%{~", "~}")):
        return None
    number = 0
    while f"gl{number}" in text:
        number += 1
    return Marks(f"gl{number}")


def tidy(text: str) -> str:
    """Blank out comments, double negations and what is blank behind a heredoc's end, and put a step or an arrow that
    begins a line back behind what is before it.

    All are valid HCL that the grammar refuses in places. Lines keep their numbers. Only used when a first parse
    fails, so its speed does not matter.
    """
    out: list[str] = []
    depth: list[str] = []
    owed = 0
    position = 0
    while position < len(text):
        char = text[position]
        if depth and depth[-1] == '"':
            position = _in_string(text, position, depth, out)
            continue
        heredoc = _HEREDOC.match(text, position)
        end = comment_end(text, position)
        if heredoc:
            out.append(heredoc[0].rstrip(" \t"))
            position = heredoc.end()
        elif end > position:
            comment = text[position:end]
            out.append("\n" * comment.count("\n") or " ")
            position = end
        elif char == "\n" and depth and depth[-1] == "}" and (arrow := _ARROW.match(text, position)):
            out.append("=>" + "\n" * arrow[0].count("\n"))
            position = arrow.end()
        elif char == "\n" and depth and depth[-1] in ")]" and _STEP.match(text, position):
            owed += 1
            position += 1
        else:
            if owed and not (char.isalnum() or char in "._- \t"):
                out.append("\n" * owed)
                owed = 0
            if char in '"([{':
                depth.append({'"': '"', "(": ")", "[": "]", "{": "}"}[char])
            elif depth and char == depth[-1]:
                depth.pop()
            doubled = text.startswith("!!", position)
            out.append("  " if doubled else char)
            position += 2 if doubled else 1
    return "".join(out)


_HEREDOC = re.compile(r"<<-?([^\W\d][\w.-]*)\r?\n(?:.*\n)*?[ \t]*\1[ \t]*(?=\r?\n)")
_ARROW = re.compile(r"\s+=>")
_STEP = re.compile(r"\s*\.[^.]")


def _in_string(text: str, position: int, depth: list[str], out: list[str]) -> int:
    """Copy one step inside a quoted string; an interpolation opens a brace."""
    if text[position] == "\\" or text.startswith(("${", "%{"), position):
        if text[position] != "\\":
            depth.append("}")
        out.append(text[position : position + 2])
        return position + 2
    if text[position] == '"':
        depth.pop()
    out.append(text[position])
    return position + 1
