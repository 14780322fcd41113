/** The parts of the kernel that check or follow the steps of runs. */
import { DISPATCH_GUARD } from '../dispatch/service';
import { QUEUE_GUARD } from '../queue/service';
import { TASK_GUARD } from '../tasks/record/taskRuns';
import type { RunGuard } from './record/guard';

/** In the order in which they run. */
export const RUN_GUARDS: readonly RunGuard[] = [TASK_GUARD, QUEUE_GUARD, DISPATCH_GUARD];
