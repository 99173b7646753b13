const told = new WeakSet<object>();

/** Marks an error that a job's entry in the audit, or a refused admission's, tells about already. */
export function toldByJob<Failure>(failure: Failure): Failure {
  if (typeof failure === 'object' && failure !== null) told.add(failure);
  return failure;
}

export function isToldByJob(failure: unknown): boolean {
  return typeof failure === 'object' && failure !== null && told.has(failure);
}
