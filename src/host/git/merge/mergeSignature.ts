/**
 * Whether and how the user signs commits (`commit.gpgSign`). The signing program is one that the user has configured
 * for all repositories; a repository may only set that commits are signed, the format, and the key.
 */
import path from 'node:path';
import { KernelError } from '../../../kernel/errors/errors';
import { foreignText } from '../../../kernel/errors/reasons/problem';
import type { Setting } from '../config/fixedConfig';
import { isGitFailure } from '../git';
import { personalConfig } from './personalConfig';
import type { Repository } from '../repository';

/** Access to keys: the agents of GnuPG and SSH, and the desktop that asks for a passphrase. */
const VARIABLES = ['GNUPGHOME', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'DISPLAY', 'WAYLAND_DISPLAY'];
/** What a repository may decide. */
const OF_REPOSITORY = ['gpg.format', 'user.signingkey'];

/** The default signing programs of git. */
const PROGRAMS: Readonly<Record<string, string>> = { openpgp: 'gpg', ssh: 'ssh-keygen', x509: 'gpgsm' };

export interface Signature {
  /** The name of the program that signs. */
  readonly program: string;
  readonly config: readonly Setting[];
  readonly env: Readonly<Record<string, string>>;
}

/** Undefined if the user does not sign. @throws KernelError `GIT_FAILED` */
export async function signatureOf(
  repository: Repository,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Signature | undefined> {
  const found = await personalConfig(repository);
  if (!/^(?:true|yes|on|[1-9]\d*)$/i.test(found.get('commit.gpgsign') ?? '')) return undefined;
  return {
    program: programIn(found),
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

function programIn(found: ReadonlyMap<string, string>): string {
  const format = found.get('gpg.format') ?? 'openpgp';
  const older = format === 'openpgp' ? found.get('gpg.program') : undefined;
  return path.basename(found.get(`gpg.${format}.program`) ?? older ?? PROGRAMS[format] ?? format);
}

/** Runs the signing step. @throws KernelError `SIGNING_FAILED`, `SIGNING_WAITED` */
export async function signing<T>({ program }: Signature, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isGitFailure(error)) throw error;
    if (KernelError.is(error, 'GIT_TIMEOUT') || KernelError.is(error, 'GIT_PROGRAM_WAITED'))
      throw new KernelError('SIGNING_WAITED', { program, seconds: error.facts.seconds }, { cause: error });
    const said = KernelError.is(error, 'GIT_FAILED') ? error.facts.problem.text : error.message;
    throw new KernelError('SIGNING_FAILED', { program, problem: foreignText(said) }, { cause: error });
  }
}
