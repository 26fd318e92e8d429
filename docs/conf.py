"""How Sphinx builds this documentation: Markdown in, one local folder of HTML out, nothing fetched."""

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Blueprint"
copyright = "Blueprint maintainers"
version = release = _PROJECT["version"]
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "pictures"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"Blueprint {version}"
html_copy_source = False
html_show_sphinx = False
# The same sources give the same pages.
html_last_updated_fmt = None
