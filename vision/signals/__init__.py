"""Signal heads: which lamp is lit, since when, and whom the head governs."""
