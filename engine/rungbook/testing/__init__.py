"""Behind `rungbook test`: the interpreters that run live, given what a spec's tests say."""
