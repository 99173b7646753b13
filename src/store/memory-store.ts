/** Who asks for memories. */
export interface MemoryAsker {
  readonly client: string;
  /** Whose own namespace it has: `sessionOwner` of the client. */
  readonly owner: string;
  /** Off: what is stored is counted only. */
  readonly quotas: boolean;
}

/**
 * Which namespaces an operation is about: the asker's own (`own`), a shared one by its name, or — where one reads — its own and
 * all shared ones that it may read (`all`).
 */
export type NamespaceChoice = 'own' | 'all' | { readonly shared: string };

const NAMESPACE_KINDS = ['team', 'project'] as const;
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number];

/** A text as the index takes it in: made by the analysis of `memory/`, alike for texts and for questions. */
export interface IndexedText {
  readonly text: string;
  /** Stems of its words, in their order. */
  readonly words: readonly string[];
  /** Of the text without differences of white space; equal ones are duplicates. */
  readonly digest: Buffer;
}

/** Beside the text. Tags and links are kept as they are given, and compared as `memory/` folds them. */
export interface MemoryLabels {
  readonly tags: readonly string[];
  /** `DB`, `DB.SCHEMA` or `DB.SCHEMA.TABLE`, names as Snowflake stores them, quoted where they need it. */
  readonly links: readonly string[];
  readonly source?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Marks of a memory in the index beside its words; hexadecimal digits only. */
export interface IndexMarks {
  readonly tags: readonly string[];
  /** Of each link the name itself … */
  readonly links: readonly string[];
  /** … and all that it lies in. */
  readonly parents: readonly string[];
  readonly source?: string;
  /** Of the words without case, marks and white space: equal ones say the same. */
  readonly likeness: string;
}

export interface NewMemory {
  /** UUID; unique in its namespace. */
  readonly id: string;
  readonly indexed: IndexedText;
  readonly labels: MemoryLabels;
  readonly marks: IndexMarks;
  /** Ms since the epoch; absent: now. */
  readonly createdAt?: number;
  readonly expiresAt?: number;
  /** The job that writes it: its second attempt finds its work done. */
  readonly operation?: string;
}

export interface MemoryRecord {
  readonly id: string;
  /** Name of a shared namespace; absent for the asker's own. */
  readonly namespace?: string;
  readonly text: string;
  readonly tags: readonly string[];
  readonly links: readonly string[];
  readonly source?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The client that wrote it last. */
  readonly author: string;
  /** From 1; one more with each change. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt?: number;
}

export type StoreMemoryOutcome =
  | { readonly stored: true; readonly memory: MemoryRecord; readonly similar: readonly string[] }
  /** The same text is there: nothing was written. */
  | { readonly stored: false; readonly duplicate: MemoryRecord };

/** A word, a phrase of several, or the beginning of one. */
export type SearchTerm = { readonly words: readonly string[] } | { readonly prefix: string; readonly stem: string };

/** What a question asks for; all that is given has to hold. */
export interface MemoryFilter {
  /** Marks of tags, as those of `IndexMarks`. */
  readonly allTags?: readonly string[];
  readonly anyTags?: readonly string[];
  /** Mark of a name: memories at it, in it, or around it. */
  readonly link?: { readonly name: string; readonly parents: readonly string[] };
  readonly source?: string;
  /** Ms since the epoch; when it was stored: from `since`, before `until`. */
  readonly since?: number;
  readonly until?: number;
  /** What none of them may have. */
  readonly not?: readonly SearchTerm[];
}

export interface MemorySearch extends MemoryFilter {
  /** At least one. */
  readonly terms: readonly SearchTerm[];
  /** 1 to 200. */
  readonly limit: number;
  /** Hits to leave out before the first. */
  readonly offset: number;
}

export interface MemoryHit {
  readonly memory: MemoryRecord;
  /** BM25 in its namespace; only to be compared with others of one answer. */
  readonly score: number;
}

export interface MemorySearchAnswer {
  readonly hits: readonly MemoryHit[];
  /** `any`: nothing has all of the terms, so these have at least one. */
  readonly matched: 'all' | 'any';
  readonly more: boolean;
}

/** A place in a list: what was stored before it comes after it. */
export interface ListPlace {
  readonly createdAt: number;
  readonly id: string;
}

export interface MemoryList extends MemoryFilter {
  /** 1 to 1,000. */
  readonly limit: number;
  readonly after?: ListPlace;
}

export interface MemoryPage {
  readonly memories: readonly MemoryRecord[];
  readonly next?: ListPlace;
}

export type MemorySelection = MemoryFilter & { readonly ids?: readonly string[] };

export interface NamespaceRecord {
  /** Absent for the asker's own. */
  readonly name?: string;
  readonly kind: 'own' | NamespaceKind;
  /** Whose quota its bytes count against. */
  readonly owner?: string;
  readonly createdAt: number;
  readonly memories: number;
  readonly bytes: number;
  readonly mayWrite: boolean;
}

export interface NamespaceGrant {
  readonly to: { readonly client: string } | { readonly group: string };
  readonly write: boolean;
}

/** A namespace as those see it who run the store. */
export interface NamespaceDetails extends Omit<NamespaceRecord, 'mayWrite'> {
  readonly grants: readonly NamespaceGrant[];
}

export interface NamespaceHealth extends NamespaceRecord {
  /** Past their time and not yet deleted: nobody finds them. */
  readonly expired: number;
  /** Memories that say the same as another one. */
  readonly alike: number;
  /** Whether the index holds every memory, and nothing else. */
  readonly indexed: boolean;
}

/**
 * Memories in namespaces. Whoever asks finds, counts and infers nothing of a namespace that it may not read: one that is not
 * there and one that it has no grant for answer the same `NOT_FOUND`, and no answer depends on what lies in another. Writing
 * where one may only read throws `NOT_PERMITTED`.
 */
export interface MemoryStore {
  /** Throws `QUOTA_EXCEEDED` when the owner of the namespace would keep more than it may. */
  storeMemory(asker: MemoryAsker, where: NamespaceChoice, memory: NewMemory): Promise<StoreMemoryOutcome>;
  /** Throws `NOT_FOUND`. */
  findMemory(asker: MemoryAsker, where: NamespaceChoice, id: string): Promise<MemoryRecord>;
  /** The best first; in the order of their namespaces' own ranking where there are several. */
  searchMemories(
    asker: MemoryAsker,
    where: NamespaceChoice,
    search: MemorySearch,
    signal?: AbortSignal,
  ): Promise<MemorySearchAnswer>;
  /** The newest first. */
  listMemories(asker: MemoryAsker, where: NamespaceChoice, list: MemoryList, signal?: AbortSignal): Promise<MemoryPage>;
  /**
   * Puts `content` in the place of what the memory with this version holds; throws `INVALID_ARGUMENT`, which names the present
   * version, when it has another. A text that another memory has already is refused likewise. `QUOTA_EXCEEDED` as above.
   */
  updateMemory(
    asker: MemoryAsker,
    where: NamespaceChoice,
    version: number,
    content: Omit<NewMemory, 'createdAt'>,
  ): Promise<MemoryRecord>;
  /** Ids of what a selection holds, at most `limit` of them, and whether there are more. */
  selectMemories(
    asker: MemoryAsker,
    where: NamespaceChoice,
    selection: MemorySelection,
    limit: number,
    signal?: AbortSignal,
  ): Promise<{ readonly ids: readonly string[]; readonly more: boolean }>;
  /** Deletes up to 200; answers how many were there. */
  deleteMemories(asker: MemoryAsker, where: NamespaceChoice, ids: readonly string[]): Promise<number>;
  /** Of memories that say the same: all but the newest. */
  alikeMemories(
    asker: MemoryAsker,
    where: NamespaceChoice,
    limit: number,
    signal?: AbortSignal,
  ): Promise<{ readonly ids: readonly string[]; readonly more: boolean }>;
  memoryHealth(asker: MemoryAsker, where: NamespaceChoice, signal?: AbortSignal): Promise<readonly NamespaceHealth[]>;

  /** The namespaces that the asker may read; its own first. */
  readableNamespaces(asker: MemoryAsker): Promise<readonly NamespaceRecord[]>;
  /** Throws `INVALID_ARGUMENT` for a name that is taken or cannot be one, `NOT_FOUND` for an owner that is no client. */
  addNamespace(namespace: {
    readonly name: string;
    readonly kind: NamespaceKind;
    readonly owner?: string;
  }): Promise<void>;
  /** All shared ones, by name. */
  listNamespaces(): Promise<readonly NamespaceDetails[]>;
  /** Throws `NOT_FOUND`. */
  grantNamespace(name: string, grant: NamespaceGrant): Promise<void>;
  /** `false` when there was no such grant; throws `NOT_FOUND` for a namespace that is not there. */
  revokeNamespace(name: string, from: NamespaceGrant['to']): Promise<boolean>;
  /** Nobody finds it from now on; what it holds is deleted. Answers how many memories that are; throws `NOT_FOUND`. */
  removeNamespace(name: string): Promise<number>;
}
