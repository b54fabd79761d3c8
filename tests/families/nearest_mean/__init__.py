"""The smallest family: a drawing belongs to the class whose mean drawing is nearest; see docs/adding_a_family.md."""
