import type { DuckDBConnection } from '@duckdb/node-api';
import type { FileTransfer, RowBlock, WireColumn } from './engine.js';
import type { Interrupter } from './interrupter.js';
import type { QueryHistory } from './query-history.js';
import type { RequestMemory } from './request-memory.js';
import type { ResultReuse } from './result-reuse.js';
import type { SessionNames } from './session-names.js';
import type { SessionState } from './session-state.js';
import type { StageFiles } from './stages/stage-files.js';
import type { SessionTransaction } from './transaction.js';

/** What a session gives its statements to run with. */
export interface RunnerParts {
  readonly connection: DuckDBConnection;
  readonly interrupter: Interrupter;
  readonly names: SessionNames;
  readonly state: SessionState;
  readonly transaction: SessionTransaction;
  readonly requests: RequestMemory;
  readonly history: QueryHistory;
  readonly reuse: ResultReuse;
  readonly stages: StageFiles;
  readonly abortSession: (id: string) => Promise<boolean>;
}

/** What a statement gave, before the session wraps it. */
export interface RanStatement {
  readonly queryId: string;
  readonly statementTypeId: number;
  readonly columns: readonly WireColumn[];
  readonly blocks: AsyncIterable<RowBlock>;
  readonly numberOfBinds: number;
  readonly transfer?: FileTransfer;
  /** The rows are those of an earlier, identical query. */
  readonly reused?: boolean;
}
