"""The picture that a drawing becomes where nobody says otherwise: the published Quick Draw bitmaps' numbers.

Apart from everything else, because both who draws (numpy alone) and who writes cards (Pydantic alone) need them.
"""

SIZE = 28
"""Pixels a side."""
LINE_DIAMETER = 16.0
"""Pen width, in units of the 256-unit drawing."""
PADDING = 16.0
"""Empty border on each side, in the same units."""
