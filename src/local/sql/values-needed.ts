/**
 * Thrown where a translation depends on rows: the columns of PIVOT … IN (ANY). Whoever translates runs `sql`, keeps the texts
 * of its only column, and translates again with a scope that knows them.
 */
export class ValuesNeeded extends Error {
  readonly sql: string;

  constructor(sql: string) {
    super('the translation needs the values of a query first');
    this.sql = sql;
  }
}
