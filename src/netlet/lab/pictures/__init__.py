"""Pictures as answers and `netlet look` show them."""

from netlet.lab.pictures import images, named, sequences
from netlet.lab.pictures.drawing import FACTS, PICTURES, Drawing

__all__ = ["FACTS", "PICTURES", "Drawing", "images", "named", "sequences"]
