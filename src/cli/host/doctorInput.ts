/** The doctor's input outside the editor (`docs/doctor.md`). */
import path from 'node:path';
import { passEnvOf } from '../../host/state/passEnv';
import { FolderLedger } from '../../host/files/folderLedger';
import { ledgerFolder, storageFolder } from '../../host/state/stateFolder';
import { AgentConsents } from '../../services/consent/agentConsent';
import { sessionHostOf } from '../../services/dispatch/start/sessionStart';
import type { GitHubSignIn, DoctorInput } from '../../services/doctor/model';
import { SURFACE_VERSION } from './version';
import { because } from '../../kernel/errors/reasons/problem';

type Known = Pick<DoctorInput, 'agentStarts' | 'kinds' | 'kernels' | 'databases' | 'git'> &
  Partial<Pick<DoctorInput, 'invalidSettings' | 'defaultKinds'>>;

/** @param folder the one in which kinds are allowed */
export function shellAgentStarts(env: NodeJS.ProcessEnv, folder: string): DoctorInput['agentStarts'] {
  const consents = new AgentConsents(new FolderLedger(ledgerFolder(env), 'agents'), env);
  const hostPath = sessionHostOf({ launcherPath: path.join(__dirname, 'launcher.js') });
  return { hostPath, folder, isAllowed: (kind) => consents.isAllowed(folder, kind) };
}

export function shellDoctorInput(environment: NodeJS.ProcessEnv, known: Known): DoctorInput {
  return {
    place: 'shell',
    program: `ic ${SURFACE_VERSION}, Node ${process.versions.node}`,
    environment,
    passEnv: passEnvOf(environment),
    trusted: true,
    // The settings of the editor are not available here.
    chosenKinds: [],
    defaultKinds: [],
    invalidSettings: [],
    storageFolders: [storageFolder(environment)],
    icFolder: path.join(__dirname, '..', 'bin'),
    addsToPath: false,
    github: () => Promise.resolve(gitHubSignIn(environment)),
    ...known,
  };
}

function gitHubSignIn(environment: NodeJS.ProcessEnv): GitHubSignIn {
  const variable = ['GH_TOKEN', 'GITHUB_TOKEN'].find((name) => environment[name]);
  if (variable !== undefined) return { kind: 'token', variable };
  return { kind: 'unknown', problem: because('only a VS Code window can check its sign-ins') };
}
