/** `ic doctor` (`docs/doctor.md`). */
import { existsSync } from 'node:fs';
import { withBuiltIns } from '../../../contract/agentKinds';
import { countOf, type DoctorFinding } from '../../../contract/results/doctor';
import { readAgentKinds } from '../../../host/state/agentKindsFile';
import { systemClock } from '../../../host/clock';
import { silentLog } from '../../../host/log';
import { portfolioLocation } from '../../../host/files/paths';
import { KernelError, isKernelError } from '../../../kernel/errors/errors';
import { examine } from '../../../services/doctor/checks/doctor';
import type { InvalidSetting, DoctorInput } from '../../../services/doctor/model';
import { reportText } from '../../../services/doctor/report';
import type { CliCommand, CliContext } from '../../command';
import { EXIT } from '../../command';
import type { JsonValue } from '../../output/output';
import { kernelsFor } from '../../session';
import { gitIn } from '../../host/git';
import { shellDoctorInput } from '../../host/doctorInput';

const doctor: CliCommand = {
  words: ['doctor'],
  summary: 'Look whether all that Intercore needs is there and well, and say what to do where it is not.',
  strict: true,
  json: true,
  exits: { 1: 'there is a problem' },
  examples: ['ic doctor', 'ic doctor --json'],
  async run(context) {
    const { kernel, portfolio, close } = await kernelsFor(context, (folder) => {
      const location = portfolioLocation(folder);
      return existsSync(location.path) ? location : undefined;
    });
    try {
      const { kinds, invalidSettings } = await agentKinds(context);
      const databases = portfolio === undefined ? [kernel] : [kernel, portfolio];
      const known = { kinds, invalidSettings, kernels: [kernel], databases };
      const git = gitIn(context.env, ...known.kernels.map(({ folder }) => folder));
      const doctorInput = shellDoctorInput({ ...context.env }, { ...known, git });
      const { stopped: signal } = context;
      const report = await examine(doctorInput, { log: silentLog, nowMs: systemClock.nowMs(), signal });
      if (context.flags.json) context.out.json({ ...report, findings: report.findings.map(findingMap) });
      else context.out.line(reportText(report).trimEnd());
      return countOf(report, 'problem') === 0 ? EXIT.ok : EXIT.negative;
    } finally {
      await close();
    }
  },
};

/** The built-in kinds with those that a window handed on. */
async function agentKinds({
  env,
}: CliContext): Promise<Pick<DoctorInput, 'kinds'> & { readonly invalidSettings: readonly InvalidSetting[] }> {
  try {
    return { kinds: withBuiltIns(await readAgentKinds({ ...env })), invalidSettings: [] };
  } catch (error) {
    if (!isKernelError(error)) throw error;
    const problem = KernelError.is(error, 'INVALID_ARGUMENT') ? error.facts.problem : error.message;
    return { kinds: withBuiltIns([]), invalidSettings: [{ setting: 'intercore.agents.kinds', problem }] };
  }
}

/** A command of the editor is named without its arguments: they hold paths, and the report may be shown to others. */
function findingMap({ fix, ...finding }: DoctorFinding): JsonValue {
  return { ...finding, fix: fix?.kind === 'command' ? { kind: fix.kind, command: fix.command } : fix };
}

export const DOCTOR_COMMANDS: readonly CliCommand[] = [doctor];
