"""What proves a finding: stills, a clip, and a manifest; nobody can be known on them."""

from typing import Final

# Raised when evidence of the same finding looks different (what is blurred, marked, said, shown): it is cut anew.
EVIDENCE_VERSION: Final = 2
