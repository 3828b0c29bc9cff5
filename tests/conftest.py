"""Keras, the truth that layers and optimizers are held against, runs on JAX and says nothing."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # Keras loads TensorFlow where it is installed, which talks
# What is computed here takes less time than optimising its compilation would.
os.environ["JAX_DISABLE_MOST_OPTIMIZATIONS"] = "1"
