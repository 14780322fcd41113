/** The configuration of the user and the repository, without that of our calls. */
import type { Repository } from '../repository';

/** The last value of each key, in lower case where git ignores case; `true` for a key without a value. */
export async function personalConfig({ git, folder }: Repository): Promise<ReadonlyMap<string, string>> {
  const list = ['config', '--list', '--show-scope', '-z'];
  const fields = (await git.run(folder, list)).split('\0');
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [key = '', ...value] = (fields[index + 1] ?? '').split('\n');
    if (fields[index] !== 'command') found.set(key, value.length === 0 ? 'true' : value.join('\n'));
  }
  return found;
}
