/** What a statement's names stood for has changed while it waited: it has to be resolved again. Never leaves the engine. */
export class StaleNames extends Error {
  override readonly name = 'StaleNames';
}

const STALE = /^(Catalog Error|Binder Error|TransactionContext Error: .*(altered|dropped) by a different transaction)/i;

/** Whether the error can come from names that were resolved before another session changed the catalog. */
export function mayBeStale(error: unknown): boolean {
  return error instanceof StaleNames || (error instanceof Error && STALE.test(error.message));
}
