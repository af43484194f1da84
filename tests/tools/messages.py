"""The messages of errors as the code words them, read off its syntax: what varies is an ellipsis. It runs none of it.

A message is the first argument of a call that makes an error, wherever the call stands. What it is made of (a constant,
a name, a function of the package that gives text) is followed as far as it can be read; the rest becomes an ellipsis.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from cmtools import errors

PACKAGE = Path(errors.__file__).parent
VARIES = "…"
DEEPEST = 6
"""How many names and functions are followed, one from the other."""
MOST_VARIANTS = 24
"""A message put together of parts with so many wordings is listed with an ellipsis in place of them."""
LEAST_LETTERS = 8
"""What has fewer letters of its own is another error's message handed on."""

LONGEST_ENUMERATION = 120
"""Of characters: a longer list of what there is becomes an ellipsis."""

REASON, REASONED = "Reason", "Draft | str"
"""What a function that gives this says why an item is left out, which raises nothing."""

OF_THE_SHELL = {
    "UsageError": "Usage",
    "BadParameter": "Usage",
    "ClickException": "Command",
    "MissingParameter": "Usage",
}
"""Classes of click, whose messages are told in the terminal."""
OF_PYTHON = {"ImportError": "Python", "TypeError": "Python"}
"""Classes that say more of a fault in a program than ours would."""


@dataclass(frozen=True, order=True)
class Message:
    """One wording: the class that carries it, the words, and the file where it stands."""

    kind: str
    words: str
    file: str


@dataclass
class Module:
    """One file's syntax, with what is needed to follow a name in it."""

    path: str
    tree: ast.Module
    package: Package = field(repr=False)

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """What the names of the file itself stand for."""
        found: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                found[node.target.id] = node.value
        return found

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function of the file by its name; a method too."""
        return {node.name: node for node in self.calls}

    @cached_property
    def calls(self) -> dict[ast.FunctionDef | ast.AsyncFunctionDef, list[ast.Call]]:
        """The calls of each function, those of functions inside it left to these."""
        return {function: list(_calls_of(function)) for function in self._nodes(ast.FunctionDef, ast.AsyncFunctionDef)}

    @cached_property
    def _all_nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def _nodes(self, *kinds: type[ast.AST]) -> list[Any]:
        return [node for node in self._all_nodes if isinstance(node, kinds)]

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Name -> the file of ours that it comes from, and its name there."""
        found = {}
        for node in self._nodes(ast.ImportFrom):
            folder = Path(self.path).parent.parts
            base = [*folder[: len(folder) - node.level + 1], *(node.module or "").split(".")] if node.level else []
            for alias in node.names:
                home = self.package.file_of([part for part in base if part])
                inner = self.package.file_of([*(part for part in base if part), alias.name])
                if inner:
                    found[alias.asname or alias.name] = (inner, "")
                elif home:
                    found[alias.asname or alias.name] = (home, alias.name)
        return found


class Package:
    """The files of the package, and what their calls say.

    Parameters
    ----------
    sources : Mapping of str to str
        Texts by path, such as ``drafts/make.py``.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.paths = set(sources)
        self.modules = {path: Module(path, ast.parse(text), self) for path, text in sources.items()}
        self.kinds = self._kinds()

    def file_of(self, parts: list[str]) -> str | None:
        """The file of a module named by its parts."""
        for path in ("/".join(parts) + ".py", "/".join([*parts, "__init__.py"])):
            if parts and path in self.paths:
                return path
        return None

    def _kinds(self) -> dict[str, str]:
        """Class -> the public class that a user meets it as: ours, those of the package below them, and click's."""
        kinds = {cls.__name__: cls.__name__ for cls in errors.error_classes() if cls.__module__ == errors.__name__}
        classes = [
            (node.name, [_last_name(base) for base in node.bases])
            for module in self.modules.values()
            for node in module.tree.body
            if isinstance(node, ast.ClassDef)
        ]
        for _ in range(3):  # a class may descend from one that is found later
            for name, bases in classes:
                for base in bases:
                    if base in kinds:
                        kinds.setdefault(name, kinds[base])
        return kinds | OF_THE_SHELL | OF_PYTHON | {"CallError": "TaggerFailed"}

    def messages(self) -> list[Message]:
        """Every wording, once for each class and file."""
        return sorted(set(self._all()))

    def _all(self) -> Iterator[Message]:
        for module in self.modules.values():
            for scope, calls in module.calls.items():
                for call in calls:
                    yield from self._of_call(call, scope, module)
                if scope.returns is not None and ast.unparse(scope.returns) == REASONED:
                    yield from self._of_reasons(scope, module)

    def _of_call(self, call: ast.Call, scope: ast.AST, module: Module) -> Iterator[Message]:
        name = _last_name(call.func)
        if name not in self.kinds or not call.args:
            return
        for words in map(tidy, Reader(self, module, scope).read(call.args[0])):
            if len(re.findall(r"[A-Za-z]", words)) >= LEAST_LETTERS:
                yield Message(self.kinds[name], words, module.path)

    def _of_reasons(self, scope: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Iterator[Message]:
        for node in ast.walk(scope):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant | ast.JoinedStr):
                for words in Reader(self, module, scope).read(node.value):
                    yield Message(REASON, tidy(words), module.path)


def _last_name(node: ast.expr) -> str:
    """Of ``errors.BadTag`` the last part; of what is no name, nothing."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _calls_of(scope: ast.AST) -> Iterator[ast.Call]:
    """The calls of a function, not those of functions inside it."""
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Call):
            yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += ast.iter_child_nodes(node)


@dataclass
class Reader:
    """Reads what texts an expression can become."""

    package: Package
    module: Module
    scope: ast.AST
    depth: int = 0
    given: Mapping[str, ast.expr] = field(default_factory=dict)
    """What was given to the function that is being read: its parameters."""
    outer: Reader | None = None
    """Who reads the call that gave it."""
    read_now: frozenset[int] = frozenset()
    """What is being read: a name that is put together of itself is followed once."""

    def read(self, node: ast.expr) -> list[str]:
        """Every text that it can become, the ellipsis standing for what is not known here."""
        found = list(dict.fromkeys(self._read(node)))
        return found if len(found) <= MOST_VARIANTS else [VARIES]

    def _read(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.Constant):
            return [str(node.value)] if node.value is not None else []
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values)
        if isinstance(node, ast.FormattedValue):
            return self._value(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined([node.left, node.right])
        if isinstance(node, ast.IfExp):
            return [*self.read(node.body), *self.read(node.orelse)]
        if isinstance(node, ast.BoolOp):
            return [text for value in node.values for text in self.read(value)]
        if isinstance(node, ast.NamedExpr):
            return self.read(node.value)
        if self.depth >= DEEPEST:
            return [VARIES]
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return self._attribute(node.value.id, node.attr)
        if isinstance(node, ast.Subscript):
            return self._subscript(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        return [VARIES]

    def _joined(self, parts: Iterable[ast.expr]) -> list[str]:
        read = [self.read(part) or [""] for part in parts]
        size = 1
        for variants in read:
            size *= len(variants)
        if size > MOST_VARIANTS:
            read = [variants if len(variants) == 1 else [VARIES] for variants in read]
        return ["".join(chosen) for chosen in product(*read)]

    def _value(self, node: ast.FormattedValue) -> list[str]:
        """What stands in braces: figures of the code as they are, everything that is quoted as an ellipsis."""
        if node.conversion == ord("r"):
            return [VARIES]
        constant = self._figure(node.value)
        if constant is not None:
            spec = (
                str(ast.literal_eval(node.format_spec.values[0])) if isinstance(node.format_spec, ast.JoinedStr) else ""
            )
            return [format(constant, spec)]
        if node.format_spec is not None:
            return [VARIES]
        if isinstance(node.value, ast.IfExp) and (chosen := _endings(node.value)):
            return chosen
        found = self.read(node.value)
        return found if found and all(_is_text(text) for text in found) else [VARIES]

    def _figure(self, node: ast.expr) -> int | float | None:
        """The number that a constant of the code stands for."""
        if isinstance(node, ast.Name):
            home, name = self.module.imported.get(node.id, (self.module.path, node.id))
            value = self.package.modules[home].constants.get(name)
            try:
                figure = ast.literal_eval(value) if value is not None else None
            except ValueError:
                return None
            return figure if isinstance(figure, int | float) and not isinstance(figure, bool) else None
        return None

    def _name(self, name: str) -> list[str]:
        if name in self.given and self.outer is not None:
            return self.outer.read(self.given[name])
        if values := _assigned(self.scope, name):
            return self._of_values([value for value in values if id(value) not in self.read_now])
        if name in _parameters(self.scope):
            return self._of_callers(name)
        if name in self.module.constants:
            return self._into(self.module, self.module.tree).read(self.module.constants[name])
        home, there = self.module.imported.get(name, ("", ""))
        return self._attribute_of(home, there)

    def _of_values(self, values: list[ast.expr]) -> list[str]:
        found: list[str] = []
        for value in values:
            deeper = self._into(self.module, self.scope)
            deeper.read_now |= {id(value)}
            found += deeper.read(value)
        return found or [VARIES]

    def _of_callers(self, name: str) -> list[str]:
        """What the callers in this file give for a parameter of the function that is read."""
        if not isinstance(self.scope, ast.FunctionDef) or self.outer is not None:
            return [VARIES]
        found: list[str] = []
        for scope, calls in self.module.calls.items():
            for call in calls:
                given = _arguments(call, self.scope) if _last_name(call.func) == self.scope.name else {}
                if name in given:
                    found += self._into(self.module, scope).read(given[name])
        return found or [VARIES]

    def _attribute(self, owner: str, name: str) -> list[str]:
        home, there = self.module.imported.get(owner, ("", "?"))
        if home and not there:
            return self._attribute_of(home, name)
        return [VARIES]

    def _attribute_of(self, home: str, name: str) -> list[str]:
        module = self.package.modules.get(home)
        if module is None or name not in module.constants:
            return [VARIES]
        return self._into(module, module.tree).read(module.constants[name])

    def _subscript(self, node: ast.Subscript) -> list[str]:
        """One of the texts of a table that stands in the code."""
        table: ast.expr | None = None
        if isinstance(node.value, ast.Name):
            home, name = self.module.imported.get(node.value.id, (self.module.path, node.value.id))
            table = self.package.modules[home].constants.get(name)
        elif isinstance(node.value, ast.Attribute) and isinstance(node.value.value, ast.Name):
            home, name = self.module.imported.get(node.value.value.id, ("", "?"))
            if home and not name:
                table = self.package.modules[home].constants.get(node.value.attr)
        if isinstance(table, ast.Dict):
            found = [text for value in table.values for text in self.read(value)]
            return found if all(_is_text(text) for text in found) else [VARIES]
        return [VARIES]

    def _call(self, node: ast.Call) -> list[str]:
        """What a function of ours gives back; words that stand in the code, joined; of anything else, an ellipsis."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(node.args) == 1:
            return self._enumeration(node.func.value, node.args[0])
        module, function = self._function(node.func)
        if module is None or function is None:
            return [VARIES]
        inside = Reader(self.package, module, function, self.depth + 1, _arguments(node, function), self)
        values = [each.value for each in ast.walk(function) if isinstance(each, ast.Return) and each.value is not None]
        return [text for value in values for text in inside.read(value)] or [VARIES]

    def _enumeration(self, between: ast.expr, words: ast.expr) -> list[str]:
        """The words of a table that stands in the code, if they are few."""
        if not (isinstance(between, ast.Constant) and isinstance(words, ast.Name)):
            return [VARIES]
        home, name = self.module.imported.get(words.id, (self.module.path, words.id))
        table = self.package.modules[home].constants.get(name)
        try:
            found = list(ast.literal_eval(table)) if table is not None else []
        except (ValueError, TypeError):
            return [VARIES]
        joined = str(between.value).join(map(str, found))
        return [joined] if 0 < len(joined) <= LONGEST_ENUMERATION else [VARIES]

    def _function(self, node: ast.expr) -> tuple[Module | None, ast.FunctionDef | ast.AsyncFunctionDef | None]:
        if isinstance(node, ast.Name):
            home, name = self.module.imported.get(node.id, (self.module.path, node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            home, there = self.module.imported.get(node.value.id, ("", "?"))
            name = node.attr
            if node.value.id in ("self", "cls"):
                home = self.module.path
            elif there:
                return None, None
        else:
            return None, None
        module = self.package.modules.get(home)
        return (module, module.functions.get(name)) if module else (None, None)

    def _into(self, module: Module, scope: ast.AST) -> Reader:
        return Reader(self.package, module, scope, self.depth + 1, self.given, self.outer, self.read_now)


def _endings(node: ast.IfExp) -> list[str]:
    """Of two words of the code itself both; of nothing and an ending, as of a plural, the ending."""
    if not (isinstance(node.body, ast.Constant) and isinstance(node.orelse, ast.Constant)):
        return []
    words = [str(node.body.value), str(node.orelse.value)]
    return [max(words, key=len)] if "" in words and max(map(len, words)) <= 3 else words


def _assigned(scope: ast.AST, name: str) -> list[ast.expr]:
    """What is put into a name in a function."""
    found = []
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            found += [node.value for target in node.targets if isinstance(target, ast.Name) and target.id == name]
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and _last_name(node.target) == name and node.value:
            found.append(node.value)
    return found if not isinstance(scope, ast.Module) else []


def _parameters(scope: ast.AST) -> list[str]:
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    arguments = scope.args
    return [each.arg for each in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]


def _arguments(call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, ast.expr]:
    """Parameter -> what a call gives for it."""
    names = _parameters(function)
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    given = dict(zip(names, call.args, strict=False))
    return given | {each.arg: each.value for each in call.keywords if each.arg}


def _is_text(text: str) -> bool:
    """Whether a part says something by itself, so that it can be searched for."""
    return len(re.findall(r"[A-Za-z]", text)) >= 4


def tidy(text: str) -> str:
    """One line, with one ellipsis for several that follow each other."""
    line = " ".join(text.split())
    return re.sub(rf"{VARIES}(?:[\s,:;.]*{VARIES})+", VARIES, line)


def package() -> Package:
    """The package as it stands on the disk."""
    return Package(
        {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    )
