"""From pages to HTML. Everything is escaped but our own pictures."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from bench.board.site.assets import CONTENT_SECURITY_POLICY
from bench.board.site.models import Page
from bench.core.jsonio import dumps

__all__ = ["NAVIGATION", "render_page"]

NAVIGATION = (
    ("index.html", "Board"),
    ("efficiency.html", "Efficiency"),
    ("systems.html", "Systems"),
    ("compare.html", "Compare"),
    ("definitions.html", "Definitions"),
    ("kit.html", "Paper kit"),
    ("data.html", "Data"),
)
_NAME = "avss-bench"
_TEMPLATES = Path(__file__).parent / "templates"
_WEB = ("https://", "http://")


def render_page(page: Page, *, version: str) -> bytes:
    """Return the HTML of a page, the same bytes every time.

    Args:
        page: What it shows.
        version: Of this package, for the footer.
    """
    root = "../" * page.path.count("/")

    def address(href: str) -> str:
        return _address(href, root)

    html = (
        _environment()
        .get_template("page.html")
        .render(
            page=page,
            root=root,
            address=address,
            policy=CONTENT_SECURITY_POLICY,
            navigation=NAVIGATION,
            name=_NAME,
            tables=any(not table.plain for part in page.sections for table in part.tables),
            footer=f"Made by avss-bench {version}. Every number says where it comes from.",
        )
    )
    return html.encode()


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["json"] = dumps
    environment.filters["picture"] = _picture
    return environment


def _address(href: str, root: str) -> str:
    """Return an address that can do no harm: of the web, on this page, or below the site."""
    if href.startswith(_WEB):
        return href
    path, hash, anchor = href.partition("#")
    return f"{root if path else ''}{quote(path)}{hash}{quote(anchor)}"


def _picture(svg: str, prefix: str) -> Markup:
    """Put a picture of our own into the page; ids inside it stay apart from those of others."""
    own = re.sub(r'(\bid="|url\(#)', lambda match: f"{match[1]}{prefix}-", svg)
    return Markup(own)
