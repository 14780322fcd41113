/** Any program: its lines are kept and shown unchanged. */
import type { AgentProgram } from '../output/program';
import { PlainReader } from './plain';

export const PLAIN: AgentProgram = { reader: () => new PlainReader(), failures: [], needs: [] };
