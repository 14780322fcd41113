/** Any program that speaks the Agent Client Protocol. Its log is written by the host of its session. */
import { failurePatterns } from '../../../kernel/failure/classify';
import { programWith } from '../output/program';
import { AcpCounter } from './counter';
import failures from './failures.json';
import { acpLine } from './lines';
import { acpRenderer } from './renderer';

export const ACP = programWith(acpLine, {
  counter: (printed) => new AcpCounter(printed),
  renderer: acpRenderer,
  failures: failurePatterns.parse(failures).patterns,
  needs: [],
});
