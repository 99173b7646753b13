export * from 'node:fs';
export { default } from 'node:fs';

/** The suite is written for Node 22 and imports this from fs, for a command that is not used here. */
export function globSync() {
  throw new Error('not in the fs of Node 20');
}
