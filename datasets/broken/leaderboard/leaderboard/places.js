/** The points that a table begins with, highest first, each once. */
function steps(players) {
  const points = new Set(players.map((player) => player.points));
  return [...points].sort().reverse();
}

/**
 * Players with their place, first place first. Equal points share a place, and the next place is
 * left out; players of one place stand by name.
 */
export function places(players) {
  const table = [];
  for (const points of steps(players)) {
    const place = table.length + 1;
    const equal = players.filter((player) => player.points === points);
    equal.sort((a, b) => a.name.localeCompare(b.name));
    table.push(...equal.map((player) => ({ ...player, place })));
  }
  return table;
}
