import { ACCOUNT, type NamedEntry } from '../../engine/catalog/entries.js';
import type { CommandContext } from '../../engine/command.js';

/** The user of that name: one that was created, or the session's own, whom nobody had to create. */
export function userOf(name: string, context: CommandContext): NamedEntry | undefined {
  const created = context.names.catalog.find(ACCOUNT, 'user', name);
  if (created !== undefined || name !== context.state.user) return created;
  return {
    kind: 'user',
    id: context.newId(),
    parent: ACCOUNT,
    name,
    createdAt: context.now,
    owner: '',
    comment: '',
    attributes: {},
  };
}
