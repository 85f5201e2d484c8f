"""How well the footage shows the street, and which street it shows."""
