"""IP lists: reading one from beside the spec, and what AWS would refuse or ignore in it.

Source: GuardDuty User Guide, Working with trusted IP lists and threat lists; GuardDuty quotas.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import msgspec

from guardline.spec import regular

MAX_TRUSTED = 2_000  # addresses and ranges in the one trusted list of an account and region
MAX_THREAT = 250_000  # addresses and ranges in a threat list
MAX_BYTES = 35 * 1024 * 1024
MAX_LINES = 1_000_000  # four times the entries that a list may have
MAX_OTHER = 1024 * 1024  # of a list that stands in the Terraform as one text
MAX_SHOWN = 100  # problems that are listed one by one
WIDEST = 8  # no organization's own range is larger than a /8: a shorter prefix trusts strangers

# Addresses that never arrive from the internet, so GuardDuty ignores them in a list (RFC 6890 and its updates). The
# three documentation ranges (RFC 5737) are left out on purpose: examples use them, and trusting them trusts nobody.
_NOT_ROUTABLE = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip


# Each block as its first address, its last one, and its text.
_BLOCKS = tuple((int(each.network_address), int(each.broadcast_address), str(each)) for each in _NOT_ROUTABLE)

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_ENTRY = re.compile(rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}(?:/(3[0-2]|[12]?[0-9]))?")
_INSTEAD = "list the public address that it leaves by, or write a suppression rule"
_MALFORMED = "{!r} is not an IPv4 address or CIDR range like 198.51.100.7 or 198.51.100.0/24"


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a line (from 1) of a list; line 0 is the whole list."""

    line: int
    message: str


class ListError(ValueError):
    """A list file that cannot be read; the text says why."""


def entries(text: str) -> tuple[str, ...]:
    """The addresses and ranges of a list, in its order, without blank lines and ``#`` comments: what is uploaded."""
    return tuple(entry for _, entry in _lines(text))


def sorted_entries(text: str) -> tuple[str, ...]:
    """The entries of a valid list by address, for their order in the file carries no meaning."""
    return tuple(sorted(entries(text), key=lambda entry: (_parsed(entry) or (0, 0), entry)))


def check_doubles(text: str) -> tuple[Problem, ...]:
    """Entries that stand in a list twice: harmless to AWS, and a sign that someone meant another one."""
    first: dict[str, int] = {}
    problems: list[Problem] = []
    for number, entry in _lines(text):
        seen = first.setdefault(entry.removesuffix("/32"), number)
        if seen != number:
            shown = entry if len(entry) <= 50 else f"{entry[:50]}..."
            problems.append(Problem(number, f"{shown} is on line {seen} already"))
    return _first_ones(problems)


def _first_ones(problems: list[Problem]) -> tuple[Problem, ...]:
    """So many as a person reads: a file that is no list at all has one a line."""
    more = len(problems) - MAX_SHOWN
    return (*problems[:MAX_SHOWN], *([Problem(0, f"{more:,} more lines are wrong like that")] if more > 0 else ()))


def _lines(text: str) -> list[tuple[int, str]]:
    if text.count("\n") > MAX_LINES:
        return []  # said by `_check`
    stripped = ((number, line.partition("#")[0].strip()) for number, line in enumerate(text.split("\n"), start=1))
    return [(number, entry) for number, entry in stripped if entry]


def check_trusted(text: str) -> tuple[Problem, ...]:
    """Everything in a trusted list (one entry a line) that AWS refuses or ignores, or that trusts everyone."""
    return _check(text, MAX_TRUSTED, "trust", "trusted")


def check_threat(text: str) -> tuple[Problem, ...]:
    """Everything in a threat list (one entry a line) that AWS refuses or ignores, or that suspects everyone."""
    return _check(text, MAX_THREAT, "suspect", "threat")


def check_other(text: str) -> tuple[Problem, ...]:
    """What hinders a list in another format than plain text: it stands in the Terraform as it is, which has bounds."""
    size = len(text.encode())
    if size > MAX_OTHER:
        return (Problem(0, f"has {size:,} bytes; a list in another format than plain text may have {MAX_OTHER:,}"),)
    return ()


def _check(text: str, most: int, does: str, kind: str) -> tuple[Problem, ...]:
    if text.count("\n") > MAX_LINES:
        return (Problem(0, f"has more than {MAX_LINES:,} lines"),)
    lines = _lines(text)
    if len(lines) > most:
        return (Problem(0, f"holds {len(lines)} entries; AWS takes at most {most} in a {kind} list"),)
    problems = [Problem(number, message) for number, entry in lines if (message := _problem(entry, f"{does}s"))]
    if not lines:
        problems.append(Problem(0, f"holds no address; leave the list out if there is nothing to {does}"))
    return _first_ones(problems)


def _problem(entry: str, does: str) -> str | None:
    shown = entry if len(entry) <= 50 else f"{entry[:50]}..."
    found = _parsed(entry)
    if found is None:
        return f"{shown} is IPv6; GuardDuty lists take IPv4 only" if _is_ipv6(entry) else _MALFORMED.format(shown)
    address, prefix = found
    size = 1 << (32 - prefix)
    if prefix < WIDEST:
        return f"{shown} {does} {size:,} addresses; the widest range accepted is a /{WIDEST}"
    if address % size:
        whole = IPv4Network((address - address % size, prefix))
        return f"{shown} is an address within a range; write {whole} for the range"
    for first, last, block in _BLOCKS:
        if address <= last and address + size > first:
            return f"{shown} is in {block}, which is not publicly routable: GuardDuty ignores it; {_INSTEAD}"
    return None


def _parsed(entry: str) -> tuple[int, int] | None:
    """The address as a number and the prefix's length, or None; quicker than `ipaddress`, for lists are long."""
    found = _ENTRY.fullmatch(entry)
    if found is None:
        return None
    address = 0
    for octet in found.group(1, 2, 3, 4):
        address = address * 256 + int(octet)
    return address, int(found[5] or 32)


def _is_ipv6(entry: str) -> bool:
    try:
        IPv6Network(entry, strict=False)
    except ValueError:
        return False
    return True


def read(folder: Path, file: str) -> str:
    """The text of a list file inside `folder` (the spec's own); symlinks may not lead out of it.

    Raises:
        ListError: outside the folder, missing, not a regular file, unreadable, not UTF-8, or over AWS's 35 MB.
    """
    try:
        path = (folder / file).resolve(strict=True)
        if not path.is_relative_to(folder.resolve()):
            raise ListError(f"{file} leads outside the spec's own folder")
        return regular.read(path, MAX_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        raise ListError(f"{file} does not exist (seen from the spec's own folder)") from None
    except UnicodeDecodeError:
        raise ListError(f"{file} is not text in UTF-8") from None
    except RuntimeError:  # how Python 3.11 and 3.12 report a symlink loop
        raise ListError(f"{file} is a symlink that leads to itself") from None
    except regular.NotRegularError as error:
        raise ListError(f"{file} {error.strerror}") from None
    except OSError as error:
        raise ListError(f"{file} cannot be read: {error.strerror}") from None
