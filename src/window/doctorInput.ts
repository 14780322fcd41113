/** What the doctor checks in a window (`docs/doctor.md`). */
import * as vscode from 'vscode';
import { withBuiltIns } from '../services/agents/builtInKinds';
import type { GitHubSignIn, DoctorInput } from '../services/doctor/model';
import type { WindowPortfolios } from '../services/operations/host';
import type { TaskServices } from '../services/operations/taskServices';
import type { WorkspaceKernels } from '../services/record/kernels';
import { problemOf } from '../kernel/errors/errors';
import { foreignText } from '../kernel/errors/problem';
import { plannerKind, workerKind } from '../services/leader/settings';
import { FolderLedger } from '../host/files/folderLedger';
import { ledgerFolder } from '../host/state/stateFolder';
import { AgentConsents } from '../services/consent/agentConsent';
import { launcherIn } from '../services/leader/dispatcher';
import { sessionHostOf } from '../services/dispatch/start/sessionStart';
import { manifestOf } from './manifest';
import { commandFolder, storageOf, taskStorage, type EditorServices } from './editorServices';

interface Parts {
  readonly kernels: WorkspaceKernels;
  readonly portfolios: WindowPortfolios | undefined;
  readonly taskServices: Pick<TaskServices, 'git'>;
}

export async function doctorInputOf(
  services: EditorServices,
  { kernels, portfolios, taskServices }: Parts,
): Promise<DoctorInput> {
  const { context, settings, trusted } = services;
  const open = kernels.all();
  const { version } = manifestOf(context);
  const { variables, passEnv } = await services.environment.source();
  return {
    place: 'editor',
    program: `Intercore ${version}, ${vscode.env.appName} ${vscode.version}`,
    environment: variables,
    passEnv,
    loginShellProblem: services.environment.problem,
    trusted: trusted(),
    git: taskServices.git,
    kinds: withBuiltIns(settings.get('intercore.agents.kinds')),
    chosenKinds: [
      ...new Set(open.flatMap(({ folder }) => [plannerKind(settings, folder), workerKind(settings, folder)])),
    ],
    invalidSettings: settings.invalid(open.map(({ folder }) => folder)),
    kernels: open,
    databases: [...open, ...portfolioDatabase(portfolios)],
    storageFolders: [...new Set([storageOf(services), taskStorage(services)])],
    icFolder: commandFolder(context),
    addsToPath: settings.get('intercore.terminal.addToPath'),
    github: () => gitHubSignIn(),
    agentStarts: agentStarts(services, open),
  };
}

/** Kinds are allowed in the first folder. */
function agentStarts(
  { context }: EditorServices,
  [first]: readonly { readonly folder: string }[],
): DoctorInput['agentStarts'] {
  const hostPath = sessionHostOf({ launcherPath: launcherIn(context.extensionPath) });
  const folder = first?.folder ?? '';
  const consents = new AgentConsents(new FolderLedger(ledgerFolder(process.env), 'agents'));
  return { hostPath, folder, isAllowed: (kind) => first !== undefined && consents.isAllowed(folder, kind) };
}

/** One is made with the first portfolio; until then nothing is missing. */
function portfolioDatabase(portfolios: WindowPortfolios | undefined): WindowPortfolios['home']['kernel'][] {
  const kernel = portfolios?.home.kernel;
  return kernel === undefined || kernel.state.kind === 'missing' ? [] : [kernel];
}

/** Asks VS Code and never the person. */
async function gitHubSignIn(): Promise<GitHubSignIn> {
  try {
    const session = await vscode.authentication.getSession('github', ['repo'], { silent: true });
    return session === undefined ? { kind: 'signedOut' } : { kind: 'signedIn', scopes: session.scopes };
  } catch (error) {
    return { kind: 'unknown', problem: foreignText(problemOf(error)) };
  }
}
