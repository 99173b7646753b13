import { profileNeeded } from '../../store/lane.js';
import type { QueueFindings } from '../../store/sqlite/examine.js';
import { duration } from '../table.js';
import { type Finding, ok, warning, wrong } from './finding.js';

/** Below this the clocks only drift (ms). */
const CLOCK_STEP_MS = 5_000;

/** Waiting for less is no reason to worry (ms). */
const LONG_WAIT_MS = 60_000;

export function workers(queue: QueueFindings): readonly Finding[] {
  const { queued, workers: alive, lostWorkers } = queue;
  const findings: Finding[] = [];
  if (alive === 0 && queued > 0)
    findings.push(wrong('workers', `${queued} jobs wait and no worker is there`, 'Start one with: mcp-snow worker'));
  if (lostWorkers > 0)
    findings.push(
      warning(
        'workers',
        `${lostWorkers} not heard of any more`,
        'They were killed or stopped (kill -CONT lets one go on); their jobs go to others, and they are forgotten after 10 minutes.',
      ),
    );
  return findings.length > 0 ? findings : [ok('workers', `${alive} at work`)];
}

export function jobs(queue: QueueFindings): readonly Finding[] {
  const findings: Finding[] = [];
  if (queue.leasesOver > 0)
    findings.push(
      wrong(
        'jobs',
        `${queue.leasesOver} are held by workers that are gone`,
        'Whoever is at work next takes them over: start mcp-snow worker.',
      ),
    );
  if (queue.neverStarted > 0)
    findings.push(
      wrong('jobs', `${queue.neverStarted} should have started long ago`, 'Start mcp-snow worker: it makes them due.'),
    );
  for (const { lane, queued, oldestMs } of queue.workers === 0 ? [] : queue.unservedLanes)
    if (oldestMs > LONG_WAIT_MS)
      findings.push(
        wrong(
          'jobs',
          `${queued} wait in the lane ${lane} for up to ${duration(oldestMs)}, and no worker takes from it`,
          `Start one that does: mcp-snow worker --lanes ${lane}${profileNeeded(lane) === undefined ? '' : ', with its connection configured'}.`,
        ),
      );
  if (queue.lostPins > 0)
    findings.push(
      warning(
        'sessions',
        `${queue.lostPins} had a connection of their own that is gone`,
        'Their next statement says so; temporary tables and variables of it are lost.',
      ),
    );
  return findings.length > 0 ? findings : [ok('jobs', `${queue.queued} queued, ${queue.running} running, none stuck`)];
}

export function clock(queue: QueueFindings): readonly Finding[] {
  const findings: Finding[] = [];
  if (queue.aheadMs > CLOCK_STEP_MS)
    findings.push(
      warning(
        'clock',
        `The newest job was made ${duration(queue.aheadMs)} in the future: the clock was set back`,
        'Leases are not touched by that; quotas, scheduled jobs and retention go by the clock. Let it be kept by NTP.',
      ),
    );
  if (Math.abs(queue.clockMovedMs) > CLOCK_STEP_MS)
    findings.push(
      warning(
        'clock',
        `It was moved ${queue.clockMovedMs > 0 ? 'forward' : 'back'} by ${duration(Math.abs(queue.clockMovedMs))} since a worker was last heard of, or that one counts time otherwise (another container)`,
        'Run all processes of a database on one machine, with its clock kept by NTP.',
      ),
    );
  return findings.length > 0 ? findings : [ok('clock', 'wall clock and monotonic clock agree with the workers')];
}
