/** A command line for every command of `ic`, made from its declaration, that names what a filled record holds. */
import type { CliCommand } from '../../../src/cli/command/command';

/** What a command needs besides its operands. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  'run create': ['--goal=g'],
  'run set': ['--complexity=2'],
  'run skip': ['--reason=r'],
  'run rollback': ['--to-phase=brainstorm', '--reason=r'],
  'run agent add': ['--type=claude'],
  'run agent update': ['--status=completed'],
  'run artifact add': ['--phase=brainstorm', '--path=a.md'],
  'gate override': ['--reason=r'],
  'gate ask': ['--reason=r'],
  'budget show': ['--run={run}'],
  'budget set': ['--run={run}', '--tokens=5'],
  'dispatch spawn': ['--type=shell', '--prompt-file=prompt.sh'],
  'dispatch wait': ['--timeout=10ms'],
  'dispatch tokens': ['--in=5'],
  'dispatch hand-over': ['--to=claude'],
  'dispatch prune': ['--older-than=0s'],
  'events tail': ['--consumer=c'],
  'portfolio dep add': ['--upstream=/b', '--downstream=/c'],
  'portfolio dep remove': ['--upstream=/a', '--downstream=/b'],
  'task create': ['--title=t', '--body-file=prompt.sh', '--project={project}'],
  'task revise': ['--text=t'],
  'task hand-over': ['--to=claude'],
  'subtask create': ['--title=t', '--body-file=prompt.sh'],
  'subtask edit': ['--title=t'],
  'subtask depend': ['--on={other}'],
  'subtask note': ['--body-file=prompt.sh'],
  'subtask hand-over': ['--to=claude'],
  'discovery submit': ['--source=s', '--source-id=i', '--title=t'],
  'discovery search': ['--embedding=@prompt.sh'],
  'discovery score': ['--score=0.9'],
  'discovery feedback': ['--signal=boost'],
  'discovery profile update': ['--keyword-weights={}', '--source-weights={}'],
  'discovery decay': ['--rate=0.5', '--min-age=0'],
  'discovery rollback': ['--source=s', '--since=1'],
  'interspect record': ['--agent=a', '--type=t'],
  'sentinel check': ['--interval=0'],
  'sentinel prune': ['--older-than=0s'],
};

/** Operands that are no text. */
const OPERANDS: Readonly<Record<string, string>> = { answer: 'allow', number: '1' };

/** `names` are of the record, by the words of operands: `run`, `subtask`. */
export function lineFor({ words, operands = '' }: CliCommand, names: Readonly<Record<string, string>>): string[] {
  const given = [...operands.matchAll(/<(\w+)>(?!…|\.\.\.)/g)].map(
    ([, name = '']) => names[name] ?? OPERANDS[name] ?? 'x',
  );
  const flags = FLAGS[words.join(' ')] ?? [];
  return [
    ...words,
    ...given,
    ...flags.map((flag) => flag.replace(/\{(\w+)\}/, (all, name: string) => names[name] ?? all)),
  ];
}
