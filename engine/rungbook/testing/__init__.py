"""The runner behind `rungbook test`: the interpreters that run live, given what a spec's test says."""
