import re
from dataclasses import replace

from netlet.lab import words
from netlet.lab.reading import OF_HEADINGS
from netlet.lab.report import formats
from netlet.lab.report.headings import headings
from netlet.lab.report.page import appendix, page


def shown(html):
    """What a reader sees or hears of a page."""
    html = re.sub(r"<(style|script|svg).*?</\1>", " ", html, flags=re.DOTALL)
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', html))
    return " ".join(re.sub(r"<[^>]*>", " ", html).split()) + " " + labels


def translated(exercise, folder):
    """The same with a heading in the place of each that reports have: ‹its name›."""
    sections = re.findall(r"^## (.+)$", (words.OWN / "report.md").read_text(), re.MULTILINE)
    columns = {"head of all networks": 9, "head of a network": 7, "terms": 7}
    text = "".join(
        f"## {name}\n\n" + " | ".join(f"‹{name} {place}›" for place in range(columns.get(name, 1))) + "\n\n"
        for name in sections
    )
    (folder / "report.md").write_text(text)
    report = words.read(folder / "report.md", words.environment(folder), OF_HEADINGS)
    return replace(exercise, report=report), sections


def test_every_fixed_word_of_a_report_can_be_written_in_another_language(
    exercise, make_answer, about, tmp_path
):
    other, sections = translated(exercise, tmp_path)
    answers, about = [make_answer()], replace(about, is_quick=True, is_complete=False)
    told = shown(page(other, answers, about)) + shown(appendix(other, answers, about))
    told += formats.markdown(other, answers, about)
    assert [name for name in sections if f"‹{name} 0›" not in told] == []
    for english in ("Contents", "Question", "Conclusion", "Appendix", "Large", "Close", "More on", "Back to"):
        assert english in shown(page(exercise, answers, about)) + shown(appendix(exercise, answers, about))
        assert english not in told
    for english in ("lower quartile", "seeds a network", "How this", "log loss", "Versions", "Incomplete"):
        assert english not in told


def test_what_an_exercise_does_not_write_is_said_as_usual(exercise, tmp_path):
    (tmp_path / "report.md").write_text("## contents\n\nInhalt\n")
    report = words.read(tmp_path / "report.md", words.environment(tmp_path), OF_HEADINGS)
    say = headings(replace(exercise, report=report))
    assert say("contents") == "Inhalt"
    assert say("question", number=3, title="Punkte") == "Question 3: Punkte"
