import { LockTable } from '../../locks/lock-table.js';
import { MemoryService } from '../../memory/memory-service.js';
import type { Json } from '../../store/job.js';
import { sessionOwner } from '../../store/session-owner.js';
import type { Store } from '../../store/store.js';
import type { OperationHandler } from '../operation-handler.js';

/** Operations on memories, in the name of the client whose job it is and by the flags it was admitted with. */
export function memoryHandler(options: { readonly store: Store; readonly timeZone: string }): OperationHandler {
  const service = new MemoryService({ ...options, locks: new LockTable() });
  return {
    run: async (name, given, { job, signal, progress }) => {
      const { client, flags, id } = job;
      const answer = await service.run(name, given, {
        asker: { client, owner: sessionOwner(client, flags), quotas: flags.quotas !== false },
        job: id,
        signal,
        progress,
        sharedReads: flags['read-write-locks'] !== false,
      });
      return answer as Json;
    },
  };
}
