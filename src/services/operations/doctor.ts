/** The doctor as an operation: looks, and changes nothing. */
import { systemClock } from '../../host/clock';
import { examine } from '../doctor/doctor';
import type { Implementation } from './implementation';

export const doctorOperations: Implementation<'doctor'> = {
  'doctor.run': ({ surroundings, log }) => examine(surroundings(), { log, nowMs: systemClock.nowMs() }),
};
