"""Keras's summary table."""

from netlet.architecture import Architecture


def test_the_table_has_layers_shapes_parameters_and_totals():
    text = "conv(3) - maxpool(3) - conv(3) - maxpool(3) - flatten - dense(5) - dense(1)"
    assert Architecture(text).summary((28, 28, 1)).splitlines() == [
        "Layer (type)                     Output Shape        Param #",
        "============================================================",
        "conv2d (Conv2D)                  (None, 26, 26, 3)        30",
        "max_pooling2d (MaxPooling2D)     (None, 8, 8, 3)           0",
        "conv2d_1 (Conv2D)                (None, 6, 6, 3)          84",
        "max_pooling2d_1 (MaxPooling2D)   (None, 2, 2, 3)           0",
        "flatten (Flatten)                (None, 12)                0",
        "dense (Dense)                    (None, 5)                65",
        "dense_1 (Dense)                  (None, 1)                 6",
        "------------------------------------------------------------",
        "Total params: 185 (740 bytes)",
        "Trainable params: 185",
        "Non-trainable params: 0",
    ]


def test_an_open_length_is_none_and_thousands_are_marked():
    table = Architecture("gru(25, return_sequences=true) - dense(1)").summary((None, 1))
    assert "gru (GRU)       (None, None, 25)     2,100" in table
    assert "Total params: 2,126 (8,504 bytes)" in table
