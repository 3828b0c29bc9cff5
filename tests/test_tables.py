"""Tables that results show themselves as."""

from html.parser import HTMLParser

from netlet.tables import Table

TABLE = Table(
    ("", "metric", "median"),
    [("training", "accuracy & more", "0.9"), ("", "loss", "0.12345")],
    "conv(3) on <b>",
    ("a <script> & a note",),
    left=2,
)


class Parsed(HTMLParser):
    """The cells of a page's tables, row by row, and all of its tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.sides: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.sides.append(str(dict(attrs)["style"]).rpartition(":")[2])

    def handle_data(self, data):
        if self.rows and self.rows[-1] and self.tags[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_as_text_columns_are_as_wide_as_their_widest_cell():
    assert str(TABLE).splitlines() == [
        "conv(3) on <b>",
        "",
        "          metric           median",
        "training  accuracy & more  0.9",
        "          loss             0.12345",
        "",
        "a <script> & a note",
    ]


def test_as_html_it_is_a_real_table_with_words_left_and_numbers_right():
    parsed = Parsed(TABLE._repr_html_())
    assert parsed.rows == [["", "metric", "median"], *map(list, TABLE.rows)]
    assert parsed.sides == ["left", "left", "right"] * 3
    assert "pre" not in parsed.tags


def test_whatever_is_in_a_table_is_escaped():
    page = TABLE._repr_html_()
    assert "<script" not in page and "<b>" not in page
    assert "conv(3) on &lt;b&gt;" in page and "accuracy &amp; more" in page


def test_a_cell_of_several_lines_is_one_line_of_text():
    assert str(Table(("a",), [("one\ntwo",)])) == "a\none two"


def test_without_caption_and_notes_there_is_nothing_but_the_table():
    assert str(Table(("a", "b"), [("1", "2")])) == "a  b\n1  2"
    assert "caption" not in Table(("a",), [])._repr_html_()
