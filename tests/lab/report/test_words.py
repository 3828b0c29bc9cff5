from netlet.lab.report.words import HEAD, conclusion, introduction, overview
from netlet.lab.words import settled
from netlet.metrics import summarise


def accuracy(values):
    return {"accuracy": summarise(values, True)}


def test_the_introduction_tells_what_was_done_and_how_long_it_took(make_answer, about, exercise):
    text = settled(introduction(exercise, [make_answer()], about))
    assert "3 seeds" in text
    assert "3 trainings took 0 seconds on a machine" in text
    assert "fives from sixes" in text


def test_nothing_answered_makes_a_report_too(about, exercise):
    assert introduction(exercise, [], about).startswith("No question was answered.")
    assert conclusion(exercise, [], about) == ""


def test_every_network_of_every_answer_is_in_the_overview(make_answer, about, exercise):
    table = overview([make_answer("q1"), make_answer("q2")])
    row = ("1", "the small one", "dots", "1,037", "accuracy", "0.9200", "0.9500", "–", "0.9300")
    assert table == [row, ("2", *row[1:])]
    assert len(HEAD) == len(row)


def test_the_conclusion_counts_a_shared_network_once(make_answer, about, exercise):
    text = settled(conclusion(exercise, [make_answer("q1"), make_answer("q2")], about))
    assert "for 1 of these networks, each from one training; our median over seeds reaches it in none" in text


def test_the_notebook_is_compared_with_the_median(make_answer, make_network, about, exercise):
    good = make_network(metrics={"validation": accuracy([0.93, 0.93, 0.95])})
    assert "reaches it in 1." in settled(conclusion(exercise, [make_answer(networks=(good,))], about))


def test_the_conclusion_begins_with_what_was_found_and_repeats_no_answers(make_answer, about, exercise):
    answers = [make_answer("q1"), make_answer("q2", finding="And the line."), make_answer("q3", finding="")]
    assert settled(conclusion(exercise, answers, about).split("\n\n")[0]) == "The dot is found. And the line."


def test_the_conclusion_names_the_largest_gap_between_validation_and_test(
    make_answer, make_network, about, exercise
):
    near = make_network(metrics={"validation": accuracy([0.9]), "test": accuracy([0.91])})
    far = make_network(
        name="the far one",
        architecture="other",
        metrics={"validation": accuracy([0.9]), "test": accuracy([0.85])},
    )
    text = settled(conclusion(exercise, [make_answer(networks=(near, far))], about))
    assert "at most 5.0 percentage points apart (the far one, dots)." in text


def test_the_gap_of_errors_is_told_as_a_share(make_answer, make_network, about, exercise):
    def error(value):
        return {"normalised_error": summarise([value], False)}

    networks = [
        make_network(metrics={"validation": error(0.1), "test": error(0.12)}, printed=None),
        make_network(architecture="other"),
    ]
    text = settled(conclusion(exercise, [make_answer(networks=networks)], about))
    assert "Median errors on validation and test data are at most 20.0 % apart (the small one, dots)." in text
