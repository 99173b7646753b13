import type { ChalkInstance } from 'chalk';
import type { MemoryAnswer } from '../../memory/memory-answers.js';
import { printable } from '../printable.js';
import { table } from '../table.js';

const LINE_CHARS = 70;

/** One line for each. */
export function memoriesTable(memories: readonly MemoryAnswer[], paint: ChalkInstance): string {
  return table(
    [{ title: 'ID' }, { title: 'STORED' }, { title: 'NAMESPACE' }, { title: 'TAGS' }, { title: 'TEXT' }],
    memories.map((memory) => [
      memory.id,
      String(memory.created_at).slice(0, 10),
      printable(memory.namespace ?? 'own'),
      printable(memory.tags.join(',')),
      paint.bold(lineOf(memory.text)),
    ]),
  );
}

/** All that is known of one. */
export function wholeMemory(memory: MemoryAnswer, paint: ChalkInstance): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['namespace', memory.namespace ?? 'own'],
    ['tags', memory.tags.length === 0 ? undefined : memory.tags.join(', ')],
    ['links', memory.links.length === 0 ? undefined : memory.links.join(', ')],
    ['source', memory.source],
    ['metadata', memory.metadata === undefined ? undefined : JSON.stringify(memory.metadata)],
    ['author', memory.author],
    ['version', String(memory.version)],
    ['stored', memory.created_at],
    ['changed', memory.updated_at === memory.created_at ? undefined : memory.updated_at],
    ['expires', memory.expires_at],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${paint.dim(name.padEnd(10))}${printable(value)}`],
  );
  return [paint.bold(memory.id), ...lines, '', printable(memory.text, 'lines')].join('\n');
}

function lineOf(text: string): string {
  const line = printable(text.replace(/\s+/gu, ' ').trim());
  return line.length > LINE_CHARS ? `${[...line].slice(0, LINE_CHARS - 1).join('')}…` : line;
}
