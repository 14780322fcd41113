/** The doctor as an operation: looks, and changes nothing. */
import { systemClock } from '../../host/clock';
import { examine } from '../doctor/doctor';
import type { Implementation } from './implementation';

export const doctorOperations: Implementation<'doctor'> = {
  'doctor.run': async ({ surroundings, log }) => examine(await surroundings(), { log, nowMs: systemClock.nowMs() }),
};
