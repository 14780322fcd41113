/** How failures of the kernel read and exit on the command line (`docs/design/commandLine.md#exit-codes`). */
import { KernelError, type ErrorCode } from '../../kernel/errors/errors';
import type { ExitCode } from './command';
import { EXIT } from './command';

/** Expected negatives exit with 1 and wrong arguments with 3; everything else is a failure and exits with 2. */
const NEGATIVE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'NOT_FOUND',
  'BRANCH_MISSING',
  'GIT_REPOSITORY_MISSING',
  'GIT_FILES_APART',
  'GIT_LINK_BROKEN',
  'HEAD_DAMAGED',
  'OBJECTS_MISSING',
  'REPOSITORY_DAMAGED',
  'BARE_BY_OPTION',
  'REPOSITORY_EMPTY',
  'REPOSITORY_BARE',
  'RUN_TERMINAL',
  'PHASE_TERMINAL',
  'PHASE_NOT_IN_CHAIN',
  'PHASE_NOT_AHEAD',
  'PHASE_NOT_BEHIND',
  'PHASE_NOT_SKIPPABLE',
  'DISPATCH_FINISHED',
  'SESSION_MISSING',
  'SESSION_ENDED',
  'SESSION_RUNNING',
  'REQUEST_ANSWERED',
  'REQUEST_VOID',
  'AGENT_NOT_STEERED',
  'AGENT_KIND_IN_USE',
  'DISPATCH_LIMIT',
  'RUN_BUDGET',
  'PORTFOLIO_BUDGET',
  'PERSON_DECIDES',
  'AGENT_WIDER',
  'AGENT_NOT_ALLOWED',
  'DISCOVERY_CLOSED',
  'DISCOVERY_DUPLICATE',
]);

export function exitCodeOf(error: KernelError): ExitCode {
  if (NEGATIVE.has(error.code)) return EXIT.negative;
  return error.code === 'INVALID_ARGUMENT' ? EXIT.usage : EXIT.failure;
}

/** The original's wording if scripts match it, else the sentence of the error. */
export function messageOf(error: KernelError): string {
  if (KernelError.is(error, 'NOT_FOUND')) return `not found: ${error.facts.id}`;
  if (!KernelError.is(error, 'DISPATCH_LIMIT')) return error.message;
  const { active, limit, holders } = error.facts;
  return `portfolio dispatch limit reached (${active}/${limit}): ${holders}`;
}
