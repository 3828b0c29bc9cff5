from netlet.lab.report.words import conclusion, introduction, overview
from netlet.metrics import summarise


def accuracy(values):
    return {"accuracy": summarise(values, True)}


def test_the_introduction_tells_what_was_done_and_how_long_it_took(make_answer, about):
    text = " ".join(introduction([make_answer()], about))
    assert "3 seeds" in text
    assert "3 trainings took 0 seconds on a machine" in text
    assert "fives from sixes" in text


def test_nothing_answered_makes_a_report_too(about):
    assert introduction([], about)[0] == "No question was answered."
    assert conclusion([]) == []


def test_every_network_of_every_answer_is_in_the_overview(make_answer):
    table = overview([make_answer("q1"), make_answer("q2")])
    row = ("1", "the small one", "dots", "1,037", "accuracy", "0.9200", "0.9500", "–", "0.9300")
    assert table.rows == [row, ("2", *row[1:])]
    assert len(table.head) == len(row)


def test_the_conclusion_counts_a_shared_network_once(make_answer):
    text = " ".join(conclusion([make_answer("q1"), make_answer("q2")]))
    assert "for 1 of these networks, each from one training; our median over seeds reaches it in none" in text


def test_the_notebook_is_compared_with_the_median(make_answer, make_network):
    good = make_network(metrics={"validation": accuracy([0.93, 0.93, 0.95])})
    assert "reaches it in 1." in " ".join(conclusion([make_answer(networks=(good,))]))


def test_the_conclusion_begins_with_what_was_found_and_repeats_no_answers(make_answer):
    first, _ = conclusion(
        [make_answer("q1"), make_answer("q2", finding="And the line."), make_answer("q3", finding="")]
    )
    assert first == "The dot is found. And the line."


def test_the_conclusion_names_the_largest_gap_between_validation_and_test(make_answer, make_network):
    near = make_network(metrics={"validation": accuracy([0.9]), "test": accuracy([0.91])})
    far = make_network(
        name="the far one",
        architecture="other",
        metrics={"validation": accuracy([0.9]), "test": accuracy([0.85])},
    )
    text = " ".join(conclusion([make_answer(networks=(near, far))]))
    assert "at most 5.0 percentage points apart (the far one, dots)." in text


def test_the_gap_of_errors_is_told_as_a_share(make_answer, make_network):
    def error(value):
        return {"normalised_error": summarise([value], False)}

    networks = [
        make_network(metrics={"validation": error(0.1), "test": error(0.12)}, printed=None),
        make_network(architecture="other"),
    ]
    text = " ".join(conclusion([make_answer(networks=networks)]))
    assert "Median errors on validation and test data are at most 20.0 % apart (the small one, dots)." in text
