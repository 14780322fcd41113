/** `ic doctor` (`docs/doctor.md`). */
import { existsSync } from 'node:fs';
import { withBuiltIns } from '../../../services/agents/builtInKinds';
import { DOCTOR_OPERATIONS } from '../../../contract/operations/doctor';
import { countOf, type DoctorFinding } from '../../../contract/results/doctor';
import { portfolioLocation } from '../../../host/files/paths';
import { readAgentKinds } from '../../../host/state/agentKindsFile';
import { KernelError, isKernelError } from '../../../kernel/errors/errors';
import type { ProjectKernel } from '../../../services/record/kernels';
import type { DoctorInput } from '../../../services/doctor/model';
import { reportText } from '../../../services/doctor/report';
import { EXIT, type CliCommand, type CliContext } from '../../command/command';
import { shellAgentStarts, shellDoctorInput } from '../../host/doctorInput';
import { defaultKindOf } from '../../dispatching/defaultKind';
import { gitIn } from '../../host/git';
import { operationCommands } from '../../operations/operationCommand';
import { struct, type JsonValue } from '../../output/output';
import { kernelsFor } from '../../command/session';

const command = operationCommands<'doctor.run'>({
  declarations: DOCTOR_OPERATIONS,
  load: async () => (await import('../../../services/operations/api/doctor.js')).doctorOperations,
});

const doctor = command('doctor.run', {
  summary: 'Check everything that Intercore needs, and show how to fix problems.',
  help: { agents: { doc: 'Also start each allowed agent that runs in sessions, without a prompt' } },
  exits: { 1: 'a check found a problem' },
  examples: ['ic doctor', 'ic doctor --json', 'ic doctor --agents'],
  async around(context, work) {
    const { kernel, portfolio, close } = await kernelsFor(context, (folder) => {
      const location = portfolioLocation(folder);
      return existsSync(location.path) ? location : undefined;
    });
    try {
      const { env } = context;
      const databases = portfolio === undefined ? [kernel] : [kernel, portfolio];
      const agentStarts = shellAgentStarts({ ...env }, kernel.folder);
      const record = { kernels: [kernel], databases, git: gitIn(env, kernel.folder) };
      const agents = await agentKinds(context);
      const known = { ...agents, ...(await defaultKind(env, kernel, agents)), ...record, agentStarts };
      return await work({ doctorInput: shellDoctorInput({ ...env }, known) });
    } finally {
      await close();
    }
  },
  text: (report, { out }) => out.line(reportText(report).trimEnd()),
  json: (report) => struct({ ...report, findings: report.findings.map(findingMap) }),
  after: (report) => (countOf(report, 'problem') === 0 ? EXIT.ok : EXIT.negative),
});

type Kinds = Pick<DoctorInput, 'kinds' | 'invalidSettings'>;

/** The default kind of the folder, or that the settings cannot be read. */
async function defaultKind(
  env: CliContext['env'],
  kernel: ProjectKernel,
  { kinds, invalidSettings }: Kinds,
): Promise<Partial<Pick<DoctorInput, 'defaultKinds' | 'invalidSettings'>>> {
  const { folder } = kernel;
  try {
    return { defaultKinds: [{ folder, choice: await defaultKindOf({ ...env }, folder, { kinds, kernel }) }] };
  } catch (error) {
    if (!KernelError.is(error, 'FILE_UNREADABLE')) throw error;
    const invalid = { setting: 'intercore.agents.default', problem: error.message };
    return { invalidSettings: [...invalidSettings, invalid] };
  }
}

/** The built-in kinds, and those that a window handed on. */
async function agentKinds({ env }: CliContext): Promise<Kinds> {
  try {
    return { kinds: withBuiltIns(await readAgentKinds({ ...env }), { ...env }), invalidSettings: [] };
  } catch (error) {
    if (!isKernelError(error)) throw error;
    const problem = KernelError.is(error, 'INVALID_ARGUMENT') ? error.facts.problem.text : error.message;
    return { kinds: withBuiltIns([], { ...env }), invalidSettings: [{ setting: 'intercore.agents.kinds', problem }] };
  }
}

/** Editor commands are shown without arguments, because those hold paths and the report may be shared. */
function findingMap({ fix, ...finding }: DoctorFinding): JsonValue {
  return { ...finding, fix: fix?.kind === 'command' ? { kind: fix.kind, command: fix.command } : fix };
}

export const DOCTOR_COMMANDS: readonly CliCommand[] = [doctor];
