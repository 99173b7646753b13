import type { SnowflakeType } from '../engine/snowflake-type.js';
import type { GivenMoment, NameParts, NameScope, PastMoment, Relation, TableArgument, UserFunction } from './scope.js';

/** Asks another scope for everything: the base of those that know some names themselves. */
export class DelegatingScope implements NameScope {
  readonly #outer: NameScope;

  constructor(outer: NameScope) {
    this.#outer = outer;
  }

  get wideNumbers(): boolean {
    return this.#outer.wideNumbers;
  }

  relation(name: NameParts, uses?: readonly string[], at?: PastMoment): Relation {
    return this.#outer.relation(name, uses, at);
  }

  moment(given: GivenMoment): PastMoment {
    return this.#outer.moment(given);
  }

  changes(name: NameParts, from: PastMoment, until: PastMoment | undefined, appendOnly: boolean): Relation {
    return this.#outer.changes(name, from, until, appendOnly);
  }

  tableFunction(name: NameParts, args: readonly TableArgument[]): Relation | undefined {
    return this.#outer.tableFunction(name, args);
  }

  contextFunction(name: string, args: readonly (string | number | null)[]): string | undefined {
    return this.#outer.contextFunction(name, args);
  }

  variable(name: string): string {
    return this.#outer.variable(name);
  }

  parameter(name: string): string {
    return this.#outer.parameter(name);
  }

  bindType(name: string): SnowflakeType | undefined {
    return this.#outer.bindType(name);
  }

  functions(name: NameParts): readonly UserFunction[] {
    return this.#outer.functions(name);
  }

  valuesOf(sql: string, binds?: readonly string[]): readonly string[] {
    return this.#outer.valuesOf(sql, binds);
  }

  sequence(name: NameParts): string {
    return this.#outer.sequence(name);
  }
}
