from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from netlet.lab.report.page import appendix, page

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Outline(HTMLParser):
    """What is in a page: tags with attributes, headings, and whether every tag is closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.text = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def outline(make_answer, about, exercise):
    return Outline(page(exercise, [make_answer("q1"), make_answer("q2")], about))


def test_every_tag_is_closed(outline):
    assert outline.open == []


def test_the_page_needs_no_other_file(outline):
    assert outline.all("script") == []
    assert [link["href"] for link in outline.all("link")] == ["data:,"]
    assert outline.all("img") == []
    assert len(outline.all("svg")) == 2
    assert not any("url(" in text or "@import" in text for text in outline.text)


def test_every_entry_of_the_contents_leads_to_a_heading(outline):
    targets = {attributes.get("id") for tag, attributes in outline.tags if tag in ("h2", "h3")}
    links = [link["href"] for link in outline.all("a") if link["href"].startswith("#")]
    assert {"#introduction", "#ex1", "#q1", "#q2", "#conclusion"} <= set(links)
    assert {link[1:] for link in links if not link.startswith("#figure-")} <= targets


def test_figures_are_described_and_open_large(outline):
    for drawn, figure in zip(outline.all("svg"), outline.all("figure"), strict=True):
        assert drawn["role"] == "img"
        assert drawn["aria-label"] == 'A "dot".'
        assert (drawn["width"], drawn["height"]) == ("96", "48")
        assert f"#{figure['id']}" in [link["href"] for link in outline.all("a")]


def test_identifiers_are_there_once(outline):
    names = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("make", [page, appendix])
def test_headings_go_down_one_level_at_a_time(make, make_answer, about, exercise):
    outline = Outline(make(exercise, [make_answer("q1"), make_answer("q2")], about))
    levels = [int(tag[1]) for tag, _ in outline.tags if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_is_written_is_shown_and_never_taken_for_html(make_answer, about, exercise):
    html = page(exercise, [make_answer()], about)
    assert "It is &lt;b&gt;there&lt;/b&gt;." in html
    assert "Dots &amp; &lt;lines&gt;" in html
    assert "<code>flatten - dense(1)</code>" in html


def test_metrics_stand_beside_the_notebooks(make_answer, about, exercise):
    html = appendix(exercise, [make_answer()], about)
    row = html.split("validation</th>")[1].split("</tr>")[0]
    assert [row.count(number) for number in ("0.9200", "0.9100", "0.9350", "0.9500", "0.9300")] == [1] * 5


def test_numbers_are_flush_right_and_words_are_not(make_answer, about, exercise):
    html = page(exercise, [make_answer()], about)
    assert '<th scope="row">lower</th>' in html
    assert '<td class="number">1,020</td>' in html


def test_a_table_has_its_caption_and_one_alignment_a_column(make_answer, about, exercise):
    html = page(exercise, [make_answer()], about)
    table = next(part for part in html.split("<table>") if "Counts." in part).split("</table>")[0]
    assert "<caption>Counts.</caption>" in table
    assert '<th scope="col">class</th>' in table
    assert table.count('class="number"') == 3  # the head of its numbers, and both of these


def test_the_title_is_that_of_every_exercise_and_tells_whose_it_is(make_answer, about, exercise):
    html = page(exercise, [make_answer(exercise="ex4")], about)
    assert "<title>Small neural networks: a lab report</title>" in html
    assert "convolutional" not in html
    named = page(exercise, [make_answer()], replace(about, name="Ada <Lovelace>"))
    assert "a lab report by Ada &lt;Lovelace&gt;</title>" in named
    assert '<p class="eyebrow">Ada &lt;Lovelace&gt; · ' in named


def test_one_seed_is_no_range(make_answer, make_network, about, exercise):
    assert "seeds 0 to 2," in appendix(exercise, [make_answer()], about)
    alone = make_answer(networks=(make_network(seeds=(0,), diverged=0),))
    html = appendix(exercise, [alone], replace(about, seeds=1))
    assert "; seed 0;" in html
    assert "1 seed a network" in html


def test_metrics_have_names_for_people(make_answer, make_network, about, exercise):
    from netlet.metrics import summarise

    error = {"validation": {"normalised_error": summarise([0.0020512], False)}}
    html = appendix(exercise, [make_answer(networks=(make_network(metrics=error, of_best={}),))], about)
    assert "<td>normalised error</td>" in html
    assert "normalised_error" not in html
    assert ">0.00205<" in html


def test_a_metric_that_diverged_is_no_infinity(make_answer, make_network, about, exercise):
    from netlet.metrics import summarise

    diverged = {"validation": {"loss": summarise([float("nan")] * 3, False)}}
    html = appendix(exercise, [make_answer(networks=(make_network(metrics=diverged),))], about)
    assert "diverged</td>" in html
    assert ">inf" not in html


def test_how_it_was_made_is_told(outline):
    text = " ".join(outline.text)
    for fact in ("a machine", "netlet 1.2.3", "2024-01-01 12:00 UTC", "generated", "seed 0", "3 seeds"):
        assert fact in text


def test_an_incomplete_report_says_so(make_answer, about, exercise):
    assert "Incomplete" not in page(exercise, [make_answer()], about)
    html = page(exercise, [make_answer()], replace(about, is_complete=False))
    assert "Incomplete" in html
    assert "stopped early" in html


def test_the_same_answers_give_the_same_page(make_answer, about, exercise):
    assert page(exercise, [make_answer()], about) == page(exercise, [make_answer()], about)


def test_the_appendix_leads_back_and_shows_the_layers(make_answer, about, exercise):
    html = appendix(exercise, [make_answer(appendix="What else.")], about)
    assert 'href="index.html#q1"' in html
    assert "What else." in html
    assert "Total params: 37" in html
    assert 'href="appendix.html#q1"' in page(exercise, [make_answer()], about)
    assert Outline(html).open == []
