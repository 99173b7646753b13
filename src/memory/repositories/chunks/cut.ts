import type { Language } from '../languages.js';
import { type Chunk, LONGEST_SYMBOL, type Unit } from './chunk.js';
import { fitUnits } from './fit-units.js';
import { javascriptUnits } from './javascript.js';
import { LineStarts } from './line-starts.js';
import { markdownUnits } from './markdown.js';
import { pythonUnits } from './python.js';
import { sqlUnits } from './sql.js';
import { yamlUnits } from './yaml.js';

/** Grows when files are cut otherwise than before: what was cut by an older version is cut anew at the next sync. */
export const CHUNKS_VERSION = 1;

/**
 * Cuts a file's text into chunks along the structure of its language, within bounds of lines and characters. What has no
 * structure, or cannot be parsed within bounds, is cut into windows of lines. Equal text under an equal path is cut alike.
 */
export function cut(text: string, path: string, language: Language): readonly Chunk[] {
  const chunks = fitUnits(text, new LineStarts(text), unitsOf(text, path, language) ?? []);
  return chunks.map((chunk) => ({ ...chunk, symbols: chunk.symbols.filter(isName) }));
}

function unitsOf(text: string, path: string, language: Language): readonly Unit[] | undefined {
  switch (language) {
    case 'sql':
    case 'jinja':
      return sqlUnits(text, path);
    case 'python':
      return pythonUnits(text);
    case 'javascript':
    case 'typescript':
      return javascriptUnits(text, path);
    case 'markdown':
      return markdownUnits(text);
    case 'yaml':
      return yamlUnits(text);
    default:
      return undefined;
  }
}

function isName({ name }: Chunk['symbols'][number]): boolean {
  return name !== '' && name.length <= LONGEST_SYMBOL;
}
