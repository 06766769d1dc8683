"""Where the attributes of a plan's resources lead, after the change and before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from guardline.validator.model.resource import Ref
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.address import parse_modules, quote
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.plan.decode import ConfigResource
from guardline.validator.sources.plan.expression_context import ExpressionContext
from guardline.validator.sources.plan.index import PlanIndex
from guardline.validator.sources.plan.references import References

if TYPE_CHECKING:
    from guardline.validator.sources.plan.evaluated_source import EvaluatedSource


class AfterLinks:
    """Where attributes lead after the change.

    Args:
        index: the plan.
        references: follows what the plan carries.
        world: its own source, evaluated, where it is at hand: asked for what the plan leaves out.
    """

    def __init__(self, index: PlanIndex, references: References, world: EvaluatedSource | None = None) -> None:
        self.index = index
        self.references = references
        self.world = world

    def _configured(self, block: Block) -> ConfigResource | None:
        return self.index.configured(block.module_address, block.mode, block.type, block.name)

    def _expression(self, block: Block, path: tuple[str | int, ...]) -> Any:
        configured = self._configured(block)
        expression: Any = self.index.expressions(configured) if configured is not None else None
        for step in path:
            expression = _part(expression, step)
        return expression

    def link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        """A known value is an id; an unknown one is followed through the configuration."""
        return self._link(block, path, wanted).placed(block.tree.at(*path).leaf)

    def _link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        value = block.tree.text(*path)
        if value.is_known:
            text = value.get()
            return known(Ref(id=text)) if text else unknown(f"{block.address} sets no {_dotted(path)}")
        if self.world is not None:  # it has the expression itself, of which a plan has the references only
            evaluated = self.world.link(block, path, wanted)
            if evaluated.is_known:
                return evaluated
        return self._followed(block, path, wanted, value.reason or "")

    def _followed(self, block: Block, path: tuple[str | int, ...], wanted: Wanted, why: str) -> Value[Ref]:
        expression, at = self._expression(block, path), self._context(block, path)
        if expression is None or at is None:
            return unknown(why)
        return self.references.link(expression, at, wanted)

    def _context(self, block: Block, path: tuple[str | int, ...]) -> ExpressionContext | None:
        configured = self._configured(block)
        if configured is None:
            return None
        steps, chain = parse_modules(block.module_address), (f"{block.type}.{block.name}.{_dotted(path)}",)
        return ExpressionContext(steps, block.key, self.index.repetition(configured), chain)

    def among(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> frozenset[str] | None:
        """The names of all the things that the references of an attribute lead to."""
        expression, at = self._expression(block, path), self._context(block, path)
        return self.references.among(expression, at, wanted) if expression is not None and at is not None else None

    def draft(self, block: Block, path: tuple[str | int, ...]) -> str | None:
        """A text of which parts are unknown: only the source has it."""
        return self.world.draft(block, path) if self.world is not None else None

    def is_configured(self, block: Block, path: tuple[str | int, ...]) -> bool:
        """Whether the configuration gives the attribute."""
        return self._expression(block, path) is not None


class BeforeLinks:
    """Where attributes led before the change: every value is known."""

    def link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:  # noqa: ARG002 - see Links
        """The id that the state holds."""
        text = block.tree.text(*path).known_or(None)
        return known(Ref(id=text)) if text else unknown(f"{block.address} had no {_dotted(path)}")

    def among(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> frozenset[str] | None:  # noqa: ARG002 - see Links
        """The state knows every value, so there is nothing to choose from."""
        return None

    def draft(self, block: Block, path: tuple[str | int, ...]) -> str | None:  # noqa: ARG002 - see Links
        """The state knows every value whole."""
        return None

    def is_configured(self, block: Block, path: tuple[str | int, ...]) -> bool:
        """The state does not tell what was configured; what is set was."""
        return block.tree.at(*path).is_set


BEFORE = BeforeLinks()


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(quote(step) if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _part(expression: Any, step: str | int) -> Any:
    if isinstance(expression, dict) and isinstance(step, str):
        return expression.get(step)
    if isinstance(expression, list) and isinstance(step, int) and step < len(expression):
        return expression[step]
    return None
