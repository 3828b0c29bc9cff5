"""Readers and writers of datasets on disk: the exercise's own files, and one's own images and sequences."""
