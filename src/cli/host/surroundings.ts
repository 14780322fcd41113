/** What the doctor looks at outside the editor (`docs/doctor.md`). */
import path from 'node:path';
import { passEnvOf } from '../../host/state/passEnv';
import { storageFolder } from '../../host/state/stateFolder';
import type { GithubStanding, Surroundings } from '../../services/doctor/model';
import { SURFACE_VERSION } from '../version';

type Known = Pick<Surroundings, 'kinds' | 'kernels' | 'databases' | 'git'> &
  Partial<Pick<Surroundings, 'invalidSettings'>>;

export function shellSurroundings(environment: NodeJS.ProcessEnv, known: Known): Surroundings {
  return {
    place: 'shell',
    program: `ic ${SURFACE_VERSION}, Node ${process.versions.node}`,
    environment,
    passEnv: passEnvOf(environment),
    trusted: true,
    // Settings of the editor are not known here.
    chosenKinds: [],
    invalidSettings: [],
    storageFolders: [storageFolder(environment)],
    icFolder: path.join(__dirname, '..', 'bin'),
    addsToPath: false,
    github: () => Promise.resolve(githubStanding(environment)),
    ...known,
  };
}

function githubStanding(environment: NodeJS.ProcessEnv): GithubStanding {
  const variable = ['GH_TOKEN', 'GITHUB_TOKEN'].find((name) => environment[name]);
  if (variable !== undefined) return { kind: 'token', variable };
  return { kind: 'unknown', problem: 'sign-ins of VS Code are known to its windows alone' };
}
