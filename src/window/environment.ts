/** The source of variables for agents, checks and setup commands of a window: the person's login shell, read once. */
import type { Log } from '../host/log';
import type { LoginShell } from '../host/process/loginShell';
import type { EnvironmentSource } from '../services/dispatch/context/environment';
import type { Settings } from './settings';

export interface PersonEnvironment {
  source(): Promise<EnvironmentSource>;
  /** Why the login shell gave no variables; undefined if it did, or was not read. */
  readonly problem: string | undefined;
}

/** The shell is started with the first agent or check, or by the doctor: most windows need neither at their start. */
export function personEnvironment({
  settings,
  log,
  trusted,
}: {
  readonly settings: Settings;
  readonly log: Log;
  readonly trusted: () => boolean;
}): PersonEnvironment {
  let asked: Promise<LoginShell> | undefined;
  let shell: LoginShell | undefined;
  const make = async (): Promise<LoginShell> => {
    const { LoginShell } = await import('../host/process/loginShell.js');
    return (shell = new LoginShell({ environment: process.env, trusted, log: log.scope('environment') }));
  };
  return {
    async source() {
      asked ??= make();
      const variables = await (await asked).variables();
      return { variables, passEnv: settings.get('intercore.agents.passEnv') };
    },
    get problem() {
      return shell?.problem;
    },
  };
}
