def test_layers_and_parameters_are_shown(run):
    code, out, _ = run("summary", "conv(4) - maxpool(2) - flatten - dense(1)", "--dataset", "mnist56")
    assert code == 0
    assert "(None, 26, 26, 4)" in out
    assert "Total params: 717" in out


def test_keras_code_is_python(run):
    code, out, _ = run("summary", "conv(4) - flatten - dense(3)", "--dataset", "crt", "--keras")
    assert code == 0
    compile(out, "summary", "exec")
    assert "softmax" in out
