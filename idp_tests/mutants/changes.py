"""Changes: the small mistakes that can be made in a module, each as a tree that differs in one place."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
"""An order loses or gains its boundary; an equality, a membership and an identity turn round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One mistake at one place of a module."""

    kind: str
    place: int
    """Which node of the tree, in the order of `ast.walk`."""
    line: int
    apply: Callable[[ast.AST], ast.AST]
    """Gives what stands in the node's place; changes a copy."""


def changes_of(tree: ast.Module) -> Iterator[Change]:
    """Every mistake that can be made in a module; annotations, descriptions and messages are left alone."""
    left_alone = {id(part) for node in ast.walk(tree) for root in _not_behaviour(node) for part in ast.walk(root)}
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in left_alone:
            for kind, apply in _mistakes(node):
                yield Change(kind=kind, place=place, line=getattr(node, "lineno", 0), apply=apply)


def changed(tree: ast.Module, change: Change) -> ast.Module:
    """A copy of the tree with the mistake in it."""
    mutant = copy.deepcopy(tree)
    wrong = list(ast.walk(mutant))[change.place]
    _Put(wrong, ast.copy_location(change.apply(wrong), wrong)).visit(mutant)
    return ast.fix_missing_locations(mutant)


def _not_behaviour(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.AST() as annotation):
            yield annotation
        case ast.FunctionDef(returns=ast.AST() as returns):
            yield returns
        case ast.Raise(exc=ast.AST() as raised):
            yield raised  # which words an error says is not a decision
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            yield node
        case ast.ClassDef(decorator_list=decorators):
            yield from decorators


def _mistakes(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], ast.AST]]]:
    """What can be wrong with a condition, a statement or a call."""
    yield from _wrong_conditions(node)
    match node:
        case ast.Raise():
            yield "raise is lost", lambda _: ast.Pass()
        case ast.Expr(value=ast.Call()):
            yield "a call is lost", lambda _: ast.Pass()
        case ast.Return(value=ast.Constant(value=bool(answer))):
            yield f"return {answer} becomes {not answer}", lambda _: ast.Return(ast.Constant(not answer))
        case ast.Call(func=ast.Name(id="timedelta"), keywords=[ast.keyword(value=ast.Constant(value=int()))]):
            yield "a time by one", _lengthen
        case ast.Call(args=[first, second, *_]) if ast.dump(first) != ast.dump(second):
            yield "two arguments change places", _swap_arguments


def _wrong_conditions(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], ast.AST]]]:
    match node:
        case ast.Compare(ops=[operator], comparators=[other]):
            yield _words(operator), _flip
            if type(operator) in _ORDERS and isinstance(other, ast.Constant):
                yield "a boundary by one", _shift
        case ast.BoolOp(op=operator):
            yield ("and becomes or" if isinstance(operator, ast.And) else "or becomes and"), _swap_and_or
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not is lost", lambda wrong: wrong.operand if isinstance(wrong, ast.UnaryOp) else operand
        case ast.If() | ast.IfExp():
            yield "a condition turns round", _turn_round


def _words(operator: ast.cmpop) -> str:
    return f"{_SIGNS[type(operator)]} becomes {_SIGNS[FLIPPED[type(operator)]]}"


_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _flip(wrong: ast.AST) -> ast.AST:
    assert isinstance(wrong, ast.Compare)
    wrong.ops = [FLIPPED[type(wrong.ops[0])]()]
    return wrong


def _shift(wrong: ast.AST) -> ast.AST:
    assert isinstance(wrong, ast.Compare)
    assert isinstance(wrong.comparators[0], ast.Constant)
    wrong.comparators = [ast.Constant(wrong.comparators[0].value + 1)]  # type: ignore[operator]
    return wrong


def _swap_and_or(wrong: ast.AST) -> ast.AST:
    assert isinstance(wrong, ast.BoolOp)
    wrong.op = ast.Or() if isinstance(wrong.op, ast.And) else ast.And()
    return wrong


def _turn_round(wrong: ast.AST) -> ast.AST:
    assert isinstance(wrong, ast.If | ast.IfExp)
    wrong.test = ast.UnaryOp(ast.Not(), wrong.test)
    return wrong


def _lengthen(wrong: ast.AST) -> ast.AST:
    assert isinstance(wrong, ast.Call)
    assert isinstance(wrong.keywords[0].value, ast.Constant)
    wrong.keywords[0].value = ast.Constant(wrong.keywords[0].value.value + 1)  # type: ignore[operator]
    return wrong


def _swap_arguments(wrong: ast.AST) -> ast.AST:
    assert isinstance(wrong, ast.Call)
    wrong.args[:2] = wrong.args[1], wrong.args[0]
    return wrong


class _Put(ast.NodeTransformer):
    """Puts one node in another's place."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)
