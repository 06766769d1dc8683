"""The controls as pages, from their own metadata: ``python -m guardline.validator.controls.pages [--check]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from guardline.spec.practice import RECOMMENDATIONS
from guardline.spec.publish import DOCS, publish
from guardline.validator.control import Control
from guardline.validator.controls import CATALOGUE
from guardline.validator.controls.shared.mappings import FRAMEWORKS, citation, mapped_by

FOLDER = DOCS / "controls"
MODULE = "guardline.validator.controls.pages"


def page(control: Control, package: str | None = None) -> str:
    """The page of one control, in Markdown.

    Args:
        control: the control.
        package: of a house rule, the package that brings it.
    """
    return "\n".join(_page(control, package)).rstrip() + "\n"


def index() -> str:
    """The list of all controls, in Markdown."""
    lines = [
        "# Controls",
        "",
        "Each control is asked of every expected account and region, of every account, or of every VPC: what is",
        "missing fails as much as what is wrong. Unknown is never a pass. `guardline controls ID` prints these pages.",
        "",
        f"They are generated from the controls (`python -m {MODULE}`); do not edit them.",
        "",
    ]
    for practice in dict.fromkeys(control.practice for control in CATALOGUE):
        lines += [
            f"## {practice}. {RECOMMENDATIONS[practice]}",
            "",
            "| control | what holds when it passes | severity |",
        ]
        lines += ["|---|---|---|"]
        lines += [f"| [{c.id}]({c.id}.md) | {c.title} | {c.severity} |" for c in CATALOGUE if c.practice == practice]
        lines += [""]
    return "\n".join(lines)


def pages() -> Mapping[str, str]:
    """File name -> text, of all pages."""
    return {"README.md": index()} | {f"{control.id}.md": page(control) for control in CATALOGUE}


def _page(control: Control, package: str | None) -> Iterator[str]:
    practice = f"Practice {control.practice}: {RECOMMENDATIONS[control.practice]}."
    yield from (f"# {control.id}: {control.title}", "", f"{practice} Severity: {control.severity}.")
    if package is not None:
        yield f"A house rule of {package}."
    yield from ("", control.why)
    texts = {
        "Passes": control.passes,
        "Fails": control.fails,
        "Undetermined": control.unsure,
        "How to fix it": control.fix,
        "What it cannot see": control.limits,
    }
    for title, text in texts.items():
        if text:
            yield from ("", f"## {title}", "", text)
    if not control.in_coverage:
        yield from ("", "Derived from other controls, so it does not count in the coverage figure.")
    yield from ("", "## Told by", "", f"{', '.join(sorted(control.sources))}; elsewhere it is not assessed.")
    if control.mappings:
        yield from ("", "## Supports", "", f"Requirements, as mapped by {mapped_by()}.", "")
        for framework, ids in control.mappings.items():
            yield f"- {FRAMEWORKS.get(framework, framework)}: {', '.join(citation(framework, each) for each in ids)}"
    if control.links:
        yield from ("", "## Sources", "", *(f"- <{link}>" for link in control.links))


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` say which are stale.

    Returns:
        The exit code: 0 current or written, 1 stale (with ``--check``), 2 bad usage.
    """
    code = max(publish(FOLDER / name, text, MODULE, arguments) for name, text in pages().items())
    left_over = sorted(path for path in FOLDER.glob("*.md") if path.name not in pages())
    for path in left_over if code != 2 else ():
        if arguments:
            print(f"{path.name} belongs to no control; remove it with: python -m {MODULE}", file=sys.stderr)
            code = 1
        else:
            path.unlink()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
