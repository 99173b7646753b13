import { SnowError } from '../errors/snow-error.js';

/** Why a handler's signal aborts when the job belongs to somebody else by now: nothing it says is heard any more. */
export class LeaseLost extends SnowError {
  constructor(jobId: string) {
    super({
      code: 'CANCELLED',
      message: `The lease on job ${jobId} ran out; another worker has it.`,
      hint: 'Nothing to do: the job goes on elsewhere.',
    });
  }
}

/** Why it aborts when the worker itself has to end before the work has. */
export class WorkerEnding extends SnowError {
  constructor() {
    super({
      code: 'CANCELLED',
      message: 'The worker was told to end before the work was done.',
      hint: 'Reads are queued again; a write goes on in the warehouse and another worker asks for its outcome.',
    });
  }
}

/** This worker stops, the work does not: whoever takes the job over asks for the same request id. */
export function isAbandonment(reason: unknown): boolean {
  return reason instanceof LeaseLost || reason instanceof WorkerEnding;
}

/**
 * Thrown by a handler whose write is done in the warehouse while the store cannot take the result. The job is left to its
 * lease: whoever takes it over asks for the outcome by request id, which is the truth, where "failed" would be none.
 */
export class LeftToTakeover extends SnowError {}
