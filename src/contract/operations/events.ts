/** Operations on what happened in a record. */
import * as z from 'zod';
import type { SignedWrite } from '../../kernel/callers/model';
import type { KernelEvent } from '../../kernel/events/model';
import { folder, id } from '../declarations/arguments';
import { operation, resultOf } from '../declarations/operation';

export const EVENT_OPERATIONS = {
  /** `limit` left out: 1000. As many events as `limit` means that more may follow: ask again with `since`. */
  'events.list': operation({
    args: z.strictObject({
      folder,
      runId: id.optional(),
      limit: z.int().min(1).max(100_000).optional(),
      since: z
        .strictObject({
          phase: z.int().min(0),
          dispatch: z.int().min(0),
          interspect: z.int().min(0),
          discovery: z.int().min(0),
        })
        .optional(),
    }),
    result: resultOf<readonly KernelEvent[]>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'The events of a folder or a run, in order. At most 1000 events, or limit; if that many are returned, more may follow. since continues after known positions.',
    command: 'intercore.run.showEvents',
    ic: 'events tail',
    icArguments: { since: '--since-phase' },
  }),
  /** Who changed the record by which operation. `limit` left out: 1000. */
  'events.writes': operation({
    args: z.strictObject({
      folder,
      runId: id.optional(),
      limit: z.int().min(1).max(100_000).optional(),
    }),
    /** Newest first. */
    result: resultOf<readonly SignedWrite[]>(),
    effect: 'read',
    decides: 'anyone',
    about: 'Who changed the record, with which operation, and when; newest first.',
    command: { not: 'the events of a run name who it was' },
    ic: 'events writes',
  }),
};
