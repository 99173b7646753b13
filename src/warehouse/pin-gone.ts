import { SnowError } from '../errors/snow-error.js';

/** What a pinned session held is lost; also told before anything is queued for it. */
export function pinGone(): SnowError {
  return new SnowError({
    code: 'NOT_FOUND',
    message:
      'What this pinned session held is gone: it was idle for too long, or its worker or connection was lost. An open transaction was rolled back; temporary objects and variables are lost.',
    hint: 'Start again with set_session { pinned: true }, or go on without: set_session { pinned: false }.',
  });
}
