/** Any program: its lines are kept and shown unchanged. */
import type { AgentProgram } from '../output/program';
import { PlainReader } from './reader';

export const PLAIN: AgentProgram = {
  reader: () => new PlainReader(),
  renderer: 'unchanged',
  failures: [],
  needs: [],
};
