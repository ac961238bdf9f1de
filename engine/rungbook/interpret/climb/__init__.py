"""The ladder: `resolve` makes a Plan, `climb` runs it, `transcript` tests it, `why` tells of it."""
