import assert from 'node:assert/strict';
import { test } from 'node:test';

import { summary } from '../newsletter/summary.js';

test('all went well', () => {
  assert.equal(summary({ issue: 'May', sent: ['a', 'b'], failed: [] }), 'May: sent to 2');
});

test('not all did', () => {
  const report = { issue: 'May', sent: ['a'], failed: ['b', 'c'] };
  assert.equal(summary(report), 'May: sent to 1, failed for b, c');
});
