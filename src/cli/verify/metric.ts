import type { Site } from './site.js';

/** One success metric of a phase, as it was measured. */
export interface Metric {
  readonly metric: string;
  readonly target: string;
  readonly measured: string;
  readonly pass: boolean;
}

/** Drives its load on a site and judges it; each load that is measured over a time lasts `loadMs`. */
export type Verification = (site: Site, say: (what: string) => void, loadMs: number) => Promise<readonly Metric[]>;
