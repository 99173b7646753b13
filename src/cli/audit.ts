import type { ChalkInstance } from 'chalk';
import { SnowError } from '../errors/snow-error.js';
import { AUDIT_OUTCOMES, type AuditEntry } from '../store/audit-store.js';
import type { GlobalOptions } from './global-options.js';
import { auditJson } from './json-names.js';
import { sinceTime } from './since-time.js';
import { duration, table } from './table.js';
import { terminal } from './terminal.js';
import { withStore } from './with-store.js';

export interface AuditListOptions extends GlobalOptions {
  readonly client?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly limit: number;
  readonly cursor?: string;
}

function outcomeOf(name: string | undefined): AuditEntry['outcome'] | undefined {
  const outcome = AUDIT_OUTCOMES.find((known) => known === name);
  if (name !== undefined && outcome === undefined)
    throw new SnowError({
      code: 'INVALID_ARGUMENT',
      message: `There is no outcome ${JSON.stringify(name.slice(0, 80))}.`,
      hint: `Outcomes are ${AUDIT_OUTCOMES.join(', ')}.`,
    });
  return outcome;
}

export async function auditList(options: AuditListOptions): Promise<void> {
  const { client, outcome: asked, since: from, limit, cursor, ...global } = options;
  const outcome = outcomeOf(asked);
  const since = from === undefined ? undefined : sinceTime(from, Date.now());
  const page = await withStore(global, (store) =>
    store.audit({
      limit,
      ...(client !== undefined && { client }),
      ...(outcome !== undefined && { outcome }),
      ...(since !== undefined && { since }),
      ...(cursor !== undefined && { cursor }),
    }),
  );
  const told = {
    entries: page.entries.map(auditJson),
    ...(page.nextCursor !== undefined && { next_cursor: page.nextCursor }),
  };
  await terminal({ json: options.json ?? false, color: options.color }).result(told, (paint) => {
    if (page.entries.length === 0) return 'No calls.';
    const calls = table(
      [
        { title: 'WHEN' },
        { title: 'CLIENT' },
        { title: 'TOOL' },
        { title: 'STATEMENT' },
        { title: 'OUTCOME' },
        { title: 'TOOK', align: 'right' },
        { title: 'ROWS', align: 'right' },
        { title: 'JOB' },
      ],
      page.entries.map((entry) => [
        new Date(entry.at).toISOString(),
        entry.client || '-',
        entry.tool,
        statementText(entry),
        painted(entry, paint),
        entry.elapsedMs === undefined ? '-' : duration(entry.elapsedMs),
        entry.rows === undefined ? '-' : String(entry.rows),
        entry.jobId ?? '-',
      ]),
    );
    return page.nextCursor === undefined ? calls : `${calls}\n\nMore: --cursor ${page.nextCursor}`;
  });
}

const TEXT_SHOWN = 60;

function statementText({ verb, digest, text, reason, peer, count }: AuditEntry): string {
  if (reason !== undefined)
    return `${reason}${peer === undefined ? '' : `, from ${peer}`}${count === undefined ? '' : `, ${count} times`}`;
  if (text !== undefined) {
    const line = text.trim().replace(/\s+/g, ' ');
    return line.length > TEXT_SHOWN ? `${line.slice(0, TEXT_SHOWN - 1)}…` : line;
  }
  return [verb, digest].filter((part) => part !== undefined).join(' ') || '-';
}

function painted({ outcome, code }: AuditEntry, paint: ChalkInstance): string {
  const told = code === undefined ? outcome : `${outcome} ${code}`;
  if (outcome === 'succeeded') return paint.green(told);
  if (outcome === 'failed' || outcome === 'expired') return paint.red(told);
  return outcome === 'refused' ? paint.yellow(told) : told;
}
