"""Who does the work: programs that change files, and clients of servers where models answer."""
