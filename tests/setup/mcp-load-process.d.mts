/** A client of the load: one connection. Several may be of one name and token. */
export interface LoadClient {
  readonly name: string;
  readonly era: 'modern' | 'legacy';
  readonly token?: string;
}

/** One answered statement; times in ms. */
export interface LoadSample {
  readonly client: string;
  /** When it was asked, on the load's own clock. */
  readonly at: number;
  readonly ms: number;
  readonly queuedMs: number;
  readonly elapsedMs: number;
}

export interface LoadFigures {
  readonly samples: readonly LoadSample[];
  /** When the warm-up was over, on the clock of `at`. */
  readonly from: number;
  /** When the load was over, on the clock of `at`; what was asked before is answered all the same. */
  readonly until: number;
  /** What calls failed with. An answer to somebody else's question is a failure. */
  readonly errors: readonly string[];
  /** The load's own processor time. */
  readonly cpuMs: number;
}

/** Many light MCP clients in a process of their own. One order at a time. */
export class McpLoad {
  /** Opens a connection for each, in the legacy era with its session. */
  static start(url: string | URL, clients: readonly LoadClient[]): Promise<McpLoad>;
  /** Everybody, or those named, asks one statement after the other without a pause. */
  closed(options: {
    readonly forMs: number;
    /** Asked in the same way before (0), all of them at once at first. */
    readonly warmUpMs?: number;
    readonly statementMs: number;
    readonly names?: readonly string[];
  }): Promise<LoadFigures>;
  /** Statements come by chance; whoever is idle asks the next one. */
  open(options: {
    readonly forMs: number;
    readonly statementMs: number;
    readonly perSecond: number;
  }): Promise<LoadFigures & { readonly nobodyIdle: number }>;
  /** One client queues this many jobs, over all of its connections, and does not wait for them. */
  flood(options: { readonly name: string; readonly count: number; readonly statementMs: number }): Promise<unknown>;
  end(): Promise<void>;
}
