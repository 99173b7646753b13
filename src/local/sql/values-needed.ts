/**
 * Thrown where a translation depends on rows: the columns of PIVOT … IN (ANY), a moment of the past. Whoever translates runs `sql`,
 * keeps the texts of its only column, and translates again with a scope that knows them.
 */
export class ValuesNeeded extends Error {
  readonly sql: string;
  /** Names of the binds that stand in it as `$1`, `$2`, … */
  readonly binds: readonly string[];

  constructor(sql: string, binds: readonly string[] = []) {
    super('the translation needs the values of a query first');
    this.sql = sql;
    this.binds = binds;
  }
}
