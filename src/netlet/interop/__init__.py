"""Doors: networks from and to Keras, scikit-learn, ONNX, PyTorch, C and plain numpy.

Objects of other libraries are recognised by where their classes come from, so none of those libraries is ever
imported but by whoever brings such an object or asks for one.
"""
