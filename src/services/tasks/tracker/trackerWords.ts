/**
 * The tracker's part of the prompt templates (`docs/design/tasks.md#prompts`). A shell never quotes titles or bodies
 * (D27).
 */

export interface PlannerWords {
  /** Instructions to write the plan. */
  readonly writePlan: string;
  /** The same for an agent that has read them. */
  readonly correctPlan: string;
}

export interface WorkerWords {
  /** The command that reports that the work is done. */
  readonly sayDone: string;
  /** The command that leaves the text of `note.md` for the next agent. */
  readonly leaveNote: string;
}

const BODY = `The body of a subtask must have exactly these headings:

\`\`\`markdown
## Spec
What must be true afterwards, and why.

## Implementation Plan
Which files, in which steps.

## Acceptance Criteria
How to verify that it is done: tests, commands, behavior.
\`\`\``;

export const NATIVE_WORDS: PlannerWords & WorkerWords = {
  writePlan: `Use the \`ic\` command, which knows your task. Never paste titles or texts into a shell command: write them to files in
\`$TMPDIR\` first and pass the file names.

\`\`\`sh
ic subtask create --title-file=title.txt --body-file=body.md    # prints the id of the new subtask
ic subtask depend <subtask> --on=<subtask that must be merged first>
ic subtask list
\`\`\`

${BODY}

Part of a plan may exist already. Run \`ic subtask list\` first. To correct existing subtasks instead of creating them
twice, use \`ic subtask edit <subtask> --title-file=title.txt --body-file=body.md\`,
\`ic subtask depend <subtask> --on=<other> --remove\` and \`ic subtask remove <subtask>\`.

You are done when \`ic subtask list\` shows the whole plan. Then end. There is nothing to commit.`,
  correctPlan: 'Run `ic subtask list` first. You are done when it shows the whole plan. Then end.',
  sayDone: `\`\`\`sh
ic subtask close --reason="Implementation complete"
\`\`\``,
  leaveNote: `\`\`\`sh
ic subtask note --body-file=note.md
\`\`\``,
};

/** An agent whose commands are asked for must not let a shell read files into them. */
const TITLES = {
  shell: {
    value: '"$(cat title.txt)"',
    how: `Never paste
titles or texts into a shell command: write them to files in \`$TMPDIR\` first and pass the file names.`,
  },
  session: {
    value: '"Title"',
    how: `Write
texts to files in your working directory and pass their names. A title is one line in double quotes. It must not have
double quotes, \`$\`, \`&\`, \`;\`, \`|\`, \`<\`, \`>\`, backslashes, or backquotes in it.`,
  },
} as const;

/** `bd` is the program as a shell finds it; `epic` the issue of the task. */
export function beadsPlannerWords(bd: string, epic: string, isInSession: boolean): PlannerWords {
  const list = `${bd} list --parent ${epic} --all --limit 0`;
  const { value: title, how } = TITLES[isInSession ? 'session' : 'shell'];
  return {
    writePlan: `Subtasks are Beads issues below the epic \`${epic}\`, which exists already. Its data is not in this folder, but \`bd\`
finds it. Do not run \`bd init\`, \`bd onboard\` or \`bd sync\`, and do not change issues that are not below this epic. ${how}

\`\`\`sh
${bd} create --type task --parent ${epic} --title=${title} --body-file=body.md --silent
${bd} dep add <issue> <issue that must be merged first>
${list}
\`\`\`

The first command prints the id of the new issue. ${BODY}

Part of a plan may exist already. Run \`${list}\` first. Use
\`${bd} update <issue> --title=${title} --body-file=body.md\`, \`${bd} dep remove <issue> <other>\` and
\`${bd} delete <issue> --force\` to correct existing issues instead of creating them twice.

You are done when that list shows the whole plan. Do not close any issue. Then end. There is nothing to commit.`,
    correctPlan: `Run \`${list}\` first. You are done when it shows the whole plan. Then end.`,
  };
}

export function beadsWorkerWords(bd: string, issue: string): WorkerWords {
  return {
    sayDone: `\`\`\`sh\n${bd} close ${issue} --reason "Implementation complete"\n\`\`\``,
    leaveNote: `\`\`\`sh\n${bd} comments add ${issue} --file=note.md\n\`\`\``,
  };
}

/**
 * Forms of the commands above, as they are free for an agent in a session: they reach the issues below the epic, or the
 * one of the worker, and read files of the working directory only.
 */
export function beadsPlannerForms(bd: string, epic: string): readonly string[] {
  const issue = `${epic}.<numbers>`;
  return formsOf(bd, epic, [
    `create --type task --parent ${epic} --title=<text> --body-file=<file> --silent`,
    `dep add ${issue} ${issue}`,
    `dep remove ${issue} ${issue}`,
    `list --parent ${epic} --all --limit 0`,
    `update ${issue} --title=<text> --body-file=<file>`,
    `delete ${issue} --force`,
  ]);
}

export function beadsWorkerForms(bd: string, issue: string): readonly string[] {
  return formsOf(bd, issue, [`close ${issue} --reason <text>`, `comments add ${issue} --file=<file>`]);
}

const PLAIN = /^[\w./+-]+$/;
/** The host knows the files that a program with such a name reads (`src/host/session/requests/ownCommand.ts`). */
const KNOWN_PROGRAM = /^(?:.*\/)?bd[\w.-]*$/;

/** None where a name is not plain: each command then waits for a person. */
function formsOf(bd: string, issue: string, commands: readonly string[]): readonly string[] {
  const isKnown = PLAIN.test(bd) && KNOWN_PROGRAM.test(bd) && PLAIN.test(issue);
  return isKnown ? commands.map((command) => `${bd} ${command}`) : [];
}

/** A program as a line of a POSIX shell names it. */
export function shellWord(program: string): string {
  return PLAIN.test(program) ? program : `'${program.replaceAll("'", String.raw`'\''`)}'`;
}
