"""One file per kind of incident; each rule is pure logic over an observation log and a site."""
