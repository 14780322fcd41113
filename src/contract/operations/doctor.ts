/** The doctor: it asks programs for their versions, in trusted windows only, and changes nothing. */
import * as z from 'zod';
import type { DoctorReport } from '../results/doctor';
import { operation, resultOf, type Gestures } from '../declarations/operation';

export const DOCTOR_OPERATIONS = {
  'doctor.run': operation({
    args: z.strictObject({
      agents: z.boolean().optional(),
    }),
    result: resultOf<DoctorReport>(),
    effect: 'read',
    decides: 'anyone',
    about:
      'Checks everything that Intercore needs: git, agents, sign-ins, records, disk, worktrees. Reports each problem and how to fix it.',
    command: { id: 'intercore.doctor.run', title: 'Run Doctor', palette: 'always' },
    ic: 'doctor',
  }),
};

/** Commands that do no operation. */
export const DOCTOR_GESTURES = {
  'intercore.doctor.checkAgents': {
    title: 'Check Agents',
    palette: 'isWorkspaceTrusted && intercore.databasePresent',
    args: z.strictObject({}),
    changes: false,
  },
  /** `finding`: its place in the newest report. */
  'intercore.doctor.fix': {
    title: 'Fix Finding…',
    palette: 'always',
    args: z.strictObject({ finding: z.int().min(0).optional() }),
    changes: false,
  },
} as const satisfies Gestures;
