/** What a client may do over HTTP; over stdio everything, for whoever starts the process may open the file. */
export const SCOPES = ['query', 'write', 'jobs', 'admin', 'memory'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a client's statements may touch. An absent member allows everything; names as SQL writes them, `*` stands for any run of characters. */
export interface ClientPermissions {
  /** Statement classes, narrower than the server's `--allow`. */
  readonly statements?: readonly ('read' | 'dml' | 'ddl')[];
  readonly roles?: readonly string[];
  readonly warehouses?: readonly string[];
  readonly databases?: readonly string[];
  /** `DATABASE.SCHEMA` */
  readonly schemas?: readonly string[];
  /** `DATABASE.SCHEMA.TABLE` */
  readonly tables?: readonly string[];
}

export interface ClientRecord {
  readonly name: string;
  /** Clients of one group share the group's limits, flags and quotas as settings, not as a common pot. */
  readonly group?: string;
  /** Share of the queue in relation to others (1). */
  readonly weight: number;
  readonly permissions: ClientPermissions;
  /** Running and queued jobs of this client; absent means the store's bounds. */
  readonly maxRunning?: number;
  readonly maxQueued?: number;
  /** True when limits make its jobs wait instead of refusing them. */
  readonly smooth: boolean;
  /** False while it is known only from its calls: nobody has added it. */
  readonly registered: boolean;
  readonly createdAt: number;
  /** Its tokens are void and its calls are refused. */
  readonly removedAt?: number;
}

/** Settings of a client to be changed; `null` goes back to the default. */
export type ClientChange = {
  readonly [K in Exclude<keyof ClientRecord, 'name' | 'registered' | 'createdAt' | 'removedAt'>]?: Exclude<
    ClientRecord[K],
    undefined
  > | null;
};

export interface TokenRecord {
  /** Public part of the token, by which it is shown and revoked. */
  readonly id: string;
  readonly client: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** To the minute. */
  readonly usedAt?: number;
}

export interface ClientStore {
  /**
   * Makes the client, or changes what `change` names; `null` clears a member. A removed one is made anew, with nothing of
   * what it was. Throws `INVALID_ARGUMENT` for a name, weight or cap that cannot be one.
   */
  saveClient(name: string, change: ClientChange): Promise<ClientRecord>;
  /** Removed ones, too: see `removedAt`. */
  findClient(name: string): Promise<ClientRecord | undefined>;
  /** By name; without removed ones. */
  listClients(): Promise<readonly ClientRecord[]>;
  /** Revokes its tokens, cancels what it has queued, and refuses it from now on; `false` when there is none. */
  removeClient(name: string): Promise<boolean>;
  /** Keeps only the SHA-256 hash of the secret. Throws `NOT_FOUND` for an unknown client. */
  addToken(token: {
    readonly id: string;
    readonly client: string;
    readonly secretHash: string;
    readonly scopes: readonly Scope[];
    readonly expiresAt?: number;
  }): Promise<TokenRecord>;
  /**
   * The token with this hash, whatever its state; one indexed look-up, so that a revocation holds at once. The use of one
   * that is good is noted, to the minute.
   */
  findToken(secretHash: string): Promise<TokenRecord | undefined>;
  /** Of the tokens with these ids, those that are expired, or revoked, or not there (any more), which counts as revoked. */
  voidTokens(ids: readonly string[]): Promise<ReadonlyMap<string, 'expired' | 'revoked'>>;
  listTokens(client: string): Promise<readonly TokenRecord[]>;
  /** Whether a token was ever made, whatever has become of it and of its client. */
  hasTokens(): Promise<boolean>;
  revokeToken(id: string): Promise<boolean>;
}
