/** A process that merges `work` into `main` of a clone, to be killed in the middle: node mergeProgram.js CLONE HEAD PIDFILE */
import { writeFileSync } from 'node:fs';
import { mergeInto } from '../../../src/host/git/merge/landedMerge';
import { Repository } from '../../../src/host/git/repository';
import { sha } from '../../../src/kernel/text/gitNames';
import { gitFolder, testGit } from '../git';

async function main([clone = '', head = '', pidFile = '']: readonly string[]): Promise<void> {
  writeFileSync(pidFile, String(process.pid));
  const repository = new Repository(testGit(), await gitFolder(clone));
  const identity = { name: 'Intercore', email: 'intercore@localhost' };
  await mergeInto(repository, { branch: 'main', head: sha.parse(head), name: 'work', message: 'Merge work', identity });
}

void main(process.argv.slice(2));
