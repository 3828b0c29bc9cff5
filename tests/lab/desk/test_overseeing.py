import copy

from netlet.lab.desk.overseeing import overview
from netlet.lab.desk.reading import read


def student(results, name, value, key="q1"):
    """Results of a student whose first question has that median."""
    mine = copy.deepcopy(results) | {"name": name}
    network = mine["answers"][key]["networks"][0]
    network["values"]["validation"] = [value] * 4
    network["metrics"]["validation"]["accuracy"]["median"] = value
    return mine


def test_who_is_far_from_the_others_is_found(results, write):
    values = [0.9, 0.91, 0.92, 0.9, 0.89, 0.4]
    files = [
        read(write(student(results, f"S{i}", value), f"s{i}/results.json")) for i, value in enumerate(values)
    ]
    found = overview(files)
    spread = next(each for each in found.spreads if each.key == "q1")
    assert [each.student for each in spread.far] == ["S5"]
    assert spread.middle == 0.9
    assert [each.value for each in spread.values] == sorted(values, reverse=True)


def test_equal_values_and_few_values_are_not_far(results, write):
    equal = [read(write(student(results, f"S{i}", 0.9), f"s{i}/results.json")) for i in range(6)]
    few = [read(write(student(results, f"S{i}", i / 5), f"t{i}/results.json")) for i in range(4)]
    for files in (equal, few):
        assert all(not spread.far for spread in overview(files).spreads if spread.key == "q1")


def test_the_smallest_networks_are_those_that_no_smaller_one_equals(results, write):
    files = []
    for i, (size, value) in enumerate([(50, 0.9), (20, 0.8), (30, 0.7), (90, 0.95), (91, 0.95)]):
        mine = student(results, f"S{i}", value)
        mine["answers"]["q1"]["networks"][0]["parameters"] = size
        files.append(read(write(mine, f"s{i}/results.json")))
    front = next(each for each in overview(files).fronts if each.dataset == "crt")
    assert [(each.network.parameters, each.value) for each in front.smallest] == [
        *((20, 0.8), (50, 0.9), (90, 0.95))
    ]
    assert len(front.all) == 5


def test_own_networks_stand_for_the_answer_and_absent_answers_are_absent(results, write):
    own = student(results, "Own", 0.5)
    mine = copy.deepcopy(own["answers"]["q1"]["networks"][0])
    mine["values"]["validation"] = [0.4] * 4
    mine["metrics"]["validation"]["accuracy"]["median"] = 0.4
    own["answers"]["q1"]["own"] = {"networks": [mine], "text": ["Because."]}
    lazy = student(results, "Lazy", 0.5)
    del lazy["answers"]["q2"]
    found = overview([read(write(own, "a/results.json")), read(write(lazy, "b/results.json"))])
    rows = {row.student: row for row in found.rows}
    answer, value = rows["Own"].cells["q1"]
    assert answer is not None
    assert value is not None
    assert (value.value, value.network.is_own, answer.has_words) == (0.4, True, True)
    assert rows["Lazy"].cells["q2"] == (None, None)
    assert [row.student for row in found.rows] == ["Lazy", "Own"]
