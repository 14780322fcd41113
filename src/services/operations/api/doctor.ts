/** The doctor as an operation. Changes nothing. */
import { systemClock } from '../../../host/clock';
import { examine } from '../../doctor/checks/doctor';
import type { Implementation } from '../implementation';

export const doctorOperations: Implementation<'doctor'> = {
  'doctor.run': async ({ doctorInput, log, stopped: signal }, { agents: startsAgents }) =>
    examine(await doctorInput(), { log, nowMs: systemClock.nowMs(), signal, startsAgents }),
};
