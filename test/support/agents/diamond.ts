/** The agents of a task as the scripted model plays them: a diamond of four subtasks, planned and built. */
import { reply, run, say, type Script } from './script';

/** Writes a text to a file without the shell reading it. */
const file = (name: string, text: string): string => `cat > "$TMPDIR/${name}" <<'TEXT'\n${text}\nTEXT\n`;

const BODY = [
  '## Spec',
  'It is there.',
  '## Implementation Plan',
  '1. Write it.',
  '## Acceptance Criteria',
  '- It is there.',
];
const HOSTILE = 'Say "$(whoami)" and `id` --force';

/** The first goes before the next two, and the last after them. */
export const DIAMOND_TITLES = ['Write A', HOSTILE, 'Write C', 'Write D'] as const;

const subtask = (variable: string, title: string): string =>
  `${file('title.txt', title)}${file('body.md', BODY.join('\n'))}` +
  `${variable}=$(ic subtask create --title-file="$TMPDIR/title.txt" --body-file="$TMPDIR/body.md")`;

/** The model's replies to a planner of four subtasks, and to the worker of each. */
export const DIAMOND_SCRIPTS: readonly Script[] = [
  {
    name: 'planner',
    prompt: '# Planning task',
    expect: { prompt: ['Late parcels', 'Tell people.', 'ic subtask create'], tools: ['Bash'] },
    turns: [
      reply([say('I read the code first.'), run('git log --oneline && ls')], { input: 500, output: 20 }),
      reply(
        [
          run(
            [
              ...[subtask('a', 'Write A'), subtask('b', HOSTILE), subtask('c', 'Write C'), subtask('d', 'Write D')],
              'ic subtask depend "$b" --on="$a" && ic subtask depend "$c" --on="$a"',
              'ic subtask depend "$d" --on="$b" && ic subtask depend "$d" --on="$c" && ic subtask list',
            ].join('\n'),
          ),
        ],
        { input: 700, output: 90 },
      ),
      reply([say('The plan is written.')], { input: 60, output: 5 }),
    ],
  },
  {
    name: 'worker',
    prompt: '# Implementation task',
    expect: { prompt: ['It is there.', 'ic subtask close'], tools: ['Bash'] },
    turns: [
      reply([run('git status --short && git log --oneline -3')], { input: 300, output: 10 }),
      reply([run('echo work > "$INTERCORE_SUBTASK_ID.txt" && git add --all && git commit -qm "Do the work"')], {
        input: 300,
        output: 30,
      }),
      reply([run('ic subtask close --reason="Implementation complete"')], { input: 100, output: 10 }),
      reply([say('It is done.')], { input: 50, output: 4 }),
    ],
  },
];
