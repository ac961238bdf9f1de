/** Whether a reader is to get an issue. */
export function wants(reader, issue) {
  return !reader.left && reader.topics.includes(issue.topic);
}

/**
 * Sends an issue to all who want it; `send` takes a reader and the issue, and may reject.
 *
 * Resolves, when everything is sent, to the addresses that it was sent to and those where that
 * failed. One reader's failure does not touch the others.
 */
export async function deliver(issue, readers, send) {
  const report = { issue: issue.title, sent: [], failed: [] };
  readers
    .filter((reader) => wants(reader, issue))
    .forEach(async (reader) => {
      try {
        await send(reader, issue);
        report.sent.push(reader.address);
      } catch {
        report.failed.push(reader.address);
      }
    });
  return report;
}
