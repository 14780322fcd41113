/** The operation on what needs a person. */
import * as z from 'zod';
import type { AttentionItem } from '../results/attention';
import { folder } from '../declarations/arguments';
import { operation, resultOf, type Gestures } from '../declarations/operation';

const ofNeed = z.strictObject({ itemId: z.string().min(1).optional() });

export const ATTENTION_OPERATIONS = {
  /** `folder` left out: of every open folder and the portfolios of the workspace. Blocking items first, then the oldest. */
  'attention.list': operation({
    args: z.strictObject({ folder }),
    result: resultOf<readonly AttentionItem[]>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'Lists the items that need a person: blocked gates with the reason, requested overrides, failed plans and subtasks, work to merge, budgets, database problems, stuck agents.',
    command: {
      id: 'intercore.attention.show',
      title: 'Show Needs You',
      palette: 'always',
      args: z.strictObject({}),
    },
    ic: 'needs',
    core: true,
  }),
};

/** Commands that do no operation. */
export const ATTENTION_GESTURES = {
  /** `itemId` left out: asks which. */
  'intercore.attention.reveal': {
    title: 'Reveal Needs You Item…',
    palette: 'intercore.needPresent',
    args: ofNeed,
    changes: false,
  },
  'intercore.attention.act': {
    title: 'Resolve Needs You Item…',
    palette: 'intercore.needPresent',
    args: ofNeed,
    changes: false,
  },
} as const satisfies Gestures;
