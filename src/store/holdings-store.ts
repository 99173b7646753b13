/** What the store holds beside its jobs, of everybody together: for whoever runs it. */
export interface Holdings {
  readonly memories: {
    /** Own ones of clients, and shared ones. */
    readonly namespaces: number;
    readonly count: number;
    readonly bytes: number;
  };
  readonly repositories: {
    readonly count: number;
    /** Of those: with an index that can be searched, and being synced now. */
    readonly ready: number;
    readonly syncing: number;
    /** In the indexes that can be searched. */
    readonly files: number;
    /** Of those files, and of their indexes on the disk. */
    readonly bytes: number;
    readonly indexBytes: number;
  };
}

export interface HoldingsStore {
  holdings(): Promise<Holdings>;
}
