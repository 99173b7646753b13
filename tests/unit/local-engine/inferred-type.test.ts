import { expect, test } from 'vitest';
import { InferredType } from '../../../src/local/engine/stages/inferred-type.js';

test.each([
  [['1', '-022', '1000'], 'NUMBER(4, 0)'],
  [['1.25', '300'], 'NUMBER(5, 2)'],
  [['0'], 'NUMBER(1, 0)'],
  [['1', '1e3'], 'REAL'],
  [['9'.repeat(39)], 'REAL'],
  [['true', 'FALSE'], 'BOOLEAN'],
  [['2024-01-02', '2024-02-03'], 'DATE'],
  [['2024-01-02', '2024-02-03 10:00'], 'TEXT'],
  [['2024-02-03T10:00:01.5', '2024-02-03 10:00'], 'TIMESTAMP_NTZ'],
  [['7:30', '12:00:01'], 'TIME'],
  [['{"a":1}', '{}'], 'OBJECT'],
  [['[1]'], 'ARRAY'],
  [['1', 'x', '2'], 'TEXT'],
  [[], 'TEXT'],
])('%j is %s', (texts, type) => {
  const column = new InferredType();
  for (const text of texts) column.add(text);
  expect(column.type).toBe(type);
});
