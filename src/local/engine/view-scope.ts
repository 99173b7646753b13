import { DelegatingScope } from '../sql/delegating-scope.js';
import type { NameParts, NameScope, PastMoment, Relation, TableArgument, UserFunction } from '../sql/scope.js';
import type { SessionNames } from './session-names.js';

/** The scope of the statement that reads a view: it finds names with the rights that it is told. */
export interface OuterScope extends NameScope {
  relationOf(names: SessionNames, name: NameParts, uses?: readonly string[], at?: PastMoment): Relation;
  changesOf(
    names: SessionNames,
    name: NameParts,
    from: PastMoment,
    until: PastMoment | undefined,
    appendOnly: boolean,
  ): Relation;
  functionsOf(names: SessionNames, name: NameParts): readonly UserFunction[];
  sequenceOf(names: SessionNames, name: NameParts): string;
}

/** Names inside a view's text: unqualified ones belong to the view's own schema, and its owner's rights count, whoever asks. */
export class ViewScope extends DelegatingScope {
  readonly #outer: OuterScope;
  readonly #home: readonly [database: string, schema: string];
  readonly #names: SessionNames;
  readonly #at: PastMoment | undefined;

  /** `at`: the moment of which the names are told where they do not tell one themselves. */
  constructor(
    outer: OuterScope,
    home: readonly [database: string, schema: string],
    names: SessionNames,
    at?: PastMoment,
  ) {
    super(outer);
    this.#at = at;
    this.#outer = outer;
    this.#home = home;
    this.#names = names;
  }

  override relation(name: NameParts, uses?: readonly string[], at = this.#at): Relation {
    return this.#outer.relationOf(this.#names, this.#qualify(name), uses, at);
  }

  override changes(name: NameParts, from: PastMoment, until: PastMoment | undefined, appendOnly: boolean): Relation {
    return this.#outer.changesOf(this.#names, this.#qualify(name), from, until, appendOnly);
  }

  override tableFunction(name: NameParts, args: readonly TableArgument[]): Relation | undefined {
    return this.#outer.tableFunction(name.length === 2 ? [this.#home[0], ...name] : name, args);
  }

  override functions(name: NameParts): readonly UserFunction[] {
    return this.#outer.functionsOf(this.#names, this.#qualify(name));
  }

  override sequence(name: NameParts): string {
    return this.#outer.sequenceOf(this.#names, this.#qualify(name));
  }

  #qualify(name: NameParts): NameParts {
    if (name.length === 1) return [...this.#home, ...name];
    return name.length === 2 ? [this.#home[0], ...name] : name;
  }
}
