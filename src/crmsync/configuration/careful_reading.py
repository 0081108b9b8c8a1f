"""Reading any YAML text into plain data plus the place of every key and value, with words for all that is wrong.

What configuration files do not need is refused, because it hides mistakes or bombs: duplicate keys, anchors and
aliases, tags, numbers that are not finite, keys that are not text, several documents, too large or too deep
texts. Booleans are `true` and `false` only (YAML 1.2), so `yes` and `no` stay words.
"""

from __future__ import annotations

import math
import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from crmsync.configuration.place import DEEPEST_NESTING, LARGEST_NODE_COUNT, Content, Mark, Path
from crmsync.configuration.yaml_mistakes import told
from crmsync.errors import ConfigurationError, Finding

LARGEST_NUMBER_CHARACTERS = 40

_TOO_DEEP = f"nested more than {DEEPEST_NESTING} levels deep"

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_PLAIN_SCALARS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")
)


def read_carefully(text: str, file: str) -> Content:
    """The text's content. Raises `ConfigurationError`; an empty text gives an empty mapping."""
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _refusal(file, line, column, *told(error)) from None
    except ReaderError as error:
        code = int(error.character)
        before = text[: max(0, text.find(chr(code)))]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"the character U+{code:04X} is no text"
        raise _refusal(file, line, column, message, "take it out") from None
    except (YAMLError, ValueError) as error:
        raise _refusal(file, 1, 1, f"not valid YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise _refusal(file, *_where_too_deep(text), _TOO_DEEP) from None
    reader = _Reader(file, yaml)
    data = reader.value(node, ()) if node is not None else {}
    return Content(data, reader.values, reader.keys)


def _refusal(file: str, line: int, column: int, message: str, hint: str | None = None) -> ConfigurationError:
    return ConfigurationError([Finding(file, line, column, message, hint)])


def _where_too_deep(text: str) -> tuple[int, int]:
    """Line and column where nesting goes beyond the limit; parsed into events only, which does not recurse."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST_NESTING:
            return event.start_mark.line + 1, event.start_mark.column + 1
    return 1, 1


class _Reader:
    """Turns composed nodes into data and remembers every place."""

    def __init__(self, file: str, yaml: YAML) -> None:
        self.file = file
        self.values: dict[Path, Mark] = {}
        self.keys: dict[Path, Mark] = {}
        self._constructor = yaml.constructor
        self._seen: set[int] = set()

    def value(self, node: Node, path: Path) -> Any:
        if id(node) in self._seen:
            raise self._refused(node, "anchors and aliases are not used here; write the value out")
        self._seen.add(id(node))
        if len(self._seen) > LARGEST_NODE_COUNT:
            raise self._refused(node, f"more than {LARGEST_NODE_COUNT:,} values in one file")
        if len(path) > DEEPEST_NESTING:
            raise self._refused(node, _TOO_DEEP)
        self.values[path] = _mark(node)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            self._expect_tag(node, {"tag:yaml.org,2002:seq"})
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        self._expect_tag(node, {"tag:yaml.org,2002:map"})
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key in result:
                earlier = self.keys[(*path, key)]
                raise self._refused(key_node, f"`{key}` stands twice (first on line {earlier.line})")
            self.keys[(*path, key)] = _mark(key_node)
            result[key] = self.value(value_node, (*path, key))
            if _is_nothing(value_node):  # what follows it may be many lines away
                self.values[(*path, key)] = _mark(key_node)
        return result

    def _key(self, node: Node) -> str:
        if str(node.tag) == "tag:yaml.org,2002:merge":
            raise self._refused(node, "`<<` is not used here; write the values out")
        if not isinstance(node, ScalarNode) or str(node.tag) not in _PLAIN_SCALARS:
            raise self._refused(node, "a key must be a plain word")
        if _HALF_CHARACTER.search(str(node.value)):
            raise self._refused(node, "a key must be a plain word")
        return str(node.value)

    def _scalar(self, node: Node) -> Any:
        self._expect_tag(node, _PLAIN_SCALARS)
        tag, text = str(node.tag), str(node.value)
        if _HALF_CHARACTER.search(text):
            raise self._refused(node, "half a character (a lone surrogate) is no text; write the whole character")
        if tag.endswith((":int", ":float")) and len(text) > LARGEST_NUMBER_CHARACTERS:
            raise self._refused(node, f"a number with {len(text):,} characters")
        try:
            value = self._constructor.construct_object(node)
        except (YAMLError, ValueError, OverflowError):
            raise self._refused(node, f"`{text[:40]}` is not a value crmsync can read") from None
        if isinstance(value, float) and not math.isfinite(value):
            raise self._refused(node, f"`{text}` is not a number one can count with")
        return value

    def _expect_tag(self, node: Node, allowed: frozenset[str] | set[str]) -> None:
        if str(node.tag) not in allowed:
            raise self._refused(node, f"the tag `{node.tag}` is not used here; write a plain value")

    def _refused(self, node: Node, message: str) -> ConfigurationError:
        mark = _mark(node)
        return _refusal(self.file, mark.line, mark.column, message)


def _is_nothing(node: Node) -> bool:
    """Whether a key goes without a value."""
    return isinstance(node, ScalarNode) and not node.value and not node.style


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)
