/** Arguments for every operation, made from its declaration, that name what test/security/craftedRecord.ts records. */
import { OPERATIONS } from '../../../src/contract/surfaces/api';
import type { OperationName } from '../../../src/contract/surfaces/api';
import { toolSchemaOf } from '../../../src/contract/surfaces/toolSchemas';

/** By the names of arguments. */
const VALUES: Readonly<Record<string, unknown>> = {
  runId: 'run00001',
  portfolioId: 'parent01',
  dispatchId: 'queued01',
  agentId: 'agent001',
  projectId: 'project2',
  taskId: 'task0002',
  subtaskId: '0002sub3',
  dependsOn: '0002sub0',
  toPhase: 'brainstorm',
  phase: 'planned',
  reason: 'because',
  goal: 'x',
  paths: ['README.md'],
  agentType: 'shell',
  status: 'completed',
  kind: 'shell',
  prompt: 'touch pwned',
  folders: ['/nowhere/a', '/nowhere/b'],
  upstream: '/nowhere/a',
  downstream: '/nowhere/b',
  before: '0002sub0',
  ref: 'refs/heads/main',
  url: 'https://github.com/owner/name',
  autoStart: true,
  title: 'x',
  description: 'x',
  note: 'x',
  body: 'x',
  text: 'x',
  branch: 'main',
  to: '/nowhere/clone',
  number: 1,
  position: 1,
  tokenBudget: 1,
  answer: 'allow',
  waitingId: 'waiting1',
};

/**
 * What the schema of an operation requires, and its folder where it takes one; `names` are of another record. Throws where
 * it cannot be made.
 */
export function argumentsFor(
  name: OperationName,
  folder: string,
  given: object = {},
  names: Readonly<Record<string, string>> = {},
): Record<string, unknown> {
  const { properties, required = [] } = toolSchemaOf(name);
  const args = Object.fromEntries(
    required.map((argument) => [argument, names[argument.replace(/Id$/, '')] ?? VALUES[argument]]),
  );
  const extra =
    'prompt' in properties && 'kind' in properties ? { kind: VALUES['kind'], prompt: VALUES['prompt'] } : {};
  const all = { ...args, ...extra, ...('folder' in properties ? { folder } : {}), ...given };
  const parsed = OPERATIONS[name].safeParse(all);
  if (!parsed.success) throw new Error(`Give ${name} its arguments in VALUES: ${parsed.error.message}`);
  return all;
}
