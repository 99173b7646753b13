import type { WarehouseContext } from '../../store/job.js';
import { COMMAND_NAMES } from './client-commands.js';
import { writtenName } from './quoted-name.js';
import type { SqlSession } from './sql-session.js';
import { exactName, tablesNamed } from './tables-named.js';

const FRESH_MS = 30_000;
/** A completion that is not there by then is none: the line must not hang (ms). */
const PATIENCE_MS = 1_500;
const PATH_END = /(?:(?:"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)\.){0,2}(?:"[^"]*|[\p{L}_][\p{L}\p{N}_$]*)?$/u;
const NAME_PLACE = /\b(?:from|join|into|table|view|update|describe|desc|database|schema|use|in|using|truncate)\s+$/i;

const KEYWORDS = (
  'alter and as asc between by call case cast copy create cross current_date current_timestamp database delete desc describe ' +
  'distinct drop else end except exists explain flatten from full group having ilike in inner insert intersect into is join ' +
  'lateral left like limit merge not null on or order outer over partition pivot qualify replace right rollback sample schema ' +
  'schemas select set show table tables then truncate union unpivot unset update use using values view views warehouse when where with'
).split(' ');

/** Those that people write most; the warehouse knows some hundred more. */
const FUNCTIONS = (
  'abs array_agg array_size avg ceil coalesce concat contains convert_timezone count count_if current_role current_schema ' +
  'current_warehouse dateadd datediff date_part date_trunc dayname dense_rank div0 first_value floor generator greatest hash iff ' +
  'ifnull is_null_value lag last_value lead least length listagg lower ltrim max median min mod monthname nullif nvl object_agg ' +
  'object_construct object_keys parse_json percent_rank percentile_cont power rank regexp_like regexp_replace regexp_substr ' +
  'result_scan round row_number rtrim seq4 split split_part sqrt startswith strtok substr sum to_char to_date to_json to_number ' +
  'to_timestamp to_varchar trim try_cast try_parse_json try_to_date try_to_number typeof uniform upper uuid_string year zeroifnull'
).split(' ');

type Names = SqlSession['names'];

/** Completes keywords, functions, names of databases, schemas, tables, views and columns, and the commands of the prompt itself. */
export class NameCompleter {
  readonly #names: Names;
  readonly #context: () => Promise<WarehouseContext>;
  readonly #known = new Map<string, { readonly at: number; readonly names: Promise<readonly string[]> }>();

  constructor(session: Pick<SqlSession, 'names' | 'context'>) {
    this.#names = (container) => session.names(container);
    this.#context = () => session.context();
  }

  /**
   * Readline's answer: the possible ends of the line, and the part of it that they replace. `statement` is all of what the line is part of,
   * also what stands behind the cursor: its tables have the columns.
   */
  async complete(line: string, statement = line): Promise<[string[], string]> {
    if (line.startsWith('!')) return [COMMAND_NAMES.filter((name) => name.startsWith(line)), line];
    const typed = PATH_END.exec(line)?.[0] ?? '';
    const parts = typed.split('.');
    const last = (parts.pop() ?? '').replace(/^"/, '');
    const containers = parts.map(exactName);
    const namePlace = NAME_PLACE.test(line.slice(0, line.length - typed.length));
    const [names, columns] = await Promise.all([
      namePlace || containers.length > 0 ? this.#inTime(this.#candidates(containers)) : [],
      namePlace ? [] : this.#inTime(this.#columns(containers, statement)),
    ]);
    const found = [...names, ...columns]
      .filter((name) => name.toUpperCase().startsWith(last.toUpperCase()))
      .map((name) => [...parts, asTyped(writtenName(name), last)].join('.'));
    if (containers.length === 0 && !namePlace && last !== '')
      found.push(
        ...[...KEYWORDS, ...FUNCTIONS]
          .filter((word) => word.startsWith(last.toLowerCase()))
          .map((word) => (last === last.toUpperCase() ? word.toUpperCase() : word)),
      );
    return [[...new Set(found)].sort(), typed];
  }

  /** Forgets what was looked up: a statement may have made or dropped something. */
  forget(): void {
    this.#known.clear();
  }

  async #inTime(candidates: Promise<readonly string[]>): Promise<readonly string[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<readonly string[]>((resolve) => {
      timer = setTimeout(() => resolve([]), PATIENCE_MS);
    });
    try {
      return await Promise.race([candidates, late]);
    } catch {
      return [];
    } finally {
      clearTimeout(timer);
    }
  }

  async #candidates(containers: readonly string[]): Promise<readonly string[]> {
    const { database, schema } = await this.#context();
    if (containers.length === 2) return await this.#lookUp(containers);
    if (containers.length === 1) {
      const container = containers[0] as string;
      const inSchema = database === undefined ? [] : await this.#lookUp([database, container]).catch(() => []);
      return [...inSchema, ...(await this.#lookUp([container]).catch(() => []))];
    }
    const all = await Promise.all([
      this.#lookUp([]),
      ...(database === undefined ? [] : [this.#lookUp([database])]),
      ...(database === undefined || schema === undefined ? [] : [this.#lookUp([database, schema])]),
    ]);
    return all.flat();
  }

  /** Columns of the statement's tables; of one of them, where its name or alias stands before the dot. */
  async #columns(containers: readonly string[], statement: string): Promise<readonly string[]> {
    if (containers.length > 1) return [];
    const [alias] = containers;
    const tables = tablesNamed(statement).filter((table) => alias === undefined || table.alias === alias);
    const { database, schema } = await this.#context();
    const columns = tables.map(async ({ path }) => {
      const [table = '', inSchema = schema, inDatabase = database] = path.toReversed();
      if (inSchema === undefined || inDatabase === undefined) return [];
      return await this.#lookUp([inDatabase, inSchema, table]).catch(() => []);
    });
    return (await Promise.all(columns)).flat();
  }

  #lookUp(container: readonly string[]): Promise<readonly string[]> {
    const key = JSON.stringify(container);
    const known = this.#known.get(key);
    if (known !== undefined && Date.now() - known.at < FRESH_MS) return known.names;
    const names = this.#names(container);
    this.#known.set(key, { at: Date.now(), names });
    names.catch(() => this.#known.delete(key));
    return names;
  }
}

/** Who types in lower case gets names that need no quotes in lower case. */
function asTyped(name: string, typed: string): string {
  return !name.startsWith('"') && typed === typed.toLowerCase() ? name.toLowerCase() : name;
}
