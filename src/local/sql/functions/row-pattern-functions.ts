import { AGGREGATES } from './aggregates.js';
import { WINDOW_FUNCTIONS } from './window.js';

/** What only MATCH_RECOGNIZE has, with or without parentheses. */
export const OWN_FUNCTIONS: ReadonlySet<string> = new Set(['CLASSIFIER', 'MATCH_NUMBER', 'MATCH_SEQUENCE_NUMBER']);

/** What MATCH_RECOGNIZE calls them, and what they are called elsewhere. */
export const NAVIGATION_NAMES: ReadonlyMap<string, string> = new Map([
  ['PREV', 'LAG'],
  ['NEXT', 'LEAD'],
  ['FIRST', 'FIRST_VALUE'],
  ['LAST', 'LAST_VALUE'],
]);

export function isAggregate(name: string): boolean {
  return name in AGGREGATES && !name.startsWith('GROUPING');
}

/** Functions that are over a window in MATCH_RECOGNIZE, OVER or not. */
export function isWindowFunction(name: string): boolean {
  return isAggregate(name) || name in WINDOW_FUNCTIONS || NAVIGATION_NAMES.has(name);
}
