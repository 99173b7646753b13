/** When a job came, started and ended, in ms since the epoch; one that was cancelled in the queue never started. */
export interface JobTimes {
  readonly client: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt: number;
}

/**
 * Jain's index (Jain, Chiu, Hawe 1984): (Σx)² / (n Σx²). 1 when all have the same, 1/n when one has everything.
 */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return squares === 0 ? 1 : (sum * sum) / (values.length * squares);
}

/**
 * Max-min fair shares of `slots`: nobody gets more than it asks for, and what one leaves is shared among those who want more
 * (Bertsekas, Gallager, Data Networks, 6.5.2).
 */
export function maxMinShares(demands: readonly number[], slots: number): number[] {
  const shares = demands.map(() => 0);
  let left = slots;
  let hungry = demands.map((_, at) => at).filter((at) => (demands[at] ?? 0) > 0);
  while (hungry.length > 0 && left > 1e-9) {
    const part = left / hungry.length;
    for (const at of hungry) {
      const given = Math.min(part, (demands[at] ?? 0) - (shares[at] ?? 0));
      shares[at] = (shares[at] ?? 0) + given;
      left -= given;
    }
    hungry = hungry.filter((at) => (demands[at] ?? 0) - (shares[at] ?? 0) > 1e-9);
  }
  return shares;
}

export interface FairnessFigure {
  /** Jain's index over what each client got of what it was entitled to. */
  readonly jain: number;
  /** Slot-seconds got ÷ slot-seconds due, by client. */
  readonly gotOfDue: Readonly<Record<string, number>>;
}

/**
 * How fairly a fixed number of slots was shared. At every moment a client asks for as many slots as it has jobs that wait or
 * run, its due is its max-min fair share of the slots in use, and what it got is the number of its jobs that run.
 */
export function fairnessFigure(jobs: readonly JobTimes[]): FairnessFigure {
  const clients = [...new Set(jobs.map((job) => job.client))].sort();
  const at = new Map(clients.map((client, index) => [client, index]));
  const events = jobs
    .flatMap((job) => {
      const client = at.get(job.client) ?? 0;
      const ran = job.startedAt === undefined ? 0 : 1;
      return [
        { time: job.createdAt, client, demand: 1, running: 0 },
        { time: job.startedAt ?? job.createdAt, client, demand: 0, running: ran },
        { time: job.finishedAt, client, demand: -1, running: -ran },
      ];
    })
    .sort((a, b) => a.time - b.time);

  const demand = clients.map(() => 0);
  const running = clients.map(() => 0);
  const got = clients.map(() => 0);
  const due = clients.map(() => 0);
  let before = events[0]?.time ?? 0;
  for (const event of events) {
    const span = event.time - before;
    before = event.time;
    if (span > 0) {
      const used = running.reduce((total, count) => total + count, 0);
      const shares = maxMinShares(demand, used);
      for (let client = 0; client < clients.length; client += 1) {
        got[client] = (got[client] ?? 0) + span * (running[client] ?? 0);
        due[client] = (due[client] ?? 0) + span * (shares[client] ?? 0);
      }
    }
    demand[event.client] = (demand[event.client] ?? 0) + event.demand;
    running[event.client] = (running[event.client] ?? 0) + event.running;
  }
  const ratios = clients.map((_, client) => ((due[client] ?? 0) === 0 ? 1 : (got[client] ?? 0) / (due[client] ?? 1)));
  return {
    jain: jainIndex(ratios),
    gotOfDue: Object.fromEntries(clients.map((client, index) => [client, ratios[index] ?? 1])),
  };
}

/** The value below which `share` (0 to 1) of the values lie, by the nearest-rank method. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}
