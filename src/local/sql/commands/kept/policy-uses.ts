import type { KeptEntry } from '../../../engine/catalog/entries.js';
import type { CommandContext } from '../../../engine/command.js';
import { LocalError } from '../../../engine/local-error.js';

/** Throws for a policy that masks a column or holds rows back: it cannot go while it does. */
export function assertUnused(entry: KeptEntry, { names }: CommandContext): void {
  if (entry.kind !== 'masking policy' && entry.kind !== 'row access policy') return;
  for (const other of names.whole.all()) {
    if ((other.kind !== 'table' && other.kind !== 'view') || other.droppedAt !== undefined) continue;
    const masks = other.columns.some(({ masking }) => masking?.policy === entry.id);
    if (!masks && other.rowAccess?.policy !== entry.id) continue;
    throw new LocalError(
      '003587',
      '42601',
      `SQL compilation error:\nPolicy ${names.nameOf(entry.id)} cannot be dropped/replaced as it is associated with one or more entities.`,
    );
  }
}
