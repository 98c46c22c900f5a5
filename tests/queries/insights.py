"""The part of Logs Insights that the saved queries use: a strict parser, and an interpreter over log events.

There is no Logs Insights outside AWS. This is written from its documentation, small enough to be compared with it: commands
fields, filter, stats, sort and limit; `=`, `in`, `like`, `and`, `or` and ispresent; count, count_distinct and bin. Whatever else
a query has is an error here, so that a saved query cannot use what is not run.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

import json
import re
from datetime import datetime, timezone

TOKEN = re.compile(
    r"""\s+ | \#[^\n]*
    | (?P<pipe>\|) | (?P<comma>,) | (?P<open>\() | (?P<close>\)) | (?P<list>\[) | (?P<end>\]) | (?P<star>\*)
    | (?P<equals>=)
    | (?P<text>"[^"\\]*"|'[^'\\]*')
    | (?P<regex>/(?:[^/\\\n]|\\.)+/)
    | (?P<span>\d+[smhdw]\b)
    | (?P<number>\d+\b)
    | `(?P<quoted>[^`\n]+)`
    | (?P<word>@?[A-Za-z_][\w.]*)""",
    re.VERBOSE,
)
SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
# Rows of a query without a limit.
LIMIT = 10_000


class Wrong(Exception):
    """A query that is not understood."""


def tokens(query):
    at, found = 0, []
    while at < len(query):
        match = TOKEN.match(query, at)
        if not match:
            raise Wrong(f"not understood: {query[at : at + 20]!r}")
        if match.lastgroup:
            found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return [*found, ("stop", "")]


class Parser:
    """Commands of a query, as tuples."""

    def __init__(self, query):
        self._tokens = tokens(query)
        self._at = 0

    def query(self):
        commands = [self._command()]
        while self._takes("pipe"):
            commands.append(self._command())
        self._expect("stop")
        return commands

    def _command(self):
        word = self._expect("word")
        match word:
            case "fields":
                return ("fields", self._several(self._named))
            case "filter":
                return ("filter", self._either())
            case "stats":
                values = self._several(self._named)
                self._expect("word", "by")
                return ("stats", values, self._several(self._named))
            case "sort":
                by = self._expression()
                direction = self._expect("word")
                if direction not in ("asc", "desc"):
                    raise Wrong(f"sort {direction}")
                return ("sort", by, direction)
            case "limit":
                number = int(self._expect("number"))
                if not 1 <= number <= LIMIT:
                    raise Wrong(f"limit {number}")
                return ("limit", number)
        raise Wrong(f"no command that is used here: {word}")

    def _several(self, one):
        found = [one()]
        while self._takes("comma"):
            found.append(one())
        return found

    def _named(self):
        """An expression and the name of its column."""
        start = self._at
        expression = self._expression()
        name = "".join(text for _, text in self._tokens[start : self._at])
        if self._takes("word", "as"):
            name = self._expect("word")
        return (name, expression)

    def _either(self):
        found = [self._both()]
        while self._takes("word", "or"):
            found.append(self._both())
        return found[0] if len(found) == 1 else ("or", *found)

    def _both(self):
        found = [self._test()]
        while self._takes("word", "and"):
            found.append(self._test())
        return found[0] if len(found) == 1 else ("and", *found)

    def _test(self):
        if self._takes("open"):
            inner = self._either()
            self._expect("close")
            return inner
        left = self._expression()
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "equals":
            return ("equals", left, self._expression())
        if (kind, text) == ("word", "like"):
            return ("like", left, re.compile(self._expect("regex")[1:-1].replace(r"\/", "/")))
        if (kind, text) == ("word", "in"):
            self._expect("list")
            items = self._several(lambda: self._expect("text")[1:-1])
            self._expect("end")
            return ("in", left, items)
        self._at -= 1
        if left[0] == "ispresent":
            return left
        raise Wrong(f"no test: {left}")

    def _expression(self):
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "text":
            return ("value", text[1:-1])
        if kind == "number":
            return ("value", int(text))
        if kind == "quoted":
            return ("field", text)
        if kind != "word":
            raise Wrong(f"no field, value or function: {text!r}")
        if not self._takes("open"):
            return ("field", text)
        match text:
            case "count":
                self._expect("star")
                inner = ("count",)
            case "count_distinct" | "ispresent":
                inner = (text, self._expression())
            case "bin":
                span = self._expect("span")
                inner = ("bin", int(span[:-1]) * SPANS[span[-1]])
            case _:
                raise Wrong(f"no function that is used here: {text}")
        self._expect("close")
        return inner

    def _takes(self, kind, text=None):
        found = self._tokens[self._at]
        if found[0] != kind or text not in (None, found[1]):
            return False
        self._at += 1
        return True

    def _expect(self, kind, text=None):
        found = self._tokens[self._at]
        if not self._takes(kind, text):
            raise Wrong(f"{found[1]!r} in the place of {text or kind}")
        return found[1]


def discovered(message):
    """Fields that Logs Insights finds in a message of JSON: names with dots, elements of lists by number, no nulls."""
    fields = {}

    def walk(name, value):
        if isinstance(value, dict):
            for key, item in value.items():
                walk(f"{name}.{key}" if name else key, item)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                walk(f"{name}.{number}", item)
        elif value is not None:
            fields[name] = value

    walk("", json.loads(message))
    return fields


def run(query, events):
    """Rows for log events, each a time in milliseconds and a message. Without a sort, the newest come first."""
    rows = []
    for timestamp, message in sorted(events, key=lambda event: -event[0]):
        rows.append({**discovered(message), "@timestamp": timestamp, "@message": message})
    shown, limit = None, LIMIT
    for command in Parser(query).query():
        match command:
            case ("fields", named):
                for row in rows:
                    row |= {name: evaluate(expression, row) for name, expression in named}
                shown = [*(shown or []), *(name for name, _ in named)]
            case ("filter", test):
                rows = [row for row in rows if holds(test, row)]
            case ("stats", values, groups):
                rows = counted(values, groups, rows)
                shown = [name for name, _ in [*groups, *values]]
            case ("sort", by, direction):
                # What has no value comes last either way; the order of equals stays.
                has = [row for row in rows if evaluate(by, row) is not None]
                rest = [row for row in rows if evaluate(by, row) is None]
                rows = sorted(has, key=lambda row: evaluate(by, row), reverse=direction == "desc") + rest
            case ("limit", number):
                limit = number
    return [{name: row.get(name) for name in shown or ["@timestamp", "@message"]} for row in rows[:limit]]


def counted(values, groups, rows):
    found = {}
    for row in rows:
        key = tuple(evaluate(expression, row) for _, expression in groups)
        found.setdefault(key, []).append(row)
    result = []
    for key, members in found.items():
        row = {name: part for (name, _), part in zip(groups, key, strict=True)}
        for name, expression in values:
            match expression:
                case ("count",):
                    row[name] = len(members)
                case ("count_distinct", of):
                    row[name] = len({evaluate(of, member) for member in members} - {None})
                case _:
                    raise Wrong(f"no aggregate: {expression}")
        result.append(row)
    return result


def evaluate(expression, row):
    match expression:
        case ("field", name):
            return row.get(name)
        case ("value", value):
            return value
        case ("bin", seconds):
            start = row["@timestamp"] // 1000 // seconds * seconds
            return datetime.fromtimestamp(start, timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    raise Wrong(f"no value: {expression}")


def holds(test, row):
    match test:
        case ("or", *tests):
            return any(holds(one, row) for one in tests)
        case ("and", *tests):
            return all(holds(one, row) for one in tests)
        case ("ispresent", of):
            return evaluate(of, row) is not None
        case ("like", of, expression):
            value = evaluate(of, row)
            return value is not None and expression.search(str(value)) is not None
        case ("in", of, items):
            return evaluate(of, row) in items
        case ("equals", left, right):
            value = evaluate(left, row)
            return value is not None and value == evaluate(right, row)
    raise Wrong(f"no test: {test}")
