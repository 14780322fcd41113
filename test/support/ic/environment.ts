/** The environment of a shell or window for the doctor, without problems until a test breaks something. */
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BUILT_IN_AGENT_KINDS } from '../../../src/services/agents/builtInKinds';
import type { DoctorFinding, DoctorReport } from '../../../src/contract/results/doctor';
import { testGit } from '../git';
import { silentLog } from '../../../src/host/log';
import { findProgram } from '../../../src/host/process/programs';
import { examine, type DoctorOptions } from '../../../src/services/doctor/checks/doctor';
import type { DoctorInput } from '../../../src/services/doctor/model';
import { SESSION_HOST } from '../sessions/hostedSession';
import { inProject } from '../../../tools/project';

/** A PATH and a home of its own, in a folder of the test. */
export class Machine {
  private constructor(
    readonly root: string,
    readonly programs: string,
    readonly home: string,
  ) {}

  /** It has git, sh and Node, and a person whom git knows. */
  static async in(root: string): Promise<Machine> {
    const machine = new Machine(root, path.join(root, 'programs'), path.join(root, 'home'));
    await mkdir(machine.programs, { recursive: true });
    await mkdir(machine.home, { recursive: true });
    for (const name of ['git', 'sh', 'node', 'sleep', 'dirname', 'readlink', 'env']) {
      const found = await findProgram(name, process.env);
      if (found !== undefined) await symlink(found, path.join(machine.programs, name));
    }
    await writeFile(path.join(machine.home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.com\n');
    return machine;
  }

  get environment(): NodeJS.ProcessEnv {
    return { PATH: this.programs, HOME: this.home };
  }

  /** Puts a program on PATH, which is a script of the shell. */
  async install(name: string, script: string): Promise<string> {
    const file = path.join(this.programs, name);
    // What stands there may be a link to a program of the machine, which must never be written through.
    await rm(file, { force: true });
    await writeFile(file, `#!/bin/sh\n${script}\n`, { flag: 'wx' });
    await chmod(file, 0o755);
    return file;
  }

  doctorInput(more: Partial<DoctorInput> = {}): DoctorInput {
    const environment = this.environment;
    return {
      place: 'editor',
      program: 'a test',
      environment,
      passEnv: [],
      trusted: true,
      git: testGit({ environment }),
      kinds: BUILT_IN_AGENT_KINDS,
      chosenKinds: [],
      defaultKinds: [],
      invalidSettings: [],
      kernels: [],
      databases: [],
      storageFolders: [path.join(this.root, 'storage')],
      icFolder: inProject('bin'),
      addsToPath: true,
      github: () => Promise.resolve({ kind: 'signedOut' }),
      agentStarts: { hostPath: SESSION_HOST, folder: this.root, isAllowed: () => true },
      ...more,
    };
  }

  examine(more: Partial<DoctorInput> = {}, options: Partial<DoctorOptions> = {}): Promise<DoctorReport> {
    return examine(this.doctorInput(more), { log: silentLog, nowMs: 0, ...options });
  }
}

/** The findings with a code, which there may be none of. */
export function findings({ findings: all }: DoctorReport, code: string): DoctorFinding[] {
  return all.filter((finding) => finding.code === code);
}
