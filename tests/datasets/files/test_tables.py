import numpy as np
import pandas as pd
import pytest

from netlet import datasets
from netlet.errors import DataError


def test_a_series_becomes_windows_in_order_of_time(tmp_path):
    path = tmp_path / "p.csv"
    values = np.arange(100.0) + 100
    pd.DataFrame({"month": [f"m{i}" for i in range(100)], "count": values}).to_csv(path, index=False)
    data = datasets.load(path, target="count", window=5, horizon=2)
    assert data.input_shape == (5, 1)
    assert [len(split) for split in data.present.values()] == [54, 14, 14]
    np.testing.assert_array_equal(data.train.x[0, :, 0], values[:5])
    np.testing.assert_array_equal(data.train.y[0], values[5:7])
    assert data.train.y.max() < data.validation.x.min()
    assert data.input_scaling is not None
    assert any("naive" in note for note in data.notes)


@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ","), ("\t", "."), ("\t", ",")])
def test_a_table_is_read_whatever_separates_it(tmp_path, separator, decimal):
    path = tmp_path / "t.csv"
    table = pd.DataFrame(
        {"a": np.arange(20) + 0.5, "b": np.arange(20) / 7, "kind": ["yes", "no", "no", "yes"] * 5}
    )
    table.to_csv(path, sep=separator, decimal=decimal, index=False)
    data = datasets.load(path)
    assert (data.kind, data.input_shape, data.task, data.class_names) == (
        "table",
        (2,),
        "binary",
        ("no", "yes"),
    )
    everything = np.concatenate([split.x for split in data.present.values()])
    np.testing.assert_allclose(np.sort(everything[:, 1]), table["b"], rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"target": "z"}, "has no column 'z'"), ({"window": 90}, "too few"), ({"window": 0}, "window is 0")],
)
def test_what_cannot_be_is_refused(tmp_path, options, said):
    path = tmp_path / "p.csv"
    pd.DataFrame({"a": np.arange(100.0), "b": np.arange(100.0)}).to_csv(path, index=False)
    with pytest.raises(DataError, match=said):
        datasets.load(path, **options)
