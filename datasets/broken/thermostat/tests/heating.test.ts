import assert from 'node:assert/strict';
import { test } from 'node:test';

import { heats } from '../thermostat/heating.ts';

test('a cold room is heated', () => {
  assert.equal(heats(17, 20), true);
});

test('a little too cold is warm enough', () => {
  assert.equal(heats(19.6, 20), false);
  assert.equal(heats(21, 20), false);
});
