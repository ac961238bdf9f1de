import assert from 'node:assert/strict';
import { test } from 'node:test';

import { places } from '../leaderboard/places.js';

const table = (points) => places(Object.entries(points).map(([name, points]) => ({ name, points })));
const names = (points) => table(points).map((player) => player.name);

test('more points stand above', () => {
  assert.deepEqual(names({ Ada: 3, Lin: 7, Noor: 5 }), ['Lin', 'Noor', 'Ada']);
});

test('ten is more than nine', () => {
  assert.deepEqual(names({ Ada: 9, Lin: 10, Noor: 100 }), ['Noor', 'Lin', 'Ada']);
});

test('less than nothing stands below nothing', () => {
  assert.deepEqual(names({ Ada: -10, Lin: 0, Noor: -9 }), ['Lin', 'Noor', 'Ada']);
});

test('equal points share a place', () => {
  const shared = table({ Noor: 4, Ada: 4, Lin: 2 });
  assert.deepEqual(
    shared.map(({ name, place }) => [name, place]),
    [['Ada', 1], ['Noor', 1], ['Lin', 3]],
  );
});

test('nobody plays', () => {
  assert.deepEqual(places([]), []);
});
