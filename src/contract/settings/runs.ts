/** Settings of runs and their gates, and of what *Needs You* shows. */
import * as z from 'zod';
import { GATE_TIERS } from '../../kernel/gate/model';
import { setting, type SettingTexts } from './model';
import { wholeNumber } from './values';

/** The kernel checks the names when a run is created; the pattern lets the editor of settings warn earlier. */
const phases = z
  .array(z.string().meta({ pattern: '^[a-zA-Z0-9_-]+$' }))
  .min(2)
  .max(100);

export const RUN_SETTINGS = {
  'intercore.gates.tier': setting(z.enum(GATE_TIERS), 'hard', 'resource', 'policy'),
  'intercore.runs.chains': setting(
    z.record(z.string().min(1).max(60), phases),
    {
      Short: ['planned', 'executing', 'review', 'done'],
      Quick: ['executing', 'done'],
    },
    'resource',
  ),
  'intercore.attention.stuckMinutes': setting(wholeNumber(0, 1_440), 10, 'resource'),
  'intercore.attention.stuckAttempts': setting(wholeNumber(0, 50), 3, 'resource'),
} as const;

export const RUN_SETTING_TEXTS: SettingTexts<typeof RUN_SETTINGS> = {
  'intercore.gates.tier': {
    text: 'What happens when a run advances and its gate is red.',
    values: {
      hard: 'The run stays in its phase until the conditions are met or the gate is overridden.',
      soft: 'The run advances. The failed conditions are kept as evidence.',
      none: 'Gates are not evaluated.',
    },
  },
  'intercore.runs.chains': {
    text: 'Phase chains that *Create Run* offers in addition to the full chain, as a name with its phases in order. The last phase completes the run.',
  },
  'intercore.attention.stuckMinutes': {
    text: 'Minutes without output after which a running agent is shown in *Needs You*. `0`: never.',
  },
  'intercore.attention.stuckAttempts': {
    text: 'Number of consecutive attempts with the same error or no changes after which a running subtask or task is shown in *Needs You*. `0`: never.',
  },
};
