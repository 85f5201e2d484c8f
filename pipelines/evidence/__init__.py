"""What proves a finding: stills, a clip, and a manifest; nobody can be known on them."""
