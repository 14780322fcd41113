/**
 * Whether and how the person signs commits (`commit.gpgSign`). The program that signs is one that the person has
 * configured for all repositories; a repository may only say that commits are signed, in which format, and by which key.
 */
import { KernelError } from '../../kernel/errors';
import type { Setting } from './fixedConfig';
import { isGitFailure } from './git';
import type { Repository } from './repository';

/** How a key is reached: the agents of GnuPG and SSH, and the desktop that asks for a passphrase. */
const VARIABLES = ['GNUPGHOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'DISPLAY', 'WAYLAND_DISPLAY'];
/** What a repository may decide. */
const OF_REPOSITORY = ['gpg.format', 'user.signingkey'];

export interface Signature {
  readonly config: readonly Setting[];
  readonly env: Readonly<Record<string, string>>;
}

/** Undefined where the person does not sign. @throws KernelError `GIT_FAILED` */
export async function signatureOf(
  { git, folder }: Repository,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Signature | undefined> {
  const found = new Map<string, string>();
  const fields = (await git.run(folder, 'read its configuration', ['config', '--list', '--show-scope', '-z'])).split(
    '\0',
  );
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [key = '', ...value] = (fields[index + 1] ?? '').split('\n');
    if (fields[index] !== 'command') found.set(key, value.length === 0 ? 'true' : value.join('\n'));
  }
  if (!/^(?:true|yes|on|[1-9]\d*)$/i.test(found.get('commit.gpgsign') ?? '')) return undefined;
  return {
    config: OF_REPOSITORY.flatMap((key): Setting[] => {
      const value = found.get(key);
      return value === undefined ? [] : [[key, value]];
    }),
    env: Object.fromEntries(
      VARIABLES.flatMap((name) => {
        const value = environment[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

/** Runs what signs. @throws KernelError `SIGNING_FAILED` */
export async function signing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isGitFailure(error)) throw error;
    const problem = KernelError.is(error, 'GIT_FAILED') ? error.facts.problem : error.message;
    throw new KernelError('SIGNING_FAILED', { problem }, { cause: error });
  }
}
