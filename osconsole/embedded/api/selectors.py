"""Label and field selectors: parsing in the API server's words, and matching.

A parsed selector is a value that is kept for the life of a list or watch. Which field labels a kind offers is the table
here; how a request carries selectors is the server's business.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from osconsole.errors import OsconsoleError

_TOKEN = re.compile(r"\s*(==|!=|[=!,()<>]|[^\s=!,()<>]+)")
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_CHARACTERS = "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
_NAME_RULE = (
    f"must consist of {_CHARACTERS}'MyName',  or 'my.name',  or '123-abc', "
    "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_KEY_RULE = f"a valid label key {_NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
_VALUE_RULE = (
    f"a valid label must be an empty string or consist of {_CHARACTERS}'MyValue',  or 'my_value',  or '12345', "
    "regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_OPERATORS = {"=": "in", "==": "in", "!=": "notin", "in": "in", "notin": "notin", ">": "gt", "<": "lt"}


class SelectorError(OsconsoleError):
    """A selector that cannot be parsed or is not offered for that kind; HTTP 400 in the API server's words."""

    code = 400
    reason = "BadRequest"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One comma-separated part of a label selector."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels of an object satisfy it; a missing label satisfies `notin` and `!`."""
        value = labels.get(self.key)
        if self.operator in {"notin", "absent"}:
            return value is None or (self.operator == "notin" and value not in self.values)
        if value is None:
            return False
        if self.operator in {"gt", "lt"}:
            return _ordered(value, self.operator, next(iter(self.values)))
        return self.operator == "exists" or value in self.values


def _ordered(value: str, operator: str, bound: str) -> bool:
    try:
        return int(value) > int(bound) if operator == "gt" else int(value) < int(bound)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """All requirements of one label selector; the empty one matches everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str] | None) -> bool:
        """Whether an object with these labels is selected."""
        return all(requirement.matches(labels or {}) for requirement in self.requirements)


def label_selector(text: str) -> LabelSelector:
    """Parse the `labelSelector` parameter of a request.

    Raises:
        SelectorError: with the API server's words.
    """
    tokens = _TOKEN.findall(text)
    return LabelSelector(tuple(_Parser(tokens).requirements()))


def from_object(selector: Mapping[str, Any] | None) -> LabelSelector:
    """The selector of a LabelSelector object (`matchLabels`, `matchExpressions`)."""
    found = [Requirement(k, "in", frozenset([v])) for k, v in ((selector or {}).get("matchLabels") or {}).items()]
    operators = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}
    found += [
        Requirement(term["key"], operators[term["operator"]], frozenset(term.get("values") or ()))
        for term in (selector or {}).get("matchExpressions") or ()
    ]
    return LabelSelector(tuple(found))


class _Parser:
    """Reads the tokens of one label selector."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        lexeme = self._peek()
        self._at += 1
        return lexeme

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while lexeme := self._peek():
            if not (lexeme == "!" or _is_word(lexeme)):
                raise SelectorError(f"found '{lexeme}', expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            separator = self._next()
            if separator not in {"", ","}:
                raise SelectorError(f"found '{separator}', expected: ',' or 'end of string'")
            if separator == "," and not (self._peek() == "!" or _is_word(self._peek())):
                raise SelectorError(f"found '{self._peek()}', expected: identifier after ','")
        return found

    def _requirement(self) -> Requirement:
        negated = self._peek() == "!"
        if negated:
            self._next()
        key = self._next()
        if not _is_word(key):
            raise _unparsed(f"found '{key}', expected: identifier")
        _check_key(key)
        if negated:
            return Requirement(key, "absent")
        if self._peek() in {"", ","}:
            return Requirement(key, "exists")
        word = self._next()
        operator = _OPERATORS.get(word)
        if operator is None:
            raise _unparsed(f"found '{word}', expected: in, notin, =, ==, !=, gt, lt")
        values = self._set() if word in {"in", "notin"} else [self._value()]
        _check_values(key, operator, values)
        return Requirement(key, operator, frozenset(values))

    def _value(self) -> str:
        if self._peek() in {"", ","}:
            return ""
        lexeme = self._next()
        if not _is_word(lexeme):
            raise _unparsed(f"found '{lexeme}', expected: identifier")
        return lexeme

    def _set(self) -> list[str]:
        opened = self._next()
        if opened != "(":
            raise _unparsed(f"found '{opened}' expected: '('")
        values = [""]
        while (lexeme := self._next()) != ")":
            if lexeme == ",":
                values.append("")
            elif _is_word(lexeme) and not values[-1]:
                values[-1] = lexeme
            else:
                raise _unparsed(f"found '{lexeme}', expected: ',' or ')'")
        return values


def _is_word(lexeme: str) -> bool:
    return bool(lexeme) and lexeme not in {"=", "==", "!=", "!", ",", "(", ")", "<", ">"}


def _unparsed(why: str) -> SelectorError:
    return SelectorError(f"unable to parse requirement: {why}")


def _check_key(key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    if key.count("/") > 1:
        raise _unparsed(f'<nil>: Invalid value: "{key}": {_KEY_RULE}')
    if slash and not _PREFIX.fullmatch(prefix):
        raise _unparsed(f'<nil>: Invalid value: "{key}": prefix part must be a lowercase RFC 1123 subdomain')
    if not _NAME.fullmatch(name):
        raise _unparsed(f'<nil>: Invalid value: "{key}": name part {_NAME_RULE}')
    if len(name) > 63:
        raise _unparsed(f'<nil>: Invalid value: "{key}": name part must be no more than 63 bytes')


def _check_values(key: str, operator: str, values: list[str]) -> None:
    for at, value in enumerate(values):
        if not _VALUE.fullmatch(value):
            raise _unparsed(f'values[{at}][{key}]: Invalid value: "{value}": {_VALUE_RULE}')
        if operator in {"gt", "lt"} and not value.lstrip("-").isdigit():
            why = "for 'Gt', 'Lt' operators, the value must be an integer"
            raise _unparsed(f'values[{at}]: Invalid value: "{value}": {why}')
