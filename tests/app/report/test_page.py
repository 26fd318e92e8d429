"""The page: whole, self-contained, escaped (S26), partial where the run is, and untouched when nothing has changed."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.app.small_run import ATTACK, MASS_WHY, MUG, STAGES, SmallRun

from blueprint.pipeline.app.report import page
from blueprint.pipeline.app.report.page import render_report, write_report


class Tags(HTMLParser):
    """Collects what a browser would see: tags with attributes, and their balance."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_has_every_section(report_text: str) -> None:
    parsed = Tags(report_text)
    assert parsed.open == []
    found = {attributes.get("id") for tag, attributes in parsed.tags if tag == "section"}
    assert found == {
        *("attention", "scene", "gates", "episodes", "objects", "scale", "joints", "settle"),
        *("robot", "variants", "randomization", "checks", "stages", "versions"),
    }


def test_no_text_from_outside_becomes_markup(report_text: str) -> None:
    parsed = Tags(report_text)
    assert "script" not in {tag for tag, _ in parsed.tags}
    assert not [name for _, attributes in parsed.tags for name in attributes if name.startswith("on")]
    assert ATTACK not in report_text
    assert report_text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 15


def test_the_page_asks_the_network_for_nothing(report_text: str) -> None:
    parsed = Tags(report_text)
    sources = [attributes[name] for _, attributes in parsed.tags for name in ("src", "href") if name in attributes]
    assert sources
    assert [source for source in sources if not str(source).startswith(("data:image/webp;base64,", "#"))] == []
    style = re.search(r"<style>(.*?)</style>", report_text, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "default-src 'none'" in report_text


def test_a_texture_that_is_an_svg_never_reaches_the_page(report_text: str) -> None:
    assert "image/svg" not in report_text
    assert "cannot be decoded as an image" in report_text


def test_the_mug_answers_why_it_weighs_what_it_weighs(report_text: str) -> None:
    start = report_text.index(f"<h3>{MUG}</h3>")
    entry = report_text[start : report_text.index("</article>", start)]
    assert MASS_WHY in entry
    assert "310 g" in entry


def test_the_headline_counts_with_its_uncertainty(report_text: str) -> None:
    assert "2 of 4" in report_text
    assert "95 % interval 15 % to 85 %; 1 lost" in report_text


def test_gates_show_goal_and_figure_and_what_was_not_measured(report_text: str) -> None:
    gates = report_text[report_text.index('id="gates"') : report_text.index('id="episodes"')]
    assert "0.67" in gates
    assert "not measured" in gates
    assert "passed" not in gates


@pytest.mark.parametrize("until", STAGES[:-1])
def test_a_partial_run_shows_what_it_has_and_claims_nothing_else(tmp_path: Path, until: str) -> None:
    text = render_report(SmallRun(tmp_path, until=until, attempts=1).folder)
    assert Tags(text).open == []
    assert "No certificate: nothing has been certified in this run." in text
    done = STAGES[: STAGES.index(until) + 1]
    assert ('id="episodes"' in text) == ("generate" in done)
    assert ('id="settle"' in text) == ("assemble" in done)
    assert text.count('<span class="pill good">done</span>') == len(done)
    assert text.count('<span class="pill ">not run</span>') == len(STAGES) - len(done)


def test_a_run_without_any_record_still_has_a_page(tmp_path: Path) -> None:
    run = SmallRun(tmp_path, until="ingest")
    data = run.folder.load()
    run.folder.save({**data, "stages": {}})
    text = render_report(run.folder)
    assert text.count("not measured") >= 3
    assert 'id="objects"' not in text


def test_a_failed_run_says_where_and_why(tmp_path: Path) -> None:
    run = SmallRun(tmp_path, until="randomize", failure=f"the arm diverged {ATTACK}")
    text = render_report(run.folder)
    assert "stopped at generate" in text
    assert "the arm diverged &lt;script&gt;" in text
    assert ATTACK not in text
    assert '<span class="pill bad">failed</span>' in text


def test_a_report_that_says_it_already_is_left_alone(other_run: SmallRun, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(other_run.folder)
    before = other_run.folder.report.stat().st_mtime_ns
    monkeypatch.setattr(page, "render_report", lambda _: pytest.fail("was made again"))
    write_report(other_run.folder)
    assert other_run.folder.report.stat().st_mtime_ns == before


def test_a_report_is_made_again_when_the_run_has_changed(other_run: SmallRun) -> None:
    write_report(other_run.folder)
    data = other_run.folder.load()
    del data["stages"]["certify"]
    other_run.folder.save(data)
    write_report(other_run.folder)
    assert "nothing has been certified" in other_run.folder.report.read_text()


def test_a_damaged_record_does_not_hide_the_rest(other_run: SmallRun) -> None:
    settle = other_run.records["assemble"].folder / "settle.json"
    settle.chmod(0o644)
    settle.write_text("{}")
    text = render_report(other_run.folder)
    assert "This part could not be made: settle.json" in text
    assert MASS_WHY in text
    assert str(other_run.folder.root) not in text


def test_the_page_names_no_folder_of_the_machine(small_run: SmallRun, report_text: str) -> None:
    assert str(small_run.folder.root.parent) not in report_text


def test_a_run_that_was_moved_has_the_same_report(other_run: SmallRun, tmp_path: Path) -> None:
    first = render_report(other_run.folder)
    moved = shutil.move(other_run.folder.root, tmp_path / "moved")
    assert render_report(type(other_run.folder)(Path(moved))) == first


def test_many_rows_are_capped_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from blueprint.pipeline.app.report import episodes, objects

    monkeypatch.setattr(episodes, "MOST_EPISODES", 2)
    monkeypatch.setattr(objects, "MOST_OBJECTS", 1)
    text = render_report(SmallRun(tmp_path, attempts=3).folder)
    assert "1 more episodes are not shown on this page." in text
    assert "1 more objects are not shown on this page." in text
    assert "2 of 3" in text


def test_an_endless_text_is_cut(tmp_path: Path) -> None:
    run = SmallRun(tmp_path, until="ingest", failure="a" * 100_000)
    text = render_report(run.folder)
    assert "(96000 more characters)" in text
    assert len(text) < 60_000
