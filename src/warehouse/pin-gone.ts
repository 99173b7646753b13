import { SnowError } from '../errors/snow-error.js';

/** What a pinned session held is lost for good; also told before anything is queued for it. */
export class PinGone extends SnowError {
  constructor() {
    super({
      code: 'NOT_FOUND',
      message:
        'What this pinned session held is gone: it was idle for too long, or its worker or connection was lost. Its temporary objects and variables are lost, and what was not committed is rolled back.',
      hint: 'Start again with set_session { pinned: true }, or go on without: set_session { pinned: false }.',
    });
  }
}
