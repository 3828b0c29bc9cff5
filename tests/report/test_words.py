from netlet.metrics import summarise
from netlet.report.words import conclusion, introduction, overview


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
    row = ("1", "the small one", "dots", "1,037", "0.9200", "0.9500", "–", "0.9300")
    assert table.rows == [row, ("2", *row[1:])]
    assert len(table.head) == len(row)


def test_the_conclusion_counts_a_shared_network_once(make_answer):
    text = " ".join(conclusion([make_answer("q1"), make_answer("q2")]))
    assert "for 1 network of these; the best seed reaches it in 1" in text


def test_the_conclusion_names_the_largest_gap_between_validation_and_test(make_answer, make_network):
    near = make_network(metrics={"validation": accuracy([0.9]), "test": accuracy([0.91])})
    far = make_network(
        name="the far one",
        architecture="other",
        metrics={"validation": accuracy([0.9]), "test": accuracy([0.85])},
    )
    text = " ".join(conclusion([make_answer(networks=(near, far))]))
    assert "at most 5.0 percentage points apart (the far one, dots)" in text


def test_networks_on_one_dataset_are_compared_by_size(make_answer, make_network):
    small = make_network(parameters=10, architecture="small", metrics={"validation": accuracy([0.8])})
    large = make_network(parameters=2000, architecture="large", metrics={"validation": accuracy([0.7])})
    text = " ".join(conclusion([make_answer(networks=(large, small))]))
    assert "dots (accuracy): 0.8000 with 10 and 0.7000 with 2,000 parameters" in text
