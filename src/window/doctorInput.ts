/** What the doctor checks in a window (`docs/doctor.md`). */
import * as vscode from 'vscode';
import { withBuiltIns } from '../services/agents/builtInKinds';
import { SETTINGS, type SettingName } from '../contract/settings/settings';
import type { GitHubSignIn, DoctorInput, InvalidSetting } from '../services/doctor/model';
import type { WindowPortfolios } from '../services/operations/host';
import type { TaskServices } from '../services/operations/taskServices';
import type { WorkspaceKernels } from '../services/record/kernels';
import { problemOf } from '../kernel/errors/errors';
import { foreignText } from '../kernel/errors/reasons/problem';
import { FolderLedger } from '../host/files/folderLedger';
import { ledgerFolder } from '../host/state/stateFolder';
import { AgentConsents } from '../services/consent/agentConsent';
import { launcherIn } from '../services/leader/dispatcher';
import { sessionHostOf } from '../services/dispatch/start/sessionStart';
import type { Settings } from './settings';
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
  const defaults = await Promise.all(
    open.map(async ({ folder }) => ({ folder, choice: await services.defaults.decide(folder) })),
  );
  const usual = open.map(({ folder }) => services.defaults.usual(folder));
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
    chosenKinds: [...new Set(usual.flatMap(({ planner, worker }) => [planner, worker]))],
    defaultKinds: defaults,
    invalidSettings: invalidIn(
      settings,
      open.map(({ folder }) => folder),
    ),
    kernels: open,
    databases: [...open, ...portfolioDatabase(portfolios)],
    storageFolders: [...new Set([storageOf(services), taskStorage(services)])],
    icFolder: commandFolder(context),
    addsToPath: settings.get('intercore.terminal.addToPath'),
    github: () => gitHubSignIn(),
    agentStarts: agentStarts(services, open),
  };
}

/** Settings whose value for the window or one of the folders is not valid, and why. */
function invalidIn(settings: Settings, folders: readonly string[]): InvalidSetting[] {
  return Object.entries(SETTINGS).flatMap(([name, { schema }]) => {
    const setting = name as SettingName;
    const parsed = [undefined, ...folders].map((folder) => schema.safeParse(settings.given(setting, folder)));
    const error = parsed.find(({ success }) => !success)?.error;
    return error === undefined ? [] : [{ setting, problem: error.issues[0]?.message ?? error.message }];
  });
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
