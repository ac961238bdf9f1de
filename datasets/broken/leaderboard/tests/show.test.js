import assert from 'node:assert/strict';
import { test } from 'node:test';

import { show } from '../leaderboard/show.js';

test('names are as wide as the longest', () => {
  const table = [
    { place: 1, name: 'Noor', points: 7 },
    { place: 2, name: 'Al', points: 5 },
  ];
  assert.equal(show(table), '1. Noor  7\n2. Al    5');
});

test('an empty table is an empty text', () => {
  assert.equal(show([]), '');
});
