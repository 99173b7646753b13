/** What a name does in a chunk: its definition is there, something is said about it (dbt's schema files), or it is used. */
export const SYMBOL_ROLES = ['defines', 'describes', 'uses'] as const;
export type SymbolRole = (typeof SYMBOL_ROLES)[number];

export interface ChunkSymbol {
  readonly name: string;
  readonly role: SymbolRole;
}

/** A piece of a file that is found and answered as one. The chunks of a file follow each other without gap or overlap. */
export interface Chunk {
  /** Where it begins and ends in the file's text, in UTF-16 code units. */
  readonly from: number;
  readonly to: number;
  /** Counted from 1, both included. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** `table`, `function`, `section`, …; `lines` where the structure is not known. */
  readonly kind: string;
  readonly name?: string;
  readonly symbols: readonly ChunkSymbol[];
}

/** A part of a file that belongs together by its language's structure, before it is fitted into the bounds of chunks. */
export interface Unit {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  readonly name?: string;
  readonly symbols: readonly ChunkSymbol[];
  /** What it can be taken apart into where it is too large. */
  readonly parts?: readonly Unit[];
}

/** Most lines and characters of a chunk. */
export const MOST_LINES = 120;
export const MOST_CHARS = 6_000;

/** Most symbols kept of one chunk; a file of nothing but names is found by its text. */
export const MOST_SYMBOLS = 200;

/** Longest name kept as a symbol, in characters. */
export const LONGEST_SYMBOL = 200;
