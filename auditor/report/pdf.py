"""The audit report as a tagged PDF: templates, type and renderer; fetches nothing but its own style sheet."""

from __future__ import annotations

import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from auditor import __version__
from auditor.report import pages
from auditor.report.chapters import compose
from auditor.report.outline import Outline
from auditor.report.pages import Report
from auditor.report.phrases import Phrases
from auditor.report.reading import ASSETS, JUDGED, PROVEN_FILES, VERDICTS, ReportError, Told, read_run
from auditor.report.tallies import finding_number, rule_number
from auditor.report.typesetting import family_for, printable, slow_fonts_warning
from auditor.report.words import Words

TEMPLATES = ASSETS / "templates"

Progress = Callable[[str], None]


def build_pdf(
    folder: Path,
    lang: str,
    unit: str | None = None,
    previous: Path | None = None,
    *,
    out: Path | None = None,
    manifest: Mapping[str, Any] | None = None,
    progress: Progress = lambda step: None,
) -> None:
    """Write the report of a finished run, in one of zh-Hant, zh-Hans, en.

    To `out`, else `report.pdf` in the run's folder (`report-UNIT.pdf` for one unit). `unit`: that unit's findings and denominators
    alone. `previous`: the folder of an earlier run to compare with. `manifest`: what manifest.json will say, where it is not written yet.
    The same folder gives the same bytes.
    `progress` is told each step. Raises ReportError where the folder is no finished run or the machine has no Chinese font.
    """
    family = family_for(lang)
    if warning := slow_fonts_warning():
        progress(warning)
    progress("reading the run")
    run = read_run(folder, unit, manifest=manifest)
    before = read_run(previous, unit, must_know=False) if previous else None
    report = compose(run, before, progress)
    progress("composing the pages")
    html = render_html(report, lang, family)
    target = out or folder / ("report.pdf" if unit is None else f"report-{file_part(unit)}.pdf")
    _write(html, target, progress)


def file_part(text: str) -> str:
    """An id as a part of a file's name: letters, digits, dot, dash and underscore stay."""
    return re.sub(r"[^\w.-]", "_", text).strip(".") or "_"


def render_html(report: Report, lang: str, family: str) -> str:
    """The report as one HTML text; every value is escaped, and characters that the family lacks are replaced."""
    clean = printable(family)
    zone = timezone(report.run.as_of.utcoffset() or timedelta(0))
    words = Words(lang, clean, zone)

    def finish(value: Any) -> Any:
        if isinstance(value, Markup):
            return value
        return words.number(value) if isinstance(value, int) and not isinstance(value, bool) else clean(str(value))

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finish,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    outline = Outline(report, words)
    environment.globals |= {
        "w": words,
        "report": report,
        "run": report.run,
        "nothing": Told(),
        "outline": outline,
        "say": Phrases(report, words),
        "family": family,
        "gap": "" if words.chinese else " ",
        "verdicts": VERDICTS,
        "judged_verdicts": JUDGED,
        "proven_files": PROVEN_FILES,
        "program_version": str((report.run.manifest.get("program") or {}).get("version") or __version__),
        "rule_number": rule_number,
        "finding_number": finding_number,
        "nice_scale": pages.nice_scale,
        "shown": {name: getattr(pages, name) for name in dir(pages) if name.startswith("SHOWN_")},
    }
    css = (TEMPLATES / "report.css").read_text("utf-8").replace("FAMILY", family).replace("PAGE_OF_PAGES", _page_of_pages(words))
    css = Markup(css.replace("SMALL", "9pt" if words.chinese else "8pt"))  # noqa: S704 (our own file)
    return environment.get_template("report.html.j2").render(css=css)


def _page_of_pages(words: Words) -> str:
    """The foot's "page X of Y" as a CSS content list."""
    return '"' + str(words("page")).replace("[page]", '" counter(page) "').replace("[pages]", '" counter(pages) "') + '"'


def lay_out(html: str) -> Any:
    """The laid-out document; whatever an address in it names is refused."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher, URLFetchingError

    class NoFetcher(URLFetcher):  # type: ignore[misc]
        """Refuses every address: the style sheet and the charts stand in the document itself."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            raise URLFetchingError(f"the report fetches nothing, not {url!r}")

    return HTML(string=html, base_url=None, url_fetcher=NoFetcher()).render(pdf_variant="pdf/ua-1")


def _write(html: str, target: Path, progress: Progress) -> None:
    """Render to a file beside the target and put it in place when whole."""
    progress("rendering the pages")
    try:
        with _progress_of_weasyprint(progress):
            document = lay_out(html)
            pdf = document.write_pdf(pdf_variant="pdf/ua-1")
    except (ValueError, OSError) as error:
        raise ReportError(f"the report cannot be rendered ({error}); run with --no-pdf and report this") from error
    handle, name = tempfile.mkstemp(prefix=".report-", suffix=".pdf", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pdf)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    progress(f"{len(document.pages)} pages written")


@contextmanager
def _progress_of_weasyprint(progress: Progress) -> Iterator[None]:
    """Pass the renderer's own steps on; its warnings must not reach the screen."""

    class Pass(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            progress(record.getMessage())

    logger, warnings = logging.getLogger("weasyprint.progress"), logging.getLogger("weasyprint")
    handler, level = Pass(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    propagate, warnings.propagate = warnings.propagate, False
    quiet = logging.NullHandler()
    warnings.addHandler(quiet)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        warnings.removeHandler(quiet)
        warnings.propagate = propagate
