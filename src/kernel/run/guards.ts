/** Which parts of the kernel have a say in the steps of runs. */
import { DISPATCH_GUARD } from '../dispatch/service';
import { QUEUE_GUARD } from '../queue/service';
import { TASK_GUARD } from '../tasks/record/taskRuns';
import type { RunGuard } from './record/guard';

/** In the order in which they are asked and act. */
export const RUN_GUARDS: readonly RunGuard[] = [TASK_GUARD, QUEUE_GUARD, DISPATCH_GUARD];
