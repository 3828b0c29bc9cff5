from netlet.lab import Laboratory
from netlet.lab.report import About
from netlet.training import Training


def test_a_laboratorys_work_is_told():
    import netlet

    lab = Laboratory(seeds=2)
    runs = lab.runs("conv(1, 3x3, strides=9) - flatten - dense(1)", "mnist56", Training(epochs=1))
    about = About.of(lab, ("ex1",), True, 4.5)
    assert about.trainings == 2
    assert about.training_seconds == runs.seconds
    assert about.netlet == netlet.__version__
    assert about.datasets[0].counts == {"training": 2000, "validation": 1850, "test": 2000}
    assert "core" in about.machine
    assert about.date.endswith("UTC")
