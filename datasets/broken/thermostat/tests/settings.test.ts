import assert from 'node:assert/strict';
import { test } from 'node:test';

import { target } from '../thermostat/settings.ts';

test('the room goes before the house', () => {
  assert.equal(target({ day: 19 }, { day: 22 }, 'day'), 22);
});

test('the house goes before the default', () => {
  assert.equal(target({ day: 19 }, { night: 16 }, 'day'), 19);
});

test('the default is last', () => {
  assert.equal(target({}, {}, 'away'), 12);
});

test('a cellar may freeze', () => {
  assert.equal(target({ away: 8 }, { away: 0 }, 'away'), 0);
});

test('a house may freeze', () => {
  assert.equal(target({ away: 0 }, {}, 'away'), 0);
});
