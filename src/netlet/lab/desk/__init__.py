"""The teacher's desk: what students hand in is checked, classes are made and overseen."""
