import assert from 'node:assert/strict';
import { setImmediate as later } from 'node:timers/promises';
import { test } from 'node:test';

import { deliver, wants } from '../newsletter/deliver.js';

const issue = { title: 'May', topic: 'music' };
const reader = (address, more = {}) => ({ address, topics: ['music'], ...more });

test('who left gets nothing', () => {
  assert.equal(wants(reader('a@example.org', { left: true }), issue), false);
});

test('who reads about something else gets nothing', () => {
  assert.equal(wants(reader('a@example.org', { topics: ['film'] }), issue), false);
  assert.equal(wants(reader('b@example.org'), issue), true);
});

test('the report names all who got it', async () => {
  const readers = [reader('a@example.org'), reader('b@example.org')];
  const report = await deliver(issue, readers, () => later());
  assert.deepEqual(report, { issue: 'May', sent: ['a@example.org', 'b@example.org'], failed: [] });
});

test('the report names those who did not', async () => {
  const send = async ({ address }) => {
    await later();
    if (address.startsWith('a')) throw new Error('the mailbox is full');
  };
  const report = await deliver(issue, [reader('a@example.org'), reader('b@example.org')], send);
  assert.deepEqual([report.sent, report.failed], [['b@example.org'], ['a@example.org']]);
});

test('nobody wants it', async () => {
  const report = await deliver(issue, [reader('a@example.org', { topics: [] })], () => later());
  assert.deepEqual(report, { issue: 'May', sent: [], failed: [] });
});
