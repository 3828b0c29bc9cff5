from pathlib import Path

from netlet.paths import expanded


def test_a_leading_tilde_is_the_home_folder():
    assert expanded("~/x") == Path.home() / "x"
    assert expanded(Path("~/x")) == Path.home() / "x"


def test_other_paths_stay_as_they_are():
    for path in ("x/~", "/a", "", "~nobody-is-called-this/x"):
        assert expanded(path) == Path(path)
