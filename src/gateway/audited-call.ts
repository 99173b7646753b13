import { createHash } from 'node:crypto';
import type { AuditedCall } from '../store/audit-store.js';
import type { MetadataSubject } from '../warehouse/job-payload.js';
import type { GuardedStatement } from '../warehouse/statement-kind.js';

/** What a statement is to the audit. `keepText`: whoever reads the audit may read the statements, literals and all. */
export function statementCall(
  tool: string,
  sql: string,
  guarded: Pick<GuardedStatement, 'verb' | 'class'> | undefined,
  keepText: boolean,
): AuditedCall {
  return {
    tool,
    ...(guarded === undefined ? {} : { verb: guarded.verb, statementClass: guarded.class }),
    digest: createHash('sha256').update(sql).digest('hex').slice(0, 16),
    ...(keepText ? { text: sql } : {}),
  };
}

/** A question to the catalog is a read under the name of its tool. */
export function listingCall(subject: MetadataSubject, via?: string): AuditedCall {
  const asked =
    subject === 'columns' ? { tool: 'describe_table', verb: 'DESCRIBE' } : { tool: `list_${subject}`, verb: 'SHOW' };
  return { ...asked, ...(via === undefined ? {} : { tool: via }), statementClass: 'read' };
}
