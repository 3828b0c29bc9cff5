"""netlet side by side with Keras and PyTorch: the same tasks, in one run."""
