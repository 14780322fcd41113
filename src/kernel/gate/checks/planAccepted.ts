/** The plan of the run's task is accepted. */
import { storedReason } from '../../errors/reasons/storedReasons';
import type { TaskGateFacts } from '../../tasks/record/taskGateFacts';
import { verdict, type Check } from './check';

export const planAccepted: Check<TaskGateFacts['status'] | undefined> = {
  read: ({ task }) => task?.status,
  judge: (status) => {
    const isAccepted = status === 'ACTIVE' || status === 'DONE';
    return verdict(
      isAccepted,
      undefined,
      storedReason('its task is {status}: no plan is accepted', { status: status ?? 'gone' }),
    );
  },
};
