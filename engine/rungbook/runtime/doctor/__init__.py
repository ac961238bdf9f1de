"""Whether this machine is ready, and what to do where it is not: facts first, then signs.

- `examine` gathers all facts side by side and has them judged.
- `rules`, `providers`, `models`, `tools`, `isolation` and `state` know one group each: a frozen
  value of facts, a function that gathers it, and a pure one that says its signs.
- `signs` is what is said: a mark, what was looked at, what was seen, what to do.

Nothing is changed on disk, and nobody is asked but the hosts that the rulebook names.
"""
