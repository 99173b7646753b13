/** The path of an object: database, schema, name. */
export type ObjectPath = readonly string[];

/** How far a confined user gets: through it to what lies inside, to its rows, to changing its rows, to all of it. */
export type Reach = 'none' | 'through' | 'read' | 'write' | 'all';

const READING = new Set(['USAGE', 'SELECT', 'READ', 'REFERENCES', 'MONITOR', 'SEES']);
const WRITING = /^(INSERT|UPDATE|DELETE|TRUNCATE|WRITE|CREATE .*)$/;

/** The databases, schemas and tables that a user of the access file may read or write; everything else is not there for them. */
export class Confinement {
  readonly #read: readonly ObjectPath[];
  readonly #write: readonly ObjectPath[];

  constructor(read: readonly ObjectPath[], write: readonly ObjectPath[]) {
    this.#read = read;
    this.#write = write;
  }

  reach(path: ObjectPath): Reach {
    if (this.#write.some((place) => place.length < path.length && holds(place, path))) return 'all';
    if (this.#write.some((place) => holds(place, path))) return 'write';
    if (this.#read.some((place) => holds(place, path))) return 'read';
    return [...this.#read, ...this.#write].some((place) => holds(path, place)) ? 'through' : 'none';
  }

  /** Whether a privilege on what has that path can be used. What is named for writing is itself neither altered nor dropped. */
  allows(path: ObjectPath, privilege: string): boolean {
    const reach = this.reach(path);
    if (reach === 'all') return true;
    if (reach === 'write') return READING.has(privilege) || WRITING.test(privilege);
    if (reach === 'read') return READING.has(privilege);
    return reach === 'through' && (privilege === 'USAGE' || privilege === 'SEES');
  }
}

/** A database holds its schemas and these their objects, each also itself. */
function holds(place: ObjectPath, path: ObjectPath): boolean {
  return place.length <= path.length && place.every((part, i) => part === path[i]);
}

/** `DB`, `DB.SCHEMA` or `DB.SCHEMA.NAME` with Snowflake's case rules; undefined for what is none. */
export function objectPath(text: string): ObjectPath | undefined {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const found = /^(?:"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_$]*))(\.|$)/.exec(rest);
    if (found === null) return undefined;
    const [whole, quoted, plain, dot] = found;
    parts.push(quoted === undefined ? (plain ?? '').toUpperCase() : quoted.replaceAll('""', '"'));
    rest = rest.slice(whole.length);
    if (dot === '') return parts.length <= 3 ? parts : undefined;
  }
}
