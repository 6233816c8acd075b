"""What all pages share: the style sheet, our script, and the table library.

The library is DataTables (MIT), as the package itables ships it: an ES module, which a browser
refuses to load from the file system, so it is wrapped as a classic script. No page loads anything
from elsewhere.
"""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from bench.errors import DataError

__all__ = ["CONTENT_SECURITY_POLICY", "shared_assets"]

_STATIC = Path(__file__).parent / "static"

# Scripts and styles from the site's own folder, pictures inside the page, no connection at all.
# `'self'` means nothing for a page without a host, hence `file:`.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file: 'unsafe-inline'; "
    "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
)


def shared_assets() -> dict[str, bytes]:
    """Return the files of `assets/` by their path."""
    return {
        "assets/site.css": (_STATIC / "site.css").read_bytes(),
        "assets/site.js": (_STATIC / "site.js").read_bytes(),
        "assets/tables.js": _classic(_library()).encode(),
    }


def _library() -> str:
    return (resources.files("itables") / "html" / "dt_bundle.js").read_text(encoding="utf-8")


def _classic(module: str) -> str:
    """Wrap an ES module with one default export as a script that defines `DataTable`.

    Raises:
        DataError: The module looks otherwise.
    """
    statement = re.compile(r"export\{([^{}]*)\};?")
    (exports,) = statement.findall(module) or [""]
    default = re.search(r"(?:^|,)([\w$]+) as default(?:,|$)", exports)
    if default is None:
        raise DataError(
            "the table library of the installed itables cannot be used (no default export found); "
            "install the version that constraints.txt names."
        )
    body = statement.sub(lambda _: f"window.DataTable={default[1]};", module)
    return f'(()=>{{"use strict";\n{body}\n}})();\n'
