import type { WarehouseContext } from '../store/job.js';

/** A change as `SessionStore.setSession` takes it: `null` clears a member, an absent one stays. */
export type SessionChange = { readonly [K in keyof WarehouseContext]?: WarehouseContext[K] | null };

const MEMBERS = ['database', 'schema', 'warehouse', 'role'] as const;

/**
 * What a statement did to its session: the members in which the context after it differs from the one the job was admitted
 * with. Members that did not change are left out, so that two statements at once do not undo each other's changes; database
 * and schema go together.
 */
export function sessionChange(
  before: WarehouseContext,
  after: WarehouseContext,
  stored: WarehouseContext,
  parameters: Readonly<Record<string, string | null>> = {},
): SessionChange | undefined {
  const differs = (member: (typeof MEMBERS)[number]): boolean => after[member] !== before[member];
  // A schema is one of its database: of two statements at once, one leaves both.
  const placed = differs('database') || differs('schema');
  const moved = Object.fromEntries(
    MEMBERS.filter((member) => (member === 'database' || member === 'schema' ? placed : differs(member))).map(
      (member) => [member, after[member] ?? null],
    ),
  );
  const merged: Record<string, string> = { ...stored.parameters };
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) delete merged[name];
    else merged[name] = value;
  }
  const change: SessionChange = {
    ...moved,
    ...(Object.keys(parameters).length === 0 ? {} : { parameters: Object.keys(merged).length === 0 ? null : merged }),
  };
  return Object.keys(change).length === 0 ? undefined : change;
}
