"""The benchmarks are not installed: they are imported from the project's folder, wherever pytest starts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
