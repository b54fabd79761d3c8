"""Whether a challenger replaces the champion."""
