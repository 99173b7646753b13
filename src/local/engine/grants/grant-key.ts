import type { GrantEntry } from '../catalog/entries.js';

/** The name of a grant's entry: one privilege is granted to one grantee once. */
export function grantKey({ privilege, on, to }: Pick<GrantEntry, 'privilege' | 'on' | 'to'>): string {
  return JSON.stringify([privilege, on, to]);
}
