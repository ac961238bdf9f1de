/** The line that the editors get. */
export function summary({ issue, sent, failed }) {
  const line = `${issue}: sent to ${sent.length}`;
  return failed.length ? `${line}, failed for ${failed.join(', ')}` : line;
}
