"""Write the settings page of the documentation from the recipe's JSON schema.

The sentence beside a field is the one the model declares and the command line shows, so the page cannot go stale.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

HEADER = """# Settings

A recipe is a YAML file with one section per stage. Every field is also a flag of `blueprint run`:
`--section.field value`. An unknown field is refused, with the near one named.
"""


def page(schema: Schema) -> str:
    """Return the page, in Markdown, for the JSON schema of a recipe model."""
    plain, sections = [], []
    for name, field in schema.get("properties", {}).items():
        section = resolved(field, schema)
        if "properties" in section:
            sections.append(_section(name, {**section, **field}, schema))
        else:
            plain.append(row(name, field, schema))
    top = [table(plain)] if plain else []
    return "\n".join([HEADER, *top, *sections])


def _section(path: str, section: Schema, schema: Schema) -> str:
    lines = [f"## {path}\n"]
    if section.get("description"):
        lines.append(first_paragraph(section["description"]) + "\n")
    rows = list(_rows("", section, schema))
    lines.append(table(rows) if rows else "No settings.\n")
    return "\n".join(lines)


def _rows(prefix: str, model: Schema, schema: Schema) -> Iterator[str]:
    for name, field in model.get("properties", {}).items():
        inner = resolved(field, schema)
        if "properties" in inner:
            yield from _rows(f"{prefix}{name}.", inner, schema)
        else:
            yield row(f"{prefix}{name}", field, schema)


def table(rows: list[str]) -> str:
    """Return rows under the common head."""
    return "\n".join(["| field | type | default | meaning |", "| --- | --- | --- | --- |", *rows, ""])


def row(path: str, field: Schema, schema: Schema) -> str:
    """Return one line of a table; a field without a sentence is an error of the model."""
    described = {**resolved(field, schema), **field}
    if "description" not in described:
        raise ValueError(f"setting {path!r} has no description; give its field one sentence with its unit")
    default = f"`{_literal(field['default'])}`" if "default" in field else "required"
    cells = (f"`{path}`", kind(field, schema), default, first_paragraph(described["description"]))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def kind(field: Schema, schema: Schema) -> str:
    """Return a field's type in words, with its bounds and its choices."""
    field = {**field, **resolved(field, schema)} if "$ref" in field else field
    for union in ("anyOf", "oneOf"):
        if union in field:
            return " or ".join(dict.fromkeys(kind(option, schema) for option in field[union]))
    if "enum" in field:
        return ", ".join(f"`{_literal(choice)}`" for choice in field["enum"])
    if "const" in field:
        return f"`{_literal(field['const'])}`"
    return (_collection(field, schema) or _WORDS.get(field.get("type", ""), "value")) + _bounds(field)


_WORDS = {
    "number": "number",
    "integer": "integer",
    "boolean": "true or false",
    "string": "text",
    "null": "nothing",
    "object": "group",
}


def _collection(field: Schema, schema: Schema) -> str:
    if field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"map to {kind(field['additionalProperties'], schema)}"
    if field.get("type") != "array":
        return ""
    if "prefixItems" in field:
        return "list of (" + ", ".join(kind(item, schema) for item in field["prefixItems"]) + ")"
    return f"list of {kind(field.get('items', {}), schema)}"


def _bounds(field: Schema) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {_literal(field[key])}" for key, sign in signs.items() if key in field]
    return f" ({', '.join(limits)})" if limits else ""


def resolved(field: Schema, schema: Schema) -> Schema:
    """Return what a field refers to, or the field itself."""
    if "$ref" in field:
        return schema["$defs"][field["$ref"].removeprefix("#/$defs/")]
    return field


def first_paragraph(text: str) -> str:
    """Return the first paragraph on one line."""
    return " ".join(text.split("\n\n")[0].split())


def _literal(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return str(value) if value != "" else '""'


def main(target: Path) -> None:
    """Write the page of the product's recipe to `target`."""
    from blueprint.pipeline.recipe import Recipe

    target.write_text(page(Recipe.model_json_schema()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
