"""The report: every page's craft, its honesty about numbers, hostile text, and the same bytes from the same folder."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf
import pytest
from weasyprint.formatting_structure import boxes

from auditor.report import ReportError, build_pdf, pdf
from auditor.report.chapters import compose
from auditor.report.reading import read_run
from auditor.report.typesetting import GETA, family_for, printable
from auditor.report.words import LANGUAGES, Words
from tests.report_run import UNITS, make_run

PAGE_HEIGHT = 1122.5  # A4 in CSS pixels


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("runs") / "run-2026Q3", findings=160, units=11)


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(
        tmp_path_factory.mktemp("runs") / "run-2026Q2", findings=100, units=11, seed=3, period="2026Q2", as_of="2026-07-12T00:00:00+08:00"
    )


@dataclass(frozen=True)
class Printed:
    """One language's report, with an earlier run to compare with: its text, its laid-out pages, its PDF."""

    lang: str
    html: str
    pages: list[Any]
    reader: pypdf.PdfReader

    def text(self, page: int) -> str:
        return re.sub(r"\s", "", self.reader.pages[page].extract_text())


@pytest.fixture(scope="module", params=LANGUAGES)
def printed(request: pytest.FixtureRequest, run: Path, earlier: Path) -> Printed:
    report = compose(read_run(run), read_run(earlier), lambda step: None)
    html = pdf.render_html(report, request.param, family_for(request.param))
    document = pdf.lay_out(html)
    return Printed(request.param, html, document.pages, pypdf.PdfReader(io.BytesIO(document.write_pdf(pdf_variant="pdf/ua-1"))))


@pytest.fixture(scope="module")
def english(run: Path) -> str:
    return pdf.render_html(compose(read_run(run), None, lambda step: None), "en", family_for("en"))


def text_of(path: Path) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def test_it_is_tagged_bookmarked_linked_and_says_its_language(printed: Printed) -> None:
    reader = printed.reader
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == printed.lang
    assert root["/MarkInfo"]["/Marked"]
    assert "pdfuaid" in root["/Metadata"].get_object().get_data().decode()
    assert len(reader.outline) > 15
    links = [a.get_object() for page in reader.pages for a in page.get("/Annots", ())]
    assert len(links) > 100
    assert not [a for a in links if "/URI" in str(a.get("/A", ""))], "no link leaves the document"


def test_every_font_is_one_family_and_embedded(printed: Printed) -> None:
    fonts: dict[str, bool] = {}
    for page in printed.reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            below = font.get_object()["/DescendantFonts"][0].get_object()
            fonts[str(below["/BaseFont"])] = any(key in below["/FontDescriptor"] for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    assert fonts
    assert all(fonts.values()), fonts
    assert {re.sub(r"^/[A-Z]{6}\+", "", name).split("-")[0] for name in fonts} <= {"Noto", "NotoSansCJKtc", "NotoSansCJKsc"}, fonts


def test_the_answer_stands_on_page_one(printed: Printed, run: Path) -> None:
    page = printed.text(0)
    report = compose(read_run(run), None, lambda step: None)
    totals = report.totals
    for figure in (
        f"{totals['breach']}",
        f"{report.judged:,}",
        f"{totals['pending']}",
        f"{totals['indeterminate']}",
        f"{totals['waived']}",
    ):
        assert figure in page
    assert all(str(part.score) in page for part in report.parts)
    assert "2026-10-21" in page, "an audit made early says until when limits are open"
    assert read_run(run).fingerprint[:12] in page


def test_the_same_folder_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        build_pdf(run, "en", out=tmp_path / name, unit="S01")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


def test_it_ends_with_all_findings_accounted_for(printed: Printed, run: Path) -> None:
    findings = sum(1 for _ in (run / "findings.jsonl").open())
    last = printed.text(-1)
    assert {
        "en": f"{findings}of{findings}findings",
        "zh-Hant": f"應列{findings}件，已列{findings}件",
        "zh-Hans": f"应列{findings}件，已列{findings}件",
    }[printed.lang] in last


# Hostile text


def test_text_from_a_database_cannot_become_markup(english: str) -> None:
    assert "<script" not in english
    assert "<b>Co" not in english
    assert "{{ 7 * 7 }} &amp; &lt;b&gt;Co&lt;/b&gt;" in english
    assert "49 &amp;" not in english


def test_no_control_or_direction_mark_and_no_box_is_printed(printed: Printed) -> None:
    assert "\u202e" not in printed.html
    assert "\x07" not in printed.html
    clean = printable(family_for(printed.lang))
    assert clean(printed.html.replace("\n", " ")) == printed.html.replace("\n", " "), "the font has every character of the report"


def test_what_a_font_lacks_is_said_with_the_printers_mark() -> None:
    clean = printable(family_for("zh-Hant"))
    assert clean("龍\U000e0001𠮷所\u202e\x00\t1") == "龍𠮷所 1"
    assert clean("\U0001fae8") == GETA


def test_rendering_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("p { display: none }")
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">fetched</text></svg>')
    html = f'<html lang="en"><title>t</title><link rel="stylesheet" href="file://{tmp_path}/x.css"><img alt="a" src="file://{tmp_path}/a.svg"><p>x'
    pdf._write(html, tmp_path / "x.pdf", lambda step: None)
    text = pypdf.PdfReader(tmp_path / "x.pdf").pages[0].extract_text()
    assert "x" in text
    assert "fetched" not in text


def test_progress_is_told_and_nothing_is_printed(run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    steps: list[str] = []
    build_pdf(run, "en", unit="S01", out=tmp_path / "r.pdf", progress=steps.append)
    assert any("Page" in step for step in steps)
    assert steps[-1].endswith("pages written")
    assert capfd.readouterr() == ("", "")


# Page craft, on the laid-out boxes


def lines_of(box: Any, inside: tuple[str, ...] = ()) -> Iterator[tuple[float, tuple[str, ...]]]:
    """(bottom edge, tags around it) of every text line and picture below a box."""
    tags = (*inside, box.element_tag) if box.element_tag else inside
    if isinstance(box, boxes.LineBox) or (isinstance(box, boxes.ReplacedBox) and box.element_tag != "html"):
        yield box.position_y + box.height, tags
    elif isinstance(box, boxes.ParentBox):
        for child in box.all_children():
            if not isinstance(child, boxes.MarginBox):
                yield from lines_of(child, tags)


def lines_by_page(printed: Printed) -> list[list[tuple[float, tuple[str, ...]]]]:
    return [sorted(lines_of(page._page_box), key=lambda line: line[0]) for page in printed.pages]


def test_no_heading_or_caption_stands_at_a_page_s_foot(printed: Printed) -> None:
    for number, lines in enumerate(lines_by_page(printed), 1):
        assert not {"h1", "h2", "caption", "figcaption"} & set(lines[-1][1]), f"page {number} ends with a heading"
        assert "thead" not in lines[-1][1], f"page {number} ends with a table's head"


def test_no_page_is_emptier_than_two_fifths_but_at_a_chapter_s_end(printed: Printed) -> None:
    laid_out = lines_by_page(printed)
    for number, (lines, after) in enumerate(itertools.pairwise(laid_out), 1):
        bottom = lines[-1][0]
        chapter_ends = "h1" in after[0][1] or "h1" in (after[1][1] if len(after) > 1 else ())
        assert chapter_ends or bottom > 0.6 * PAGE_HEIGHT, f"page {number} ends at {bottom / PAGE_HEIGHT:.0%} of its height"


def test_nothing_is_clipped(printed: Printed) -> None:
    for number, page in enumerate(printed.pages, 1):
        box = page._page_box
        right = box.content_box_x() + box.width
        for line in _text_boxes(box):
            assert line.position_x + line.width <= right + 1.5, f"page {number}: {line.text!r} runs out of the page"


def _text_boxes(box: Any) -> Iterator[Any]:
    if isinstance(box, boxes.TextBox):
        yield box
    elif isinstance(box, boxes.ParentBox):
        for child in box.all_children():
            if not isinstance(child, boxes.MarginBox):
                yield from _text_boxes(child)


def test_no_text_is_too_small(printed: Printed) -> None:
    least = 8.0 if printed.lang == "en" else 9.0
    for page in printed.pages:
        for line in _text_boxes(page._page_box):
            points = line.style["font_size"] * 0.75
            written = line.text.strip()
            if written and points > 1:  # the mark that names the run in the foot is not printed where it stands
                assert points >= (least if not written.isascii() else 8.0) - 0.01, (points, written)


def test_tables_have_at_most_eight_columns(printed: Printed) -> None:
    heads = re.findall(r"<thead><tr>(.*?)</tr>", printed.html, re.DOTALL)
    assert len(heads) > 40
    assert max(head.count("<th ") for head in heads) <= 8


def test_tables_and_figures_are_numbered_mentioned_and_every_link_has_its_end(printed: Printed) -> None:
    labels = [int(n) for n in re.findall(r'<span class="label">(?:Table |表)(\d+)</span>', printed.html)]
    assert sorted(labels) == list(range(1, len(labels) + 1))
    for kind in ("table", "figure"):
        shown = set(re.findall(rf'id="{kind}-([^"]+)"', printed.html))
        assert shown == set(re.findall(rf'href="#{kind}-([^"]+)"', printed.html))
    assert set(re.findall(r'href="#([^"]+)"', printed.html)) <= set(re.findall(r'id="([^"]+)"', printed.html))


# What is shown of whom


def test_a_report_for_one_unit_names_no_other_unit_s_people(run: Path, tmp_path: Path) -> None:
    build_pdf(run, "zh-Hant", unit="M01", out=tmp_path / "r.pdf")
    text = re.sub(r"\s", "", text_of(tmp_path / "r.pdf"))
    assert "PM01-" in text
    assert not re.findall(r"P(?:D01|K01|S0\d)-\d", text)
    assert not [name for _, name, _ in UNITS if name.endswith("供電所") and name in text]
    report = compose(read_run(run, "M01"), None, lambda step: None)
    assert f"已判定{report.judged}件" in text
    assert report.totals["breach"] == sum(u["breaches"] for p in report.parts for u in p.units)


def test_numbers_of_findings_are_the_same_in_both_reports(run: Path) -> None:
    whole = compose(read_run(run), None, lambda step: None)
    one = compose(read_run(run, "S01"), None, lambda step: None)
    numbers = {s.number(g) for _, s, g in whole.numbers}
    assert {s.number(g) for _, s, g in one.numbers} == {n for n in numbers if n.endswith("-S01")}


def test_changes_since_the_last_report_stand_on_page_one(printed: Printed, run: Path, earlier: Path) -> None:
    report = compose(read_run(run), read_run(earlier), lambda step: None)
    change = report.changes[0]
    assert change.now - change.new == change.before - change.gone
    told = {
        "en": f"{change.before}breachesthen,{change.now}now",
        "zh-Hant": f"違規{change.before}件，本次{change.now}件",
        "zh-Hans": f"违规{change.before}件，本次{change.now}件",
    }
    assert told[printed.lang] in printed.text(0)


def test_a_run_without_findings_is_a_report_too(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "clean", findings=0, rulesets=("heating",), open_until=None)
    build_pdf(folder, "en", out=tmp_path / "r.pdf")
    text = text_of(tmp_path / "r.pdf")
    assert "Early audit" not in text
    assert "No breach among 0 judged cases" in " ".join(text.split())


def test_page_one_says_what_was_not_audited_what_is_suspect_and_that_masking_is_off(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", findings=60, units=6, rulesets=("heating",))
    summary = json.loads((folder / "summary.json").read_text())
    summary["unreached"] = {"power95598": "crm: connection refused"}
    (folder / "summary.json").write_text(json.dumps(summary))
    regulations = json.loads((folder / "regulations.json").read_text())
    regulations["heating"]["suspect"] = [
        {"rule": "HT101", "breach": 200, "population": 210, "likeliest": {"en": "the zone is 8 hours off"}}
    ]
    regulations["heating"]["warnings"] = ["site.toml:9: the waiver of HT101 covers no breach of this period"]
    (folder / "regulations.json").write_text(json.dumps(regulations))
    manifest = {"masking": {"on": False, "unmasked": {"who": "auditor7", "why": "court <order>"}}, "read_at": "2026-10-12T08:30:00+08:00"}
    build_pdf(folder, "en", out=tmp_path / "r.pdf", manifest=manifest)
    reader = pypdf.PdfReader(tmp_path / "r.pdf")
    page = " ".join(reader.pages[0].extract_text().split())
    assert "Not audited: the source of power95598 did not answer. crm: connection refused" in page
    assert "mapping may be at fault: HT101" in page
    assert "contains personal data in clear (auditor7: court <order>)" in page
    assert "2026-10-12 08:30" in page
    text = " ".join(text_of(tmp_path / "r.pdf").split())
    assert "the zone is 8 hours off" in text
    assert "Waiver without effect: site.toml:9" in text


@pytest.mark.parametrize("name", ["summary.json", "regulations.json", "verdicts.parquet", "findings.jsonl"])
def test_a_folder_that_is_no_finished_run_is_refused_by_name(tmp_path: Path, name: str) -> None:
    folder = make_run(tmp_path / "run", findings=20)
    (folder / name).unlink()
    with pytest.raises(ReportError, match=re.escape(name)):
        build_pdf(folder, "en")
    assert not (folder / "report.pdf").exists()


def test_a_summary_that_does_not_agree_with_the_verdicts_is_refused(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "run", findings=20)
    summary = json.loads((folder / "summary.json").read_text())
    summary["rulesets"]["heating"]["rules"]["HT101"]["breach"] += 1
    (folder / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(ReportError, match="HT101"):
        build_pdf(folder, "en")


def test_an_unknown_unit_is_refused(run: Path) -> None:
    with pytest.raises(ReportError, match="'S99'"):
        build_pdf(run, "en", unit="S99")


# Words


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "0 seconds", "0秒"),
        (1, "1 second", "1秒"),
        (3600, "1 hour", "1小時"),
        (183_900, "2 days 3 hours", "2天3小時"),
        (86_460, "1 day", "1天"),
    ],
)
def test_durations_are_said_in_the_two_units_that_count(seconds: int, english: str, chinese: str) -> None:
    assert Words("en").duration(seconds) == english
    assert Words("zh-Hant").duration(seconds) == chinese


def test_a_share_that_is_too_small_to_show_is_not_called_none() -> None:
    words = Words("en")
    assert [words.percent(*pair) for pair in ((0, 9), (1, 9000), (1, 1600), (9, 9), (0, 0))] == ["0.0%", "<0.1%", "0.1%", "100.0%", "—"]


def test_a_clause_is_cited_as_the_trade_cites_it() -> None:
    words = Words("zh-Hant")
    assert words.clause("2.1.(4)") == "第2條第1款第(4)項"
    assert words.clause("12") == "第12條"
    assert words.clause("4.1.(3), 4.2.(5)") == "第4條第1款第(3)項、第4條第2款第(5)項"
    assert Words("en").clause("2.1.(4)") == "clause 2.1.(4)"


def test_times_are_local_and_periods_are_spoken() -> None:
    words = Words("zh-Hans")
    assert words.instant("2026-09-30T15:59:59+00:00") == "2026-09-30 23:59"
    assert words.period("2026Q3") == "2026年第3季度"
    assert words.period("2026-09-01..2026-09-30") == "2026年9月1日至2026年9月30日"
    assert Words("en").period("2026-09") == "2026-9"


def test_the_three_wordings_hold_the_same_sentences_with_the_same_slots() -> None:
    def sentences(value: Any, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
        for key, below in value.items():
            if isinstance(below, dict):
                yield from sentences(below, f"{path}{key}.")
            else:
                yield path + key, frozenset(re.findall(r"\{(\w+)", below))

    told = {lang: dict(sentences(Words(lang)._texts)) for lang in LANGUAGES}
    assert told["zh-Hant"] == told["zh-Hans"]
    assert told["zh-Hant"].keys() == told["en"].keys()
    differ = {key for key, slots in told["en"].items() if slots != told["zh-Hant"][key]}
    assert not differ


def test_values_are_escaped_on_their_way_into_a_sentence() -> None:
    assert "&lt;i&gt;" in Words("en")("contractor", name="<i>")
    assert io.StringIO(str(Words("en")("contractor", name="{n}"))).read().endswith("{n}")
