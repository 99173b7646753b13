import { inflateRawSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { SYMBOL_ROLES, type SymbolRole } from './chunks/chunk.js';
import { INDEX_VERSION } from './index-schema.js';
import { pathGlob } from './path-glob.js';
import { searchWords } from './search-words.js';

/** What to look for; all that is given has to hold. One of text, symbol and path has to be given. */
export interface CodeQuery {
  /** Words, as `searchWords` takes them. */
  readonly text?: string;
  /** A glob, as `pathGlob` takes it. */
  readonly path?: string;
  readonly language?: string;
  /** A name that is defined, described or used; with `*` at its end, the beginning of one. */
  readonly symbol?: string;
  /** 1 to 100. */
  readonly limit: number;
  /** Hits to leave out before the first. */
  readonly offset: number;
}

export interface CodeHit {
  readonly path: string;
  readonly language: string;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly kind: string;
  readonly name?: string;
  /** What the symbol that was asked for does in it. */
  readonly role?: SymbolRole;
  readonly text: string;
  /** Less is better; to be compared with others of the same question only. */
  readonly score: number;
}

export interface CodeAnswer {
  readonly hits: readonly CodeHit[];
  /** `any`: nothing has all of the words, so these have at least one. */
  readonly matched: 'all' | 'any';
  readonly more: boolean;
}

/** What a hit in the chunk's own words counts, in its identifiers written as one, and in its symbols and path (BM25 column weights). */
const WEIGHTS = '1.0, 0.5, 3.0';

interface Ranked {
  readonly chunk: number;
  readonly score: number;
  readonly role: number | null;
}

interface ChunkRow {
  readonly file: number;
  readonly path: string;
  readonly language: string;
  readonly from_at: number;
  readonly to_at: number;
  readonly first_line: number;
  readonly last_line: number;
  readonly kind: string;
  readonly name: string | null;
}

/** A published index, to be read. It never changes. */
export class SearchIndex {
  readonly #db: Database.Database;
  #fits: (path: string) => boolean = () => true;

  /** Throws what SQLite says when there is no such file, or it is no index of this version. */
  constructor(path: string) {
    this.#db = new Database(path, { readonly: true, fileMustExist: true });
    try {
      if (this.#db.pragma('user_version', { simple: true }) !== INDEX_VERSION) throw new Error(`${path} is outdated`);
      this.#db.pragma('cache_size = -8192');
      this.#db.function('path_fits', (path) => (this.#fits(String(path)) ? 1 : 0));
    } catch (failure) {
      this.#db.close();
      throw failure;
    }
  }

  close(): void {
    this.#db.close();
  }

  search(query: CodeQuery): CodeAnswer {
    const words = query.text === undefined ? undefined : searchWords(query.text);
    this.#fits = query.path === undefined ? () => true : pathGlob(query.path);
    const all = this.#ranked(query, words?.all);
    const some = all.length === 0 && query.offset === 0 ? words?.some : undefined;
    const ranked = some === undefined ? all : this.#ranked(query, some.any, some.terms);
    const any = some !== undefined && ranked.length > 0;
    return {
      hits: this.#hits(ranked.slice(0, query.limit)),
      matched: any ? 'any' : 'all',
      more: ranked.length > query.limit,
    };
  }

  /**
   * Best first, one more than asked for. With `terms` the score is multiplied by the share of them that a chunk has, as the
   * coordination factor of Lucene's classic similarity does.
   */
  #ranked(query: CodeQuery, match: string | undefined, terms: readonly string[] = []): readonly Ranked[] {
    const { symbol, path, language, limit, offset } = query;
    const filters = path !== undefined || language !== undefined;
    const page = { limit: limit + 1, offset };
    const met = terms.length === 0 ? undefined : shareMet(terms);
    const score = `bm25(words, ${WEIGHTS})${met === undefined ? '' : ' * met.share'}`;
    const having = met === undefined ? '' : 'CROSS JOIN met ON met.chunk = words.rowid';
    if (match !== undefined && symbol === undefined && !filters)
      return this.#all(
        `${met?.sql ?? ''} SELECT words.rowid AS chunk, ${score} AS score, NULL AS role FROM words ${having}
         WHERE words MATCH @match ORDER BY score, words.rowid LIMIT @limit OFFSET @offset`,
        { match, ...met?.values, ...page },
      );
    const range = symbol === undefined ? undefined : this.#symbolRange(symbol);
    const ofChunk = `FROM symbols WHERE symbols.chunk = chunks.id AND ${range?.sql}`;
    const where = [
      ...(match === undefined ? [] : ['words MATCH @match']),
      ...(range === undefined ? [] : [match === undefined ? range.sql : `EXISTS (SELECT 1 ${ofChunk})`]),
      ...(language === undefined ? [] : ['files.language = @language']),
      ...(path === undefined ? [] : ['path_fits(files.path)']),
    ].join(' AND ');
    const values = { ...page, ...met?.values, ...range?.values, ...(language !== undefined && { language }) };
    const place = 'files.path, chunks.first_line, chunks.from_at LIMIT @limit OFFSET @offset';
    if (match !== undefined)
      return this.#all(
        `${met?.sql ?? ''} SELECT chunks.id AS chunk, ${score} AS score,
           ${range === undefined ? 'NULL' : `(SELECT min(role) ${ofChunk})`} AS role
         FROM words ${having} CROSS JOIN chunks ON chunks.id = words.rowid CROSS JOIN files ON files.id = chunks.file
         WHERE ${where} ORDER BY role, score, ${place}`,
        { ...values, match },
      );
    if (range !== undefined)
      return this.#all(
        `SELECT chunks.id AS chunk, 0 AS score, min(symbols.role) AS role
         FROM symbols CROSS JOIN chunks ON chunks.id = symbols.chunk CROSS JOIN files ON files.id = chunks.file
         WHERE ${where} GROUP BY chunks.id ORDER BY min(symbols.role), ${place}`,
        values,
      );
    return this.#all(
      `SELECT chunks.id AS chunk, 0 AS score, NULL AS role
       FROM files CROSS JOIN chunks ON chunks.file = files.id WHERE ${where} ORDER BY ${place}`,
      values,
    );
  }

  /** A qualified name that nobody uses as a whole is looked for by its last part. */
  #symbolRange(symbol: string): { readonly sql: string; readonly values: Readonly<Record<string, string>> } {
    if (symbol.endsWith('*')) {
      const prefix = symbol.slice(0, -1);
      return {
        sql: 'symbols.name IN (SELECT id FROM names WHERE names.name >= @symbol AND names.name < @symbolEnd)',
        values: { symbol: prefix, symbolEnd: `${prefix}\u{10ffff}` },
      };
    }
    const known = this.#db
      .prepare('SELECT 1 FROM names CROSS JOIN symbols ON symbols.name = names.id WHERE names.name = ? LIMIT 1')
      .get(symbol);
    const name = known === undefined ? symbol.slice(symbol.lastIndexOf('.') + 1) : symbol;
    return { sql: 'symbols.name = (SELECT id FROM names WHERE names.name = @symbol)', values: { symbol: name } };
  }

  #all(sql: string, values: Readonly<Record<string, unknown>>): readonly Ranked[] {
    return this.#db.prepare(sql).all(values) as Ranked[];
  }

  #hits(ranked: readonly Ranked[]): readonly CodeHit[] {
    const find = this.#db.prepare<[number], ChunkRow>(
      `SELECT files.id AS file, files.path, files.language, from_at, to_at, first_line, last_line, kind, name
       FROM chunks CROSS JOIN files ON files.id = chunks.file WHERE chunks.id = ?`,
    );
    const readText = this.#db.prepare<[number], Buffer>('SELECT text FROM texts WHERE file = ?').pluck();
    const texts = new Map<number, string>();
    return ranked.flatMap(({ chunk, score, role }) => {
      const row = find.get(chunk);
      if (row === undefined) return [];
      const text = texts.get(row.file) ?? inflateRawSync(readText.get(row.file) as Buffer).toString('utf8');
      texts.set(row.file, text);
      return [
        {
          path: row.path,
          language: row.language,
          firstLine: row.first_line,
          lastLine: row.last_line,
          kind: row.kind,
          ...(row.name === null ? {} : { name: row.name }),
          ...(role === null ? {} : { role: SYMBOL_ROLES[role] as SymbolRole }),
          text: text.slice(row.from_at, row.to_at),
          score,
        },
      ];
    });
  }
}

/** A common table expression `met`: for every chunk that has one of the terms, which share of them it has. */
function shareMet(terms: readonly string[]): {
  readonly sql: string;
  readonly values: Readonly<Record<string, string>>;
} {
  const each = terms.map((_, at) => `SELECT rowid AS chunk FROM words WHERE words MATCH @term${at}`);
  return {
    sql: `WITH met AS MATERIALIZED (
      SELECT chunk, count(*) * 1.0 / ${terms.length} AS share FROM (${each.join(' UNION ALL ')}) GROUP BY chunk
    )`,
    values: Object.fromEntries(terms.map((term, at) => [`term${at}`, term])),
  };
}
