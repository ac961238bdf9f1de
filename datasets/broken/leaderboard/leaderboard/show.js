/** One line for each player: place, name, points. */
export function show(table) {
  const width = Math.max(0, ...table.map(({ name }) => name.length));
  return table
    .map(({ place, name, points }) => `${place}. ${name.padEnd(width)}  ${points}`)
    .join('\n');
}
