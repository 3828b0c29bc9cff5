import numpy as np

from netlet.inspect.selection import INPUT, batches, convolutions, map_outputs, poolings

TEXT = "conv(2, 2x2) - maxpool(2) - depthwiseconv(2x2) - conv(3, 1x1) - globalavgpool - dense(1)"


def test_layers_are_named_by_their_kind_and_their_number_among_it(make_network):
    architecture = make_network(TEXT, (7, 7, 1), "binary").architecture
    assert [(place.layer, place.name) for place in convolutions(architecture)] == [
        (0, "conv 1"),
        (2, "depthwiseconv 1"),
        (3, "conv 2"),
    ]
    assert [(place.layer, place.name) for place in poolings(architecture)] == [
        (1, "maxpool 1"),
        (4, "globalavgpool 1"),
    ]
    assert poolings(architecture)[0].text == "maxpool(2)"


def test_each_layer_gets_its_own_weights(make_network):
    text = "conv(2, 3x3, use_bias=false) - flatten - dense(4) - dense(1)"
    network = make_network(text, (3, 3, 1), "binary")
    assert [len(network.layer_weights(layer)) for layer in range(4)] == [1, 0, 2, 2]
    assert network.layer_weights(2)[1] is network.weights[2]
    assert network.layer_weights(3)[0] is network.weights[3]


def test_outputs_of_many_images_are_the_same_as_of_each_alone(make_network):
    network = make_network(TEXT, (7, 7, 1), "binary")
    x = np.random.default_rng(0).random((300, 7, 7, 1)).astype(np.float32)
    places = [INPUT, *convolutions(network.architecture), *poolings(network.architecture)]
    together = map_outputs(network, x, places)
    assert together[0].shape == x.shape
    assert together[-1].shape == (300, 1, 1, 3)  # a global pooling is a map of one place
    for image in (0, 255, 256, 299):
        alone = map_outputs(network, x[image : image + 1], places)
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_allclose(many[image], one[0], rtol=1e-6)


def test_batches_cover_every_image_once():
    assert [batch.start for batch in batches(513)] == [0, 256, 512]
    assert sum(batch.stop - batch.start for batch in batches(513)) == 513
