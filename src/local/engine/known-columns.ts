import type { Translation } from '../sql/translation.js';
import type { EncodeOptions } from './encoding/encode-query.js';

/** What the translation knows of the result's types beyond DuckDB's. */
export function knownColumns(translation: Pick<Translation, 'columns'>): EncodeOptions {
  const { columns } = translation;
  return columns === undefined
    ? {}
    : { types: columns.map(({ type }) => type), names: columns.map(({ name }) => name) };
}
