import { expect, test } from 'vitest';
import { ResultMemory } from '../../../src/local/engine/result-memory.js';
import { column } from '../../../src/local/engine/result-table.js';

const table = (cell: string) => ({ columns: [column('a')], rows: [[cell]] });

test('gives a result to its user alone, for a day', () => {
  let now = 0;
  const memory = new ResultMemory(() => now);
  memory.keep('ANN', 'q1', table('x'));
  expect(memory.find('ANN', 'q1')?.rows).toEqual([['x']]);
  expect(memory.find('BOB', 'q1')).toBeUndefined();
  now = 25 * 3_600_000;
  expect(memory.find('ANN', 'q1')).toBeUndefined();
});

test('forgets the oldest beyond 1,000 results or 64 MiB, and never keeps one that is larger', () => {
  const memory = new ResultMemory();
  for (let i = 0; i <= 1_000; i++) memory.keep('ANN', `q${i}`, table('x'));
  expect(memory.find('ANN', 'q0')).toBeUndefined();
  expect(memory.find('ANN', 'q1000')).toBeDefined();
  memory.keep('ANN', 'half', table('x'), 40 * 1024 * 1024);
  memory.keep('ANN', 'other half', table('x'), 40 * 1024 * 1024);
  expect(memory.find('ANN', 'half')).toBeUndefined();
  expect(memory.find('ANN', 'other half')).toBeDefined();
  memory.keep('ANN', 'whole', table('x'), 65 * 1024 * 1024);
  expect(memory.find('ANN', 'whole')).toBeUndefined();
});
