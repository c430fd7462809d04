"""Writes what Jinja2, set up as Hugging Face's apply_chat_template sets it up, makes of the templates beside it: syntax.json, templates.json."""

import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 3, 7, 9, 5, 2)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        return jinja2.nodes.Scope(parser.parse_statements(["name:endgeneration"], drop_needle=True), lineno=line)


def make_environment():
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols, Generation])

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = NOW.strftime
    return environment


def render(template, values):
    """The text, or None for an error."""
    try:
        return make_environment().from_string(template).render(**{"tools": None, "documents": None, "bos_token": "", "eos_token": "", **values})
    except Exception:
        return None


def write(name, cases):
    (HERE / name).write_text(json.dumps(cases, ensure_ascii=False, indent=1) + "\n")


syntax = json.loads((HERE / "syntax.json").read_text())
write("syntax.json", {"values": syntax["values"], "cases": [[t, render(t, syntax["values"])] for t, _ in syntax["cases"]]})

given = json.loads((HERE / "conversations.json").read_text())
cases = []
for path in sorted((HERE / "templates").glob("*.jinja")):
    for name, values in given.items():
        text = render(path.read_text(), {**values, "bos_token": "<s>", "eos_token": "</s>"})
        cases.append({"template": path.stem, "conversation": name, "text": text})
write("templates.json", cases)
