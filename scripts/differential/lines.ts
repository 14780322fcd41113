/** Sequences of command lines of the original's surface, chosen by a seed. `{run}` and its like name earlier ids. */

export interface Step {
  readonly words: readonly string[];
  /** Under which name the last word of its output is kept. */
  readonly keep?: string;
}

/** A number below `limit`, the next of a sequence that depends on the seed alone. */
export type Next = (limit: number) => number;

/** Numerical Recipes' linear congruential generator: the same on every machine. */
export function numbersOf(seed: number): Next {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const NAMES: readonly (readonly [line: string, keep?: string])[] = [
  ['run create --goal=g', 'run'],
  ['run create --goal=ä<b> --phases=["a","b","c"] --token-budget=100', 'run'],
  ['run create --goal=p --projects=/a,/b', 'portfolio'],
  ['run status {run}'],
  ['run status {run} --json'],
  ['run phase {run}'],
  ['run list'],
  ['run list --active --json'],
  ['run list --scope='],
  ['run advance {run}'],
  ['run advance {run} --priority=1 --json'],
  ['run skip {run} planned --reason=r'],
  ['run rollback {run} --to-phase=brainstorm --reason=r'],
  ['run set {run} --complexity=2'],
  ['run set {run} --auto-advance=false'],
  ['run cancel {run}'],
  ['run cancel {portfolio}'],
  ['run current --json'],
  ['run events {run} --json'],
  ['run tokens {run} --json'],
  ['run budget {run} --json'],
  ['run agent add {run} --type=claude --name=n', 'agent'],
  ['run agent list {run} --json'],
  ['run agent update {agent} --status=completed'],
  ['run artifact add {run} --phase=brainstorm --path=none.txt', 'artifact'],
  ['run artifact list {run}'],
  ['gate check {run} --json'],
  ['gate override {run} --reason=r'],
  ['gate rules --phase=planned --json'],
  ['state set k s @payload.json --ttl='],
  ['state get k s'],
  ['state list k'],
  ['state delete k s'],
  ['sentinel check n s --interval=0'],
  ['sentinel reset n s'],
  ['discovery submit --source=s --source-id=1 --title=t --score=0.75', 'discovery'],
  ['discovery status {discovery}'],
  ['discovery list --limit='],
  ['discovery score {discovery} --score=0.4'],
  ['discovery dismiss {discovery}'],
  ['interspect record --agent=a --type=t'],
  ['interspect query'],
  ['portfolio status {portfolio} --json'],
  ['portfolio dep add {portfolio} --upstream=/a --downstream=/b'],
  ['portfolio dep list {portfolio}'],
  ['portfolio order {portfolio}'],
  ['events tail {run}'],
  ['events cursor register c --durable'],
  ['events cursor list'],
  ['compat check NOPE!'],
  ["run status ''"],
];

/** A sequence that begins with a database. */
export function sequenceOf(next: Next, length: number): Step[] {
  const steps = Array.from({ length }, (): Step => {
    const [line = '', keep] = NAMES[next(NAMES.length)] ?? [];
    return {
      words: line.split(' ').map((word) => (word === "''" ? '' : word)),
      ...(keep === undefined ? {} : { keep }),
    };
  });
  return [{ words: ['init'] }, ...steps];
}
